"""Price of many loans at once: rate, what the firm, the bank and the public purse have of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio
from techflow.pricing.layers import LAYERS
from techflow.pricing.parts import PARTS, decompose_rate
from techflow.pricing.tools import check_tools, state_problem

FIRM_PARTS = (
    "discount_rate_part_pa",
    "guarantee_fee_part_pa",
    "premium_part_pa",
    "premium_subsidy_part_pa",
    "firm_fee_part_pa",
    "warrant_cost_part_pa",
)
"""What lies between the rate of the bank and all the firm pays; discount and subsidy negative."""
PUBLIC_PARTS = (
    "public_relending_rate_pa",
    "public_guarantee_rate_pa",
    "public_pool_rate_pa",
    "public_discount_rate_pa",
    "public_subsidy_rate_pa",
)
"""What public purses are expected to pay a year; the guarantors' fee is taken off."""
SHARES = (*(f"{who}_loss_share" for who in LAYERS), "bank_loss_share")
PRICED = (
    *PARTS,
    "rate_pa",
    *FIRM_PARTS,
    "all_in_rate_pa",
    *PUBLIC_PARTS,
    "public_rate_pa",
    "head_office_rate_pa",
    "raroc_rate_pa",
    "risk_weight_ratio",
    "weight_off_ratio",
    *SHARES,
)
"""Columns of a price besides `reason_code`; null where the loan cannot be priced."""


def price_loans(loans: Frame, *, terms: Mapping[str, Any], tools: Iterable[str] = ()) -> Frame:
    """Price each loan with the tools named, every part visible.

    Args:
        loans: One row per loan: `pd`, `lgd`, `limit_lcy` (the amount), `sales_lcy`, `currency`,
            the columns `TOOLS` lists for each tool used, and where they differ from none:
            `firm_fee_share` (appraisal, registration; over the loan, at its start), `tax_share`
            (part of interest due as tax), `offered_rate_pa` (rate at which the return is
            measured, else the break-even rate), `irb_weight_ratio`, ratios of `loan_years`.
        terms: `funding_rate_pa`, `cost_rate_pa`, `hurdle_rate_pa` (before income tax),
            `capital_ratio`, the weights and bounds of `standard_weight`; optional
            `profit_rate_pa` (margin above the hurdle, else 0) and `warrant_credit_share` (part
            of a warrant's value the bank counts, else all).
        tools: Names of `TOOLS`.

    Returns:
        The same rows plus `reason_code` and `PRICED`: `PARTS` add up to `rate_pa`, with
        `FIRM_PARTS` to `all_in_rate_pa`; `PUBLIC_PARTS` to `public_rate_pa`; `raroc_rate_pa` is
        the return on the capital held, before income tax, null if none is held;
        `head_office_rate_pa` is what head office gives the branch. All per yuan and year.

    Raises:
        InvalidInput: A tool is unknown, or a column has the name of a result.
        MissingColumn: A column is absent.

    Source:
        `decompose_rate`. RAROC: expected income of a year after loss, cost and tax, plus the
        funding that capital saves, over capital.

    Examples:
        >>> row = {"pd": [0.02], "lgd": [0.4], "limit_lcy": [1e6], "sales_lcy": [1e8],
        ...        "currency": ["CNY"], "discount_rate_pa": [0.015]}
        >>> terms = {"funding_rate_pa": 0.02, "cost_rate_pa": 0.01, "hurdle_rate_pa": 0.12,
        ...          "capital_ratio": 0.1, "small_weight_ratio": 0.75, "sme_weight_ratio": 0.85,
        ...          "corporate_weight_ratio": 1.0, "small_exposure_cny_max": 1e7,
        ...          "small_sales_cny_max": 2e7, "sme_sales_cny_max": 3e8}
        >>> frame = nw.from_dict(row, backend="polars").lazy()
        >>> priced = price_loans(frame, terms=terms, tools=["discount"]).collect()
        >>> [round(priced[name][0], 6) for name in ("rate_pa", "all_in_rate_pa", "raroc_rate_pa")]
        [0.047449, 0.032449, 0.12]
    """
    used = check_tools(tools)
    if taken := sorted({"reason_code", *PRICED} & set(loans.columns)):
        raise InvalidInput(f"rename {', '.join(taken)}: results have these names")
    judged = state_problem(loans, used)
    parted = decompose_rate(judged, terms=terms, tools=used)
    firm = _with_firm(parted, used)
    whole = _with_return(_with_public(firm, used), terms)
    good = nw.col("reason_code").is_null()
    shown = whole.with_columns(**{name: nw.when(good).then(nw.col(name)) for name in PRICED})
    return shown.select(*loans.columns, "reason_code", *PRICED)


