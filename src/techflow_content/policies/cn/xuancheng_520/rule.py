"""Xuancheng 520: five parties bear a fifth each (宣城“520”风险分担).

Source: the split itself was read; its document, first day and the names of the five parties were
not found. It is taken from the day of the national plan cited beside it (财金〔2024〕60号).
"""

from datetime import date

from techflow.policy import Amount, Condition, Fixed, Policy, Version, all_of, unverified

POLICY = Policy(
    id="cn.xuancheng_520",
    zh="宣城“520”风险分担",
    en="Xuancheng 520 split of guaranteed loans",
    issuer="宣城市",
    versions=(
        Version(
            since=date(2024, 7, 24),  # its own day is not known
            document="宣城“520”风险分担（文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "fits",
                *(
                    Condition(f"party{n}", f"party{n}_share", "==", "party_share_set")
                    for n in (1, 2, 3, 4, 5)
                ),
            ),
            outcomes=(
                Amount(
                    "each_party_cny",
                    "每方分担金额",
                    "Part of each party",
                    "unrepaid_principal_cny",
                    Fixed("each_part", "party_share_set"),
                ),
            ),
        ),
    ),
)
