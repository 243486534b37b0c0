"""Innovative SME (创新型中小企业): sixty points with a floor in each part, or one honour.

Source: 工信部企业〔2022〕63号, announcement conditions and indicators of innovative SMEs.
"""

from datetime import date

from techflow.policy import (
    AnswerOf,
    Case,
    Condition,
    Fixed,
    Growth,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    any_of,
    best_of,
    holds,
    total_points,
    unverified,
)

RIGHTS = best_of(
    "rights",
    Steps("rights_highvalue", "leading_highvalue_n", "highvalue_points"),
    Steps("rights_own", "leading_own_class1_n", "own_class1_points"),
    Steps("rights_class1", "leading_class1_n", "class1_points"),
    Steps("rights_class2", "leading_class2_n", "class2_points"),
)
RND = Steps("rnd", Share("rnd_y0_cny", "revenue_y0_cny"), "rnd_points")
INNOVATION = total_points("innovation", RIGHTS, RND)
GROWTH = total_points(
    "growth",
    Steps("main_growth", Growth("main_revenue_cny", 2), "main_growth_points"),
    Steps("debt", Share("total_liabilities_y0_cny", "total_assets_y0_cny"), "debt_points"),
)
FIELD = Case(
    "field",
    holds("strategic_emerging_product", "专业化指标"),
    Fixed("field_emerging", "field_emerging_points"),
    Fixed("field_other", "field_other_points"),
)
SPECIALISATION = total_points(
    "specialisation",
    FIELD,
    Steps("main_share", Share("main_revenue_y0_cny", "revenue_y0_cny"), "main_share_points"),
)
SCORE = total_points("score", INNOVATION, GROWTH, SPECIALISATION)

BY_SCORE = all_of(
    "by_score",
    Condition("score_reached", SCORE, ">=", "score_min"),
    Condition("innovation_reached", INNOVATION, ">=", "innovation_min"),
    Condition("growth_reached", GROWTH, ">=", "growth_min"),
    Condition("specialisation_reached", SPECIALISATION, ">=", "specialisation_min"),
    clause="公告条件",
)
DIRECT = any_of(
    "direct",
    holds("science_award_3y", "公告条件（一）"),
    any_of(
        "valid_honour",
        holds("hnte_certificate", "公告条件（二）"),
        holds("innovation_demonstration_firm", "公告条件（二）"),
        holds("ip_advantage_firm", "公告条件（二）"),
        holds("ip_demonstration_firm", "公告条件（二）"),
        clause="公告条件（二）",
    ),
    holds("provincial_rnd_institution", "公告条件（三）"),
    Condition("equity_raised", "equity_raised_36m_cny", ">=", "equity_raised_36m_cny_min"),
    clause="公告条件",
)

POLICY = Policy(
    id="cn.innovative_sme",
    zh="创新型中小企业",
    en="Innovative SME",
    issuer="工业和信息化部",
    versions=(
        Version(
            since=date(2022, 8, 1),
            document="工信部企业〔2022〕63号",
            mark=unverified("0.95"),
            test=all_of(
                "eligible",
                AnswerOf("sme", "cn.sme_size", "中小企业划型"),
                any_of("score_or_direct", DIRECT, BY_SCORE),
            ),
            outcomes=(
                Value(
                    "valid_years",
                    "公告后有效期（年）",
                    "Years an announcement stays valid",
                    Fixed("validity", "valid_years"),
                ),
            ),
        ),
    ),
)
