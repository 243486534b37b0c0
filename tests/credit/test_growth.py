"""Intervals of growth: margins by hand, coverage as the theorem promises, ends in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from techflow.basics import InvalidInput
from techflow.credit import fit_margins, widen_interval


def test_margins_by_hand():
    # Nineteen rows, share 0.8: rank ceil(20 * 0.9) = 18 of 19 errors at each end.
    y = np.array([-3.0, -2.0, *np.zeros(15), 4.0, 7.0])
    below, above = fit_margins(y, np.full(19, -1.0), np.full(19, 1.0), share=0.8)
    assert (below, above) == (1.0, 3.0)


def test_coverage_is_what_the_theorem_promises():
    # Romano et al. (2019): over draws, the miss at each end is at most (1 - share) / 2 and at
    # least that less 1 / (n + 1), whatever the quantiles: here they are far too narrow.
    rng, held = np.random.default_rng(3), []
    for _ in range(2000):
        y = rng.standard_t(3, 100)
        narrow = np.full(99, 0.0)
        below, above = fit_margins(y[:99], narrow, narrow, share=0.8)
        held.append(-below <= y[99] <= above)
    assert np.mean(held) == pytest.approx(0.8, abs=3.0 * np.sqrt(0.16 / 2000))


def test_too_few_rows_are_refused():
    with pytest.raises(InvalidInput, match="more than 18 rows"):
        fit_margins(np.zeros(18), np.zeros(18), np.zeros(18), share=0.9)


numbers = arrays(np.float64, 5, elements=st.floats(-5.0, 5.0))


@given(numbers, numbers, numbers, st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))
def test_the_median_lies_inside(median, low, high, below, above):
    kept, start, end = widen_interval(median, low, high, below=below, above=above)
    assert (start <= kept).all() and (kept <= end).all() and (kept == median).all()
