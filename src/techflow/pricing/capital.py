"""Standardised risk weight of a loan, and what a protector's lower weight takes off."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw


def standard_weight(terms: Mapping[str, Any]) -> nw.Expr:
    """Weight of a borrower: small and micro, else SME, else general corporate.

    Args:
        terms: `small_weight_ratio`, `sme_weight_ratio`, `corporate_weight_ratio` and the bounds
            `small_exposure_cny_max`, `small_sales_cny_max`, `sme_sales_cny_max`.

    Returns:
        Weight from `limit_lcy` (taken as exposure), `sales_lcy` and `currency`. Bounds hold in
        yuan only: another currency, or unknown sales, takes the general corporate weight.

    Source:
        商业银行资本管理办法 (NFRA Order 2023 No. 4), standardised approach, unverified.
    """
    in_yuan = nw.col("currency") == "CNY"
    sales = nw.col("sales_lcy")
    small_exposure = nw.col("limit_lcy") <= terms["small_exposure_cny_max"]
    small = in_yuan & (sales <= terms["small_sales_cny_max"]) & small_exposure
    sme = in_yuan & (sales <= terms["sme_sales_cny_max"])
    other = nw.lit(float(terms["corporate_weight_ratio"]))
    sme_or_other = nw.when(sme).then(nw.lit(float(terms["sme_weight_ratio"]))).otherwise(other)
    return nw.when(small).then(nw.lit(float(terms["small_weight_ratio"]))).otherwise(sme_or_other)


def weight_taken_off(own: nw.Expr, covers: tuple[tuple[nw.Expr, nw.Expr], ...]) -> nw.Expr:
    """What substitution takes off the weight: the covered part has the protector's, if lower.

    A bank need not use a protection that costs capital, so nothing is ever added.

    Args:
        own: Weight of the borrower.
        covers: For each protection in order: share it covers of what those before left, and the
            weight of who gives it.

    Returns:
        Weight taken off, 0 or more.

    Source:
        Basel Framework CRE22 (guarantees and credit derivatives, substitution approach).
    """
    uncovered, off = nw.lit(1.0), nw.lit(0.0)
    for share, weight in covers:
        lower = nw.when(weight < own).then(own - weight).otherwise(nw.lit(0.0))
        off = off + uncovered * share * lower
        uncovered = uncovered * (1.0 - share)
    return off
