"""The facts that policies ask for, as far as a firm's records know them on a day.

One place says where each fact comes from (`SETTLED_BY`). What no record says stays null, never
false. A record goes before what the firm states of itself in the table `declaration`.
"""

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.patents.life import patent_life
from techflow.policy import Fact, Facts, statement_years
from techflow.profile import days_since

FRESH_DAYS = 550
"""A count, accounts or a declaration older than this no longer speak for the day."""
LISTED_DAYS = 1096
"""How long an entry on a list of dishonest firms is taken to last; its end is not recorded."""
PATENT_YEARS = 20
DECLARATION = "declaration"
STATED = {
    "flag": "holds",
    "money": "stated_cny",
    "count": "stated_n",
    "share": "stated_share",
    "points": "stated_score",
    "code": "stated_code",
}
"""Kind of a fact -> the column of `declaration` that holds it."""
HELD = {
    "hnte_certificate": ("hnte",),
    "tech_sme_registered": ("tech_sme",),
    "specialised_sme": ("specialised_sme", "little_giant"),
    "innovation_demonstration_firm": ("national_demo",),
    "manufacturing_champion": ("champion",),
}
"""Flag -> the credentials that make it true while they are valid."""
SIZE_INDUSTRIES = (
    (r"^[BCD]", "industry"),
    (r"^I6[34]", "information_transmission"),
    (r"^I65", "software"),
    (r"^L", "leasing_business"),
    (r"^[MNOR]|^Q85", "other"),
)
"""GB/T 4754-2017 code -> industry of the size standard, 工信部联企业〔2011〕300号 第四条."""
ENDED = ("lapsed", "invalidated", "assigned", "expired")
"""Events after which a patent is no longer the firm's; of these a lapse can be mended."""
SETTLED_BY = {
    "mainland_resident": "firm",
    "region_code": "firm",
    "registered_days": "firm",
    "size_industry": "firm",
    "software_firm": "firm",
    "property_or_finance": "firm",
    "employees_n": "staff",
    "rnd_staff_n": "staff",
    "postgraduates_n": "staff",
    "class1_ip_n": "patent",
    "provincial_programmes_n": "project",
    "adverse_list": "adverse_event",
    **dict.fromkeys(HELD, "credential"),
}
"""Fact -> the table that knows it; annual facts of accounts come from `statement`."""


def source_table(fact: Fact) -> str:
    """The table whose record would settle a fact.

    Args:
        fact: A fact of the policies.
    """
    return "statement" if fact.statement else SETTLED_BY.get(fact.name, DECLARATION)


def policy_facts(
    seen: Mapping[str, Frame], profiles: Frame, facts: Mapping[str, Fact], *, as_of: date
) -> Frame:
    """What is known of each firm of the facts that policies ask for.

    Args:
        seen: Result of `see_records`.
        profiles: Result of `profile_records` on them.
        facts: The facts wanted, by column.
        as_of: The same day.

    Returns:
        One row per firm: `firm_id`, `country`, and a column per fact wanted in its type; null
        where nothing is known.
    """
    years = _years(seen, profiles, facts, as_of)
    parts = [
        years,
        _staff(seen, as_of),
        _patents(seen, as_of),
        _credentials(seen, as_of),
        _projects(seen, as_of),
        _listings(seen, as_of),
    ]
    known = _firms(profiles, as_of)
    for part in parts:
        known = known if part is None else known.join(part, on="firm_id", how="left")
    stated = _declared(seen, years, facts, as_of)
    if stated is not None:
        known = known.join(stated, on="firm_id", how="left")
    return known.select("firm_id", "country", *_columns(known, facts))


