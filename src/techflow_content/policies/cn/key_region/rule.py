"""Key regions of technology-finance services (科技金融服务重点地区): 13, overlapping.

Source: 中国人民银行 科技部, 2024-10-16. Guangdong contains Shenzhen: a firm there is in both, so
counts by region must never be added up.
"""

from datetime import date

from techflow.policy import Listed, Policy, Version, any_of

POLICY = Policy(
    id="cn.key_region",
    zh="科技金融服务重点地区",
    en="Key region of technology-finance services",
    issuer="中国人民银行 科技部",
    versions=(
        Version(
            since=date(2024, 10, 16),
            document="《关于做好重点地区科技金融服务的通知》（2024-10-16）",
            test=any_of(
                "in_key_region",
                Listed("in_province", "region_code", "provinces", prefix=True),
                Listed("in_shenzhen", "region_code", "shenzhen", prefix=True),
            ),
        ),
    ),
)
