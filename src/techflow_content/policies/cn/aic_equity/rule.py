"""Equity pilots of asset-investment companies (金融资产投资公司股权投资试点).

Source: 国家金融监督管理总局, 2024-09-24 (18 cities) and 2025-03-05 (their provinces).
"""

from datetime import date

from techflow.policy import (
    Condition,
    Listed,
    Policy,
    Share,
    Version,
    all_of,
    any_of,
    free_of,
)

ASSETS = Share("aic_equity_cny", "aic_assets_cny")
FUND = Share("aic_fund_holding_cny", "aic_fund_size_cny")
TEST = all_of(
    "allowed",
    Listed("pilot_place", "region_code", "pilot_places", prefix=True),
    Condition("own_equity", ASSETS, "<=", "equity_share_max"),
    any_of(
        "by_fund",
        free_of("aic_through_fund", "单只私募股权投资基金"),
        Condition("one_fund", FUND, "<=", "fund_share_max"),
    ),
)

POLICY = Policy(
    id="cn.aic_equity",
    zh="金融资产投资公司股权投资试点",
    en="Equity pilot of asset-investment companies",
    issuer="国家金融监督管理总局",
    versions=(
        Version(
            since=date(2024, 9, 24),
            document="国家金融监督管理总局 扩大股权投资试点范围通知（2024-09-24）",
            test=TEST,
        ),
        Version(
            since=date(2025, 3, 5),
            document="国家金融监督管理总局 进一步扩大股权投资试点通知（2025-03-05）",
            test=TEST,
        ),
    ),
)
