"""Fiscal interest discount on loans for equipment renewal (设备更新贷款财政贴息).

Source: 财政部等 2024-06; 财政部 2025-01 (until the relending quota is used up); 2026-01-20
《关于优化实施设备更新贷款财政贴息政策的通知》. Paid for two years at most.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
    unverified,
)

PROJECT = holds("on_renewal_project_list", "备选项目清单")
REFINANCED = holds("supported_by_relending", "获得再贷款支持")
DRAWN = holds("drawn_since_2024_03_07", "2024年3月7日后发放")
NOT_OVER = Condition("within_two_years", "discounted_months", "<", "discount_months_max")
RATE = Fixed("discount", "discount_rate_pa")
OUTCOMES = (
    Value("discount_rate_pa", "贴息比例（每年）", "Discount a year", RATE),
    Value(
        "discount_months_max",
        "贴息期限上限（月）",
        "Longest discount in months",
        Fixed("months", "discount_months_max"),
    ),
    Amount(
        "discount_pa_cny",
        "每年贴息金额",
        "Discount a year in yuan",
        "discount_principal_cny",
        RATE,
    ),
)
FIRST = (PROJECT, REFINANCED, DRAWN, NOT_OVER)
LOAN_2026 = any_of(
    "loan",
    all_of("project_loan", PROJECT, holds("fixed_asset_loan", "固定资产贷款")),
    all_of(
        "tech_loan",
        holds("tech_innovation_loan", "科技创新类贷款"),
        holds("new_since_2026", "2026年起新发放"),
        REFINANCED,
    ),
)

POLICY = Policy(
    id="cn.fiscal_discount",
    zh="设备更新贷款财政贴息",
    en="Fiscal discount on equipment-renewal loans",
    issuer="财政部 国家发展改革委 中国人民银行 金融监管总局",
    versions=(
        Version(
            since=date(2024, 6, 1),  # in June 2024; the day is not known
            document="财政部等 设备更新贷款财政贴息通知（2024年6月）",
            mark=unverified("0.95"),
            test=all_of("eligible", *FIRST),
            outcomes=OUTCOMES,
        ),
        Version(
            since=date(2025, 1, 1),  # in January 2025; the day is not known
            document="财政部 设备更新贷款财政贴息延期通知（2025年1月）",
            mark=unverified("0.95"),
            test=all_of(
                "eligible", *FIRST, free_of("relending_quota_used_up", "至再贷款额度用完为止")
            ),
            outcomes=OUTCOMES,
        ),
        Version(
            since=date(2026, 1, 20),
            until=date(2027, 1, 1),
            document="《关于优化实施设备更新贷款财政贴息政策的通知》（2026-01-20）",
            test=all_of("eligible", LOAN_2026, NOT_OVER),
            outcomes=OUTCOMES,
        ),
    ),
)
