"""Internal-ratings option: when the SME adjustment applies, and its parameters (内部评级法).

Source: Basel III (PD floor, LGD of the foundation approach); annex of 《商业银行资本管理办法》
for the Chinese SME adjustment. The formula is in the pricing room. Few banks may use it.
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

LGD = Case(
    "lgd",
    holds("subordinated_claim", "初级内部评级法 违约损失率"),
    Fixed("lgd_subordinated", "lgd_subordinated"),
    Case(
        "lgd_senior",
        holds("debtor_is_financial", "初级内部评级法 违约损失率"),
        Fixed("lgd_financial", "lgd_financial"),
        Fixed("lgd_corporate", "lgd_corporate"),
    ),
)

POLICY = Policy(
    id="cn.irb_option",
    zh="内部评级法中小企业规模调整（可选）",
    en="Internal ratings with the SME size adjustment (option)",
    issuer="国家金融监督管理总局",
    versions=(
        Version(
            since=date(2024, 1, 1),
            document="国家金融监督管理总局令2023年第4号 附件",
            mark=unverified("0.8"),
            test=all_of(
                "adjusted",
                holds("irb_approved", "内部评级法", mark=unverified("0.8")),
                Condition("sme", "revenue_y0_cny", "<=", "sme_revenue_cny_max"),
            ),
            outcomes=(
                Value("pd_floor_share", "违约概率下限", "PD floor", Fixed("pd", "pd_floor_share")),
                Value(
                    "lgd_share", "违约损失率（初级法，无抵质押）", "LGD, foundation, unsecured", LGD
                ),
                Value("sme_factor", "规模调整系数", "Size factor", Fixed("factor", "sme_factor")),
                Value(
                    "sme_revenue_cny_min",
                    "规模调整营业收入下限",
                    "Least revenue in the adjustment",
                    Fixed("revenue_min", "sme_revenue_cny_min"),
                ),
                Value(
                    "sme_revenue_cny_max",
                    "规模调整营业收入上限",
                    "Most revenue in the adjustment",
                    Fixed("revenue_max", "sme_revenue_cny_max"),
                ),
            ),
        ),
    ),
)
