"""Sichuan Shudan quick loan, guaranteed by the provincial system (四川“蜀担快贷”).

Source: the terms were read; their document and first day were not found. They are taken from the
day of the national plan beside which they are cited (财金〔2024〕60号). The fee is 0.06 or 0.10 %;
which loans pay which was not found, so both ends are shown.
"""

from datetime import date

from techflow.policy import (
    Choose,
    Condition,
    Fixed,
    Flag,
    Plus,
    Policy,
    Share,
    Value,
    Version,
    all_of,
    unverified,
)

ALL_SHARES = Plus(("guarantor_share", "local_government_share", "bank_share", "reguarantor_share"))

POLICY = Policy(
    id="cn.sichuan_shudan",
    zh="四川“蜀担快贷”",
    en="Sichuan Shudan quick loan",
    issuer="四川省",
    versions=(
        Version(
            since=date(2024, 7, 24),  # its own day is not known
            document="四川“蜀担快贷”（文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "eligible",
                Condition("bank_share", "bank_share", "==", "bank_share_set"),
                Condition("reguarantor_share", "reguarantor_share", "==", "reguarantor_share_set"),
                Condition("guarantor_share", "guarantor_share", "<=", "guarantor_share_max"),
                Condition("shares_add_up", ALL_SHARES, "==", "shares_total"),
                Choose(
                    "loan_size",
                    Flag("strategic", "strategic_or_innovation_firm", "战略、创新类"),
                    Condition("innovation_size", "loan_cny", "<=", "innovation_loan_cny_max"),
                    Condition("general_size", "loan_cny", "<=", "loan_cny_max"),
                ),
                Condition(
                    "circuit",
                    Share("shudan_claims_cny", "shudan_guaranteed_cny"),
                    "<=",
                    "claims_rate_max",
                ),
            ),
            outcomes=(
                Value(
                    "reguarantee_fee_low_share",
                    "再担保费率（低档）",
                    "Re-guarantee fee, lower",
                    Fixed("fee_low", "reguarantee_fee_low"),
                ),
                Value(
                    "reguarantee_fee_high_share",
                    "再担保费率（高档）",
                    "Re-guarantee fee, higher",
                    Fixed("fee_high", "reguarantee_fee_high"),
                ),
            ),
        ),
    ),
)
