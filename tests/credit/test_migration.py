"""Generators: published matrices, the series of the logarithm, round trips of true chains."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.credit.migration import migration_generator, migration_over


def is_generator(rates):
    off = rates - np.diag(np.diag(rates))
    return np.all(off >= 0) and np.abs(rates.sum(axis=1)).max() < 1e-12 and not rates[-1].any()


@pytest.mark.parametrize("name", ["JLT.csv", "sp_NR_adjusted.json"])
def test_published_matrices_have_a_close_valid_generator(shared, name):
    path = shared / "rating_transitions" / name
    if path.suffix == ".csv":
        matrix = np.loadtxt(path, delimiter=",", skiprows=1)
    else:
        matrix = np.array(json.loads(path.read_text())[0])
    clean = matrix / matrix.sum(axis=1, keepdims=True)
    rates = migration_generator(matrix)
    assert is_generator(rates)
    # Israel, Rosenthal and Wei: the adjustment costs little; here under 0.04 percentage points.
    assert np.abs(migration_over(rates, years=1.0) - clean).max() < 4e-4
    # The series of the logarithm, their equation 2, summed here term by term; row by row the
    # negative rates go to the positive ones and the diagonal by size.
    step = clean - np.eye(len(clean))
    power, series = np.eye(len(clean)), np.zeros_like(clean)
    for k in range(1, 400):
        power = power @ step
        series += (-1) ** (k + 1) * power / k
    assert np.any(series - np.diag(np.diag(series)) < -1e-7), "nothing to adjust"
    for i, row in enumerate(series[:-1]):
        bad = sum(-x for j, x in enumerate(row) if j != i and x < 0)
        good = abs(row[i]) + sum(x for j, x in enumerate(row) if j != i and x > 0)
        expected = [0.0 if j != i and x < 0 else x - bad * abs(x) / good for j, x in enumerate(row)]
        assert rates[i] == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.floats(0.001, 0.15), min_size=3, max_size=3), st.floats(0.01, 0.1))
def test_a_true_generator_comes_back(rates, gap):
    # Three grades that step down; the worst defaults most, so PDs rise from grade to grade.
    a, b, c = rates[0], rates[1], sum(rates) + gap
    true = np.array([[-a, a, 0, 0], [0.02, -0.02 - b, b, 0], [0, 0.03, -0.03 - c, c], [0, 0, 0, 0]])
    found = migration_generator(migration_over(true, years=1.0))
    assert found == pytest.approx(true, abs=1e-8)


def test_spans_multiply():
    rates = np.array([[-0.2, 0.15, 0.05], [0.1, -0.5, 0.4], [0, 0, 0]])
    half, whole = migration_over(rates, years=0.5), migration_over(rates, years=1.0)
    assert half @ half == pytest.approx(whole, abs=1e-14)
    assert migration_over(rates, years=0.0).tolist() == np.eye(3).tolist()


def test_refusals():
    with pytest.raises(InvalidInput, match="no real logarithm"):
        migration_generator(np.array([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0, 0, 1.0]]))
    with pytest.raises(InvalidInput, match="singular"):
        migration_generator(np.array([[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0, 0, 1.0]]))
    with pytest.raises(InvalidInput, match="years"):
        migration_over(np.zeros((2, 2)), years=-1.0)
