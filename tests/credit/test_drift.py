"""Measures of drift: size under no change, exact sums, hand-worked and second-source values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency

from techflow.basics import InvalidInput
from techflow.credit.drift import count_bins, find_move, holm, share_change, split_shift

SIMULATIONS_N = 4000
# As in test_validation: 95 % of such counts lie within 0.7 points of 5 %.
LOW, HIGH = 0.04, 0.06


def with_gaps(rng, n):
    return np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n))


def repeated(rng, n):
    return rng.choice([0.0, 1.0, 2.0, np.nan], size=n, p=[0.5, 0.2, 0.2, 0.1])


@pytest.mark.parametrize("draw", [with_gaps, repeated], ids=["numbers", "codes"])
def test_steady_numbers_are_said_to_move_in_one_of_twenty(draw):
    rng = np.random.default_rng(21)
    found = [find_move(draw(rng, 1500), draw(rng, 900)).p < 0.05 for _ in range(SIMULATIONS_N)]
    assert LOW <= np.mean(found) <= HIGH


def test_a_move_of_a_fifth_of_a_deviation_is_found():
    rng = np.random.default_rng(22)
    found = [
        find_move(rng.normal(size=1500), rng.normal(size=900) + 0.2).p < 0.05 for _ in range(200)
    ]
    assert np.mean(found) > 0.95


def test_a_steady_mean_is_said_to_shift_in_one_of_twenty():
    rng, beyond = np.random.default_rng(23), 0
    for _ in range(SIMULATIONS_N):
        first, second = (rng.normal(size=(n, 3)) @ np.diag([1.0, 2.0, 0.5]) for n in (300, 200))
        none = np.zeros_like(first), np.zeros_like(second)
        shift = split_shift(first, second, unknown_before=none[0], unknown_after=none[1])
        beyond += abs(shift.total) > 1.959963984540054 * shift.total_se
    assert LOW <= beyond / SIMULATIONS_N <= HIGH


def test_bins_hold_what_numpy_counts():
    rng = np.random.default_rng(24)
    before, after = rng.normal(size=997), rng.normal(size=400) + 0.3
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    whole = [-np.inf, *edges, np.inf]
    first, second = count_bins(np.append(before, np.nan), np.append(after, [np.nan] * 3))
    # numpy's bins are closed below, ours above: the same but for numbers on an edge.
    assert np.abs(first[:-1] - np.histogram(before, whole)[0]).max() <= 1
    assert second[:-1].tolist() == np.histogram(after, whole)[0].tolist()
    assert (first[-1], second[-1]) == (1, 3)


def test_nothing_known_or_one_number_only_is_no_move():
    none, one = np.full(60, np.nan), np.full(60, 3.0)
    for numbers in (none, one):
        assert (find_move(numbers, numbers).value, find_move(numbers, numbers).p) == (0.0, 1.0)
    assert find_move(none, one).p < 1e-6 and find_move(one, none).p < 1e-6


FLOATS = st.floats(-50, 50)


@given(
    arrays(np.float64, (7, 4), elements=FLOATS),
    arrays(np.float64, (5, 4), elements=FLOATS),
    arrays(np.float64, (7, 4), elements=st.sampled_from([0.0, 1.0])),
    arrays(np.float64, (5, 4), elements=st.sampled_from([0.0, 1.0])),
)
def test_parts_add_up_swap_their_sign_and_forget_the_order(before, after, gone, gone_after):
    shift = split_shift(before, after, unknown_before=gone, unknown_after=gone_after)
    total = after.sum(axis=1).mean() - before.sum(axis=1).mean()
    assert shift.parts.sum() == pytest.approx(total, abs=1e-9)
    back = split_shift(after, before, unknown_before=gone_after, unknown_after=gone)
    assert back.parts == pytest.approx(-shift.parts, abs=1e-9)
    assert back.unknown == pytest.approx(-shift.unknown, abs=1e-9)
    turned = split_shift(
        before[::-1], after[::-1], unknown_before=gone[::-1], unknown_after=gone_after[::-1]
    )
    assert turned.unknown == pytest.approx(shift.unknown, abs=1e-9)


def test_what_comes_from_unknown_numbers_by_hand():
    # Known rows add 2 on both days, unknown ones 5; a half are unknown after, none before.
    before, after = np.full((4, 1), 2.0), np.array([[2.0], [2.0], [5.0], [5.0]])
    gone = (after == 5.0).astype(float)
    shift = split_shift(before, after, unknown_before=before * 0, unknown_after=gone)
    assert (shift.total, shift.unknown[0]) == (1.5, 1.5)
    # Kitagawa by hand: half unknown before, a quarter after; known 0 then 4, unknown 1 both days.
    before = np.array([[0.0], [0.0], [1.0], [1.0]])
    after = np.array([[4.0], [4.0], [4.0], [1.0]])
    shift = split_shift(
        before,
        after,
        unknown_before=(before == 1.0).astype(float),
        unknown_after=(after == 1.0).astype(float),
    )
    # Change of the share -1/4 times (1 - mean of 0 and 4) = 1/4; the rest is 4 x mean(1/2, 3/4).
    assert shift.unknown[0] == pytest.approx(0.25)
    assert shift.total - shift.unknown[0] == pytest.approx(4 * 0.625)


def test_a_change_of_a_share_is_the_chi_square_of_the_table():
    for counts in ((10, 100, 20, 100), (3, 80, 9, 45), (50, 60, 10, 60)):
        k, n, k2, n2 = counts
        table = np.array([[k, n - k], [k2, n2 - k2]])
        assert share_change(*counts).p == pytest.approx(
            chi2_contingency(table, correction=False).pvalue
        )
    assert share_change(0, 10, 0, 20).p == 1.0


def test_holm_by_hand():
    # 4 x 0.005, 3 x 0.01, 2 x 0.03, then no smaller than the one before.
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_wrong_shapes_are_refused():
    two = np.zeros((2, 2))
    with pytest.raises(InvalidInput, match="two rows and one column an input"):
        split_shift(two, np.zeros((2, 3)), unknown_before=two, unknown_after=np.zeros((2, 3)))
    with pytest.raises(InvalidInput, match="two rows"):
        split_shift(two[:1], two, unknown_before=two[:1], unknown_after=two)
    with pytest.raises(InvalidInput, match="rows on both days; got 0 and 3"):
        share_change(0, 0, 1, 3)