def _columns(known: Frame, facts: Mapping[str, Fact]) -> list[nw.Expr]:
    """Each fact from its record, else as declared; the higher of both where a record is a floor."""
    have = set(known.collect_schema().names())
    columns = []
    for name, fact in facts.items():
        dtype = {"flag": nw.Boolean(), "code": nw.String()}.get(fact.kind, nw.Float64())
        values = [nw.col(n).cast(dtype) for n in (name, f"stated_{name}") if n in have]
        merge = nw.max_horizontal if name == "class1_ip_n" else nw.coalesce
        columns.append((merge(*values) if values else nw.lit(None, dtype)).alias(name))
    return columns


def _firms(profiles: Frame, as_of: date) -> Frame:
    """What the register says: place, industry, age."""
    industry = nw.col("industry_code")
    sized = [
        nw.when(industry.str.contains(pattern)).then(nw.lit(code))
        for pattern, code in SIZE_INDUSTRIES
    ]
    return profiles.select(
        "firm_id",
        "country",
        "region_code",
        mainland_resident=nw.col("country") == "CN",
        registered_days=days_since(nw.col("founded_on"), as_of),
        size_industry=nw.coalesce(*sized, industry.str.slice(0, 1)),
        software_firm=industry.str.contains(r"^I65"),
        property_or_finance=industry.str.contains(r"^[JK]|^L721"),
    )


def _years(
    seen: Mapping[str, Frame], profiles: Frame, facts: Mapping[str, Fact], as_of: date
) -> Frame | None:
    """Accounts in yuan, of the basis that the profile rests on, while they are fresh."""
    if "statement" not in seen:
        return None
    chosen = profiles.select("firm_id", nw.col("statement_basis").alias("basis"))
    rows = seen["statement"].join(chosen, on=["firm_id", "basis"], how="semi")
    wanted = Facts({name: fact for name, fact in facts.items() if fact.statement})
    years = statement_years(rows, wanted, as_of=as_of, basis=None)
    return years.filter(days_since(nw.col("statement_on"), as_of) <= FRESH_DAYS)


def _staff(seen: Mapping[str, Frame], as_of: date) -> Frame | None:
    if "staff" not in seen:
        return None
    age = days_since(nw.col("counted_on"), as_of)
    counts = seen["staff"].filter((age >= 0) & (age <= FRESH_DAYS))
    latest = counts.filter(nw.col("counted_on") == nw.col("counted_on").max().over("firm_id"))
    return latest.select(
        "firm_id", "employees_n", "rnd_staff_n", nw.col("graduates_n").alias("postgraduates_n")
    )


def _patents(seen: Mapping[str, Frame], as_of: date) -> Frame | None:
    """Class I rights known from the patent list: inventions granted and still in force.

    Plant varieties, layout designs and the like are not in the list: they can be declared.
    """
    if "patent" not in seen:
        return None
    patents = _not_ended(seen, as_of)
    in_force = (
        (nw.col("patent_kind") == "invention")
        & (nw.col("granted_on") <= as_of)
        & (days_since(nw.col("filed_on"), as_of) < PATENT_YEARS * 365.25).fill_null(True)
    )
    count = in_force.fill_null(False).cast(nw.Int64).sum()
    return patents.group_by("firm_id").agg(class1_ip_n=count)


def patents_in_force(seen: Mapping[str, Frame], *, as_of: date) -> Frame:
    """Patents granted by a day, neither ended by an event nor past their term.

    Args:
        seen: Visible records with `patent`; `patent_event` if there is one.
        as_of: The day.

    Returns:
        The rows of `patent` that are in force; one of unknown kind or filing day is not.
    """
    granted = _not_ended(seen, as_of).filter(nw.col("granted_on") <= as_of)
    return patent_life(granted, on=as_of).filter(nw.col("in_term"))


