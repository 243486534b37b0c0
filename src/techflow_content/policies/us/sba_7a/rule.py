"""SBA 7(a) loan guaranty, upfront and annual fee. Amounts are US dollars, to the cent.

Source: figures as read of the programme, all taken from 2025-03-27, the day the annual fee was
reinstated; when the others began was not found. Fees are on the guaranteed part. For comparison
with Chinese guarantees.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Case,
    Condition,
    Fixed,
    Given,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    unverified,
)

GUARANTY = Steps("guaranty_by_loan", "loan_usd", "guaranty_share_max")
SHORT = Condition("short_term", "sba_term_months", "<=", "short_months_max")
SHORT_FEE = Fixed("fee_short", "short_fee")
FEE = Case("fee", SHORT, SHORT_FEE, Steps("fee_by_loan", "loan_usd", "upfront_fee"))
FEE_ABOVE = Case("fee_above", SHORT, SHORT_FEE, Fixed("fee_above_split", "upfront_fee_above"))
LENDER_KEEPS = Given(
    "lender_keeps",
    all_of(
        "small_long",
        Condition("small_loan", "loan_usd", "<=", "small_loan_usd_max"),
        Condition("long_term", "sba_term_months", ">", "short_months_max"),
    ),
    "lender_keeps_share",
)

POLICY = Policy(
    id="us.sba_7a",
    zh="美国小企业管理局7(a)贷款担保（金额为美元）",
    en="US SBA 7(a) loan guaranty (amounts in US dollars)",
    issuer="U.S. Small Business Administration",
    versions=(
        Version(
            since=date(2025, 3, 27),
            document="US SBA 7(a)",
            mark=unverified("0.9"),
            test=all_of(
                "within_terms",
                Condition("loan_size", "loan_usd", "<=", "loan_usd_max"),
                Condition("guaranty", Share("guaranteed_usd", "loan_usd"), "<=", GUARANTY),
            ),
            outcomes=(
                Value("guaranty_max_share", "担保比例上限", "Highest guaranty", GUARANTY),
                Amount(
                    "guaranty_most_usd",
                    "担保金额上限（美元）",
                    "Most guaranteed, USD",
                    "loan_usd",
                    GUARANTY,
                ),
                Amount(
                    "upfront_fee_usd",
                    "一次性担保费（美元）",
                    "Upfront fee, USD",
                    "guaranteed_usd",
                    FEE,
                    split="upfront_split_usd",
                    rate_above=FEE_ABOVE,
                ),
                Value(
                    "lender_keeps_max_share",
                    "贷款机构可留存的一次性担保费比例",
                    "Part of the upfront fee the lender may keep",
                    LENDER_KEEPS,
                ),
                Amount(
                    "service_fee_pa_usd",
                    "年度服务费（美元）",
                    "Annual service fee, USD",
                    "guaranteed_balance_usd",
                    Fixed("service_fee", "service_fee_pa"),
                ),
            ),
        ),
    ),
)
