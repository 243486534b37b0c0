"""Canonical JSON against the vectors of RFC 8785 and the hash of its bytes."""

import hashlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.basics.canonical import canonical_json, content_hash

# RFC 8785, Appendix B: the bits of a double, and its text.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers_of_the_standard(bits):
    assert canonical_json(struct.unpack(">d", bytes.fromhex(bits))[0]) == NUMBERS[bits]


def test_names_are_sorted_as_in_the_standard():
    # RFC 8785, 3.2.3: by UTF-16 code units, so the emoji comes before the Hebrew letter.
    names = ["€", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "ö"]
    expected = ["\r", "1", "\u0080", "ö", "€", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(dict.fromkeys(names)))) == expected


def test_the_sample_of_the_standard():
    # RFC 8785, 3.2.2 and 3.2.4.
    sample = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical_json(sample) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
TREE = st.recursive(
    LEAF, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3)
)


@given(TREE)
def test_reading_it_back_gives_the_content_and_the_same_text(content):
    text = canonical_json(content)
    assert json.loads(text, parse_int=float) == content
    assert canonical_json(json.loads(text)) == text
    assert content_hash(content) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("wrong", [float("nan"), 2**53 + 1, {1: 2}, "\ud800", {"a": b"x"}])
def test_what_has_no_canonical_form_is_named(wrong):
    with pytest.raises(InvalidInput):
        canonical_json(wrong)
