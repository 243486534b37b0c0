"""Premium subsidy for technology insurance (科技保险保费补贴), an example with numbers.

Source: the numbers were read, but neither who issued the scheme nor when; national parameters for
2024 to 2026 are not public. So the scheme is not official, and its first day, 2024-01-01, is this
project's own choice.
"""

from datetime import date

from techflow.policy import (
    PROPOSAL,
    Amount,
    Condition,
    Fixed,
    Listed,
    Policy,
    Share,
    Version,
    all_of,
)

POLICY = Policy(
    id="cn.tech_insurance_subsidy",
    zh="科技保险保费补贴（示例）",
    en="Premium subsidy for technology insurance (example)",
    issuer="未见发文机关",
    official=False,
    versions=(
        Version(
            since=date(2024, 1, 1),  # this project's own choice
            document="科技保险保费补贴（示例方案，发文机关与文号未见）",
            mark=PROPOSAL,
            test=all_of(
                "eligible",
                Listed("product", "tech_insurance_product", "products"),
                Condition(
                    "stacking",
                    Share("premium_subsidies_cny", "tech_insurance_premium_cny"),
                    "<=",
                    "stacking_share_max",
                ),
            ),
            outcomes=(
                Amount(
                    "subsidy_cny",
                    "保费补贴金额",
                    "Premium subsidy",
                    "tech_insurance_premium_cny",
                    Fixed("rate", "subsidy_rate"),
                    cap=Fixed("firm_year_cap", "firm_year_cny_max"),
                ),
                Amount(
                    "stacking_most_cny",
                    "各级补贴合计上限金额",
                    "Most subsidy from all sources",
                    "tech_insurance_premium_cny",
                    Fixed("stacking_most", "stacking_share_max"),
                ),
            ),
        ),
    ),
)
