"""Beijing Stock Exchange listing standards (北京证券交易所上市标准): one of four sets, and a base.

Source: Listing Rules of the Beijing Stock Exchange, 2.1.2 and 2.1.3, in force since 15 November
2021. The wording of the rules was not read here: every number is unverified. The conditions on the
issue itself (shares sold, number of holders, shares held by the public) are not judged.
"""

from datetime import date

from techflow.policy import (
    Condition,
    Growth,
    Mean,
    Policy,
    Share,
    Total,
    Version,
    all_of,
    any_of,
    unverified,
)


def worth(number):
    """The expected market value of a standard."""
    bound = f"market_value_{number}_cny_min"
    return Condition(f"market_value_{number}", "expected_market_value_cny", ">=", bound)


PROFIT = any_of(
    "profit",
    all_of(
        "profit_two_years",
        Condition("profit_y0", "net_profit_y0_cny", ">=", "net_profit_each_cny_min"),
        Condition("profit_y1", "net_profit_y1_cny", ">=", "net_profit_each_cny_min"),
        Condition("roe_mean", Mean("weighted_roe_share", 2), ">=", "roe_share_min"),
    ),
    all_of(
        "profit_last_year",
        Condition("profit_last", "net_profit_y0_cny", ">=", "net_profit_1y_cny_min"),
        Condition("roe_last", "weighted_roe_y0_share", ">=", "roe_share_min"),
    ),
    clause="2.1.3（一）",
)
STANDARDS = (
    all_of("standard_1", worth(1), PROFIT, clause="2.1.3（一）"),
    all_of(
        "standard_2",
        worth(2),
        Condition("revenue_mean", Mean("revenue_cny", 2), ">=", "revenue_mean_cny_min"),
        Condition("revenue_growth", Growth("revenue_cny", 2), ">=", "revenue_growth_min"),
        Condition("cash_flow", "operating_cash_flow_y0_cny", ">", "cash_flow_cny_over"),
        clause="2.1.3（二）",
    ),
    all_of(
        "standard_3",
        worth(3),
        Condition("revenue_3", "revenue_y0_cny", ">=", "revenue_3_cny_min"),
        Condition(
            "rnd_share", Share(Total("rnd_cny", 2), Total("revenue_cny", 2)), ">=", "rnd_share_min"
        ),
        clause="2.1.3（三）",
    ),
    all_of(
        "standard_4",
        worth(4),
        Condition("rnd_sum", Total("rnd_cny", 2), ">=", "rnd_2y_cny_min"),
        clause="2.1.3（四）",
    ),
)
MET = all_of(
    "listable",
    Condition(
        "innovation_layer", "innovation_layer_months_n", ">=", "innovation_layer_months_n_min"
    ),
    Condition("net_assets", "net_assets_y0_cny", ">=", "net_assets_cny_min"),
    any_of("standard", *STANDARDS, clause="2.1.3"),
    clause="2.1.2",
)

POLICY = Policy(
    id="cn.bse_listing",
    zh="北京证券交易所上市标准",
    en="Beijing Stock Exchange listing standards",
    issuer="北京证券交易所",
    versions=(
        Version(date(2021, 11, 15), "北京证券交易所股票上市规则", MET, mark=unverified("0.95")),
    ),
)
