"""Shares and caps per loan over columns, on both engines, against fractions."""

from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pool.demo import DEMO, demo, number
from tests.pool.test_stream import hamilton

from techflow.basics import MissingColumn
from techflow.pool import Cut, check_scheme
from techflow.pool.shares import facts_needed, split_by_loan

PPM = 1_000_000
POOL, GUARANTOR, BANK = DEMO["layer"]
SCHEMA = {
    "loss_cny": pl.Float64,
    "loan_cny": pl.Float64,
    "credit_part_cny": pl.Float64,
    "months": pl.Int64,
    "listed": pl.Boolean,
    "first_loan": pl.Boolean,
    "tool": pl.Boolean,
    "loan_security": pl.String,
    "paid_elsewhere_cny": pl.Float64,
}
ROW = {
    "loss_cny": 100.0,
    "loan_cny": 1_000.0,
    "credit_part_cny": 500.0,
    "months": 12,
    "listed": False,
    "first_loan": False,
    "tool": False,
    "loan_security": "credit",
    "paid_elsewhere_cny": 0.0,
}


def full_scheme():
    """Every word a share can use: brackets by size and by a ratio, extras, best of, caps."""
    pool = {
        "party": "pool",
        "share": [
            number("10%") | {"by": "loan_cny"},
            number("5%") | {"any": ["listed"]},
            number("0%") | {"by": ["credit_part_cny", "loan_cny"]},
        ],
        "share_max": number("40%"),
        "spill": "guarantor",
    }
    guarantor = {
        "party": "guarantor",
        "combine": "best",
        "share": [number("20%"), number("50%") | {"any": ["first_loan"]}],
    }
    scheme = demo(
        layer=[pool, guarantor, BANK],
        limit=[
            {"fact": "months", "most": number(24, "month")},
            {"fact": "loan_cny", "most": number(9_000, "cny"), "raised": number(10_000, "cny")}
            | {"any": ["tool"]},
        ],
        cap=[
            {"party": "pool", "scope": "loan", "amount": number(300, "cny")},
            {"party": "pool", "scope": "loan", "amount": number("80%")}
            | {"less": "paid_elsewhere_cny"},
        ],
    )
    first, *others = scheme.layers
    size, listed, ratio = first.parts
    by_size = replace(size.share, cuts=(cut("<=", 1_000, "30%"), cut("<=", 5_000, "20%")))
    by_ratio = replace(ratio.share, cuts=(cut(">=", "0.7", "15%"), cut(">", "0.5", "5%")))
    parts = (replace(size, share=by_size), listed, replace(ratio, share=by_ratio))
    scheme = replace(scheme, layers=(replace(first, parts=parts), *others))
    check_scheme(scheme)
    return scheme


def cut(op, at, gives):
    return Cut(op, Fraction(at), Fraction(gives[:-1]) / 100)


SCHEME = full_scheme()


