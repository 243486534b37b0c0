"""Loan-to-value of a pledge of intellectual property (知识产权质押率): one bank's product.

Source: a product of the Bank of Communications; there is no national rule, practice runs from 10 to
60 %. Product parameters, not law: `official` is false. The facts are of one right and one loan.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Given,
    Listed,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    best_of,
    unverified,
)

KINDS = {
    kind: Listed(kind, "pledged_right", f"{kind}_codes")
    for kind in ("invention", "utility_model", "trademark")
}
RATE = best_of(
    "rate", *(Given(f"rate_{kind}", test, f"{kind}_share_max") for kind, test in KINDS.items())
)

POLICY = Policy(
    id="cn.ip_pledge_ltv",
    zh="知识产权质押率",
    en="Loan-to-value of an intellectual-property pledge",
    issuer="交通银行",
    official=False,
    versions=(
        Version(
            since=date(2019, 1, 1),  # of the notice on IP pledges; the product's day is not known
            document="交通银行 知识产权质押贷款产品",
            mark=unverified("0.3"),
            test=all_of(
                "accepted",
                any_of("kind", *KINDS.values(), clause="质押物"),
                Condition("term", "pledge_loan_months", "<=", "term_months_max"),
            ),
            outcomes=(
                Value("ltv_share_max", "质押率上限", "Most loan-to-value", RATE),
                Amount(
                    "loan_cny_max",
                    "可贷金额上限",
                    "Most that can be lent",
                    "appraised_value_cny",
                    RATE,
                ),
                Value(
                    "practice_ltv_share_min",
                    "业内质押率下限",
                    "Least loan-to-value seen in practice",
                    Fixed("practice_low", "practice_share_low"),
                ),
                Value(
                    "practice_ltv_share_max",
                    "业内质押率上限",
                    "Most loan-to-value seen in practice",
                    Fixed("practice_high", "practice_share_high"),
                ),
            ),
        ),
    ),
)
