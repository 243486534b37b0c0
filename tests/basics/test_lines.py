"""Lines through points on both engines. Oracle: `numpy.interp`, which is flat outside too."""

import math

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.basics.lines import known, line, read_points

NUMBER = st.floats(-1e3, 1e3)


def read_line(frame, points):
    made = frame.with_columns(y=line(known("x"), points))
    return dict(made.select("row", "y").collect(backend="polars").iter_rows())


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.integers(-500, 500), NUMBER, min_size=1, max_size=6), st.lists(NUMBER))
def test_line_is_numpy_interp(data, xs):
    points = read_points("x", sorted(data.items()))
    frame = pl.DataFrame(
        {"row": range(len(xs)), "x": xs}, schema={"row": pl.Int64, "x": pl.Float64}
    )
    found = read_line(nw.from_native(frame.lazy()), points)
    expected = np.interp(xs, *zip(*points, strict=True)) if xs else []
    assert [found[n] for n in range(len(xs))] == pytest.approx(list(expected), abs=1e-9)


def test_unknown_stays_unknown_on_each_engine(make):
    rows = {"row": [0, 1, 2, 3], "x": [None, math.inf, math.nan, 0.5]}
    found = read_line(make(rows), read_points("x", [(0, 0), (1, 10)]))
    assert found == {0: None, 1: None, 2: None, 3: 5.0}


@pytest.mark.parametrize("wrong", [[], [(1, 0), (1, 5)], [(2, 0), (1, 5)]])
def test_points_rise(wrong):
    with pytest.raises(InvalidInput, match="points of x must rise"):
        read_points("x", wrong)
