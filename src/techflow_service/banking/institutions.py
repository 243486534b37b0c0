"""How banks serve technology: indicators, efficiency and rank, each with its chance."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.region.bootstrap import Bootstrapped, bootstrap_efficiency
from techflow.region.institutions.resample import resample_ratios
from techflow.region.ranking import draw_weights, rank_points, stand_among
from techflow_service.banking.reading import Lending, tolerance_share

UNITS_PER_ITEM = 3
"""Fewest units per input and output: Cooper, Seiford and Tone 2007, p. 284."""
YEAR = timedelta(days=365)
RATIOS = {
    "growth_gap": ("balance", "before"),
    "technology_share": ("balance", "whole"),
    "first_share": ("first", "one"),
    "unsecured_share": ("unsecured", "balance"),
    "longer_share": ("longer", "balance"),
    "rate_pa": ("interest", "balance"),
    "bonds_ratio": ("bonds", "balance"),
    "bad_excess": ("small_bad", "small"),
}
"""Indicator -> the sums over customers it is the ratio of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Banks by rank.

    Attributes:
        rows: One row per bank: rank with interval, indicators, efficiency.
        standing: How each stands by indicator, 0 last to 1 first.
        words: The content.
    """

    rows: pl.DataFrame
    standing: pl.DataFrame
    words: dict[str, Any]


def rank_institutions(lending: Lending, words: dict[str, Any], *, seed: int) -> Standing:
    """Rank of each bank, with weights, customers and efficiency drawn.

    Args:
        lending: Result of `read_lending`.
        words: The content of institutions.
        seed: Seed of the draws.

    Raises:
        InvalidInput: Too few banks have a report.
    """
    how = words["rank"]
    banks = _banks(lending, how["bonds_years_n"])
    customers = _customers(lending, banks, words)
    found = _efficiency(banks, words["efficiency"], seed)
    owner = customers["owner"].cast(pl.Int64).to_numpy().copy()
    pick = [[pair[side] for pair in RATIOS.values()] for side in (0, 1)]
    tops, bottoms = (np.column_stack([customers[n].to_numpy() for n in names]) for names in pick)
    drawn = resample_ratios(tops, bottoms, owner, draws_n=how["draws_n"], seed=seed)
    plain = _sums(tops, owner, banks.height) / _safe(_sums(bottoms, owner, banks.height))
    excess, _ = tolerance_share(lending.on)
    signs = np.array([words["indicator"][n]["sign"] for n in words["indicator"]], np.float64)
    draws = np.resize(found.draws, (how["draws_n"], banks.height))
    values = _complete(plain[None], banks, excess, found.corrected[None])
    moved = _complete(drawn, banks, excess, draws)
    weights = np.array([words["indicator"][n]["weight"] for n in words["indicator"]], np.float64)
    chosen = draw_weights(
        weights, concentration=how["concentration"], draws_n=how["draws_n"], seed=seed
    )
    stood = stand_among((moved * signs).transpose(0, 2, 1)).transpose(0, 2, 1)
    ranked = rank_points(stood, chosen, known_share_min=how["known_share_min"])
    names = list(words["indicator"])
    now = stand_among((values[0] * signs).T).T
    rows = banks.with_columns(
        **{name: pl.Series(values[0][:, k]).fill_nan(None) for k, name in enumerate(names)},
        **_ends(ranked.points, ranked.ranks, how["level"]),
        efficiency_low=found.low,
        efficiency_high=found.high,
    ).sort("rank", "institution_id", nulls_last=True)
    standing = pl.DataFrame(now, schema=names).with_columns(institution_id=banks["institution_id"])
    return Standing(rows, standing.fill_nan(None), words)


def _banks(lending: Lending, bonds_years_n: int) -> pl.DataFrame:
    """One row per bank with loans and a report, in order."""
    bonds = lending.bonds.filter(
        pl.col("dealt_on") > lending.on - bonds_years_n * YEAR, pl.col("currency") == "CNY"
    )
    dealt = bonds.group_by("institution_id").agg(bonds_cny=pl.col("dealt_lcy").sum())
    lent = lending.loans.group_by(institution_id="lender_id").agg(
        balance_cny=pl.col("balance_cny").sum(), customers_n=pl.col("firm_id").n_unique()
    )
    past = lending.before_reports.select("institution_id", all_before="loans_all_lcy")
    reports = lending.reports.rename({"technology_cost_lcy": "technology_cost_cny"})
    banks = reports.join(lent, on="institution_id").join(dealt, on="institution_id", how="left")
    # A bank without a deal on record dealt nothing, if deals are on record at all.
    none = pl.lit(0.0 if lending.bonds.height else None, pl.Float64)
    return (
        banks.join(past, on="institution_id", how="left")
        .with_columns(bonds_cny=pl.col("bonds_cny").fill_null(none))
        .sort("institution_id")
    )


def _customers(lending: Lending, banks: pl.DataFrame, words: dict[str, Any]) -> pl.DataFrame:
    """Sums by bank and firm; what belongs to the bank as a whole is spread over its firms."""
    small = pl.col("size").is_in(words["branches"]["small_sizes"])
    balance = pl.col("balance_cny")
    keys = [pl.col("lender_id").alias("institution_id"), pl.col("firm_id")]
    now = lending.loans.group_by(keys).agg(
        balance=balance.sum(),
        first=pl.col("first_loan").any().cast(pl.Float64),
        unsecured=balance.filter(pl.col("security") == "unsecured").sum(),
        longer=balance.filter(pl.col("term").is_in(["medium", "long"])).sum(),
        interest=pl.col("interest_cny").sum(),
        small=balance.filter(small).sum(),
        small_bad=pl.col("nonperforming_cny").filter(small).sum(),
    )
    past = lending.before.group_by(keys).agg(before=balance.sum())
    both = now.join(past, on=["institution_id", "firm_id"], how="full", coalesce=True)
    numbered = banks.with_row_index("owner").select(
        pl.col("owner").cast(pl.Int64), "institution_id", "loans_all_lcy", "bonds_cny"
    )
    joined = both.join(numbered, on="institution_id").sort("owner", "firm_id")
    sums = ("balance", "first", "unsecured", "longer", "interest", "small", "small_bad", "before")
    return joined.with_columns(pl.col(sums).fill_null(0.0)).with_columns(
        one=pl.col("balance").gt(0).cast(pl.Float64),
        whole=pl.col("loans_all_lcy") / pl.len().over("owner"),
        bonds=pl.col("bonds_cny") / pl.len().over("owner"),
    )


def _sums(values: Floats, owner: Any, owners_n: int) -> Floats:
    found = np.zeros((owners_n, values.shape[1]))
    np.add.at(found, owner, values)
    return found


def _safe(values: Floats) -> Floats:
    return np.where(values != 0, values, np.nan)


def _complete(ratios: Floats, banks: pl.DataFrame, excess: float, efficient: Floats) -> Floats:
    """Growth beside all loans, bad loans beside the tolerance, and the efficiency."""
    names, made = list(RATIOS), ratios.copy()
    whole = banks["loans_all_lcy"] / banks["all_before"]
    bad = banks["nonperforming_all_lcy"] / banks["loans_all_lcy"] + excess
    made[:, :, names.index("growth_gap")] -= whole.fill_null(np.nan).to_numpy()
    made[:, :, names.index("bad_excess")] -= bad.fill_null(np.nan).to_numpy()
    return np.concatenate([made, efficient[:, :, None]], axis=2)


def _efficiency(banks: pl.DataFrame, how: dict[str, Any], seed: int) -> Bootstrapped:
    items = [*how["inputs"], *how["outputs"]]
    whole = banks.select((pl.col(n) >= 0).fill_null(False).all() for n in items).row(0)
    if banks.height < UNITS_PER_ITEM * len(items) or not all(whole):
        raise InvalidInput(
            f"efficiency needs {UNITS_PER_ITEM * len(items)} institutions with loans and "
            f"{', '.join(items)}; got {banks.height}; fill the tables institution and bond_deal"
        )
    x, y = (banks.select(how[side]).to_numpy().astype(np.float64) for side in ("inputs", "outputs"))
    ways = {name: how[name] for name in ("returns", "orientation", "draws_n", "level")}
    return bootstrap_efficiency(x, y, **ways, seed=seed)


def _ends(points: Floats, ranks: Floats, level: float) -> dict[str, pl.Series]:
    known, tail = np.isfinite(ranks).all(axis=0), (1.0 - level) / 2.0

    def at(draws: Floats, share: float) -> pl.Series:
        found = np.quantile(np.where(known, draws, 0.0), share, axis=0)
        return pl.Series(np.where(known, found, np.nan)).fill_nan(None)

    return {
        "points": at(points, 0.5),
        "rank": at(ranks, 0.5),
        "rank_low": at(ranks, tail),
        "rank_high": at(ranks, 1.0 - tail),
    }
