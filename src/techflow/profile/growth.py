"""Growth of sales: what was known of a firm-year before, and what came after it."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.profile.rollup import part_of, sole

KEY = ("firm_id", "basis", "currency", "year")
"""One row per firm, basis and currency of accounts, and year."""
PANEL = (
    "sales_lcy",
    "capital_lcy",
    "rnd_stock_lcy",
    "employees_n",
    "market_value_lcy",
    "tobin_q_ratio",
)
ACCOUNTS = (
    "sales_lcy",
    "assets_lcy",
    "current_assets_lcy",
    "current_liabilities_lcy",
    "liabilities_lcy",
    "operating_income_lcy",
    "net_income_lcy",
    "retained_earnings_lcy",
)


def panel_growth_facts(years: Frame) -> Frame:
    """What a panel with R&D and market value knows of a firm-year by its end.

    Args:
        years: Columns of `KEY` and `PANEL`; amounts in one unit. An R&D stock of 0 is taken as
            unknown, because such panels write 0 for none and for not reported.

    Returns:
        The same rows plus, null where a part is unknown, not above zero or the year before is
        not on record: `<x>_log`, `<x>_growth_log` (log of this year over the year before),
        `sales_growth_before_log` (the same, one year earlier), `sales_per_head_log`,
        `capital_to_sales_ratio`, `rnd_stock_to_sales_ratio` and `market_to_sales_ratio`.

    Raises:
        MissingColumn: A column is missing.

    Source:
        Size, past growth and Tobin's q as what growth may depend on: Evans (1987), J. of
        Industrial Economics 35(4); Hall (1987), same issue; R&D stock: Hall, Jaffe, Trajtenberg
        (2005), RAND J. of Economics 36(1).
    """
    require_columns(years, (*KEY, *PANEL), needed_by="panel_growth_facts")
    sales, stock = nw.col("sales_lcy"), nw.col("rnd_stock_lcy")
    grown = ("sales_lcy", "capital_lcy", "rnd_stock_lcy", "employees_n", "market_value_lcy")
    return _with_growth(years, grown).with_columns(
        sales_log=_log(sales),
        sales_per_head_log=_log(sales) - _log(nw.col("employees_n")),
        capital_to_sales_ratio=part_of(nw.col("capital_lcy"), sales),
        rnd_stock_to_sales_ratio=part_of(nw.when(stock > 0.0).then(stock), sales),
        market_to_sales_ratio=part_of(nw.col("market_value_lcy"), sales),
    )


def account_growth_facts(years: Frame) -> Frame:
    """What annual accounts know of a firm-year by its end.

    Args:
        years: Columns of `KEY` and `ACCOUNTS`.

    Returns:
        The same rows plus, null as in `panel_growth_facts`: `sales_log`, `sales_growth_log`,
        `sales_growth_before_log`, `assets_growth_log`, `operating_margin_ratio`,
        `operating_margin_change_ratio`, `net_margin_ratio`, `asset_turnover_ratio`,
        `leverage_ratio`, `current_ratio`, `retained_earnings_ratio`.

    Raises:
        MissingColumn: A column is missing.
    """
    require_columns(years, (*KEY, *ACCOUNTS), needed_by="account_growth_facts")
    sales, assets = nw.col("sales_lcy"), nw.col("assets_lcy")
    margin = part_of(nw.col("operating_income_lcy"), sales)
    rated = years.with_columns(sales_log=_log(sales), operating_margin_ratio=margin)
    found = _with_growth(rated, ("sales_lcy", "assets_lcy"), also=("operating_margin_ratio",))
    change = nw.col("operating_margin_ratio") - nw.col("before_operating_margin_ratio")
    return found.with_columns(
        operating_margin_change_ratio=change,
        net_margin_ratio=part_of(nw.col("net_income_lcy"), sales),
        asset_turnover_ratio=part_of(sales, assets),
        leverage_ratio=part_of(nw.col("liabilities_lcy"), assets),
        current_ratio=part_of(nw.col("current_assets_lcy"), nw.col("current_liabilities_lcy")),
        retained_earnings_ratio=part_of(nw.col("retained_earnings_lcy"), assets),
    )


def growth_ahead(years: Frame, *, horizon_years: int) -> Frame:
    """Growth of sales that followed each firm-year; for training and tests only.

    Args:
        years: Columns of `KEY` and `sales_lcy`.
        horizon_years: How far ahead, 1 or more.

    Returns:
        The same rows plus `growth_ahead_log`: log of sales `horizon_years` later over sales of
        the year; null if that year is not on record or either is not above zero.

    Raises:
        InvalidInput: The horizon is below 1.
        MissingColumn: A column is missing.

    Examples:
        >>> import polars as pl
        >>> sold = pl.LazyFrame({"firm_id": ["a"] * 2, "basis": ["b"] * 2,
        ...     "currency": ["USD"] * 2, "year": [1.0, 2.0], "sales_lcy": [10.0, 20.0]})
        >>> found = growth_ahead(nw.from_native(sold), horizon_years=1).to_native().collect()
        >>> found.sort("year")["growth_ahead_log"].round(3).to_list()
        [0.693, None]
    """
    require_columns(years, (*KEY, "sales_lcy"), needed_by="growth_ahead")
    if horizon_years < 1:
        raise InvalidInput(f"horizon_years must be 1 or more; got {horizon_years}")
    later = _moved(years, ("sales_lcy",), -horizon_years, "later_")
    joined = years.join(later, on=list(KEY), how="left")
    growth = _log(nw.col("later_sales_lcy")) - _log(nw.col("sales_lcy"))
    return joined.with_columns(growth_ahead_log=growth).drop("later_sales_lcy")


def _with_growth(years: Frame, grown: Sequence[str], also: Sequence[str] = ()) -> Frame:
    """Add `before_<x>` of the year before and the growth since."""
    before = _moved(years, (*grown, *also), 1, "before_")
    earlier = _moved(years, ("sales_lcy",), 2, "earlier_")
    joined = years.join(before, on=list(KEY), how="left").join(earlier, on=list(KEY), how="left")
    growth = {
        f"{_stem(name)}_growth_log": _log(nw.col(name)) - _log(nw.col(f"before_{name}"))
        for name in grown
    }
    last = _log(nw.col("before_sales_lcy")) - _log(nw.col("earlier_sales_lcy"))
    return joined.with_columns(**growth, sales_growth_before_log=last)


def _moved(years: Frame, names: Sequence[str], by_years: int, prefix: str) -> Frame:
    """The columns of each firm-year, to be met `by_years` later; null if its rows disagree."""
    told = years.group_by(*KEY).agg(**{f"{prefix}{name}": sole(name) for name in names})
    return told.with_columns(year=nw.col("year") + by_years)


def _stem(name: str) -> str:
    return name.removesuffix("_lcy").removesuffix("_n")


def _log(number: nw.Expr) -> nw.Expr:
    return nw.when(number > 0.0).then(number.clip(1e-12).log())
