"""STAR Market growth tier (科创板科创成长层): a firm that may list there and makes no profit yet.

Source: CSRC opinions of 18 June 2025 and Guideline No. 5 of the Shanghai Stock Exchange, July 2025.
That the tier exists was read; that every firm without profit enters it, and how profit is measured
(the lower of net profit with and without one-off items), was not. A firm leaves it once it meets
the first listing standard by profit.
"""

from datetime import date

from techflow.policy import AnswerOf, Condition, Policy, Version, all_of, unverified

POLICY = Policy(
    id="cn.star_growth_tier",
    zh="科创板科创成长层",
    en="STAR Market growth tier",
    issuer="中国证监会、上海证券交易所",
    versions=(
        Version(
            since=date(2025, 7, 13),
            document="中国证监会 2025-06-18 意见；上海证券交易所科创板自律监管指引第5号",
            mark=unverified("0.85"),
            test=all_of(
                "in_tier",
                AnswerOf("listable", "cn.star_listing", "科创成长层 入层条件"),
                Condition("no_profit", "net_profit_y0_cny", "<=", "net_profit_cny_max"),
                clause="科创成长层 入层条件",
            ),
        ),
    ),
)
