"""Insurers' ceiling on equity assets and on one venture fund (保险资金权益类资产监管比例).

Source: 金规〔2025〕12号.
"""

from datetime import date

from techflow.policy import (
    Condition,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    any_of,
    free_of,
)

CEILING = Steps("ceiling", "solvency_share", "equity_ceiling_share")
HELD = Share("insurer_equity_cny", "insurer_assets_cny")
FUND = Share("venture_fund_holding_cny", "venture_fund_paid_in_cny")

POLICY = Policy(
    id="cn.insurance_equity",
    zh="保险资金权益类资产比例上限",
    en="Insurance funds: ceiling on equity assets",
    issuer="国家金融监督管理总局",
    versions=(
        Version(
            since=date(2025, 4, 8),
            document="金规〔2025〕12号",
            test=all_of(
                "within",
                Condition("equity_assets", HELD, "<=", CEILING),
                any_of(
                    "venture_fund",
                    free_of("holds_venture_fund", "创业投资基金"),
                    Condition("one_fund", FUND, "<=", "venture_fund_share_max"),
                ),
            ),
            outcomes=(
                Value(
                    "equity_ceiling_share",
                    "权益类资产账面余额占上季末总资产比例上限",
                    "Most equity assets as a share of total assets",
                    CEILING,
                ),
            ),
        ),
    ),
)
