"""Rank of regions with its interval. Needs the extra `simulate`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.region.ranking import (
    Incentive,
    draw_weights,
    judge_incentive,
    rank_points,
    stand_among,
)
from techflow_service.regions.efficiency import Efficiencies, score_years
from techflow_service.regions.model import RegionModel


@dataclass(frozen=True, slots=True)
class Ranking:
    """Regions by rank, how each stands by indicator, the figures of the year, and the year.

    `without` holds, by indicator, the region that moves most once it is left out.
    """

    rows: pl.DataFrame
    standing: pl.DataFrame
    figures: pl.DataFrame
    year: int
    draws_n: int
    without: pl.DataFrame


def rank_regions(
    years: pl.DataFrame, model: RegionModel, *, year: int | None = None, seed: int = 7
) -> Ranking:
    """Rank of each region in a year, with weights, year and efficiency drawn.

    Args:
        years: Result of `read_years`.
        model: Indicators, weights and how to rank.
        year: Last year of the window; None for the last with efficiencies.
        seed: Seed.

    Raises:
        InvalidInput: The file lacks the year.
    """
    how = model.words["rank"]
    scores = score_years(years, model, seed=seed)
    year = max(scores.draws) if year is None else year
    if year not in set(years["year_n"]):
        there = years["year_n"].unique().sort().to_list()
        raise InvalidInput(f"year must be one of the file, {there}; got {year}")
    names = [i.id for i in model.indicators]
    weights = np.array([model.weights[name] for name in names])
    drawn = draw_weights(
        weights, concentration=how["concentration"], draws_n=how["draws_n"], seed=seed
    )
    codes = list(model.words["region"])
    least = how["known_share_min"]
    stood, stood_before = (
        _draw_standing(years, model, scores, (until, codes, seed))
        for until in (year, year - how["before_years_n"])
    )
    now = rank_points(stood, drawn, known_share_min=least)
    before = rank_points(stood_before, drawn, known_share_min=least)
    # What was not measured then says nothing about who has moved since.
    unseen = ~np.isfinite(stood_before).any(axis=(0, 1))
    alike = rank_points(np.where(unseen, np.nan, stood), drawn, known_share_min=least)
    rule = model.words["incentive"]
    told = judge_incentive(
        (now.ranks, alike.ranks, before.ranks),
        top_share=rule["top_share"],
        chance_min=rule["chance_min"],
    )
    standing = _stand_in(years, model, scores, year, codes)
    rows = _summarise(codes, now.points, now.ranks, how["level"]).with_columns(
        rank_before=_middle(before.ranks), **_told(told)
    )
    ends = _ends(standing, weights, names, codes)
    lifted = _lift(stood, drawn, [_place(names, one) for one in ends["weakest"]], how)
    ranked = (
        rows.with_columns(lifted)
        .join(ends, on="region_code")
        .sort("rank", "points", "region_code", descending=[False, True, False], nulls_last=True)
    )
    order = [codes.index(code) for code in ranked["region_code"]]
    ranked = ranked.with_columns(ahead_chance=_ahead(now.points[:, order]))
    table = pl.DataFrame(standing, schema=names).with_columns(region_code=pl.Series(codes))
    figures = _figures(years, scores, year, codes)
    without = _leave_out(stood, drawn, now.ranks, (names, codes, least))
    return Ranking(ranked, table.fill_nan(None), figures, year, how["draws_n"], without)


def _place(names: list[str], name: str | None) -> int | None:
    return None if name is None else names.index(name)


def _lift(
    stood: Floats, drawn: Floats, weakest: list[int | None], how: Mapping[str, Any]
) -> list[pl.Series]:
    """Rank of each region if its weakest indicator stood in the middle and all else as it is."""
    ranks = np.full(stood.shape[:2], np.nan)
    for region, place in enumerate(weakest):
        if place is not None:
            moved = stood.copy()
            moved[:, region, place] = np.fmax(moved[:, region, place], 0.5)
            found = rank_points(moved, drawn, known_share_min=how["known_share_min"])
            ranks[:, region] = found.ranks[:, region]
    tail = (1.0 - how["level"]) / 2.0
    ends = {"rank_lifted": 0.5, "rank_lifted_low": tail, "rank_lifted_high": 1.0 - tail}
    return [_quantile(ranks, share).alias(name) for name, share in ends.items()]


def _leave_out(
    stood: Floats, drawn: Floats, ranks: Floats, said: tuple[list[str], list[str], float]
) -> pl.DataFrame:
    """By indicator of some weight: who moves most without it, from which rank to which."""
    names, codes, least = said
    middle, rows = _middle(ranks), []
    for place, name in enumerate(names):
        rest = np.delete(drawn, place, axis=1)
        if not (rest.sum(axis=1) > 0).all() or not drawn[:, place].any():
            continue
        rest /= rest.sum(axis=1, keepdims=True)
        found = rank_points(np.delete(stood, place, axis=2), rest, known_share_min=least)
        after = _middle(found.ranks)
        far = (after - middle).abs().arg_max()
        if far is not None:
            rows.append((name, codes[far], middle[far], after[far]))
    schema = {"indicator": pl.String, "region_code": pl.String, "rank": pl.Float64}
    return pl.DataFrame(rows, schema=schema | {"rank_without": pl.Float64}, orient="row")


def _ahead(points: Floats) -> pl.Series:
    """Chance of more points than the next of the list; null for the last and the unknown."""
    here, following = points[:, :-1], points[:, 1:]
    known = np.isfinite(here + following).all(axis=0)
    chance = np.where(known, (here > following).mean(axis=0), np.nan)
    return pl.Series(np.append(chance, np.nan), nan_to_null=True)


def _figures(
    years: pl.DataFrame, scores: Efficiencies, year: int, codes: list[str]
) -> pl.DataFrame:
    keys = ["region_code", "year_n"]
    made = scores.rows.select(*keys, efficiency="efficiency_corrected")
    there = years.join(made, on=keys, how="left").filter(pl.col("year_n") == year)
    return pl.DataFrame({"region_code": codes}).join(
        there, on="region_code", how="left", maintain_order="left"
    )


def _cells(years: pl.DataFrame, model: RegionModel, year: int, codes: list[str]) -> Floats:
    """Values of the indicators, shape (regions, indicators); NaN where unknown or made later."""
    there = years.filter(pl.col("year_n") == year)
    order = pl.DataFrame({"region_code": codes}).join(
        there, on="region_code", how="left", maintain_order="left"
    )
    columns = [
        order[i.id].to_numpy() if i.kind != "efficiency" else np.full(len(codes), np.nan)
        for i in model.indicators
    ]
    return np.column_stack(columns).astype(np.float64)


def _efficiency_draws(scores: Efficiencies, year: int, codes: list[str], draws_n: int) -> Floats:
    found = np.full((draws_n, len(codes)), np.nan)
    if year in scores.draws:
        known, draws = scores.draws[year]
        places = [codes.index(code) for code in known]
        found[:, places] = np.resize(draws, (draws_n, len(known)))
    return found


def _draw_standing(
    years: pl.DataFrame,
    model: RegionModel,
    scores: Efficiencies,
    at: tuple[int, list[str], int],
) -> Floats:
    """Standing by draw: one year of the window for all, one draw of the efficiency."""
    until, codes, seed = at
    how = model.words["rank"]
    draws_n, window = how["draws_n"], how["window_years_n"]
    picked = until - np.random.default_rng(seed + 1).integers(0, window, draws_n)
    made = np.empty((draws_n, len(codes), len(model.indicators)))
    for year in range(until - window + 1, until + 1):
        here = picked == year
        made[here] = stand_among(_cells(years, model, year, codes).T).T
        drawn = _efficiency_draws(scores, year, codes, draws_n)[here]
        for place, indicator in enumerate(model.indicators):
            if indicator.kind == "efficiency":
                made[here, :, place] = stand_among(drawn)
    return made


def _stand_in(
    years: pl.DataFrame, model: RegionModel, scores: Efficiencies, year: int, codes: list[str]
) -> Floats:
    """Standing in the year itself, for the reader to see where the points come from."""
    figures = _figures(years, scores, year, codes)
    names = [i.id for i in model.indicators]
    values = figures.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    return stand_among(values.T).T


def _middle(ranks: Floats) -> pl.Series:
    return _quantile(ranks, 0.5)


def _quantile(draws: Floats, share: float) -> pl.Series:
    known = np.isfinite(draws).all(axis=0)
    found = np.quantile(np.where(known, draws, 0.0), share, axis=0)
    return pl.Series(np.where(known, found, np.nan), nan_to_null=True)


def _summarise(codes: list[str], points: Floats, ranks: Floats, level: float) -> pl.DataFrame:
    tail = (1.0 - level) / 2.0
    known = np.isfinite(ranks).all(axis=0)
    ranked_n = np.isfinite(ranks).sum(axis=1, keepdims=True)
    last = np.where(known, (ranks == ranked_n).mean(axis=0), np.nan)
    return pl.DataFrame({"region_code": codes}).with_columns(
        points=_quantile(points, 0.5),
        rank=_middle(ranks),
        rank_low=_quantile(ranks, tail),
        rank_high=_quantile(ranks, 1.0 - tail),
        rank_best=_quantile(ranks, 0.0),
        last_chance=pl.Series(last, nan_to_null=True),
    )


def _told(told: Incentive) -> dict[str, pl.Series]:
    return {
        "top_chance": pl.Series(told.top_chance, nan_to_null=True),
        "better_chance": pl.Series(told.better_chance, nan_to_null=True),
        "tier": pl.Series(told.tier.tolist()),
    }


def _ends(standing: Floats, weights: Floats, names: list[str], codes: list[str]) -> pl.DataFrame:
    """The indicator that lifts a region most and the one that holds it back most."""
    pull = (standing - 0.5) * weights
    rows = []
    for code, row in zip(codes, pull, strict=True):
        known = np.flatnonzero(np.isfinite(row))
        best = names[known[row[known].argmax()]] if known.size else None
        worst = names[known[row[known].argmin()]] if known.size else None
        lacks = " ".join(names[k] for k in np.flatnonzero(~np.isfinite(row)))
        rows.append((code, best, worst, lacks))
    schema = dict.fromkeys(("region_code", "strongest", "weakest", "lacks"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")