def _with_firm(loans: Frame, tools: tuple[str, ...]) -> Frame:
    """What the firm pays: the bank's rate, less discount, plus fees and what a warrant gives up."""
    zero, upfront = nw.lit(0.0), nw.col("upfront_ratio")

    def used(tool: str, part: nw.Expr) -> nw.Expr:
        return part if tool in tools else zero

    rate, given = nw.col("rate_pa"), nw.col("discount_rate_pa")
    discount = nw.when(given < rate).then(given).when(rate > 0.0).then(rate).otherwise(zero)
    fee = nw.col("guarantee_share") * nw.col("guarantee_fee_rate_pa")
    charged = nw.col("firm_fee_share") if "firm_fee_share" in loans.columns else zero
    parts = loans.with_columns(
        discount_rate_part_pa=used("discount", 0.0 - discount * nw.col("discount_time_share")),
        guarantee_fee_part_pa=used("guarantee", fee),
        premium_part_pa=used("insurance", nw.col("insurance_premium_rate_pa")),
        premium_subsidy_part_pa=used("insurance", 0.0 - nw.col("premium_subsidy_rate_pa")),
        firm_fee_part_pa=charged * upfront,
        warrant_cost_part_pa=used("warrant", nw.col("warrant_value_share") * upfront),
    )
    return parts.with_columns(all_in_rate_pa=_sum(("rate_pa", *FIRM_PARTS)))


def _with_public(loans: Frame, tools: tuple[str, ...]) -> Frame:
    """What public purses expect to pay a year per yuan outstanding."""
    paying = 1.0 / (1.0 + nw.col("cover_lost_ratio"))  # time interest is earned over time lent
    default = nw.col("default_ratio") * paying
    relief = nw.col("relief_rate_pa") if "relief" in tools else nw.lit(0.0)
    parts = loans.with_columns(
        public_relending_rate_pa=0.0 - nw.col("relending_rate_part_pa"),
        public_guarantee_rate_pa=nw.col("guarantee_loss_share") * default
        - nw.col("guarantee_fee_part_pa"),
        public_pool_rate_pa=nw.col("pool_loss_share") * default,
        public_discount_rate_pa=0.0 - nw.col("discount_rate_part_pa") * paying,
        public_subsidy_rate_pa=0.0 - nw.col("premium_subsidy_part_pa"),
        head_office_rate_pa=relief,
    )
    return parts.with_columns(public_rate_pa=_sum(PUBLIC_PARTS))


def _with_return(loans: Frame, terms: Mapping[str, Any]) -> Frame:
    """Return on capital at the offered rate, or at the break-even rate."""
    rate = nw.col("offered_rate_pa") if "offered_rate_pa" in loans.columns else nw.col("rate_pa")
    tax = nw.col("tax_share") if "tax_share" in loans.columns else nw.lit(0.0)
    spent = (
        "funding_rate_pa",
        "relending_rate_part_pa",
        "relief_rate_part_pa",
        "cost_rate_pa",
        "fee_rate_pa",
        "warrant_rate_pa",
    )
    paying = 1.0 / (1.0 + nw.col("cover_lost_ratio"))
    lost = nw.col("bank_loss_share") * nw.col("default_ratio")
    held = (nw.col("risk_weight_ratio") - nw.col("weight_off_ratio")) * terms["capital_ratio"]
    earned = (rate * (1.0 - tax) - lost) * paying - _sum(spent)
    return loans.with_columns(raroc_rate_pa=ratio(earned, held) + float(terms["funding_rate_pa"]))


def _sum(names: tuple[str, ...]) -> nw.Expr:
    total = nw.col(names[0])
    for name in names[1:]:
        total = total + nw.col(name)
    return total
