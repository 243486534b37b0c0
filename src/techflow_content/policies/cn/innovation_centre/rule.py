"""International science and technology innovation centres (国际科技创新中心), by date.

Source: the layout of 2020 (Beijing, Shanghai, Guangdong-Hong Kong-Macao) and its extension of
December 2025. Groups of regions, not a sum of them; the members' codes are ours to name.
"""

from datetime import date

from techflow.policy import Listed, Policy, Version, any_of, unverified

TEST = any_of(
    "in_centre",
    Listed("in_northern", "region_code", "northern", prefix=True),
    Listed("in_eastern", "region_code", "eastern", prefix=True),
    Listed("in_bay_area", "region_code", "bay_area", prefix=True),
)

POLICY = Policy(
    id="cn.innovation_centre",
    zh="国际科技创新中心区域",
    en="International innovation centre",
    issuer="国务院",
    versions=(
        Version(
            since=date(2020, 1, 1),  # of 2020; the day is not known
            document="国际科技创新中心布局（2020年）",
            mark=unverified("0.5"),
            test=TEST,
        ),
        Version(
            since=date(2025, 12, 1),  # in December 2025; the day is not known
            document="国际科技创新中心布局（2025年12月）",
            mark=unverified("0.8"),
            test=TEST,
        ),
    ),
)
