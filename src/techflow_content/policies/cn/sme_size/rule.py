"""Size of a firm by its industry (中小企业划型标准规定): micro, small, medium or large.

Source: 工信部联企业〔2011〕300号. A class needs both its lower bounds, staff and money; the answer
is whether the firm is micro, small or medium. Where the bound between micro and small is not
known here the class is `small_or_micro`; where no industry of this table fits, the firm says so.
"""

from datetime import date

from techflow.policy import (
    Case,
    Choose,
    Condition,
    Fixed,
    Listed,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
    unverified,
)

STAFF, REVENUE, ASSETS = "employees_n", "revenue_y0_cny", "total_assets_y0_cny"
SURE = unverified("0.97")


def within(industry, size, money):
    """Both lower bounds of a class are reached."""
    word = "revenue" if money == REVENUE else "assets"
    return all_of(
        f"{industry}_{size}",
        Condition(f"{industry}_{size}_staff", STAFF, ">=", f"{industry}_{size}_staff_n"),
        Condition(f"{industry}_{size}_{word}", money, ">=", f"{industry}_{size}_{word}_cny"),
    )


def below(industry):
    """Staff or revenue below the bound of a large firm."""
    return any_of(
        f"{industry}_sme",
        Condition(f"{industry}_few_staff", STAFF, "<", f"{industry}_large_staff_n"),
        Condition(f"{industry}_low_revenue", REVENUE, "<", f"{industry}_large_revenue_cny"),
    )


def ranked(industry, large, medium, rest):
    """Large, else medium, else the rest."""
    lower = Case(f"{industry}_to_medium", medium, Fixed("medium", "medium_class"), rest)
    return Case(f"{industry}_class", large, Fixed("large", "large_class"), lower)


def small_or_micro(industry):
    """Small if both its lower bounds are reached, else micro."""
    small = within(industry, "small", REVENUE)
    ends = (Fixed("small", "small_class"), Fixed("micro", "micro_class"))
    return Case(f"{industry}_to_small", small, *ends)


def by_both(industry, rest):
    """The class of an industry judged by staff and revenue."""
    sizes = (within(industry, size, REVENUE) for size in ("large", "medium"))
    return ranked(industry, *sizes, rest)


UNSPLIT = Fixed("small_or_micro", "small_or_micro_class")
LARGE_LEASING = holds("leasing_staff_large", "租赁和商务服务业", mark=SURE)
MEDIUM_LEASING = holds("leasing_staff_medium", "租赁和商务服务业", mark=SURE)
LEASING = ranked(
    "leasing",
    all_of(
        "leasing_large",
        LARGE_LEASING,
        Condition("leasing_large_assets", ASSETS, ">=", "leasing_large_assets_cny"),
    ),
    all_of(
        "leasing_medium",
        MEDIUM_LEASING,
        Condition("leasing_medium_assets", ASSETS, ">=", "leasing_medium_assets_cny"),
    ),
    UNSPLIT,
)
LEASING_SME = any_of(
    "leasing_sme",
    free_of("leasing_staff_large", "租赁和商务服务业", mark=SURE),
    Condition("leasing_low_assets", ASSETS, "<", "leasing_large_assets_cny"),
)
OTHER = ranked(
    "other",
    Condition("other_large", STAFF, ">=", "other_large_staff_n"),
    Condition("other_medium", STAFF, ">=", "other_medium_staff_n"),
    UNSPLIT,
)
OTHER_SME = Condition("other_few_staff", STAFF, "<", "other_large_staff_n")

BRANCHES = (
    ("industry", by_both("industry", small_or_micro("industry")), below("industry")),
    ("information", by_both("information", UNSPLIT), below("information")),
    ("software", by_both("software", small_or_micro("software")), below("software")),
    ("leasing", LEASING, LEASING_SME),
    ("other", OTHER, OTHER_SME),
)
CLASS = Fixed("unlisted", "unlisted_class")
SME = holds("sme_by_own_industry", "第四条", mark=SURE)
for name, points, test in reversed(BRANCHES):
    here = Listed(f"in_{name}", "size_industry", f"{name}_codes")
    CLASS = Case(f"class_from_{name}", here, points, CLASS)
    SME = Choose(f"sme_from_{name}", here, test, SME)

POLICY = Policy(
    id="cn.sme_size",
    zh="中小企业划型",
    en="Size class of a firm",
    issuer="工业和信息化部 国家统计局 国家发展改革委 财政部",
    versions=(
        Version(
            since=date(2011, 1, 1),  # of 2011; the day is not known
            document="工信部联企业〔2011〕300号",
            mark=unverified("0.5"),
            test=SME,
            outcomes=(
                Value(
                    "size_class",
                    "企业规模",
                    "Size class",
                    CLASS,
                    (
                        ("1", "micro"),
                        ("2", "small_or_micro"),
                        ("3", "small"),
                        ("4", "medium"),
                        ("5", "large"),
                    ),
                ),
            ),
        ),
    ),
)