def _not_ended(seen: Mapping[str, Frame], as_of: date) -> Frame:
    """Patents without an event after which they are no longer the firm's."""
    if "patent_event" not in seen:
        return seen["patent"]
    keys = ["patent_id", "firm_id"]
    event, day = nw.col("patent_event"), nw.col("event_on")
    past = seen["patent_event"].filter(day <= as_of)
    restored = past.filter(event == "restored").group_by(keys).agg(day.max().alias("restored_on"))
    ended = past.filter(event.is_in(ENDED)).join(restored, on=keys, how="left")
    mended = ((event == "lapsed") & (day < nw.col("restored_on"))).fill_null(False)
    return seen["patent"].join(ended.filter(~mended).select(keys), on=keys, how="anti")


def _credentials(seen: Mapping[str, Frame], as_of: date) -> Frame | None:
    """True while a certificate is valid; without one nothing is known."""
    if "credential" not in seen:
        return None
    valid = (nw.col("since") <= as_of) & (nw.col("until").is_null() | (nw.col("until") > as_of))
    rows = seen["credential"].filter(valid)
    return _known_true(
        rows, {flag: nw.col("credential").is_in(names) for flag, names in HELD.items()}
    )


def _projects(seen: Mapping[str, Frame], as_of: date) -> Frame | None:
    if "project" not in seen:
        return None
    begun = seen["project"].filter(nw.col("since") <= as_of)
    high = nw.col("level").is_in(("national", "provincial")).fill_null(False)
    return begun.group_by("firm_id").agg(provincial_programmes_n=high.cast(nw.Int64).sum())


def _listings(seen: Mapping[str, Frame], as_of: date) -> Frame | None:
    if "adverse_event" not in seen:
        return None
    age = days_since(nw.col("event_on"), as_of)
    rows = seen["adverse_event"].filter((age >= 0) & (age <= LISTED_DAYS))
    bad = nw.col("event").is_in(("abnormal_list", "dishonest_list"))
    return _known_true(rows, {"adverse_list": bad})


def _known_true(rows: Frame, tests: Mapping[str, nw.Expr]) -> Frame:
    """Per firm: true if a row passes, else null."""
    counted = rows.group_by("firm_id").agg(
        **{name: test.fill_null(False).cast(nw.Int64).sum() for name, test in tests.items()}
    )
    found = {name: nw.when(nw.col(name) > 0).then(nw.lit(True)) for name in tests}
    return counted.with_columns(**found)


def newest_declarations(seen: Mapping[str, Frame], *, as_of: date) -> Frame | None:
    """The latest declaration of each fact by each firm that is still fresh.

    Args:
        seen: Visible records.
        as_of: The day.

    Returns:
        Rows of `declaration`, or None if there is no such table.
    """
    if DECLARATION not in seen:
        return None
    age = days_since(nw.col("declared_on"), as_of)
    rows = seen[DECLARATION].filter((age >= 0) & (age <= FRESH_DAYS))
    newest = nw.col("declared_on").max().over("firm_id", "fact")
    return rows.filter(nw.col("declared_on") == newest)


def _declared(
    seen: Mapping[str, Frame], years: Frame | None, facts: Mapping[str, Fact], as_of: date
) -> Frame | None:
    """The latest fresh declaration of each fact; one about a fiscal year must follow its end."""
    rows = newest_declarations(seen, as_of=as_of)
    if rows is None:
        return None
    if years is not None:
        rows = rows.join(years.select("firm_id", "statement_on"), on="firm_id", how="left")
        closed = nw.col("statement_on").is_null() | (nw.col("declared_on") > nw.col("statement_on"))
        annual = [name for name, fact in facts.items() if fact.year is not None]
        rows = rows.filter(closed | ~nw.col("fact").is_in(annual))
    stated = {}
    for name, fact in facts.items():
        column = nw.col(STATED[fact.kind])
        value = column.cast(nw.Int64) if fact.kind == "flag" else column
        stated[f"stated_{name}"] = nw.when(nw.col("fact") == name).then(value).max()
    return rows.group_by("firm_id").agg(**stated)


TABLES_READ = tuple(dict.fromkeys(["statement", *SETTLED_BY.values(), "patent_event", DECLARATION]))
"""Stored tables that facts come from."""
