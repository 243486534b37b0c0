"""STAR Market science and technology innovation attribute (科创属性评价指引（试行）).

Source: CSRC announcements 〔2020〕21号, 〔2021〕8号, 〔2022〕48号, 〔2024〕6号.
"""

from datetime import date

from techflow.policy import (
    Choose,
    Condition,
    Growth,
    Policy,
    Share,
    Total,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
    unverified,
)

RND_SHARE = Share(Total("rnd_cny", 3), Total("revenue_cny", 3))
RND = any_of(
    "rnd_input",
    Condition("rnd_share", RND_SHARE, ">=", "rnd_share_min"),
    Condition("rnd_amount", Total("rnd_cny", 3), ">=", "rnd_cny_min"),
    clause="第一条（一）",
)
STAFF = Condition("rnd_staff", Share("rnd_staff_n", "employees_n"), ">=", "rnd_staff_share_min")
SOFTWARE = holds("software_firm", "软件行业例外")
SOFTWARE_RND = Condition("software_rnd_share", RND_SHARE, ">=", "software_rnd_share_min")
GROWTH = Condition("revenue_growth", Growth("revenue_cny", 3), ">=", "revenue_growth_min")
REVENUE = Condition("revenue_amount", "revenue_y0_cny", ">=", "revenue_cny_min")
STANDARD_5 = holds("star_standard_5", "第五套上市标准例外")
RED_CHIP = holds("listed_red_chip", "红筹企业例外")


def regular(patents_fact, *more, waivers=(STANDARD_5,)):
    """The regular indicators, all of them; `patents_fact` and the waivers differ by version."""
    patents = Condition("patents", patents_fact, ">=", "patents_n_min")
    return all_of(
        "regular",
        Choose("rnd_and_patents", SOFTWARE, SOFTWARE_RND, all_of("general", RND, patents)),
        *more,
        any_of("revenue", *waivers, GROWTH, REVENUE, clause="第一条"),
    )


def exceptions(patents_fact):
    """One exceptional circumstance is enough."""
    return any_of(
        "exception",
        holds("leading_core_technology", "例外情形（一）"),
        holds("national_award_core", "例外情形（二）"),
        holds("national_major_project", "例外情形（三）"),
        holds("import_substitution", "例外情形（四）"),
        Condition("many_patents", patents_fact, ">=", "exception_patents_n_min"),
        clause="第二条",
    )


def screened(test):
    """From 2021: real estate, and firms mainly in finance or investment, are barred."""
    barred = free_of("property_or_finance", "第四条", mark=unverified("0.97"))
    return all_of("eligible", barred, test)


def either(first, second):
    """The regular indicators, or an exception."""
    return any_of("regular_or_exception", first, second)


TEXT_2020 = either(regular("revenue_inventions_n"), exceptions("core_inventions_n"))
TEXT_2021 = either(regular("revenue_inventions_n", STAFF), exceptions("core_inventions_n"))
TEXT_2022 = either(
    regular("main_business_inventions_n", STAFF, waivers=(STANDARD_5, RED_CHIP)),
    exceptions("core_inventions_n"),
)
TEXT_2024 = either(
    regular("industrial_inventions_n", STAFF, waivers=(STANDARD_5, RED_CHIP)),
    exceptions("core_industrial_inventions_n"),
)

POLICY = Policy(
    id="cn.star_attribute",
    zh="科创属性评价",
    en="STAR Market innovation attribute",
    issuer="中国证监会",
    versions=(
        Version(date(2020, 3, 20), "证监会公告〔2020〕21号", TEXT_2020, mark=unverified("0.95")),
        Version(
            date(2021, 4, 16), "证监会公告〔2021〕8号", screened(TEXT_2021), mark=unverified("0.9")
        ),
        Version(date(2022, 12, 30), "证监会公告〔2022〕48号", screened(TEXT_2022)),
        Version(date(2024, 4, 30), "证监会公告〔2024〕6号", screened(TEXT_2024)),
    ),
)
