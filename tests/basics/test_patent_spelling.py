"""Spellings of one patent, by hand from the number standards; and what never happens."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from techflow.basics.patent_numbers import patent_check_digit
from techflow.basics.patent_spelling import RULES, identify_patent

# One real application: 201710601862.3; the 8-digit number 95115608.X is that of ZC 0006-2003.
SAME = {
    "CN201710601862.3": [
        "CN201710601862.3",
        "ZL201710601862.3",
        "201710601862.3",
        "2017106018623",
        "201710601862",
        "CN201710601862",
        "zl 2017 1 0601862.3",
        "ＣＮ２０１７１０６０１８６２．３",
    ],
    "CN95115608.X": ["CN95115608.X", "95115608.x", "ZL95115608", "CN 95115608", "95115608X"],
    "CN112345678A": ["CN112345678A", "CN112345678B", "CN 112345678 B", "CN112345678"],
    "CN212345678U": ["CN212345678U", "CN212345678"],
    "US10692631": ["US10692631", "US 10,692,631 B2", "US10692631B2"],
    "US7654321": ["US7654321", "US07654321", "US 7,654,321 B1"],
    "US20200123456": ["US20200123456A1", "US 2020/0123456 A1", "US2020123456A1"],
    "EP1234567": ["EP1234567", "EP 1 234 567 B1", "EP1234567A1"],
    "EP0123456": ["EP0123456", "EP 123456 A2"],
    "WO1999012345": ["WO 99/12345", "WO9912345A1", "WO1999012345", "WO 1999/012345"],
    "WO2002123456": ["WO 02/123456", "WO 2002/123456 A1"],
}


@pytest.mark.parametrize(
    ("text", "patent_id"), [(text, one) for one, texts in SAME.items() for text in texts]
)
def test_one_patent_under_many_spellings(text, patent_id):
    found = identify_patent(text)
    assert (found.patent_id, found.problem) == (patent_id, None)
    assert (not found.rules) == (text == patent_id)
    assert set(found.rules) <= set(RULES)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("CN1234567A", "CN1234567C"),  # before 2007 the grant has another number
        ("CN100123456C", "CN101234567A"),
        ("CN112345678A", "CN212345678U"),
        ("US10692631", "US20200123456A1"),
        ("EP1234567", "US1234567"),
        ("WO1999012345", "WO2002012345"),
        ("CN201710601862.3", "CN201710601863.1"),
    ],
)
def test_different_patents_stay_apart(first, second):
    assert identify_patent(first).patent_id != identify_patent(second).patent_id


@pytest.mark.parametrize(
    "text",
    ["CN201710601862.4", "ZL201710601862.X", "95115608", "CN100123456", "PCT/CN2020/123456", ""],
)
def test_what_cannot_be_told_is_a_problem_and_not_mended(text):
    assert identify_patent(text).problem


def application(year, kind, serial):
    number = f"{year}{kind}{serial:07}"
    return f"CN{number}.{patent_check_digit(number)}"


APPLICATION = st.builds(
    application, st.integers(2004, 2030), st.sampled_from("12389"), st.integers(0, 9_999_999)
)


@given(APPLICATION, st.sampled_from(["", "CN", "ZL", "zl "]), st.booleans())
def test_every_spelling_of_an_application_leads_home(patent_id, prefix, with_digit):
    number, _, digit = patent_id[2:].partition(".")
    found = identify_patent(prefix + number + (f".{digit}" if with_digit else ""))
    assert (found.patent_id, found.problem) == (patent_id, None)


@given(
    st.one_of(
        APPLICATION, st.sampled_from([text for texts in SAME.values() for text in texts]), st.text()
    )
)
@example("C/\u0327")  # without the stroke the two signs are one
def test_reading_twice_changes_nothing(text):
    once = identify_patent(text)
    again = identify_patent(once.patent_id)
    assert again.patent_id == once.patent_id
    assert (again.problem is None) == (once.problem is None)
