"""Warrants attached to loans (贷款附认股权).

Source: terms as read of practice in equity-debt linkage; no official text sets them, so the scheme
is not official. They are taken from November 2022, when the first warrant service pilot (Beijing
Equity Trading Centre) was approved. The usual share of equity is shown and decides nothing.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Listed,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    unverified,
)

SUBSCRIBED = Share("warrant_subscription_cny", "loan_cny")

POLICY = Policy(
    id="cn.loan_warrant",
    zh="贷款附认股权",
    en="Warrants attached to loans",
    issuer="市场通行条款",
    official=False,
    versions=(
        Version(
            since=date(2022, 11, 1),  # in November 2022; the day is not known
            document="贷款附认股权通行条款（文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "usual_terms",
                Condition("term_least", "warrant_term_months", ">=", "term_months_min"),
                Condition("term_most", "warrant_term_months", "<=", "term_months_max"),
                Condition("subscription_least", SUBSCRIBED, ">=", "subscription_share_min"),
                Condition("subscription_most", SUBSCRIBED, "<=", "subscription_share_max"),
                Listed("exit", "warrant_exit", "exits"),
            ),
            outcomes=(
                Value(
                    "equity_class",
                    "认股权占总股本比例与通常范围相比",
                    "Share of equity against what is usual",
                    Steps("equity", "warrant_equity_share", "equity_classes"),
                    labels=(("0", "below"), ("1", "typical"), ("2", "above")),
                ),
                Amount(
                    "subscription_least_cny",
                    "认购金额下限",
                    "Least subscription",
                    "loan_cny",
                    Fixed("subscription_floor", "subscription_share_min"),
                ),
                Amount(
                    "subscription_most_cny",
                    "认购金额上限",
                    "Most subscription",
                    "loan_cny",
                    Fixed("subscription_ceiling", "subscription_share_max"),
                ),
            ),
        ),
    ),
)
