"""Guangzhou credit-risk compensation, bank mode (广州市信贷风险补偿机制管理办法).

Source: 穗金管规字〔2025〕1号, in force 2025-10-01 to 2028-09-30. Compensation of a district may
come on top and is not counted here. The predecessor pool (穗科规字〔2021〕2号) is not included.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Given,
    Listed,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
    total_points,
)

BORROWER = any_of(
    "borrower",
    Listed("micro_or_small", "firm_size", "small_sizes"),
    all_of(
        "medium_tech",
        Listed("medium", "firm_size", "medium_sizes"),
        any_of(
            "medium_kind",
            holds("hnte_certificate", "补偿对象（高新技术企业）"),
            holds("medium_firm_kind", "补偿对象（其他放宽至中型的类别）"),
        ),
    ),
)
RATE = total_points(
    "rate",
    Steps("rate_by_loan", "loan_cny", "loss_rate"),
    Given(
        "rate_support",
        any_of(
            "supported",
            holds("on_key_support_list", "重点支持名单企业"),
            Listed("ip_loan", "loan_security", "ip_securities"),
        ),
        "support_rate",
    ),
    Given("rate_monetary", holds("monetary_tool_support", "货币政策工具支持"), "monetary_rate"),
    cap="rate_max",
)

POLICY = Policy(
    id="cn.guangzhou_pool_bank",
    zh="广州市信贷风险补偿机制（银行模式）",
    en="Guangzhou credit-risk compensation, bank mode",
    issuer="广州市",
    versions=(
        Version(
            since=date(2025, 10, 1),
            until=date(2028, 10, 1),
            document="穗金管规字〔2025〕1号",
            test=all_of(
                "payable",
                BORROWER,
                holds("filed_in_pool", "备案"),
                holds("loan_npl", "不良贷款"),
                Listed("kind_of_loan", "loan_security", "bank_mode_securities"),
                Condition("loan_size", "loan_cny", "<=", "loan_cny_max"),
                free_of("compensated_other_mode", "同一笔贷款不得同时适用两种模式"),
                Condition(
                    "bank_circuit",
                    Share("bank_npl_loss_year_cny", "bank_filed_year_cny"),
                    "<=",
                    "bank_loss_rate_max",
                ),
                Condition("year_total", "guangzhou_paid_year_cny", "<=", "year_cny_max"),
            ),
            outcomes=(
                Value("compensation_share", "补偿比例", "Compensation rate", RATE),
                Amount("compensation_cny", "风险补偿金额", "Compensation", "npl_loss_cny", RATE),
            ),
        ),
    ),
)
