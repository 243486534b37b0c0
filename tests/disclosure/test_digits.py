"""Closed forms: one digit has the law's own tail; digits of 2^n as Python writes them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.disclosure import benford_p, count_first_digits
from techflow.disclosure.digits import BENFORD, ENUMERATED_N


def test_one_digit_has_the_tail_of_the_law():
    found = benford_p(np.eye(9))
    assert found == pytest.approx([BENFORD[d:].sum() for d in range(9)])


def test_exact_p_is_that_of_every_sequence_counted():
    counts = np.array([[0.0, 0, 0, 0, 0, 0, 1, 1, 1]])

    def far(c):
        return (c**2 / BENFORD).sum() / 3 - 3

    p = 0.0
    for digits in product(range(9), repeat=3):
        c = np.bincount(digits, minlength=9)
        p += np.prod(BENFORD[list(digits)]) * (far(c) >= far(counts[0]) - 1e-9)
    assert benford_p(counts)[0] == pytest.approx(p, rel=1e-9)


def test_the_test_holds_its_size_at_small_numbers():
    drawn = np.random.default_rng(1).multinomial(20, BENFORD, size=4000).astype(float)
    assert 0.04 < np.mean(benford_p(drawn) < 0.05) < 0.06


def test_drawn_and_counted_null_agree(monkeypatch):
    counts = np.random.default_rng(2).multinomial(6, BENFORD, size=50).astype(float)
    exact = benford_p(counts)
    monkeypatch.setattr("techflow.disclosure.digits.ENUMERATED_N", 0)
    assert np.abs(benford_p(counts, draws_n=40_000) - exact).max() < 0.015
    assert ENUMERATED_N == 8


def test_digits_of_powers_of_two():
    powers = 2.0 ** np.arange(1000)
    written = [str(2**n)[0] for n in range(1000)]
    expected = [written.count(str(d)) for d in range(1, 10)]
    assert count_first_digits(powers[None, :])[0].tolist() == expected


@given(st.integers(1, 9), st.integers(-12, 15), st.sampled_from([1.0, -1.0]))
def test_a_digit_times_a_power_of_ten(digit, power, sign):
    amount = sign * float(f"{digit}e{power}")
    assert count_first_digits(np.array([[amount]]))[0].argmax() == digit - 1


def test_nothing_known_is_unknown():
    assert np.isnan(benford_p(np.zeros((1, 9)))[0])
    with pytest.raises(InvalidInput, match=r"shape \(rows, 9\)"):
        benford_p(np.zeros((1, 8)))
