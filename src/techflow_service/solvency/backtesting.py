"""A back-test on guaranteed loans: fitted on what was known, against what was paid later."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from techflow import __version__
from techflow.basics import Floats, InvalidInput, MissingColumn
from techflow.flow.solvency_book import Book, Outcome, Variant, World
from techflow.flow.solvency_figures import FEN, chance, mean_of
from techflow.pool import NO_CAP, PPM, Loans, Said, Scheme, build_rules
from techflow_service.scoring import read_rows
from techflow_service.solvency.running import Asked, find_engine, settle_assumed

COLUMNS = ("ApprovalDate", "ChgOffDate", "MIS_Status", "ChgOffPrinGr", "GrAppv", "SBA_Appv", "Bank")
LEVELS = (0.005, 0.5, 0.995)
SINCE = 1990
"""Loans dated before are nearly all charge-offs, picked by their end; so says the card too."""


class Known(NamedTuple):
    """What was known on the day.

    Attributes:
        hazard: Chance to be charged off in each year of age, of those not yet charged off.
        seen_n: Loans behind each.
        lgd: Principal charged off over the amount approved, mean.
        charged_n: Charge-offs behind it.
    """

    hazard: Floats
    seen_n: list[int]
    lgd: float
    charged_n: int


def read_guaranteed(path: Path) -> pl.DataFrame:
    """Loans of the raw set `sba-loans`, one row each, with the years that count.

    Args:
        path: The raw file.

    Returns:
        `approved`, `charged` (null if never), `amount`, `share`, `lost`, `bank`. Charge-offs
        without a readable date are left out.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: No row can be used.
    """
    raw = read_rows(path)
    if absent := [name for name in COLUMNS if name not in raw.columns]:
        raise MissingColumn(f"{path} lacks {', '.join(absent)}; give raw rows of sba-loans")
    number = {"amount": "GrAppv", "covered": "SBA_Appv", "lost": "ChgOffPrinGr"}
    rows = raw.select(
        approved=_day("ApprovalDate", "%m/%d/%Y").dt.year().cast(pl.Int64),
        charged=_day("ChgOffDate", "%d-%b-%y").dt.year().cast(pl.Int64),
        off=pl.col("MIS_Status") == "CHGOFF",
        bank=pl.col("Bank"),
        **{name: pl.col(column).cast(pl.Float64, strict=False) for name, column in number.items()},
    )
    usable = pl.col("off").is_not_null() & (pl.col("amount") > 0) & pl.col("approved").is_not_null()
    dated = ~pl.col("off") | (pl.col("charged") >= pl.col("approved"))
    kept = rows.filter(usable & dated).with_columns(
        charged=pl.when("off").then("charged"),
        lost=pl.when("off").then(pl.min_horizontal("lost", "amount")).otherwise(0.0),
        share=(pl.col("covered") / pl.col("amount")).clip(0.0, 1.0),
    )
    if not kept.height:
        raise InvalidInput(f"{path} has no loan with an outcome")
    return kept


def _day(column: str, form: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_date(form, strict=False)


def learn(rows: pl.DataFrame, *, until: int, since: int = SINCE) -> Known:
    """Hazards by age and loss rate from loans approved, and charge-offs made, by the end of a year.

    Args:
        rows: See `read_guaranteed`.
        until: The year.
        since: First year of approval that is looked at.

    Raises:
        InvalidInput: Nothing had been charged off by then.

    Source:
        Life table: Kaplan and Meier (1958), JASA 53(282), ages in calendar years; days of
        repayment are not in the set, so repaid loans stay at risk and the hazard is that of all.
    """
    known = rows.filter(pl.col("approved").is_between(since, until))
    late = pl.col("charged").fill_null(until + 1)
    hazard, seen = [], []
    age = 0
    while True:
        at_risk = known.filter(
            (pl.col("approved") + age <= until) & (late >= pl.col("approved") + age)
        )
        if not at_risk.height:
            break
        hit = at_risk.filter(pl.col("charged") == pl.col("approved") + age).height
        hazard.append(hit / at_risk.height)
        seen.append(at_risk.height)
        age += 1
    off = known.filter(pl.col("charged") <= until)
    if not off.height:
        raise InvalidInput(f"nothing was charged off by the end of {until}: nothing to fit")
    lgd = float(off["lost"].to_numpy().sum() / off["amount"].to_numpy().sum())
    return Known(np.array(hazard), seen, lgd, off.height)


def forecast_book(rows: pl.DataFrame, known: Known, *, since: int, years_n: int) -> Book:
    """Loans alive after the day, a row for each year of each loan, with what was known.

    Args:
        rows: Loans to forecast.
        known: See `learn`; ages beyond what was seen take the last hazard.
        since: First year.
        years_n: Years.
    """
    approved = rows["approved"].to_numpy()
    amount, n = rows["amount"].to_numpy(), rows.height
    place, year = np.tile(np.arange(n), years_n), np.repeat(np.arange(years_n), n)
    age = since + year - approved[place]
    alive = age >= 0
    place, year, age = place[alive], year[alive], age[alive]
    zero, size = np.zeros(len(place), np.int64), amount[place]
    own = np.round(rows["share"].to_numpy()[place] * PPM).astype(np.int64)
    split = Loans(
        np.stack([own, PPM - own], axis=1),
        np.full((len(place), 2), NO_CAP),
        np.stack([zero, place, zero, zero], axis=1),
        year.astype(np.int64),
        zero + 1,
    )
    return Book(
        split,
        filed_fen=np.round(size * FEN).astype(np.int64),
        firm=place.astype(np.int64),
        pd=known.hazard[np.minimum(age, len(known.hazard) - 1)],
        lgd=np.full(len(place), known.lgd),
        ead_cny=np.asarray(size, np.float64),
        sector=zero,
        group=zero,
        term_years=zero + 1,
    )


def backtest_file(path: Path, scheme: Scheme, asked: Asked, *, until: int) -> dict[str, Any]:
    """Forecast what a guarantor pays after a year from what was known by its end; then look.

    Args:
        path: Raw rows of `sba-loans`.
        scheme: Settled scheme of two parties, the guarantor first.
        asked: Years, scenarios, seed, assumptions.
        until: Last year known.

    Returns:
        What was known, forecast and paid by year, and the misses, ready for JSON.

    Raises:
        InvalidInput: The file or scheme cannot be used.
        MissingColumn: A column is absent.
    """
    if len(scheme.parties) != 2 or len(scheme.layers[0].parts) != 1:
        raise InvalidInput(f"scheme {scheme.id}: a back-test needs two parties, guarantor first")
    engine, rows = find_engine(), read_guaranteed(path)
    known = learn(rows, until=until)
    assumed = {name: float(term.value) for name, term in settle_assumed(asked).items()}
    alive = rows.filter((pl.col("charged").fill_null(9999) > until) & (pl.col("approved") >= until))
    if not alive.height:
        raise InvalidInput(f"no loan was approved in {until} or later: nothing to forecast")
    years_n = asked.run.years_n
    book = forecast_book(alive, known, since=until + 1, years_n=years_n)
    world = World(
        np.array([[assumed["asset_correlation"] ** 0.5]]),
        assumed["persistence"],
        assumed["lgd_spread"],
        assumed["lgd_factor_share"],
    )
    kept, today = np.ones(len(book.firm), np.bool_), _todays(book, scheme)
    ways = [
        Variant(split, build_rules(scheme, split, book.filed_fen, years_n=years_n), kept)
        for split in (book.split, today)
    ]
    as_was, as_now = engine.simulate_variants(book, ways, world, asked.run, watched=0)
    return {
        "version": __version__,
        "scheme": {n: getattr(scheme, n) for n in ("id", "zh", "en", "currency")},
        "until": until,
        **asked.run._asdict(),
        "assumed": {n: assumed[n] for n in ("asset_correlation", "persistence", "lgd_spread")},
        "known": known._asdict() | {"hazard": known.hazard.tolist()},
        "loans_n": alive.height,
        "amount": float(alive["amount"].sum()),
        "lender_share": _largest(alive),
        "vintages": dict(rows.group_by("approved").len().sort("approved").iter_rows()),
        "years": _years(as_was, alive, until, years_n),
        "total": _compare(as_was.paid_fen[:, :, 0].sum(axis=1) / FEN, _paid(alive, until, years_n)),
        "charged": _counts(as_was, alive, until, years_n),
        "today": mean_of(as_now.paid_fen[:, :, 0].sum(axis=1) / FEN)._asdict(),
    }


def _todays(book: Book, scheme: Scheme) -> Loans:
    """Shares by the brackets of the scheme, over the amount of each loan."""
    said = scheme.layers[0].parts[0].share
    if not isinstance(said, Said):
        raise InvalidInput("settle the scheme first")
    share = np.full(len(book.firm), float(said.value))
    for cut in reversed(said.cuts):
        share = np.where(book.ead_cny <= float(cut.at), float(cut.gives), share)
    own = np.round(share * PPM).astype(np.int64)
    return book.split._replace(share_ppm=np.stack([own, PPM - own], axis=1))


def _largest(rows: pl.DataFrame) -> float:
    """Part of the loans that the largest lender made."""
    return float(rows["bank"].value_counts()["count"].to_numpy().max() / rows.height)


def _paid(rows: pl.DataFrame, until: int, years_n: int) -> float:
    inside = rows.filter(pl.col("charged").is_between(until + 1, until + years_n))
    return float((inside["lost"] * inside["share"]).sum())


def _compare(found: Floats, actual: float) -> dict[str, Any]:
    low, middle, high = np.quantile(found, LEVELS).tolist()
    return {
        "forecast": mean_of(found)._asdict(),
        "low": low,
        "median": middle,
        "high": high,
        "actual": actual,
        "at_least_actual": chance(found >= actual)._asdict(),
        "inside": bool(low <= actual <= high),
    }


def _years(out: Outcome, rows: pl.DataFrame, until: int, years_n: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for k in range(years_n):
        year = until + 1 + k
        actual = _paid(rows.filter(pl.col("charged") == year), until, years_n)
        found.append({"year": year} | _compare(out.paid_fen[:, k, 0] / FEN, actual))
    return found


def _counts(out: Outcome, rows: pl.DataFrame, until: int, years_n: int) -> dict[str, Any]:
    actual = rows.filter(pl.col("charged").is_between(until + 1, until + years_n)).height
    return _compare(out.claims_n.astype(np.float64), float(actual))
