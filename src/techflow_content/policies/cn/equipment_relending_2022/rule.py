"""Special relending for equipment renewal of 2022 (设备更新改造专项再贷款), with a discount.

Source: 中国人民银行, 2022-09-28; expired at the end of 2023.
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
    holds,
    unverified,
)

SURE = unverified("0.9")
LOAN = "equipment_loan_cny"

POLICY = Policy(
    id="cn.equipment_relending_2022",
    zh="设备更新改造专项再贷款（2022年）",
    en="Special relending for equipment renewal, 2022",
    issuer="中国人民银行",
    versions=(
        Version(
            since=date(2022, 9, 28),
            until=date(2024, 1, 1),
            document="中国人民银行 设备更新改造专项再贷款（2022-09-28）",
            mark=SURE,
            test=all_of(
                "eligible",
                holds("equipment_field_2022", "10个领域", mark=SURE),
                Condition("cheap_enough", "lending_rate_pa", "<=", "lending_rate_pa_max"),
            ),
            outcomes=(
                Amount(
                    "relending_cny",
                    "可申请的再贷款金额",
                    "Relending the bank may apply for",
                    LOAN,
                    Fixed("share", "principal_share"),
                ),
                Amount(
                    "discount_pa_cny",
                    "每年财政贴息金额",
                    "Fiscal discount a year in yuan",
                    LOAN,
                    Fixed("discount", "discount_rate_pa"),
                ),
                Value(
                    "relending_rate_pa",
                    "再贷款年利率",
                    "Relending rate a year",
                    Fixed("rate", "rate_pa"),
                ),
                Value("quota_cny", "再贷款额度", "Quota of the tool", Fixed("quota", "quota_cny")),
                Value(
                    "term_months",
                    "再贷款期限（月）",
                    "Term in months",
                    Fixed("term", "term_months"),
                ),
                Value("rollovers_n", "可展期次数", "Rollovers", Fixed("rollovers", "rollovers_n")),
            ),
        ),
    ),
)
