"""Specialised and sophisticated SME (专精特新中小企业): four conditions, the last by points.

Source: 工信部企业〔2022〕63号, recognition conditions and thirteen indicators. The local points for
characteristics are set by each province: they come in as a fact.
"""

from datetime import date

from techflow.policy import (
    AnswerOf,
    Condition,
    Fixed,
    Given,
    Judged,
    Mean,
    MeanGrowth,
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

EQUITY = "equity_raised_24m_cny"
RND_SHARE = Share("rnd_y0_cny", "revenue_y0_cny")
LIST = unverified("0.85")
INSTITUTION = unverified("0.8")


def quality(fact):
    """One item of quality management."""
    return Given(f"quality_{fact}", holds(fact, "精细化指标 质量管理", mark=LIST), "quality_item")


def institution(level):
    """Points for an R&D institution of a level."""
    fact = f"{level}_rnd_institution"
    test = holds(fact, "创新能力指标 研发机构", mark=INSTITUTION)
    return Given(f"institution_{level}", test, f"{level}_institution_points")


SPECIALISATION = total_points(
    "specialisation",
    Steps("main_share", Share("main_revenue_y0_cny", "revenue_y0_cny"), "main_share_points"),
    Steps("main_growth", MeanGrowth("main_revenue_cny", 3), "main_growth_points"),
    Steps("niche", "niche_market_years", "niche_points"),
    best_of(
        "field",
        Given("field_gap", holds("fills_chain_gap", "专业化指标"), "field_gap_points"),
        Given(
            "field_key",
            any_of(
                "key_field",
                holds("six_bases_product", "专业化指标"),
                holds("time_honoured_brand", "专业化指标"),
                holds("chain_leader_supplier", "专业化指标"),
            ),
            "field_key_points",
        ),
    ),
)
REFINEMENT = total_points(
    "refinement",
    best_of(
        "digital",
        Steps("digital_high", "digital_level_n", "digital_high_points"),
        Steps("digital_lower", "digital_level_n", "digital_lower_points"),
    ),
    total_points(
        "quality",
        quality("quality_award"),
        quality("management_certified"),
        quality("overseas_product_certified"),
        quality("own_brand"),
        quality("standards_participant"),
        cap="quality_points_max",
    ),
    Steps("margin", Share("net_profit_y0_cny", "revenue_y0_cny"), "margin_points"),
    Steps("debt", Share("total_liabilities_y0_cny", "total_assets_y0_cny"), "debt_points"),
)
LOCAL = Judged("local", "local_characteristic_points", "local_points_max")
INNOVATION = total_points(
    "innovation",
    best_of(
        "rights",
        Steps("rights_highvalue", "leading_highvalue_n", "highvalue_points"),
        Steps("rights_own", "leading_own_class1_n", "own_class1_points"),
        Steps("rights_class1", "leading_class1_n", "class1_points"),
        Steps("rights_class2", "leading_class2_n", "class2_points"),
    ),
    best_of(
        "rnd",
        Steps("rnd_amount", "rnd_y0_cny", "rnd_amount_points"),
        Steps("rnd_share", RND_SHARE, "rnd_share_points"),
    ),
    Steps("rnd_staff", Share("rnd_staff_n", "employees_n"), "rnd_staff_points"),
    best_of(
        "institution",
        institution("national"),
        institution("provincial"),
        institution("municipal"),
        institution("below_municipal"),
    ),
)
SCORE = total_points("score", SPECIALISATION, REFINEMENT, LOCAL, INNOVATION)

FOURTH = any_of(
    "score_or_direct",
    Condition("score_reached", SCORE, ">=", "score_min"),
    holds("award_top_rank_3y", "认定条件（四）1"),
    Condition("mean_rnd", Mean("rnd_cny", 2), ">=", "mean_rnd_cny_min"),
    Condition("equity_direct", EQUITY, ">=", "equity_direct_cny_min"),
    holds("maker_china_top500_3y", "认定条件（四）4"),
    clause="认定条件（四）",
)

POLICY = Policy(
    id="cn.specialised_sme",
    zh="专精特新中小企业",
    en="Specialised and sophisticated SME",
    issuer="工业和信息化部",
    versions=(
        Version(
            since=date(2022, 8, 1),
            document="工信部企业〔2022〕63号",
            mark=unverified("0.95"),
            test=all_of(
                "eligible",
                AnswerOf("sme", "cn.sme_size", "中小企业划型"),
                Condition("niche_years", "niche_market_years", ">=", "niche_years_min"),
                Condition("rnd_cny", "rnd_y0_cny", ">=", "rnd_cny_min"),
                Condition("rnd_intensity", RND_SHARE, ">=", "rnd_share_min"),
                any_of(
                    "revenue_or_equity",
                    Condition("revenue", "revenue_y0_cny", ">=", "revenue_cny_min"),
                    Condition("equity", EQUITY, ">=", "equity_cny_min"),
                    clause="认定条件（三）",
                ),
                FOURTH,
            ),
            outcomes=(
                Value(
                    "valid_years",
                    "认定后有效期（年）",
                    "Years a recognition stays valid",
                    Fixed("validity", "valid_years"),
                ),
            ),
        ),
    ),
)
