"""Technology-based SME evaluation (科技型中小企业评价).

Source: 国科发政〔2017〕115号, Articles 6-8.
"""

from datetime import date

from techflow.policy import (
    Condition,
    Policy,
    Share,
    Steps,
    Version,
    all_of,
    any_of,
    best_of,
    free_of,
    holds,
    total_points,
    unverified,
)

STAFF = Steps("staff", Share("tech_staff_n", "employees_n"), "staff_points")
RND = best_of(
    "rnd",
    Steps("rnd_revenue", Share("rnd_y0_cny", "revenue_y0_cny"), "rnd_revenue_points"),
    Steps("rnd_cost", Share("rnd_y0_cny", "cost_expense_y0_cny"), "rnd_cost_points"),
)
RIGHTS = best_of(
    "rights",
    Steps("class1", "class1_ip_n", "class1_points"),
    Steps("class2", "class2_ip_n", "class2_points"),
)
SCORE = total_points("score", STAFF, RND, RIGHTS)

BASIC = (
    holds("mainland_resident", "第六条（一）"),
    Condition("small_staff", "employees_n", "<=", "employees_n_max"),
    Condition("small_revenue", "revenue_y0_cny", "<=", "revenue_cny_max"),
    Condition("small_assets", "total_assets_y0_cny", "<=", "assets_cny_max"),
    free_of("prohibited_products", "第六条（三）"),
    free_of("serious_incident_2y", "第六条（四）"),
    free_of("adverse_list", "第六条（四）"),
)
BY_SCORE = all_of(
    "by_score",
    Condition("score_reached", SCORE, ">=", "score_min"),
    Condition("staff_not_zero", STAFF, ">", "staff_points_over"),
    clause="第六条（五）",
)
FAST_TRACK = any_of(
    "fast_track",
    holds("hnte_certificate", "第八条（一）"),
    holds("national_award_5y", "第八条（二）"),
    holds("provincial_rnd_institution", "第八条（三）"),
    holds("led_standard_5y", "第八条（四）"),
    clause="第八条",
)

POLICY = Policy(
    id="cn.tech_sme",
    zh="科技型中小企业评价",
    en="Technology-based SME evaluation",
    issuer="科技部 财政部 国家税务总局",
    versions=(
        Version(
            since=date(2017, 5, 3),
            document="国科发政〔2017〕115号",
            mark=unverified("0.95"),
            test=all_of("eligible", *BASIC, any_of("score_or_fast_track", BY_SCORE, FAST_TRACK)),
        ),
    ),
)
