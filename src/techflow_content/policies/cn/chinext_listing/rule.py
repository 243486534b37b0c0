"""ChiNext listing standards (创业板上市标准): one of three sets of market value and figures.

Source: ChiNext Listing Rules of the Shenzhen Stock Exchange, 2.1.2, as of 2020 and as raised on 30
April 2024. The wording of the rules was not read here: every number is unverified. The conditions
on the issue itself (share capital, shares held by the public) are not judged.
"""

from datetime import date

from techflow.policy import Condition, Policy, Total, Version, all_of, any_of, unverified

CLAUSES = {1: "2.1.2（一）", 2: "2.1.2（二）", 3: "2.1.2（三）"}


def worth(number):
    """The expected market value of a standard."""
    bound = f"market_value_{number}_cny_min"
    return Condition(f"market_value_{number}", "expected_market_value_cny", ">=", bound)


def profit(*more):
    """The standard of profit: both years above zero, and their sum."""
    return all_of(
        "standard_1",
        Condition("profit_y0", "net_profit_y0_cny", ">", "net_profit_cny_over"),
        Condition("profit_y1", "net_profit_y1_cny", ">", "net_profit_cny_over"),
        Condition("profit_sum", Total("net_profit_cny", 2), ">=", "net_profit_2y_cny_min"),
        *more,
        clause=CLAUSES[1],
    )


VALUE_AND_PROFIT = all_of(
    "standard_2",
    worth(2),
    Condition("profit_last", "net_profit_y0_cny", ">", "net_profit_cny_over"),
    Condition("revenue_2", "revenue_y0_cny", ">=", "revenue_2_cny_min"),
    clause=CLAUSES[2],
)
VALUE_AND_REVENUE = all_of(
    "standard_3",
    worth(3),
    Condition("revenue_3", "revenue_y0_cny", ">=", "revenue_3_cny_min"),
    clause=CLAUSES[3],
)
LAST_YEAR = Condition("profit_last_year", "net_profit_y0_cny", ">=", "net_profit_1y_cny_min")


def listable(*more):
    """One standard is enough."""
    return any_of("listable", profit(*more), VALUE_AND_PROFIT, VALUE_AND_REVENUE, clause="2.1.2")


RULES = "深圳证券交易所创业板股票上市规则"

POLICY = Policy(
    id="cn.chinext_listing",
    zh="创业板上市标准",
    en="ChiNext listing standards",
    issuer="深圳证券交易所",
    versions=(
        Version(date(2020, 6, 12), f"{RULES}（2020年修订）", listable(), mark=unverified("0.9")),
        Version(
            date(2024, 4, 30), f"{RULES}（2024年修订）", listable(LAST_YEAR), mark=unverified("0.9")
        ),
    ),
)
