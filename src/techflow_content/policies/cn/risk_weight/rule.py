"""Standardised risk weight of a loan to a firm or a person (信用风险权重法).

Source: 《商业银行资本管理办法》, 国家金融监督管理总局令2023年第4号; the articles were not read. The
answer says whether the firm counts as qualified small and micro.
"""

from datetime import date

from techflow.policy import (
    Case,
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
SMALL_MICRO = all_of(
    "small_micro",
    holds("small_or_micro", "小微企业风险暴露", mark=SURE),
    Condition("small_exposure", "customer_exposure_cny", "<=", "small_exposure_cny_max"),
    Condition("spread", "customer_exposure_share", "<=", "small_exposure_share_max"),
)
CORPORATE = Case(
    "corporate",
    SMALL_MICRO,
    Fixed("small_weight", "small_weight"),
    Case(
        "larger",
        holds("investment_grade", "投资级公司", mark=SURE),
        Fixed("investment_grade_weight", "investment_grade_weight"),
        Case(
            "by_size",
            Condition("sme", "revenue_y0_cny", "<=", "sme_revenue_cny_max"),
            Fixed("sme_weight", "sme_weight"),
            Fixed("corporate_weight", "corporate_weight"),
        ),
    ),
)
PERSON = Case(
    "person",
    holds("transactor", "合格交易者", mark=SURE),
    Fixed("transactor_weight", "transactor_weight"),
    Fixed("person_weight", "person_weight"),
)
DEFAULTED = Case(
    "defaulted",
    holds("default_lower_weight", "违约风险暴露", mark=SURE),
    Fixed("default_low", "default_low_weight"),
    Fixed("default_high", "default_high_weight"),
)
WEIGHT = Case(
    "weight",
    holds("exposure_defaulted", "违约风险暴露", mark=SURE),
    DEFAULTED,
    Case("debtor", holds("debtor_is_person", "个人风险暴露", mark=SURE), PERSON, CORPORATE),
)

POLICY = Policy(
    id="cn.risk_weight",
    zh="信用风险权重（是否为合格小微企业）",
    en="Standardised risk weight: qualified small or micro",
    issuer="国家金融监督管理总局",
    versions=(
        Version(
            since=date(2024, 1, 1),
            document="国家金融监督管理总局令2023年第4号",
            test=SMALL_MICRO,
            outcomes=(Value("risk_weight_share", "风险权重", "Risk weight", WEIGHT),),
        ),
    ),
)
