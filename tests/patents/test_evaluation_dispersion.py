"""Dispersion of evaluations: statistics of the standard library and SciPy, on both engines."""

import math
import statistics

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gstd, median_abs_deviation

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.evaluation_dispersion import compare_evaluators, evaluation_dispersion

VALUES = [90.0, 100.0, 110.0, 130.0, 900.0]


def table(values, patent="p"):
    return [
        {"patent_id": patent, "evaluator_id": f"e{i}", "value_cny": value}
        for i, value in enumerate(values)
    ]


def compare(frame):
    return compare_evaluators(frame, score_max=3.5, evaluators_n_min=3)


def test_spread_and_outliers_equal_other_statistics(make, rows):
    compared = compare(make(table(VALUES)))
    found = sorted(rows(compared), key=lambda row: row["evaluator_id"])
    logs = [math.log(v) for v in VALUES]
    mad = median_abs_deviation(logs, scale="normal")
    scores = [(x - statistics.median(logs)) / mad for x in logs]
    # SciPy's scale is 1 / 0.67449; the source rounds to 0.6745.
    assert [row["modified_z_score"] for row in found] == pytest.approx(scores, rel=1e-4, abs=1e-9)
    assert [row["outlier"] for row in found] == [False] * 4 + [True]
    (one,) = rows(evaluation_dispersion(compared))
    assert one["geometric_spread_ratio"] == pytest.approx(gstd(VALUES))
    assert (one["evaluators_n"], one["outliers_n"]) == (5, 1)
    assert (one["value_low_cny"], one["value_median_cny"], one["value_high_cny"]) == (90, 110, 900)


def test_too_few_or_nobody_apart(make, rows):
    values = {"one": [5.0], "two": [5.0, 50.0], "same": [5.0] * 4, "none": [None, 0.0, -1.0]}
    given_rows = [row for name, some in values.items() for row in table(some, name)]
    compared = compare(make(given_rows))
    found = {row["patent_id"]: row for row in rows(evaluation_dispersion(compared))}
    assert {name: row["evaluators_n"] for name, row in found.items()} == {
        "one": 1,
        "two": 2,
        "same": 4,
        "none": 0,
    }
    assert all(row["outliers_n"] is None for row in found.values())
    assert found["one"]["geometric_spread_ratio"] is None
    assert found["two"]["geometric_spread_ratio"] == pytest.approx(gstd([5.0, 50.0]))
    assert found["same"]["geometric_spread_ratio"] == 1
    assert found["none"]["value_median_cny"] is None


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(1, 1e9), min_size=2, max_size=8), st.floats(0.01, 100))
def test_another_currency_changes_no_spread(values, rate):

    def spread(some):
        frame = nw.from_native(pl.LazyFrame(table(some)))
        return evaluation_dispersion(compare(frame)).collect()["geometric_spread_ratio"][0]

    assert spread([v * rate for v in values]) == pytest.approx(spread(values), rel=1e-6)


def test_wrong_input_is_named(make):
    with pytest.raises(MissingColumn, match="value_cny"):
        compare(make([{"patent_id": "p", "evaluator_id": "e"}]))
    with pytest.raises(InvalidInput, match="3 or more"):
        compare_evaluators(make(table(VALUES)), score_max=3.5, evaluators_n_min=2)
