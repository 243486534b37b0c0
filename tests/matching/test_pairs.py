"""Pairs of firms and products on both engines: gains and refusals by hand."""

import polars as pl
import pytest

from techflow.basics import MissingColumn
from techflow.matching import MANDATES, gain_by_rates, judge_pairs
from techflow.matching.pairs import JUDGED

TEXTS = ("firm_id", "product_id", *MANDATES)
SCHEMA = {name: pl.String if name in TEXTS else pl.Float64 for name in JUDGED}
FINE = {
    "firm_id": "f",
    "product_id": "p",
    "sector": "C39",
    "region": "33",
    "stage": "growth",
    "amount_cny": 100.0,
    "amount_min_cny": 50.0,
    "amount_max_cny": 200.0,
    "firm_gain_cny": 5.0,
    "provider_gain_cny": 2.0,
    "firm_gain_min_cny": 5.0,
    "provider_gain_min_cny": 2.0,
}
LIMITS = [
    {"product_id": "p", "about": "sector", "value": "C39"},
    {"product_id": "p", "about": "sector", "value": "C40"},
    {"product_id": "p", "about": "stage", "value": "growth"},
]
CASES = [
    ({}, None),
    ({"sector": "C40"}, None),
    ({"sector": "C26"}, "sector"),
    ({"sector": None}, "sector"),
    ({"region": None}, None),
    ({"stage": "start_up"}, "stage"),
    ({"sector": "C26", "stage": "start_up"}, "sector"),
    ({"product_id": "open", "sector": None, "stage": None}, None),
    ({"amount_cny": 200.0}, None),
    ({"amount_cny": 200.01}, "amount"),
    ({"amount_cny": 49.0}, "amount"),
    ({"amount_cny": None}, "amount"),
    ({"amount_cny": None, "amount_min_cny": None, "amount_max_cny": None}, None),
    ({"firm_gain_cny": None}, "gain_unknown"),
    ({"firm_gain_cny": 4.99}, "firm_minimum"),
    ({"firm_gain_cny": -4.0, "firm_gain_min_cny": None}, None),
    ({"provider_gain_cny": 1.99}, "provider_minimum"),
]


def test_the_first_broken_limit_is_named(make, rows):
    pairs = [FINE | {"firm_id": str(n)} | changed for n, (changed, _) in enumerate(CASES)]
    judged = judge_pairs(make(pairs, SCHEMA), mandates=make(LIMITS))
    found = {row["firm_id"]: row["refusal_code"] for row in rows(judged)}
    assert found == {str(n): expected for n, (_, expected) in enumerate(CASES)}
    assert set(judged.collect_schema().names()) == {*JUDGED, "refusal_code"}


def test_no_mandate_at_all_allows_every_pair(make, rows):
    none = make([], dict.fromkeys(("product_id", "about", "value"), pl.String))
    judged = judge_pairs(make([FINE | {"sector": None}], SCHEMA), mandates=none)
    assert [row["refusal_code"] for row in rows(judged)] == [None]


def test_gains_by_rates_by_hand(make, rows):
    names = ("amount_cny", "rate_max_pa", "break_even_rate_pa", "rate_pa", "relief_rate_pa")
    given = [
        (1e6, 0.07, 0.05, 0.06, None),
        (1e6, 0.07, 0.05, 0.04, 0.02),
        (1e6, None, 0.05, 0.04, 0),
    ]
    schema = dict.fromkeys(names, pl.Float64)
    pairs = [dict(zip(names, row, strict=True)) for row in given]
    found = rows(gain_by_rates(make(pairs, schema)))
    known = [row for row in found if row["firm_gain_cny"] is not None]
    gains = sorted((row["provider_gain_cny"], row["firm_gain_cny"]) for row in known)
    assert gains == [pytest.approx((10_000.0, 10_000.0)), pytest.approx((10_000.0, 30_000.0))]
    assert len(found) == 3


def test_a_missing_column_is_named(make):
    with pytest.raises(MissingColumn, match=r"judge_pairs needs the column .*\bsector"):
        judge_pairs(make([{"firm_id": "f"}]), mandates=make(LIMITS))
