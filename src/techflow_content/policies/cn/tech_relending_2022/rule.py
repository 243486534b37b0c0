"""Technology-innovation relending of 2022 (科技创新再贷款), expired at the end of 2023.

Source: 中国人民银行, 2022-04-28. Its successor is cn.tech_relending.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Fixed,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

TEST = all_of(
    "eligible",
    holds("relending_bank", "21家金融机构"),
    any_of(
        "supported_firm",
        holds("hnte_certificate", "支持范围"),
        holds("specialised_sme", "支持范围"),
        holds("innovation_demonstration_firm", "支持范围"),
        holds("manufacturing_champion", "支持范围"),
        clause="支持范围",
    ),
)
OUTCOMES = (
    Amount(
        "relending_cny",
        "可申请的再贷款金额",
        "Relending the bank may apply for",
        "relending_loan_cny",
        Fixed("share", "principal_share"),
    ),
    Value("relending_rate_pa", "再贷款年利率", "Relending rate a year", Fixed("rate", "rate_pa")),
    Value("quota_cny", "再贷款额度", "Quota of the tool", Fixed("quota", "quota_cny")),
    Value("term_months", "再贷款期限（月）", "Term in months", Fixed("term", "term_months")),
    Value("rollovers_n", "可展期次数", "Rollovers", Fixed("rollovers", "rollovers_n")),
)

POLICY = Policy(
    id="cn.tech_relending_2022",
    zh="科技创新再贷款（2022—2023年）",
    en="Technology-innovation relending, 2022 to 2023",
    issuer="中国人民银行",
    versions=(
        Version(
            since=date(2022, 4, 28),
            document="中国人民银行 科技创新再贷款（2022-04-28）",
            test=TEST,
            outcomes=OUTCOMES,
        ),
        Version(
            since=date(2022, 11, 1),  # in November 2022 or in 2023; the day is not known
            until=date(2024, 1, 1),
            document="中国人民银行 科技创新再贷款（增加额度）",
            mark=unverified("0.85"),
            test=TEST,
            outcomes=OUTCOMES,
        ),
    ),
)
