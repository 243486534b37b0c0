"""Anhui compensation pool for loans to technology firms (安徽省科技企业贷款风险补偿资金池).

Source: the rules of 2022; neither their number nor their day is known, so they are taken from the
first day of that year. A direct loan is compensated to the bank, a guaranteed one to the
guarantor. Compensation from all levels of government together has a ceiling.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Case,
    Condition,
    Fixed,
    Flag,
    Given,
    Listed,
    Policy,
    Share,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    total_points,
    unverified,
)

RATE = total_points(
    "rate",
    Case(
        "rate_by_mode",
        Flag("guaranteed_loan", "guaranteed_loan", "担保贷款"),
        Fixed("rate_guaranteed", "guaranteed_rate"),
        Fixed("rate_direct", "direct_rate"),
    ),
    Given(
        "rate_bonus",
        any_of(
            "bonus",
            holds("first_loan", "首贷"),
            Listed("bonus_security", "loan_security", "bonus_securities"),
        ),
        "bonus_rate",
    ),
)

POLICY = Policy(
    id="cn.anhui_pool",
    zh="安徽省科技企业贷款风险补偿资金池",
    en="Anhui compensation pool for loans to technology firms",
    issuer="安徽省",
    versions=(
        Version(
            since=date(2022, 1, 1),  # in 2022; the day is not known
            document="安徽省科技企业贷款风险补偿资金池（2022年，文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "payable",
                holds("filed_in_pool", "入池备案"),
                holds("loan_npl", "补偿不良贷款本金"),
                Condition(
                    "all_levels",
                    Share("compensation_all_levels_cny", "actual_liability_cny"),
                    "<=",
                    "all_levels_share_max",
                ),
            ),
            outcomes=(
                Value("compensation_share", "补偿比例", "Compensation rate", RATE),
                Amount(
                    "compensation_cny", "风险补偿金额", "Compensation", "npl_principal_cny", RATE
                ),
                Amount(
                    "all_levels_most_cny",
                    "各级补偿合计上限金额",
                    "Most compensation from all levels",
                    "actual_liability_cny",
                    Fixed("all_levels_most", "all_levels_share_max"),
                ),
            ),
        ),
    ),
)
