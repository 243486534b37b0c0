"""High and new technology enterprise (高新技术企业认定).

Source: 国科发火〔2016〕32号 Article 11; work guidance 国科发火〔2016〕195号 part III. Points within
a bracket are for experts to give: they come in as facts, held below what the law allows.
"""

from datetime import date

from techflow.policy import (
    Case,
    Condition,
    Fixed,
    Judged,
    MeanGrowth,
    Policy,
    Share,
    Steps,
    Total,
    Version,
    all_of,
    best_of,
    free_of,
    holds,
    least_of,
    total_points,
    unverified,
)


def growth_points(series, years):
    """The most points a growth rate allows."""
    name = f"{series}_growth_{years}y"
    return Steps(name, MeanGrowth(f"{series}_cny", years), "growth_points")


def growth(series):
    """Points given by experts, at most what the growth rate allows.

    Where the first year is zero the later two count; where the second is zero there are none.
    """
    short = Case(
        f"{series}_short",
        Condition(f"{series}_y1_positive", f"{series}_y1_cny", ">", "growth_base_over"),
        growth_points(series, 2),
        Fixed(f"{series}_none", "growth_none_points"),
    )
    allowed = Case(
        f"{series}_allowed",
        all_of(
            f"{series}_has_three_years",
            Condition(f"{series}_y2_positive", f"{series}_y2_cny", ">", "growth_base_over"),
            Condition(f"{series}_y1_positive_too", f"{series}_y1_cny", ">", "growth_base_over"),
        ),
        growth_points(series, 3),
        short,
    )
    judged = Judged(f"{series}_judged", f"{series}_growth_points", "growth_points_max")
    return least_of(f"{series}_growth", judged, allowed)


INTELLECTUAL_PROPERTY = total_points(
    "ip",
    Judged("ip_advancement", "ip_advancement_points", "ip_advancement_points_max"),
    Judged("ip_core_support", "ip_core_support_points", "ip_core_support_points_max"),
    least_of(
        "ip_quantity",
        Judged("ip_quantity_judged", "ip_quantity_points", "ip_quantity_points_max"),
        best_of(
            "ip_quantity_allowed",
            Steps("ip_class1", "class1_ip_n", "class1_points"),
            Steps("ip_class2", "class2_ip_n", "class2_points"),
        ),
    ),
    Judged("ip_acquisition", "ip_acquisition_points", "ip_acquisition_points_max"),
    Judged("ip_standards", "ip_standards_points", "ip_standards_points_max"),
    cap="ip_points_max",
)
SCORE = total_points(
    "innovation",
    INTELLECTUAL_PROPERTY,
    Judged("transformation", "transformation_points", "transformation_points_max"),
    Judged("organisation", "organisation_points", "organisation_points_max"),
    growth("net_assets"),
    growth("revenue"),
)
RND_SHARE = Share(Total("rnd_cny", 3), Total("revenue_cny", 3))
DOMESTIC_SHARE = Share(Total("rnd_domestic_cny", 3), Total("rnd_cny", 3))
PRODUCT_SHARE = Share("hightech_revenue_y0_cny", "revenue_y0_cny")

POLICY = Policy(
    id="cn.hnte",
    zh="高新技术企业认定",
    en="High and new technology enterprise",
    issuer="科技部 财政部 国家税务总局",
    versions=(
        Version(
            since=date(2016, 1, 1),
            document="国科发火〔2016〕32号",
            mark=unverified("0.97"),
            test=all_of(
                "eligible",
                Condition("registered", "registered_days", ">=", "registered_days_min"),
                holds("owns_core_ip", "第十一条（二）"),
                holds("in_supported_field", "第十一条（三）"),
                Condition(
                    "tech_staff", Share("tech_staff_n", "employees_n"), ">=", "tech_staff_share_min"
                ),
                Condition(
                    "rnd_share",
                    RND_SHARE,
                    ">=",
                    Steps("by_sales", "revenue_y0_cny", "rnd_share_min"),
                ),
                Condition("domestic_rnd", DOMESTIC_SHARE, ">=", "domestic_rnd_share_min"),
                Condition("hightech_revenue", PRODUCT_SHARE, ">=", "hightech_revenue_share_min"),
                Condition("innovation_score", SCORE, ">", "innovation_points_over"),
                free_of("serious_incident_1y", "第十一条（八）", mark=unverified("0.98")),
            ),
        ),
    ),
)
