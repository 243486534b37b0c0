"""STAR Market listing standards (科创板上市标准): one of five sets of market value and figures.

Source: STAR Market Listing Rules of the Shanghai Stock Exchange, 2.1.2. From July 2025 the fifth
standard names more fields and a growth tier exists; its conditions are the same.
"""

from datetime import date

from techflow.policy import (
    Case,
    Choose,
    Condition,
    Fixed,
    Given,
    Policy,
    Share,
    Total,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

REVENUE = "revenue_y0_cny"
CLAUSE = "2.1.2（五）"


def worth(number):
    """The expected market value of a standard."""
    bound = f"market_value_{number}_cny_min"
    return Condition(f"market_value_{number}", "expected_market_value_cny", ">=", bound)


PROFIT = any_of(
    "profit",
    all_of(
        "profit_two_years",
        Condition("profit_y0", "net_profit_y0_cny", ">", "net_profit_cny_over"),
        Condition("profit_y1", "net_profit_y1_cny", ">", "net_profit_cny_over"),
        Condition("profit_sum", Total("net_profit_cny", 2), ">=", "net_profit_2y_cny_min"),
    ),
    all_of(
        "profit_and_revenue",
        Condition("profit_last", "net_profit_y0_cny", ">", "net_profit_cny_over"),
        Condition("revenue_1", REVENUE, ">=", "revenue_1_cny_min"),
    ),
    clause="2.1.2（一）",
)
RND_SHARE = Share(Total("rnd_cny", 3), Total("revenue_cny", 3))
STAGED = Choose(
    "staged",
    holds("pharma_firm", CLAUSE),
    holds("phase_two_approved", CLAUSE),
    holds("staged_results", CLAUSE),
    clause=CLAUSE,
)
STANDARDS = (
    all_of("standard_1", worth(1), PROFIT, clause="2.1.2（一）"),
    all_of(
        "standard_2",
        worth(2),
        Condition("revenue_2", REVENUE, ">=", "revenue_2_cny_min"),
        Condition("rnd_share", RND_SHARE, ">=", "rnd_share_min"),
        clause="2.1.2（二）",
    ),
    all_of(
        "standard_3",
        worth(3),
        Condition("revenue_3", REVENUE, ">=", "revenue_3_cny_min"),
        Condition("cash_flow", Total("operating_cash_flow_cny", 3), ">=", "cash_flow_cny_min"),
        clause="2.1.2（三）",
    ),
    all_of(
        "standard_4",
        worth(4),
        Condition("revenue_4", REVENUE, ">=", "revenue_4_cny_min"),
        clause="2.1.2（四）",
    ),
    all_of(
        "standard_5",
        worth(5),
        holds("state_approved_product", CLAUSE),
        holds("large_market", CLAUSE),
        STAGED,
        clause=CLAUSE,
    ),
)
FIRST = Fixed("none", "rank_none")
for rank, met in reversed(list(enumerate(STANDARDS, 1))):
    FIRST = Case(f"first_from_{rank}", met, Fixed(f"rank_{rank}", f"rank_{rank}"), FIRST)

MET = any_of("listable", *STANDARDS, clause="2.1.2")
STANDARD = Value(
    "standard",
    "满足的上市标准（序号最小者）",
    "Listing standard met (the first)",
    FIRST,
    (
        ("0", "none"),
        ("1", "standard_1"),
        ("2", "standard_2"),
        ("3", "standard_3"),
        ("4", "standard_4"),
        ("5", "standard_5"),
    ),
)
NAMED_FIELD = Value(
    "standard_5_field",
    "是否属于第五套标准新增明示的领域",
    "Whether the field is among those newly named for the fifth standard",
    Given(
        "named_field",
        holds("standard_5_new_field", "第五套上市标准适用范围", mark=unverified("0.85")),
        "rank_named",
    ),
    (("1", "newly_named"), ("0", "other")),
)
RULES = "上海证券交易所科创板股票上市规则"
GROWTH_TIER = "中国证监会《关于在科创板设置科创成长层 增强制度包容性适应性的意见》"

POLICY = Policy(
    id="cn.star_listing",
    zh="科创板上市标准",
    en="STAR Market listing standards",
    issuer="上海证券交易所",
    versions=(
        Version(
            since=date(2020, 3, 20),  # the day these standards are first named; they are older
            document=RULES,
            mark=unverified("0.5"),
            test=MET,
            outcomes=(STANDARD,),
        ),
        Version(
            since=date(2025, 7, 13),
            document=f"{RULES}；{GROWTH_TIER}",
            mark=unverified("0.85"),
            test=MET,
            outcomes=(STANDARD, NAMED_FIELD),
        ),
    ),
)
