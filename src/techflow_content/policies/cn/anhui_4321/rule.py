"""Anhui 4321 split of guaranteed loans: guarantor 40, province 30, bank 20, locality 10.

Source: the split itself was read; its document and first day were not found. It is taken from the
day of the national plan beside which it is cited (财金〔2024〕60号), though it is older.
"""

from datetime import date

from techflow.policy import Amount, Condition, Fixed, Policy, Version, all_of, unverified

PARTIES = (
    ("guarantor", "担保机构分担金额", "Part of the guarantor"),
    ("reguarantor", "省级再担保机构分担金额", "Part of the provincial re-guarantor"),
    ("bank", "银行分担金额", "Part of the bank"),
    ("local_government", "地方政府分担金额", "Part of the local government"),
)


def part(party, zh, en):
    """What one party bears of the unrepaid principal."""
    rate = Fixed(f"{party}_part", f"{party}_share_set")
    return Amount(f"{party}_cny", zh, en, "unrepaid_principal_cny", rate)


POLICY = Policy(
    id="cn.anhui_4321",
    zh="安徽“4321”风险分担",
    en="Anhui 4321 split of guaranteed loans",
    issuer="安徽省",
    versions=(
        Version(
            since=date(2024, 7, 24),  # its own day is not known
            document="安徽“4321”风险分担（文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "fits",
                *(
                    Condition(f"{party}_share", f"{party}_share", "==", f"{party}_share_set")
                    for party, *_ in PARTIES
                ),
            ),
            outcomes=tuple(part(*party) for party in PARTIES),
        ),
    ),
)
