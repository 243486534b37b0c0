"""Zhuhai compensation for technology credit (珠海市科技信贷风险补偿金).

Source: the rules of 2022-06-02; the number of the document is not known. The highest rate that
applies is paid. The pool has 40m yuan (province 5m, city 35m); when it is empty is for its
administrator to say.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Flag,
    Given,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    any_of,
    best_of,
    holds,
)

CREDIT_SHARE = Share("credit_part_cny", "loan_cny")
FIRST = Flag("first_loan", "first_loan", "首贷")
RATE = best_of(
    "rate",
    Steps("rate_by_credit", CREDIT_SHARE, "credit_rate"),
    Given("rate_first", FIRST, "first_loan_rate"),
)

POLICY = Policy(
    id="cn.zhuhai_pool",
    zh="珠海市科技信贷风险补偿金",
    en="Zhuhai compensation for technology credit",
    issuer="珠海市",
    versions=(
        Version(
            since=date(2022, 6, 2),
            document="珠海市科技信贷风险补偿金（2022-06-02，文号未见）",
            test=all_of(
                "payable",
                holds("filed_in_pool", "入池备案"),
                holds("loan_npl", "补偿不良贷款余额"),
                any_of(
                    "rate_applies",
                    Condition("mostly_credit", CREDIT_SHARE, ">", "credit_share_over"),
                    FIRST,
                ),
                Condition("within_two_years", "in_pool_months", "<=", "pool_months_max"),
                Condition("one_project", "pool_projects_n", "<=", "projects_n_max"),
            ),
            outcomes=(
                Value("compensation_share", "补偿比例", "Compensation rate", RATE),
                Amount(
                    "compensation_cny",
                    "风险补偿金额",
                    "Compensation",
                    "npl_principal_cny",
                    RATE,
                    cap=Fixed("project_cap", "project_cny_max"),
                ),
            ),
        ),
    ),
)
