"""The dictionary keeps its own rules, and its page says what it says."""

from pathlib import Path

import pytest

from techflow.basics import InvalidInput
from techflow.schema import DERIVED, EVIDENCE, TABLES
from techflow.schema.profile import FEATURES
from techflow_service.dictionary import render_dictionary

PAGE = Path(__file__).parents[2] / "docs/dictionary.md"
EVERY = TABLES | DERIVED
COLUMNS = [(table, column) for table in EVERY.values() for column in table.columns]
# What a name ends in, by unit; the house grammar, docs of names.
ENDINGS = {
    "lcy": ("_lcy",),
    "cny": ("_cny", "cny_per_lcy"),
    "share": ("_share", "pd"),
    "ratio": ("_ratio",),
    "rate_pa": ("rate_pa",),
    "n": ("_n",),
    "day": ("_days",),
    "month": ("_months",),
    "year": ("_years",),
    "points": ("score", "_part", "_points"),
}
# Tables the issue asks for by name.
ASKED = (
    "firm statement invoice patent patent_event staff credential funding_round loan facility "
    "collateral ownership adverse_event project relationship source"
)


def test_every_table_of_the_issue_is_there():
    assert set(ASKED.split()) <= set(TABLES)
    assert {"profile", "assessment"} <= set(DERIVED)


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_table_is_well_formed(table):
    assert table.zh and table.en
    assert set(table.key) <= set(table.names), f"{table.name}: a key column is not a column"
    for part in ("name", "zh", "en"):
        said = [getattr(column, part) for column in table.columns]
        twice = sorted({word for word in said if said.count(word) > 1})
        assert not twice, f"{table.name} says {twice} twice"


@pytest.mark.parametrize("name", TABLES)
def test_stored_tables_carry_evidence(name):
    if name not in ("source", "quarantine"):
        assert TABLES[name].columns[-len(EVIDENCE) :] == EVIDENCE
    assert not {column.name for column in EVIDENCE} & {item.name for item in FEATURES}


@pytest.mark.parametrize(
    ("table", "column"), COLUMNS, ids=[f"{table.name}.{column.name}" for table, column in COLUMNS]
)
def test_column_is_well_formed(table, column):
    assert column.name == column.name.lower()
    assert column.zh.strip() and column.en.strip()
    assert any("一" <= sign <= "鿿" for sign in column.zh), "the Chinese label has no Chinese"
    assert column.en.isascii()
    for value, (zh, en) in column.codes.items():
        assert value and zh.strip() and en.strip()
    if column.kind in ("int", "float"):
        assert column.unit in ENDINGS, f"{column.name} needs a unit"
        # A bound says so last: overdue_days_max.
        bare = column.name.removesuffix("_min").removesuffix("_max")
        assert bare.endswith(ENDINGS[column.unit]), f"{column.name} does not say {column.unit}"
    if column.kind == "date":
        assert column.name.endswith("_on") or column.name in ("since", "until", "as_of")
    if column.kind == "timestamp":
        assert column.name.endswith("_at")
    if column.low is not None and column.high is not None:
        assert column.low < column.high


def test_money_comes_with_its_currency():
    for table in EVERY.values():
        if any(column.unit == "lcy" for column in table.columns):
            assert [name for name in table.names if name.endswith("currency")], table.name


def test_one_name_means_one_thing():
    """A column of the same name has the same type and unit wherever it stands."""
    meant = {}
    for table, column in COLUMNS:
        first = meant.setdefault(column.name, (column.kind, column.unit, table.name))
        assert (column.kind, column.unit) == first[:2], f"{column.name}: {table.name}, {first[2]}"


def test_unknown_column_says_what_there_is():
    with pytest.raises(InvalidInput, match=r"staff has no column wages; it has .*employees_n"):
        TABLES["staff"].column("wages")


def test_page_is_up_to_date():
    page = PAGE.read_text("utf8")
    assert page == render_dictionary(), "run `make docs`"
    for table, column in COLUMNS:
        section = page.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        assert f"`{column.name}`" in section
        assert all(f"`{value}` {zh} / {en}" in section for value, (zh, en) in column.codes.items())
