"""National special guarantee plan for technology innovation (支持科技创新专项担保计划).

Source: 财金〔2024〕60号, in force here from its day of issue. The primary guarantor takes what the
bank, the national fund and the province leave. The rate at which the central budget compensates
the national fund, and the fund's share by class, are not public: neither is here. The average
guarantee fee below 1 % is a goal to be reached step by step, so it is shown and decides nothing.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Plus,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    free_of,
    holds,
)

SYSTEM = ("guarantor_share", "ngf_share", "reguarantor_share")  # who has the rest comes first
FEE = Steps("reguarantee_fee", "guarantee_cny", "reguarantee_fee_max")

POLICY = Policy(
    id="cn.special_guarantee_plan",
    zh="支持科技创新专项担保计划",
    en="Special guarantee plan for technology innovation",
    issuer="财政部 科技部 工业和信息化部 金融监管总局",
    versions=(
        Version(
            since=date(2024, 7, 24),
            document="财金〔2024〕60号",
            test=all_of(
                "eligible",
                holds("on_tech_innovation_sme_list", "支持对象"),
                Condition("bank_share", "bank_share", ">=", "bank_share_min"),
                Condition("guarantee_system", Plus(SYSTEM), "<=", "guarantee_share_max"),
                Condition("ngf_share", "ngf_share", "<=", "ngf_share_max"),
                Condition("province", "reguarantor_share", ">=", "reguarantor_share_min"),
                Condition("shares_add_up", Plus((*SYSTEM, "bank_share")), "==", "shares_total"),
                Condition("reguarantee_fee_low", "reguarantee_fee_rate", "<=", FEE),
                free_of("extra_guarantee_charges", "不得收取保证金、承诺费、咨询费等不合理费用"),
                Condition("borrower_total", "plan_outstanding_cny", "<=", "borrower_cny_max"),
                Condition(
                    "claims_rate",
                    Share("plan_claims_cny", "plan_guaranteed_cny"),
                    "<=",
                    "claims_rate_max",
                ),
            ),
            outcomes=(
                Value("reguarantee_fee_max_share", "再担保费率上限", "Most re-guarantee fee", FEE),
                Value(
                    "guarantee_fee_class",
                    "平均担保费率是否低于目标",
                    "Average guarantee fee against its goal",
                    Steps("guarantee_fee", "guarantee_fee_rate_pa", "guarantee_fee_goal"),
                    labels=(("1", "below_goal"), ("0", "not_below_goal")),
                ),
                Amount(
                    "bank_least_cny",
                    "银行至少分担金额",
                    "Least the bank keeps",
                    "loan_cny",
                    Fixed("bank_least", "bank_share_min"),
                ),
                Amount(
                    "guarantee_most_cny",
                    "担保体系最多分担金额",
                    "Most the guarantee system takes",
                    "loan_cny",
                    Fixed("guarantee_most", "guarantee_share_max"),
                ),
                Amount(
                    "ngf_most_cny",
                    "国家融资担保基金最多分担金额",
                    "Most the national fund takes",
                    "loan_cny",
                    Fixed("ngf_most", "ngf_share_max"),
                ),
                Amount(
                    "reguarantee_fee_most_cny",
                    "再担保费上限",
                    "Most re-guarantee fee in yuan",
                    "guarantee_cny",
                    FEE,
                ),
                Amount(
                    "claims_most_cny",
                    "代偿上限金额",
                    "Most claims under the plan",
                    "plan_guaranteed_cny",
                    Fixed("claims_most", "claims_rate_max"),
                ),
            ),
        ),
    ),
)
