"""The rate at which a one-year loan neither earns nor loses: its parts, visible."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

RATE_INPUTS = ("pd", "limit_lcy", "sales_lcy", "currency")


def _risk_weight(terms: Mapping[str, Any]) -> nw.Expr:
    """Standardised weight: small and micro, else SME, else general; bounds hold in yuan only."""
    in_yuan = nw.col("currency") == "CNY"
    sales = nw.col("sales_lcy")
    small_exposure = nw.col("limit_lcy") <= terms["small_exposure_cny_max"]
    small = in_yuan & (sales <= terms["small_sales_cny_max"]) & small_exposure
    sme = in_yuan & (sales <= terms["sme_sales_cny_max"])
    other = nw.lit(float(terms["corporate_weight_ratio"]))
    sme_or_other = nw.when(sme).then(nw.lit(float(terms["sme_weight_ratio"]))).otherwise(other)
    return nw.when(small).then(nw.lit(float(terms["small_weight_ratio"]))).otherwise(sme_or_other)


def break_even(firms: Frame, *, terms: Mapping[str, Any]) -> Frame:
    """Break-even rate of a one-year bullet loan, with the parts that add up to it.

    A loan of 1 is repaid with interest `r` after a year with probability `1 - pd`; in default
    `1 - lgd` comes back and no interest. The lender breaks even where income equals what the
    loan costs, `(1 - pd)(1 + r) + pd (1 - lgd) = 1 + f + c + k`, that is

        r = (pd lgd + f + c + k) / (1 - pd),

    with funding `f`, operating cost `c` and capital cost `k = weight x capital ratio x
    (hurdle - f)`: the part of the loan held as capital earns the hurdle rate before tax
    instead of costing `f`. The loss part is everything that default causes, lost principal and
    the lost cover of `f + c + k`: `el = pd (lgd + f + c + k) / (1 - pd)`, so
    `r = el + f + c + k`.

    Args:
        firms: One row per firm with `pd` (fraction in (0, 1)), `limit_lcy` (taken as exposure),
            `sales_lcy` and `currency`. The weight for small firms and SMEs needs amounts in
            yuan; any other currency, or unknown sales, takes the general corporate weight.
        terms: `lgd`, `funding_rate_pa`, `cost_rate_pa`, `hurdle_rate_pa`, `capital_ratio`,
            `small_weight_ratio`, `sme_weight_ratio`, `corporate_weight_ratio`,
            `small_exposure_cny_max`, `small_sales_cny_max`, `sme_sales_cny_max`.

    Returns:
        The same rows plus `risk_weight_ratio`, `el_rate_pa`, `funding_rate_pa`,
        `cost_rate_pa`, `capital_rate_pa` and their sum `rate_pa`; null where `pd` is null or
        not in (0, 1).

    Source:
        One-period valuation as above. Weights: 商业银行资本管理办法 (NFRA Order 2023 No. 4),
        unverified; LGD: Basel Framework CRE32 foundation IRB, senior unsecured corporate.

    Examples:
        >>> row = {"pd": [0.02], "limit_lcy": [1e6], "sales_lcy": [1e8], "currency": ["CNY"]}
        >>> terms = {"lgd": 0.4, "funding_rate_pa": 0.02, "cost_rate_pa": 0.01,
        ...          "hurdle_rate_pa": 0.12, "capital_ratio": 0.1, "small_weight_ratio": 0.75,
        ...          "sme_weight_ratio": 0.85, "corporate_weight_ratio": 1.0,
        ...          "small_exposure_cny_max": 1e7, "small_sales_cny_max": 2e7,
        ...          "sme_sales_cny_max": 3e8}
        >>> priced = break_even(nw.from_dict(row, backend="polars").lazy(), terms=terms).collect()
        >>> round(priced["rate_pa"][0], 6)  # (0.008 + 0.02 + 0.01 + 0.0085) / 0.98
        0.047449
    """
    require_columns(firms, RATE_INPUTS, needed_by="break_even")
    pd = nw.when((nw.col("pd") > 0.0) & (nw.col("pd") < 1.0)).then(nw.col("pd"))
    funding, cost = float(terms["funding_rate_pa"]), float(terms["cost_rate_pa"])
    margin = float(terms["capital_ratio"]) * (float(terms["hurdle_rate_pa"]) - funding)
    weighted = firms.with_columns(
        risk_weight_ratio=nw.when(~pd.is_null()).then(_risk_weight(terms))
    )
    capital = nw.col("risk_weight_ratio") * margin
    carried = float(terms["lgd"]) + funding + cost + capital
    parts = weighted.with_columns(
        el_rate_pa=pd * carried / (1.0 - pd),
        funding_rate_pa=nw.when(~pd.is_null()).then(nw.lit(funding)),
        cost_rate_pa=nw.when(~pd.is_null()).then(nw.lit(cost)),
        capital_rate_pa=capital,
    )
    return parts.with_columns(
        rate_pa=nw.col("el_rate_pa")
        + nw.col("funding_rate_pa")
        + nw.col("cost_rate_pa")
        + nw.col("capital_rate_pa")
    )
