"""The master scale and the grade at its edges."""

import math

import polars as pl
import pytest

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit import MasterScale, grade_firms
from techflow_service.cards import load_scale

SCALE = load_scale()


def test_grade_at_each_edge(make, rows):
    bounds = [grade.pd_max for grade in SCALE.grades]
    edges = [0.0, *bounds, *(math.nextafter(b, 0.0) for b in bounds), None]
    names = [grade.name for grade in SCALE.grades]
    expected = [names[0], *names[1:], names[-1], *names, None]
    frame = make(
        {"n": list(range(len(edges))), "pd": edges}, schema={"n": pl.Int64, "pd": pl.Float64}
    )
    seen = sorted(rows(grade_firms(frame, SCALE)), key=lambda row: row["n"])
    assert [row["grade"] for row in seen] == expected


def test_bounds_double_from_one_in_a_thousand():
    bounds = [grade.pd_max for grade in SCALE.grades]
    assert bounds == pytest.approx([0.001 * 2**k for k in range(9)] + [1.0])


def test_scale_is_our_own_and_bilingual():
    for grade in SCALE.grades:
        assert grade.name.startswith("TF") and grade.meaning.zh and grade.meaning.en


def test_pd_may_have_another_name(make, rows):
    (row,) = rows(grade_firms(make({"pd_1y": [0.003]}), SCALE, pd="pd_1y"))
    assert row["grade"] == "TF3"


@pytest.mark.parametrize("bounds", [[], [0.1], [0.2, 0.1, 1.0], [0.1, 0.1, 1.0], [0.0, 1.0]])
def test_broken_scales_are_refused(bounds):
    grades = [{"name": str(b), "pd_max": b, "zh": "甲", "en": "a"} for b in bounds]
    with pytest.raises(InvalidInput, match="must rise"):
        MasterScale.from_data({"id": "x", "grade": grades})


def test_a_missing_pd_column_is_named(make):
    with pytest.raises(MissingColumn, match="pd"):
        grade_firms(make({"x": [1.0]}), SCALE)
