"""Relending for technology innovation and transformation (科技创新和技术改造再贷款), from 2024.

Source: 中国人民银行, 2024-04-07, 2025-05-07, 2026-01-15, 2026-01-19. The share of principal after
May 2025 is not published: the operator gives it as a fact, in whole percent; 60 % is not assumed.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Fixed,
    Judged,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    holds,
)

BANK = holds("relending_bank", "21家金融机构")
FIRST_LOAN = holds("on_tech_firm_list", "备选企业名单")
PROJECT = holds("on_renewal_project_list", "备选项目清单")
LISTED = any_of("listed", FIRST_LOAN, PROJECT, clause="备选企业名单、备选项目清单")
RATE = Value("relending_rate_pa", "再贷款年利率", "Relending rate a year", Fixed("rate", "rate_pa"))
TERMS = (
    RATE,
    Value("quota_cny", "再贷款额度", "Quota of the tool", Fixed("quota", "quota_cny")),
    Value("term_months", "再贷款期限（月）", "Term in months", Fixed("term", "term_months")),
    Value("rollovers_n", "可展期次数", "Rollovers", Fixed("rollovers", "rollovers_n")),
)
QUOTAS = (
    Value(
        "first_loan_quota_cny",
        "其中：科技型中小企业首贷额度",
        "Of which for first loans of technology SMEs",
        Fixed("first_loan_quota", "first_loan_quota_cny"),
    ),
    Value(
        "renewal_quota_cny",
        "其中：技术改造和设备更新额度",
        "Of which for transformation and equipment renewal",
        Fixed("renewal_quota", "renewal_quota_cny"),
    ),
)


def relending(share):
    """The amount the bank may apply for."""
    texts = ("relending_cny", "可申请的再贷款金额", "Relending the bank may apply for")
    return Amount(*texts, "relending_loan_cny", share)


PUBLISHED = relending(Fixed("share", "principal_share"))
SUPPLIED = relending(Judged("share", "relending_share", "principal_share_max"))

POLICY = Policy(
    id="cn.tech_relending",
    zh="科技创新和技术改造再贷款",
    en="Relending for technology innovation and transformation",
    issuer="中国人民银行",
    versions=(
        Version(
            since=date(2024, 4, 7),
            document="中国人民银行 科技创新和技术改造再贷款（2024-04-07）",
            test=all_of("eligible", BANK, LISTED),
            outcomes=(PUBLISHED, *TERMS, *QUOTAS),
        ),
        Version(
            since=date(2025, 5, 7),
            document="中国人民银行 科技创新和技术改造再贷款（2025-05-07）",
            test=all_of("eligible", BANK, LISTED),
            outcomes=(SUPPLIED, *TERMS),
        ),
        Version(
            since=date(2026, 1, 15),
            document="中国人民银行 科技创新和技术改造再贷款（2026-01-15）",
            test=all_of(
                "eligible",
                BANK,
                any_of("listed", FIRST_LOAN, PROJECT, holds("high_rnd_private_sme", "支持范围")),
            ),
            outcomes=(SUPPLIED, *TERMS),
        ),
    ),
)
