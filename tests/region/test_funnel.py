"""Funnels against SciPy, a small branch that is not blamed, and a planted one that is found."""

import numpy as np
import pytest
from scipy.stats import binom

from techflow.basics import InvalidInput
from techflow.region.institutions.funnel import (
    binomial_limit,
    binomial_tails,
    judge_shares,
    mean_limits,
)
from techflow.region.institutions.resample import resample_ratios


@pytest.mark.parametrize("n", [1, 7, 60, 900])
@pytest.mark.parametrize("share", [0.02, 0.4, 0.97])
def test_tails_and_limits_agree_with_scipy(n, share):
    for seen in {0, n // 2, n}:
        at_most, at_least = binomial_tails(n, share, seen)
        assert at_most == pytest.approx(binom.cdf(seen, n, share), abs=1e-12)
        assert at_least == pytest.approx(binom.sf(seen - 1, n, share), abs=1e-12)
    for chance in (0.001, 0.025, 0.975, 0.999):
        count = binom.ppf(chance, n, share)
        assert count - 1 <= binomial_limit(n, share, chance) * n <= count


def test_a_small_branch_is_not_blamed_for_noise():
    """All branches are alike: the worst raw shares are the small ones, none is judged bad."""
    rng = np.random.default_rng(4)
    n = np.concatenate([np.full(400, 4.0), np.full(400, 300.0)])
    share = np.full(800, 0.05)
    seen = rng.binomial(n.astype(int), share) / n
    assert n[np.argsort(seen)[-20:]].max() == 4, "a plain ranking blames the small"
    verdict = judge_shares(n, share, seen, 0.998)
    false_n = {size: int((verdict[n == size] != "within").sum()) for size in (4.0, 300.0)}
    assert false_n[4.0] <= 3 and false_n[300.0] <= 3


def test_a_large_branch_that_is_worse_is_found():
    verdict = judge_shares(np.array([300.0]), np.array([0.05]), np.array([0.12]), 0.998)
    assert verdict.tolist() == ["high"]


def test_limits_of_a_mean_are_three_errors():
    low, high = mean_limits(np.array([25.0]), np.array([0.04]), 0.01, 0.998)
    assert (high - low)[0] / 2 == pytest.approx(3.0902 * 0.002, rel=1e-4)


def test_resampled_ratio_has_the_error_of_a_mean():
    """With equal denominators the ratio is a mean: its spread is sd over root n."""
    values = np.random.default_rng(2).normal(5.0, 2.0, 200)
    owner = np.zeros(200, np.int64)
    found = resample_ratios(values[:, None], np.ones((200, 1)), owner, draws_n=4000, seed=3)
    assert found.std() == pytest.approx(values.std() / np.sqrt(200), rel=0.05)


def test_out_of_range_is_refused():
    with pytest.raises(InvalidInput, match="n must be 1 or more"):
        binomial_limit(0, 0.5, 0.9)
    with pytest.raises(InvalidInput, match="seen_n in"):
        binomial_tails(3, 0.5, 4)