def oracle(row):
    """The same from the definition, in fractions of fen."""
    loss, loan = Fraction(str(row["loss_cny"])), Fraction(str(row["loan_cny"]))
    if row["months"] > 24 or loan > (10_000 if row["tool"] else 9_000):
        shares = [0, 0, PPM]
    else:
        part = Fraction(str(row["credit_part_cny"])) / loan
        size = 30 if loan <= 1_000 else 20 if loan <= 5_000 else 10
        extra = 15 if part >= Fraction(7, 10) else 5 if part > Fraction(1, 2) else 0
        pool = min(40, size + (5 if row["listed"] else 0) + extra)
        guarantor = 50 if row["first_loan"] else 20
        shares = [pool * 10_000, guarantor * 10_000, (100 - pool - guarantor) * 10_000]
    fen = int(loss * 100)
    parts = hamilton(fen, shares) if fen else [0, 0, 0]
    elsewhere = int(Fraction(str(row["paid_elsewhere_cny"])) * 100)
    room = min(30_000, max(fen * 80 // 100 - elsewhere, 0))
    over = max(parts[0] - room, 0)
    return [parts[0] - over, parts[1] + over, parts[2]]


def cents(low, high):
    return st.integers(low * 100, high * 100).map(lambda fen: fen / 100)


near = st.sampled_from([999.99, 1_000.0, 1_000.01, 5_000.0, 5_000.01, 9_000.0, 9_000.01, 10_000.0])


@st.composite
def loans(draw):
    loan = draw(near | cents(1, 12_000))
    ratio = draw(st.sampled_from([0.5, 0.7, 0.3, 1.0]))
    return {
        "loan_cny": loan,
        "loss_cny": draw(st.integers(0, round(loan * 100))) / 100,
        "credit_part_cny": draw(st.just(round(loan * ratio, 2)) | cents(0, 12_000)),
        "months": draw(st.integers(20, 28)),
        "listed": draw(st.booleans()),
        "first_loan": draw(st.booleans()),
        "tool": draw(st.booleans()),
        "loan_security": "credit",
        "paid_elsewhere_cny": draw(cents(0, 500)),
    }


def pays(found):
    return [[row[f"pays_{p}_fen"] for p in ("pool", "guarantor", "bank")] for row in found]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(loans(), min_size=1, max_size=20))
def test_columns_give_what_fractions_give(make, rows, book):
    found = rows(split_by_loan(make(book, SCHEMA), SCHEME))
    assert [row["problem"] for row in found] == [None] * len(book)
    assert sorted(pays(found)) == sorted(oracle(row) for row in book)
    assert all(sum(parts) == row["loss_fen"] for parts, row in zip(pays(found), found, strict=True))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"loan_cny": None}, "loan_unusable"),
        ({"loan_cny": 0.0}, "loan_unusable"),
        ({"loan_cny": float("inf")}, "loan_unusable"),
        ({"loss_cny": -0.01}, "loss_unusable"),
        ({"loss_cny": float("nan")}, "loss_unusable"),
        ({"loss_cny": 1e14, "loan_cny": 1e14}, "loan_unusable"),
        ({"loss_cny": 1_000.01}, "loss_above_loan"),
        ({"listed": None}, "fact_unknown"),
        ({"first_loan": None}, "fact_unknown"),
        ({"credit_part_cny": None}, "fact_unknown"),
        ({"months": None}, "fact_unknown"),
        ({"paid_elsewhere_cny": None}, "fact_unknown"),
        ({"paid_elsewhere_cny": -1.0}, "fact_unknown"),
        ({"months": 25, "listed": None}, None),  # outside the scheme no share is asked for
        ({"loss_cny": None}, None),  # no claim
    ],
)
def test_a_row_that_cannot_be_split_says_why(make, rows, changes, problem):
    (found,) = rows(split_by_loan(make([ROW | changes], SCHEMA), SCHEME))
    assert found["problem"] == problem
    empty = problem is not None or changes.get("loss_cny", 0) is None
    assert (pays([found]) == [[None] * 3]) == empty


def test_outside_the_scheme_the_last_layer_bears_all(make, rows):
    (found,) = rows(split_by_loan(make([ROW | {"months": 25}], SCHEMA), SCHEME))
    assert (pays([found]), found["in_scope"]) == ([[0, 0, 10_000]], False)


def test_codes_make_an_extra_apply(make, rows):
    extra = replace(SCHEME.layers[0].parts[1], column="loan_security")
    codes = replace(extra.share, codes=("ip_pledge",))
    extra = replace(extra, codes=codes)
    layers = (replace(SCHEME.layers[0], parts=(extra,)), *SCHEME.layers[1:])
    book = [ROW | {"loan_security": name} for name in ("credit", "ip_pledge", None)]
    book.append(ROW | {"loan_security": None, "listed": True})
    found = rows(split_by_loan(make(book, SCHEMA), replace(SCHEME, layers=layers)))
    told = sorted((str(row["problem"]), row["share_pool_ppm"] or -1) for row in found)
    assert told == [("None", -1), ("None", 50_000), ("None", 50_000), ("fact_unknown", -1)]


def test_a_column_that_is_not_there_is_named(make):
    frame = make([ROW], SCHEMA).drop("listed")
    with pytest.raises(MissingColumn, match="needs the column listed"):
        split_by_loan(frame, SCHEME)
    assert facts_needed(SCHEME)["listed"] == "flag"


def test_input_columns_are_kept(make, rows):
    (found,) = rows(split_by_loan(make([ROW], SCHEMA), SCHEME))
    assert ROW.items() <= found.items()
    assert {n for n in found if n.split("_")[0] in ("raw", "part", "left", "held", "fen")} == set()
