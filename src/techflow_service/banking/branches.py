"""Branches beside what the same customers show elsewhere, with limits of chance."""

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.region.institutions.funnel import (
    INNER,
    OUTER,
    binomial_tails,
    judge_means,
    judge_shares,
    mean_limits,
    share_limits,
)
from techflow.region.institutions.mix import (
    MEASURES,
    SHARES,
    expect_by_mix,
    roll_customers,
    roll_units,
)
from techflow_service.banking.reading import Lending, tolerance_share

UNIT = "branch_id"


def compare_branches(lending: Lending, words: dict[str, Any]) -> pl.DataFrame:
    """One row per branch: volume, price, quality, first loans, unsecured share; limits, verdicts.

    Args:
        lending: Result of `read_lending`.
        words: The content of institutions; its table `branches` says how.
    """
    how = words["branches"]
    loans = lending.loans.drop_nulls(UNIT)
    rolled = roll_customers(nw.from_native(loans.lazy()))
    beside = expect_by_mix(
        rolled, unit=UNIT, strata=how["strata"], others_n_min=how["others_n_min"]
    )
    customers: pl.DataFrame = beside.to_native().collect().sort(UNIT, "firm_id")
    units: pl.DataFrame = (
        roll_units(nw.from_native(customers.lazy()), unit=UNIT).to_native().collect()
    )
    gap = (customers["rate_pa"] - customers["expected_rate_pa"]).drop_nulls().to_numpy()
    spread = float(np.std(gap, ddof=1)) if len(gap) > 1 else 0.0
    units = units.sort(UNIT)
    for name in MEASURES:
        units = units.with_columns(**_limits(units, name, spread, how["customers_n_min"]))
    told = units.join(_tolerances(customers, lending, how), on=UNIT, how="left")
    named = lending.branches.select(
        UNIT, "institution_id", "name", "name_en", "region_code", "specialised"
    )
    return told.join(named, on=UNIT, how="left").sort(UNIT)


def _limits(
    units: pl.DataFrame, name: str, spread: float, customers_n_min: int
) -> dict[str, pl.Series]:
    n, seen, expected = (
        units[f"{name}_{part}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for part in ("n", "seen", "expected")
    )
    expected = np.where(n >= customers_n_min, expected, np.nan)
    found = {}
    for word, level in (("", OUTER), ("_inner", INNER)):
        low, high = (
            share_limits(n, expected, level)
            if name in SHARES
            else mean_limits(n, expected, spread, level)
        )
        found[f"{name}_low{word}"] = pl.Series(low).fill_nan(None)
        found[f"{name}_high{word}"] = pl.Series(high).fill_nan(None)
        if level == OUTER:
            found[f"{name}_verdict"] = pl.Series(
                judge_shares(n, expected, seen, OUTER).tolist()
                if name in SHARES
                else judge_means(seen, low, high).tolist()
            )
    return found


def _tolerances(customers: pl.DataFrame, lending: Lending, how: dict[str, Any]) -> pl.DataFrame:
    """Small technology firms against all loans of the institution plus the tolerance."""
    excess, _ = tolerance_share(lending.on)
    whole = lending.reports.select(
        lender_id="institution_id",
        tolerated_share=pl.col("nonperforming_all_lcy") / pl.col("loans_all_lcy") + excess,
    )
    small = customers.filter(pl.col("size").is_in(how["small_sizes"]))
    rows = (
        small.group_by(UNIT)
        .agg(
            pl.col("lender_id").first(),
            small_n=pl.len(),
            small_bad_n=pl.col("bad").sum(),
            small_bad_share=pl.col("nonperforming_cny").sum() / pl.col("balance_cny").sum(),
        )
        .join(whole, on="lender_id", how="left")
    )
    verdicts = [_tolerated(row) for row in rows.iter_rows(named=True)]
    return rows.drop("lender_id").with_columns(tolerance=pl.Series(verdicts, dtype=pl.String))


def _tolerated(row: dict[str, Any]) -> str | None:
    """`within`, `above` by amount though chance may explain it, or `beyond` chance."""
    limit = row["tolerated_share"]
    if limit is None or row["small_bad_share"] is None:
        return None
    if row["small_bad_share"] <= limit:
        return "within"
    _, chance = binomial_tails(row["small_n"], limit, row["small_bad_n"])
    sure = chance < (1.0 - OUTER) / 2.0
    return "beyond" if sure else "above"
