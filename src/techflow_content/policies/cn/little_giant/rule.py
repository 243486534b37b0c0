"""Little giant (专精特新“小巨人”企业): six conditions at once.

Source: 工信部企业〔2022〕63号, recognition standard of little giants.
"""

from datetime import date

from techflow.policy import (
    AnswerOf,
    Choose,
    Condition,
    Fixed,
    MeanGrowth,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

REVENUE = "revenue_y0_cny"
SURE = unverified("0.9")


def intensity(year):
    """R&D over revenue of one year, by the revenue of the last."""
    share = Share(f"rnd_y{year}_cny", f"revenue_y{year}_cny")
    bound = Steps("by_revenue", REVENUE, "rnd_share_min")
    return Condition(f"rnd_share_y{year}", share, ">=", bound)


SPECIALISED = all_of(
    "specialised",
    Condition("niche_years", "niche_market_years", ">=", "niche_years_min"),
    Condition("main_share", Share("main_revenue_y0_cny", REVENUE), ">=", "main_revenue_share_min"),
    Condition("main_growth", MeanGrowth("main_revenue_cny", 3), ">=", "main_growth_min"),
    clause="专",
)
REFINED = all_of(
    "refined",
    holds("core_system", "精"),
    any_of(
        "certified",
        holds("management_certified", "精"),
        holds("overseas_product_certified", "精"),
        clause="精",
    ),
    Condition(
        "debt", Share("total_liabilities_y0_cny", "total_assets_y0_cny"), "<=", "debt_share_max"
    ),
    clause="精",
)
CHARACTERISTIC = all_of(
    "characteristic",
    Condition("market_share", "niche_market_share", ">=", "market_share_min"),
    holds("brand_recognised", "特"),
    holds("own_brand", "特"),
    clause="特",
)
RND = Choose(
    "rnd",
    Condition("revenue_not_small", REVENUE, ">=", "small_revenue_cny_under"),
    all_of("rnd_two_years", intensity(0), intensity(1)),
    all_of(
        "rnd_of_small",
        Condition("equity", "equity_raised_24m_cny", ">=", "equity_cny_min"),
        Condition("rnd_cny", "rnd_y0_cny", ">=", "rnd_cny_min"),
        Condition("rnd_staff", Share("rnd_staff_n", "employees_n"), ">=", "rnd_staff_share_min"),
    ),
    clause="新 一般性条件1",
)
INNOVATIVE = any_of(
    "innovative",
    all_of(
        "general",
        RND,
        holds("own_rnd_institution", "新 一般性条件2"),
        Condition("class1", "leading_class1_applied_n", ">=", "class1_n_min"),
        clause="新 一般性条件",
    ),
    any_of(
        "direct",
        holds("national_award_3y", "新 直通条件1"),
        holds("maker_china_top50_3y", "新 直通条件2"),
        clause="新 直通条件",
    ),
    clause="新",
)
CHAIN = all_of(
    "chain",
    holds("key_chain_link", "链", mark=SURE),
    holds("supplies_large_firms", "链", mark=SURE),
    clause="链",
)
PRODUCT = any_of(
    "product",
    holds("six_bases_product", "品", mark=SURE),
    holds("key_industry_product", "品", mark=SURE),
    holds("cyber_power_product", "品", mark=SURE),
    clause="品",
)

POLICY = Policy(
    id="cn.little_giant",
    zh="专精特新“小巨人”企业",
    en="Little giant",
    issuer="工业和信息化部",
    versions=(
        Version(
            since=date(2022, 8, 1),
            document="工信部企业〔2022〕63号",
            mark=unverified("0.95"),
            test=all_of(
                "eligible",
                AnswerOf("sme", "cn.sme_size", "中小企业划型"),
                SPECIALISED,
                REFINED,
                CHARACTERISTIC,
                INNOVATIVE,
                CHAIN,
                PRODUCT,
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
