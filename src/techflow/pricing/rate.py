"""The rate at which a one-year loan neither earns nor loses: its parts, visible."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.pricing.parts import decompose_rate

RATE_INPUTS = ("pd", "limit_lcy", "sales_lcy", "currency")
OUTPUTS = (
    "risk_weight_ratio",
    "el_rate_pa",
    "funding_rate_pa",
    "cost_rate_pa",
    "capital_rate_pa",
    "rate_pa",
)
LOSS = nw.col("loss_rate_pa") + nw.col("lost_cover_rate_pa")
NOTHING_MORE = {"profit_rate_pa": 0.0}
"""A break-even rate holds no margin above the hurdle."""


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
    usable = (nw.col("pd") > 0.0) & (nw.col("pd") < 1.0)
    outputs = {name: nw.col(name) for name in OUTPUTS} | {"el_rate_pa": LOSS}
    named = firms.with_columns(lgd=nw.lit(float(terms["lgd"])))
    parted = decompose_rate(named, terms={**terms, **NOTHING_MORE}, tools=())
    shown = parted.with_columns(
        **{name: nw.when(usable).then(value) for name, value in outputs.items()}
    )
    return shown.select(*firms.columns, *outputs)
