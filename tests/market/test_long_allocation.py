"""Allocation: weights and shortfall by skfolio 1.12.2 (typed in), closed forms, invariants."""

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.market.long_capital.allocation import (
    equal_within,
    least_shortfall,
    least_variance,
    measure,
    risk_parity,
    risk_parts,
)
from techflow.market.long_capital.limits import Asset, build_limits

NO_LIMITS = build_limits([Asset(n, frozenset(), None) for n in "abcd"], at_most={}, at_least={})
LIMITS = build_limits(
    [
        Asset("a", frozenset(), 0.0),
        Asset("b", frozenset(), 0.3),
        Asset("c", frozenset({"equity"}), 0.4),
        Asset("d", frozenset({"equity", "venture"}), 0.4),
    ],
    at_most={"equity": 0.3, "venture": 0.15},
    at_least={},
)


@pytest.fixture(scope="module")
def returns():
    rng = np.random.default_rng(11)
    own = rng.normal(size=(120, 4)) * np.array([0.02, 0.1, 0.2, 0.3])
    return np.round(np.array([0.02, 0.05, 0.08, 0.12]) + own + 0.045 * rng.normal(size=(120, 1)), 4)


def test_least_variance_is_that_of_skfolio(returns):
    """MeanRisk(VARIANCE, min_return=0.04, d <= 0.15, c + d <= 0.30)."""
    found = least_variance(returns, LIMITS, mean_min=0.04)
    skfolio = [0.6042623473233154, 0.21206103726483086, 0.11267257055945708, 0.07100404485239667]
    assert found == pytest.approx(skfolio, abs=2e-5)


def test_least_shortfall_is_that_of_skfolio(returns):
    """MeanRisk(CVAR, cvar_beta=0.95, ...) and skfolio.measures.cvar, also between scenarios."""
    found = least_shortfall(returns, LIMITS, mean_min=0.04, tail_share=0.05)
    skfolio = [0.6519275676590383, 0.15292296069573896, 0.09906562844200693, 0.09608384320321593]
    assert found == pytest.approx(skfolio, abs=1e-5)
    equal = np.full(4, 0.25)
    assert measure(equal, returns, tail_share=0.05).shortfall == pytest.approx(0.11954583333333328)
    assert measure(equal, returns, tail_share=0.07).shortfall == pytest.approx(0.10861309523809526)


def test_risk_parity_is_that_of_skfolio_and_parts_are_equal(returns):
    """RiskBudgeting(VARIANCE)."""
    found = risk_parity(returns, NO_LIMITS)
    skfolio = [0.5068860408230452, 0.2570427851595075, 0.140209314085412, 0.09586185993203522]
    assert found == pytest.approx(skfolio, abs=2e-4)
    assert risk_parts(found, returns) == pytest.approx(np.full(4, 0.25), abs=1e-4)


def test_two_assets_without_correlation_have_closed_forms():
    """Least variance weighs by 1 / variance, parity by 1 / deviation (Maillard et al. 2010)."""
    pair = np.array([[0.1, 0.0], [-0.1, 0.0], [0.0, 0.2], [0.0, -0.2]])
    free = build_limits([Asset(n, frozenset(), None) for n in "ab"], at_most={}, at_least={})
    assert least_variance(pair, free, mean_min=-1.0) == pytest.approx([0.8, 0.2], abs=1e-5)
    assert risk_parity(pair, free) == pytest.approx([2 / 3, 1 / 3], abs=1e-5)


def test_equal_weights_move_only_as_far_as_the_limits_ask():
    """Nearest point: equity 0.5 -> 0.3 by 0.1 each, which the others take up."""
    loose = build_limits(
        [Asset(n, frozenset({"equity"} if n in "cd" else ()), None) for n in "abcd"],
        at_most={"equity": 0.3},
        at_least={},
    )
    assert equal_within(loose) == pytest.approx([0.35, 0.35, 0.15, 0.15], abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_each_answer_stays_within_its_limits_and_beats_the_plain_one(returns, seed):
    drawn = returns[np.random.default_rng(seed).integers(0, 120, 120)]
    plain = equal_within(LIMITS)
    told = measure(plain, drawn, tail_share=0.1)
    variance = least_variance(drawn, LIMITS, mean_min=told.mean)
    shortfall = least_shortfall(drawn, LIMITS, mean_min=told.mean, tail_share=0.1)
    for weights in (plain, variance, shortfall, risk_parity(drawn, LIMITS)):
        assert weights.sum() == pytest.approx(1.0) and weights.min() >= 0.0
        assert (LIMITS.loads @ weights <= LIMITS.most + 1e-6).all()
    assert measure(variance, drawn, tail_share=0.1).deviation <= told.deviation + 1e-9
    assert measure(shortfall, drawn, tail_share=0.1).shortfall <= told.shortfall + 1e-9


def test_capital_and_forbidden_groups_bind():
    assets = [Asset("cash", frozenset({"liquid"}), 0.0), Asset("star", frozenset({"equity"}), 0.4)]
    tight = build_limits(
        assets, at_most={"equity": 0.5}, at_least={"liquid": 0.05}, capital_share_max=0.1
    )
    assert equal_within(tight)[1] == pytest.approx(0.25), "0.4 x 0.25 = 0.1"
    banned = build_limits(assets, at_most={"equity": 0.0}, at_least={})
    assert equal_within(banned).tolist() == pytest.approx([1.0, 0.0])


def test_what_cannot_be_met_is_named(returns):
    with pytest.raises(InvalidInput, match=r"mean >= 0\.5"):
        least_shortfall(returns, LIMITS, mean_min=0.5, tail_share=0.1)
    with pytest.raises(InvalidInput, match=r"equity <= 0\.3, venture <= 0\.15, mean >= 0\.5"):
        least_variance(returns, LIMITS, mean_min=0.5)
    with pytest.raises(InvalidInput, match="risk factor"):
        build_limits([Asset("x", frozenset(), None)], at_most={}, at_least={}, capital_share_max=1)
    with pytest.raises(InvalidInput, match="shares"):
        build_limits([Asset("x", frozenset(), None)], at_most={"equity": 30.0}, at_least={})
