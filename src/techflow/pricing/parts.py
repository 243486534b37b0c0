"""The parts of a loan's rate: closed form, columns, one implementation for every tool."""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.pricing.capital import standard_weight, weight_taken_off
from techflow.pricing.layers import LAYERS, split_loss

CHARGES = (
    "funding_rate_pa",
    "relending_rate_part_pa",
    "relief_rate_part_pa",
    "cost_rate_pa",
    "capital_rate_pa",
    "transfer_rate_pa",
    "fee_rate_pa",
    "warrant_rate_pa",
    "profit_rate_pa",
)
"""What a loan costs its lender each year whether or not it defaults; negative parts help."""
LOSSES = (
    "loss_rate_pa",
    "guarantee_rate_pa",
    "pool_rate_pa",
    "crmw_rate_pa",
    "insurance_rate_pa",
    "lost_cover_rate_pa",
)
"""What default costs: the whole loss, what each layer pays of it, and costs no longer earned."""
PARTS = (*CHARGES, *LOSSES, "tax_rate_pa")
"""Parts of a rate; they add up to it."""
TIME = ("default_ratio", "cover_lost_ratio", "upfront_ratio", "relending_time_share")
"""Columns of `loan_years` the parts use; without them a loan is one year, repaid at its end."""


def _or(loans: Frame, name: str, otherwise: nw.Expr) -> nw.Expr:
    return nw.col(name) if name in loans.columns else otherwise


def with_time(loans: Frame, *, funding: float) -> Frame:
    """Add the ratios of `TIME` a frame lacks: those of one year with repayment at its end."""
    pd = nw.col("pd")
    one_year = {
        "default_ratio": pd / (1.0 - pd),
        "cover_lost_ratio": pd / (1.0 - pd),
        "upfront_ratio": nw.lit(1.0 + funding),
        "relending_time_share": nw.lit(1.0),
        "discount_time_share": nw.lit(1.0),
    }
    return loans.with_columns(**{name: _or(loans, name, one_year[name]) for name in one_year})


def with_weight(loans: Frame, *, terms: Mapping[str, Any], tools: tuple[str, ...]) -> Frame:
    """Add `risk_weight_ratio`, and `weight_off_ratio`: what guarantee and CRMW take off it."""
    own = loans.with_columns(risk_weight_ratio=_own_weight(loans, terms))
    covers = tuple(
        (nw.col(f"{name}_share"), nw.col(f"{name}_weight_ratio"))
        for name in ("guarantee", "crmw")
        if name in tools
    )
    return own.with_columns(weight_off_ratio=weight_taken_off(nw.col("risk_weight_ratio"), covers))


def _own_weight(loans: Frame, terms: Mapping[str, Any]) -> nw.Expr:
    if "irb_weight_ratio" in loans.columns:
        return nw.col("irb_weight_ratio")
    return standard_weight(terms)


def with_charges(loans: Frame, *, terms: Mapping[str, Any], tools: tuple[str, ...]) -> Frame:
    """Add the columns of `CHARGES`."""
    funding = float(terms["funding_rate_pa"])
    margin = float(terms["capital_ratio"]) * (float(terms["hurdle_rate_pa"]) - funding)
    zero = nw.lit(0.0)

    def used(tool: str, part: nw.Expr) -> nw.Expr:
        return part if tool in tools else zero

    cheaper = funding - nw.col("relending_rate_pa")
    saved = nw.when(cheaper > 0.0).then(cheaper).otherwise(zero)  # a bank draws it only if cheaper
    relent = nw.col("relending_share") * saved * nw.col("relending_time_share")
    kept = 1.0 - nw.col("guarantee_share") if "guarantee" in tools else nw.lit(1.0)
    counted = nw.col("warrant_value_share") * float(terms.get("warrant_credit_share", 1.0))
    premium = kept * nw.col("crmw_share") * nw.col("crmw_spread_rate_pa")
    return loans.with_columns(
        funding_rate_pa=nw.lit(funding),
        relending_rate_part_pa=used("relending", 0.0 - relent),
        relief_rate_part_pa=used("relief", 0.0 - nw.col("relief_rate_pa")),
        cost_rate_pa=nw.lit(float(terms["cost_rate_pa"])),
        capital_rate_pa=nw.col("risk_weight_ratio") * margin,
        transfer_rate_pa=0.0 - nw.col("weight_off_ratio") * margin,
        fee_rate_pa=used("crmw", premium),
        warrant_rate_pa=used("warrant", 0.0 - counted * nw.col("upfront_ratio")),
        profit_rate_pa=nw.lit(float(terms.get("profit_rate_pa", 0.0))),
    )


def with_losses(loans: Frame) -> Frame:
    """Add the columns of `LOSSES`, from the shares of the loss and the charges."""
    charged = reduce(add, (nw.col(name) for name in CHARGES))
    ratio = nw.col("default_ratio")
    paid = {f"{who}_rate_pa": 0.0 - nw.col(f"{who}_loss_share") * ratio for who in LAYERS}
    return loans.with_columns(
        loss_rate_pa=nw.col("lgd") * ratio,
        lost_cover_rate_pa=charged * nw.col("cover_lost_ratio"),
        **paid,
    )


def decompose_rate(loans: Frame, *, terms: Mapping[str, Any], tools: tuple[str, ...]) -> Frame:
    """Add the parts of the break-even rate and the rate: what every price here is made of.

    A loan lives through years `t` with balance `b`, alive at their start with probability `s`,
    discounted by `d` at the funding rate; `w = s d b`. Interest is earned on
    `A = sum w (1 - p)`, charges `x` are due on `W = sum w`, a default costs the lender's share
    `l` of the balance, on `P = sum w p`. The lender breaks even where
    `r (1 - tax) A = l P + X W`, so

        r = (l P/A + X + X (W - A)/A) / (1 - tax)

    is a sum of visible parts: the loss `lgd P/A` less what each layer pays of it, the charges
    `X`, and the cover lost in default, `X (W - A)/A`. For one year `P/A = (W - A)/A =
    pd / (1 - pd)`. With equal `p` and `x` every year the rate does not depend on the term.

    Args:
        loans: `pd`, `lgd`, `limit_lcy`, `sales_lcy`, `currency`, the columns of the tools and,
            for loans not of one year, those of `loan_years`; `irb_weight_ratio` stands for the
            standardised weight; `tax_share` is the part of interest due as tax.
        terms: Values of the loan product: see `price_loans`.
        tools: Tools used, from `check_tools`.

    Returns:
        The same rows plus `PARTS`, `rate_pa`, `risk_weight_ratio`, `weight_off_ratio`, the
        shares of the loss and the ratios of time.

    Source:
        Present value of cash flows, as above.
    """
    timed = with_time(loans, funding=float(terms["funding_rate_pa"]))
    weighed = with_weight(timed, terms=terms, tools=tools)
    layered = split_loss(weighed, layers=tuple(name for name in LAYERS if name in tools))
    parted = with_losses(with_charges(layered, terms=terms, tools=tools))
    before_tax = reduce(add, (nw.col(name) for name in (*CHARGES, *LOSSES)))
    tax = _or(loans, "tax_share", nw.lit(0.0))
    taxed = parted.with_columns(tax_rate_pa=before_tax * tax / (1.0 - tax))
    return taxed.with_columns(rate_pa=before_tax + nw.col("tax_rate_pa"))
