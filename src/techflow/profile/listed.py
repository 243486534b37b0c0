"""Ratios of a listed firm's year and what changed since the years before it, never after."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.profile.rollup import part_of

AMOUNTS = (
    "current_assets_lcy",
    "cogs_lcy",
    "depreciation_lcy",
    "ebitda_lcy",
    "inventory_lcy",
    "net_income_lcy",
    "receivables_lcy",
    "market_value_lcy",
    "sales_lcy",
    "assets_lcy",
    "long_term_debt_lcy",
    "ebit_lcy",
    "gross_profit_lcy",
    "current_liabilities_lcy",
    "retained_earnings_lcy",
    "revenue_lcy",
    "liabilities_lcy",
    "operating_expenses_lcy",
)
"""Items of a year; all in one unit, such as millions of dollars."""

GAP_YEARS_MAX = 2
"""An earlier year counts as the year before if it is at most this far back."""

CHANGED = ("return_on_assets", "leverage", "retained_earnings", "ebitda_to_assets")
CHANGED_TOO = ("working_capital", "market_leverage", "current", "long_term_debt")
GROWN = ("assets", "market_value", "sales", "long_term_debt", "current_liabilities", "liabilities")


def listed_ratios(years: Frame) -> Frame:
    """Ratios, changes and long-run figures of each firm-year, from it and earlier years only.

    Args:
        years: One row per firm and year: `firm_id`, `year`, and the columns of `AMOUNTS`. More
            rows of the same year are kept; the order among them is by `file_row_n`.

    Returns:
        The same rows plus, with null where a part is unknown or a denominator is not above
        zero: `<x>_ratio` (see the code, one line each), `<x>_change_ratio` (this year less the
        year before), `<x>_growth_log` (log of this year over the year before), `<x>_peak_log`
        (log of this year over the best year so far, itself included), and over the last three
        years on record `<x>_mean3_ratio` and `losses_share`; `return_volatility_ratio` is the
        standard deviation of the return on assets over up to five years.

    Raises:
        MissingColumn: A column is missing.

    Source:
        Ratios: Altman (1968), J. Finance 23(4); Ohlson (1980), J. Accounting Research 18(1);
        market leverage and firm size: Shumway (2001), J. Business 74(1).
    """
    require_columns(years, ("firm_id", "year", "file_row_n", *AMOUNTS), needed_by="listed_ratios")
    amounts = {name: _finite(nw.col(name)) for name in AMOUNTS}
    rated = years.with_columns(**amounts).with_columns(**_levels())
    return rated.with_columns(**_history()).with_columns(**_changes())


def _finite(number: nw.Expr) -> nw.Expr:
    number = number.cast(nw.Float64)
    return nw.when(number.is_finite()).then(number)


def _log(number: nw.Expr) -> nw.Expr:
    return nw.when(number > 0.0).then(number.clip(1e-12).log())


def _levels() -> dict[str, nw.Expr]:
    """Ratios of one year."""
    at = {name.removesuffix("_lcy"): nw.col(name) for name in AMOUNTS}
    owed, owed_now, owned = at["liabilities"], at["current_liabilities"], at["assets"]
    liquid = at["current_assets"] - at["inventory"] - at["receivables"]
    return {
        **_parts_of_assets(at),
        **_parts_of_sales(at),
        "liquid_ratio": part_of(liquid, owned),
        "liquid_cover_ratio": part_of(liquid, owed_now),
        "market_leverage_ratio": part_of(owed, owed + at["market_value"]),
        "current_ratio": part_of(at["current_assets"], owed_now),
        "quick_ratio": part_of(at["current_assets"] - at["inventory"], owed_now),
        "current_liabilities_share": part_of(owed_now, owed),
        "market_to_liabilities_ratio": part_of(at["market_value"], owed),
        "ebitda_cover_ratio": part_of(at["ebitda"], owed),
        "income_cover_ratio": part_of(at["net_income"], owed),
        "debt_cover_ratio": part_of(at["ebitda"], at["long_term_debt"]),
        "assets_log": _log(owned),
        "sales_log": _log(at["sales"]),
        "market_value_log": _log(at["market_value"]),
    }


def _parts_of_assets(at: Mapping[str, nw.Expr]) -> dict[str, nw.Expr]:
    parts = {
        "leverage": at["liabilities"],
        "retained_earnings": at["retained_earnings"],
        "return_on_assets": at["net_income"],
        "ebit_to_assets": at["ebit"],
        "ebitda_to_assets": at["ebitda"],
        "working_capital": at["current_assets"] - at["current_liabilities"],
        "asset_turnover": at["sales"],
        "market_to_assets": at["market_value"],
        "current_liabilities": at["current_liabilities"],
        "long_term_debt": at["long_term_debt"],
        "charges": at["ebit"] - at["net_income"],
        "inventory_to_assets": at["inventory"],
        "receivables_to_assets": at["receivables"],
        "depreciation": at["depreciation"],
    }
    return {f"{name}_ratio": part_of(part, at["assets"]) for name, part in parts.items()}


def _parts_of_sales(at: Mapping[str, nw.Expr]) -> dict[str, nw.Expr]:
    parts = {
        "gross_margin": at["gross_profit"],
        "net_margin": at["net_income"],
        "operating_cost": at["operating_expenses"],
        "inventory_to_sales": at["inventory"],
        "receivables_to_sales": at["receivables"],
    }
    return {f"{name}_ratio": part_of(part, at["sales"]) for name, part in parts.items()}


def _over(number: nw.Expr) -> nw.Expr:
    """Within the firm, in the order of its years."""
    return number.over("firm_id", order_by=["year", "file_row_n"])


def _history() -> dict[str, nw.Expr]:
    """Figures that look back over the firm's years."""
    loss = nw.when(~nw.col("net_income_lcy").is_null()).then(
        (nw.col("net_income_lcy") < 0.0).cast(nw.Float64)
    )
    returns, owing = nw.col("return_on_assets_ratio"), nw.col("market_leverage_ratio")
    peaks = {name: nw.col(f"{name}_lcy") for name in ("market_value", "assets", "sales")}
    return {
        "year_before": _over(nw.col("year").shift(1)),
        **{f"before_{name}": _over(nw.col(f"{name}_ratio").shift(1)) for name in _changed()},
        **{f"before_{name}_lcy": _over(nw.col(f"{name}_lcy").shift(1)) for name in GROWN},
        "return_on_assets_mean3_ratio": _over(returns.rolling_mean(3, min_samples=1)),
        "ebitda_to_assets_mean3_ratio": _over(
            nw.col("ebitda_to_assets_ratio").rolling_mean(3, min_samples=1)
        ),
        "market_leverage_mean3_ratio": _over(owing.rolling_mean(3, min_samples=1)),
        "return_volatility_ratio": _over(returns.rolling_std(5, min_samples=2)),
        "losses_share": _over(loss.rolling_mean(3, min_samples=1)),
        **{f"best_{name}_lcy": _over(number.cum_max()) for name, number in peaks.items()},
    }


def _changed() -> tuple[str, ...]:
    return (*CHANGED, *CHANGED_TOO)


def _changes() -> dict[str, nw.Expr]:
    """This year against the year before, and against the best so far."""
    gap = nw.col("year") - nw.col("year_before")
    near = (gap > 0) & (gap <= GAP_YEARS_MAX)
    changes = {
        f"{name}_change_ratio": nw.when(near).then(
            nw.col(f"{name}_ratio") - nw.col(f"before_{name}")
        )
        for name in _changed()
    }
    growth = {
        f"{name}_growth_log": nw.when(near).then(_over_log(f"{name}_lcy", f"before_{name}_lcy"))
        for name in GROWN
    }
    peaks = {
        f"{name}_peak_log": _over_log(f"{name}_lcy", f"best_{name}_lcy")
        for name in ("market_value", "assets", "sales")
    }
    return {**changes, **growth, **peaks}


def _over_log(now: str, before: str) -> nw.Expr:
    return _log(nw.col(now)) - _log(nw.col(before))
