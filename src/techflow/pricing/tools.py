"""The tools a price can use: the columns each needs, and what is wrong with a row."""

from collections.abc import Iterable

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

TOOLS = {
    "relending": ("relending_share", "relending_rate_pa"),
    "relief": ("relief_rate_pa",),
    "guarantee": ("guarantee_share", "guarantee_fee_rate_pa", "guarantee_weight_ratio"),
    "pool": ("pool_share",),
    "crmw": ("crmw_share", "crmw_spread_rate_pa", "crmw_weight_ratio"),
    "insurance": ("insurance_share", "insurance_premium_rate_pa", "premium_subsidy_rate_pa"),
    "discount": ("discount_rate_pa",),
    "warrant": ("warrant_value_share",),
}
"""Each tool with its columns, all fractions, in the order in which they act on the price."""

FREE = ("relending", "relief", "pool", "discount")
"""Tools for which nobody in the chain takes a fee: they never raise what the firm pays."""

OPTIONAL = {
    "firm_fee_share": "fee_out_of_range",
    "tax_share": "tax_out_of_range",
    "irb_weight_ratio": "irb_weight_missing",
    "default_ratio": "term_out_of_range",
    "cover_lost_ratio": "term_out_of_range",
    "upfront_ratio": "term_out_of_range",
    "relending_time_share": "term_out_of_range",
    "discount_time_share": "term_out_of_range",
}
"""Columns a price uses where they are there, and the reason if one is absent or impossible."""
BOUNDS = {"firm_fee_share": 1.0, "tax_share": 1.0}

SHARE_MAX, WEIGHT_MAX = 1.0, 12.5


def check_tools(tools: Iterable[str]) -> tuple[str, ...]:
    """The tools named, in the order in which they act.

    Args:
        tools: Names of `TOOLS`.

    Raises:
        InvalidInput: A name is none of them.
    """
    asked = list(tools)
    if unknown := sorted(set(asked) - set(TOOLS)):
        raise InvalidInput(
            f"tools must be some of {', '.join(TOOLS)}; got {', '.join(map(repr, unknown))}"
        )
    return tuple(name for name in TOOLS if name in asked)


def state_problem(loans: Frame, tools: tuple[str, ...]) -> Frame:
    """Say of each loan why it cannot be priced, if it cannot.

    Args:
        loans: Columns `pd`, `limit_lcy`, `sales_lcy`, `lgd` and those of the tools.
        tools: Tools used.

    Returns:
        The same rows plus `reason_code`: null, or the first of `pd_missing`,
        `pd_out_of_range` (not in (0, 1)), `amount_missing`, `amount_not_positive`,
        `sales_negative`, `lgd_missing`, `lgd_out_of_range`, `<tool>_fact_missing`,
        `<tool>_out_of_range`, or the reason of a column of `OPTIONAL`.

    Raises:
        MissingColumn: A column is absent.
    """
    asked = [column for tool in tools for column in TOOLS[tool]]
    wanted = ["pd", "limit_lcy", "sales_lcy", "lgd", *asked]
    require_columns(loans, wanted, needed_by="price_loans")
    pd, amount, lgd = (nw.col(name) for name in ("pd", "limit_lcy", "lgd"))
    checks = {
        "pd_missing": pd.is_null() | pd.is_nan(),
        "pd_out_of_range": (pd <= 0.0) | (pd >= 1.0),
        "amount_missing": amount.is_null() | amount.is_nan(),
        "amount_not_positive": (amount <= 0.0) | ~amount.is_finite(),
        "sales_negative": nw.col("sales_lcy") < 0.0,
        "lgd_missing": lgd.is_null() | lgd.is_nan(),
        "lgd_out_of_range": (lgd < 0.0) | (lgd > 1.0),
    }
    for tool in tools:
        for column in TOOLS[tool]:
            value = nw.col(column)
            high = WEIGHT_MAX if column.endswith("_weight_ratio") else SHARE_MAX
            checks[f"{tool}_fact_missing"] = _either(
                checks.get(f"{tool}_fact_missing"), value.is_null() | value.is_nan()
            )
            checks[f"{tool}_out_of_range"] = _either(
                checks.get(f"{tool}_out_of_range"), (value < 0.0) | (value > high)
            )
    present = set(loans.columns)
    for column, code in OPTIONAL.items():
        if column in present:
            value = nw.col(column)
            wrong = value.is_null() | ~value.is_finite() | (value < 0.0)
            checks[code] = _either(checks.get(code), wrong | (value >= BOUNDS.get(column, 1e9)))
    found = nw.lit(None, nw.String)
    for code, wrong in reversed(checks.items()):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return loans.with_columns(reason_code=found)


def _either(first: nw.Expr | None, second: nw.Expr) -> nw.Expr:
    return second if first is None else first | second
