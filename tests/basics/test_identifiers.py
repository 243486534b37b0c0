"""Identifiers against published codes and sums worked by hand, never against the code itself."""

import string
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics.codes import COUNTRIES, DIVISIONS
from techflow.basics.identifiers import (
    CHECKERS,
    NORMALISERS,
    USCC_ALPHABET,
    USCC_WEIGHTS,
    organisation_check,
    uscc_check,
)
from techflow.basics.patent_numbers import patent_check_digit
from techflow.schema import TABLES


def passes(name, text):
    return CHECKERS[name](NORMALISERS[name](text)) is None


# 91350100M000100Y43 is the sample of GB 32100-2015; 91110108551385082Q is the example of the
# npm package uscc-utils, 91110000600037341L that of the Python package python-stdnum.
@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",
        "91110108551385082Q",
        "91110000600037341L",
        "９１３５０１００m000100y43",
    ],
)
def test_published_credit_codes_pass(code):
    assert passes("uscc", code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("91350100M000100Y4A", "should be 3"),  # util-helpers documents it as wrong
        ("91110000600037342L", "organisation"),  # python-stdnum documents it as wrong
        ("A1110000O00037341L", "18 digits"),  # O is not in the alphabet
        ("9111000060003734L", "18 digits"),  # 17 characters
        ("٩١350100M000100Y43", "18 digits"),  # Arabic digits
        ("", "18 digits"),
    ],
)
def test_wrong_credit_codes_say_what_is_wrong(code, word):
    assert word in CHECKERS["uscc"](code).en


def test_weights_are_the_table_of_the_standard():
    # GB 32100-2015, table of weights, typed in
    assert USCC_WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    assert len(USCC_ALPHABET) == 31 and not set("IOSVZ") & set(USCC_ALPHABET)


def test_organisation_code_by_hand():
    # 60003734: 6x3 + 0 + 0 + 0 + 3x5 + 7x8 + 3x4 + 4x2 = 109; 109 mod 11 = 10; 11 - 10 = 1
    assert organisation_check("60003734") == "1"
    # 00000004: 4x2 = 8; 11 - 8 = 3.  00000000: 11 - 0 = 11 -> 0.  00000006: 12 mod 11 = 1 -> X
    assert [organisation_check(f"0000000{last}") for last in "406"] == ["3", "0", "X"]


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.data())
def test_one_changed_character_is_always_found(body, data):
    """The weights are prime to 31, so a single substitution always changes the check character."""
    place = data.draw(st.integers(0, 16))
    other = data.draw(st.sampled_from([c for c in USCC_ALPHABET if c != body[place]]))
    assert uscc_check(body) != uscc_check(body[:place] + other + body[place + 1 :])


def test_patent_check_digits_by_hand():
    # 201710601862: 2x2+0x3+1x4+7x5+1x6+0x7+6x8+0x9+1x2+8x3+6x4+2x5 = 157; 157 mod 11 = 3
    assert patent_check_digit("201710601862") == "3"
    # ZL95115608.X, the common worked example: 18+15+4+5+30+42+0+72 = 186; 186 mod 11 = 10 -> X
    assert patent_check_digit("95115608") == "X"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("ZL 2017 1 0601862.3", "CN201710601862.3"),
        ("2017106018623", "CN201710601862.3"),
        ("zl95115608.x", "CN95115608.X"),
        ("CN112345678A", "CN112345678A"),
        ("US 10,692,631 B2", "US10692631B2"),
        ("WO 2020/123456", "WO2020123456"),
        ("USD654456", "USD654456"),
    ],
)
def test_patent_numbers_get_one_spelling(text, spelled):
    assert NORMALISERS["patent_id"](text) == spelled
    assert CHECKERS["patent_id"](spelled) is None


@pytest.mark.parametrize(
    "text",
    [
        "CN201710601862.4",  # check digit
        "CN201740601862.3",  # kind 4
        "CN04115608.X",  # 8 digits after 2003
        "CN199910601862.3",  # 12 digits before 2003
        "CN201710601862",  # no check digit
        "10692631",
        "patent",
    ],
)
def test_wrong_patent_numbers_are_refused(text):
    assert not passes("patent_id", text)


def test_divisions_of_the_industry_standard():
    """GB/T 4754-2017: 20 sections, 97 divisions, each in one section."""
    assert "".join(DIVISIONS) == string.ascii_uppercase[:20]
    assert sorted(n for divisions in DIVISIONS.values() for n in divisions) == list(range(1, 98))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("industry", ["C39", "C391", "C3911", "c 3911", "A01", "T97"], ["C", "C5", "I39", "U01"]),
        (
            "division",
            ["110000", "440300", "440305", "469001"],
            ["100000", "4403", "440005", "44030x"],
        ),
        (
            "ipc",
            ["H01L", "H01L21/02", "H01L 21/027; G06F 9/30", "Y02E"],
            ["Z01L", "H1L", "H01L/02", ";"],
        ),
        ("currency", ["CNY", "rmb", "人民币", "KRW"], ["元", "CN", "XXX"]),
        ("country", ["CN", "kr", "中国"], ["UK", "XX", "Cn1"]),
        (
            "firm_id",
            [
                *("cn.uscc:91350100m000100y43", "91350100M000100Y43", "kr.stock:005930"),
                *("CUMCM:E17", "sample:000042", "own:甲-1", "A001"),
            ],
            ["cn.uscc:91350100M000100Y4A", "kr.stock:5930", "cumcm:17", "tax:1", "own:", "a b", ""],
        ),
    ],
)
def test_other_codes(name, good, bad):
    assert [text for text in good if not passes(name, text)] == []
    assert [text for text in bad if passes(name, text)] == []


def test_there_are_249_countries():
    assert len(COUNTRIES) == 249  # ISO 3166-1, officially assigned


def test_every_check_of_the_dictionary_exists():
    named = {column.check for table in TABLES.values() for column in table.columns} - {""}
    assert named <= set(CHECKERS) and set(CHECKERS) == set(NORMALISERS)


@given(st.text(max_size=25))
def test_any_text_is_judged_and_what_passes_keeps_its_spelling(text):
    for name, check in CHECKERS.items():
        once = NORMALISERS[name](text)
        problem = check(once)
        assert NORMALISERS[name](once) == once if problem is None else problem.zh and problem.en


@given(st.text(USCC_ALPHABET, min_size=8, max_size=8), st.integers(0, 999999))
def test_a_code_built_as_the_standards_say_passes(organisation, division):
    """Check characters found by search over plain integer sums, not by the code's formula."""
    digits = [int(c, 36) for c in organisation]
    total = sum(d * w for d, w in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    ninth = next(c for c in range(11) if Fraction(total + c, 11).denominator == 1)
    body = f"91{division:06d}{organisation}{'0123456789X'[ninth]}"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    values = [USCC_ALPHABET.index(c) for c in body]
    total = sum(v * w for v, w in zip(values, weights, strict=True))
    last = next(c for c in range(31) if Fraction(total + c, 31).denominator == 1)
    assert passes("uscc", body + USCC_ALPHABET[last])
