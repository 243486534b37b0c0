"""Protection legs: closed forms, quadrature, Hull's example, and what must hold for any curve."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from techflow.basics import InvalidInput
from techflow.pricing.crmw import Schedule, bootstrap_hazards, payment_schedule, value_legs
from techflow.pricing.crmw_kernel import value_legs_compiled
from techflow.pricing.hazard import Curve, Hazards

NODES = np.array([1.0, 2.0, 3.0, 5.0])
rates = st.lists(st.floats(0.0, 0.8), min_size=4, max_size=4)
forwards = st.lists(st.floats(-0.02, 0.2), min_size=3, max_size=3)
CURVE_NODES = np.array([0.5, 2.25, 4.0])


def flat(hazard, n=1):
    return Hazards(np.array([1.0]), np.full((n, 1), hazard))


def one(value):
    return np.array([value])


@pytest.mark.parametrize("hazard", [0.0, 1e-12, 0.02, 0.5, 20.0])
@pytest.mark.parametrize("rate", [-0.01, 0.0, 1e-9, 0.03, 0.2])
def test_flat_closed_form(hazard, rate):
    """Protection h / (h + r) (1 - e^-(h+r)T); premium by its sum and the mean of the accrued."""
    years, per_year, lgd = 3.0, 4, 0.6
    legs = value_legs(
        flat(hazard), Curve.flat(rate), payment_schedule(one(years), per_year), lgd=one(lgd)
    )
    total, step = hazard + rate, 1 / per_year
    ends = np.arange(1, years * per_year + 1) * step
    if abs(total) > 1e-6:
        protection = lgd * hazard / total * -np.expm1(-total * years)
        part = hazard * (1 - np.exp(-total * step) * (1 + total * step)) / total**2
    else:
        protection, part = lgd * hazard * years, hazard * step**2 / 2
    premium = (np.exp(-total * ends) * step + np.exp(-total * (ends - step)) * part).sum()
    # The plain formula of the accrued part loses digits where total x step is small.
    assert legs.protection[0] == pytest.approx(protection, rel=1e-12, abs=1e-13)
    assert legs.annuity[0] == pytest.approx(premium, rel=1e-11)


def test_hull():
    """Hull (2009), 7th ed., section 23.2: PD 2 % a year, r 5 %, recovery 40 %, yearly: 124 bp.

    Its tables: payments 4.0704, accrual 0.0426, payoff 0.0511, with default at half-year.
    """
    hazards = Hazards.of_pd(1 - 0.98 ** np.arange(1, 6)[None, :])
    schedule = payment_schedule(one(5.0), 1)
    legs = value_legs(hazards, Curve.flat(0.05), schedule, lgd=one(0.6))
    assert legs.protection[0] == pytest.approx(0.0511, abs=5e-5)
    assert legs.annuity[0] == pytest.approx(4.0704 + 0.0426, abs=5e-4)
    assert legs.fair_spread()[0] == pytest.approx(0.0124, abs=5e-5)


@settings(max_examples=15, deadline=None)
@given(rates, forwards, st.floats(0.3, 7.0))
def test_piecewise_is_quadrature(hazards, forward, years):
    """SciPy's adaptive quadrature of the defining integrals, cut at every node."""
    curve = Curve(CURVE_NODES, np.array(forward))
    schedule = payment_schedule(one(years), 4)
    legs = value_legs(Hazards(NODES, np.array([hazards])), curve, schedule, lgd=one(1.0))

    def spent(t, times, values):
        starts = np.concatenate([[0.0], times[:-1]])
        ends = np.concatenate([times[:-1], [np.inf]])
        return (np.clip(t, starts, ends) - starts) @ values

    def density(t):
        h = hazards[min(int(np.searchsorted(NODES, t)), 3)]
        return h * np.exp(-spent(t, NODES, hazards) - spent(t, CURVE_NODES, forward))

    ends = schedule.ends[0]
    points = np.unique([*ends, *NODES[years > NODES], *CURVE_NODES[years > CURVE_NODES]])
    protection = accrued = 0.0
    for a, b in pairwise(points):
        begun = ends[np.searchsorted(ends, (a + b) / 2) - 1]
        protection += quad(density, a, b, epsabs=1e-15, epsrel=1e-13)[0]
        accrued += quad(
            lambda t, begun=begun: (t - begun) * density(t), a, b, epsabs=1e-15, epsrel=1e-13
        )[0]
    paid = sum(
        (b - a) * np.exp(-spent(b, NODES, hazards) - spent(b, CURVE_NODES, forward))
        for a, b in pairwise(ends)
    )
    assert legs.protection[0] == pytest.approx(protection, abs=1e-13)
    assert legs.annuity[0] == pytest.approx(paid + accrued, abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(rates, forwards, st.floats(0.05, 10.0), st.floats(0.0, 1.0), st.floats(0.0, 0.2))
def test_fair_spread_balances_and_upfront_is_linear(hazards, forward, years, lgd, coupon):
    legs = value_legs(
        Hazards(NODES, np.array([hazards])),
        Curve(CURVE_NODES, np.array(forward)),
        payment_schedule(one(years), 4),
        lgd=one(lgd),
    )
    fair = legs.fair_spread()
    assert abs(fair[0] * legs.annuity[0] - legs.protection[0]) <= 1e-12
    assert legs.upfront(fair)[0] == pytest.approx(0.0, abs=1e-12)
    twice, none, once = (legs.upfront(one(k * coupon))[0] for k in (2, 0, 1))
    assert twice - once == pytest.approx(once - none, abs=1e-12)
    assert none == legs.protection[0]
    assert -1e-15 <= legs.protection[0] <= lgd * max(1.0, np.exp(0.02 * years)) + 1e-12


@settings(max_examples=20, deadline=None)
@given(rates, forwards)
def test_many_at_once_is_one_by_one(hazards, forward):
    years = np.array([0.4, 1.0, 2.6, 5.0, 6.1])
    table = np.abs(np.array(hazards) * np.arange(1, 6)[:, None] / 5)
    curve, lgd = Curve(CURVE_NODES, np.array(forward)), np.linspace(0.1, 1.0, 5)
    many = value_legs(Hazards(NODES, table), curve, payment_schedule(years, 2), lgd=lgd)
    for i in range(5):
        alone = value_legs(
            Hazards(NODES, table[i : i + 1]),
            curve,
            payment_schedule(years[i : i + 1], 2),
            lgd=lgd[i : i + 1],
        )
        assert alone.protection[0] == pytest.approx(many.protection[i], abs=1e-14)
        assert alone.annuity[0] == pytest.approx(many.annuity[i], abs=1e-13)


@settings(max_examples=12, deadline=None)
@given(rates, forwards, st.floats(0.05, 1.0))
def test_bootstrap_returns_the_hazards_that_made_the_spreads(hazards, forward, lgd):
    curve, table = Curve(CURVE_NODES, np.array(forward)), Hazards(NODES, np.array([hazards]))
    spreads = np.column_stack(
        [
            value_legs(table, curve, payment_schedule(one(t), 4), lgd=one(lgd)).fair_spread()
            for t in NODES
        ]
    )
    found = bootstrap_hazards(spreads, NODES, curve, lgd=one(lgd)).rates_pa[0]
    # A spread rounded to float64 pins a hazard only while somebody lives to have it.
    assert found == pytest.approx(hazards, abs=1e-9)


def test_spread_that_no_hazard_explains_is_unknown_from_there_on():
    found = bootstrap_hazards(
        np.array([[0.05, 0.01, 0.01, 0.01], [0.01, 0.01, 0.01, 0.01]]),
        NODES,
        Curve.flat(0.03),
        lgd=np.array([0.6, 0.6]),
    )
    assert np.isnan(found.rates_pa[0]).tolist() == [False, True, True, True]
    assert np.isfinite(found.rates_pa[1]).all()


def test_premium_counts_actual_360_and_a_period_begun_before_today():
    """Ratio scales the premium leg; a period begun h years ago adds what it has accrued."""
    full = payment_schedule(one(1.0), 1)
    legs = [
        value_legs(flat(0.1), Curve.flat(0.0), full, lgd=one(0.6), accrual_ratio=k)
        for k in (1.0, 365 / 360)
    ]
    assert legs[1].annuity[0] == pytest.approx(legs[0].annuity[0] * 365 / 360, rel=1e-15)
    begun = Schedule(np.array([[-0.5, 1.0]]), np.array([[1.0]]), one(1.0))
    older = value_legs(flat(0.1), Curve.flat(0.0), begun, lgd=one(0.6))
    # Without interest the half year already accrued is paid for sure: at default or at the end.
    assert older.annuity[0] == pytest.approx(legs[0].annuity[0] + 0.5, abs=1e-14)
    assert older.protection[0] == legs[0].protection[0]


def test_unknown_stays_unknown():
    legs = value_legs(
        Hazards(NODES, np.array([[np.nan] * 4, [0.02] * 4])),
        Curve.flat(0.03),
        payment_schedule(one(5.0), 4),
        lgd=np.array([0.6, 0.6]),
    )
    assert np.isnan(legs.fair_spread()).tolist() == [True, False]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: payment_schedule(one(0.0), 4), "maturity_years must be above 0"),
        (lambda: payment_schedule(one(1.0), 0), "per_year must be 1 or more"),
        (lambda: Curve(np.array([2.0, 1.0]), np.zeros(2)), "times of a discount curve must ascend"),
        (lambda: Hazards(NODES, np.zeros((1, 3))), "column per time"),
        (lambda: flat(-0.1), "hazards must be 0 or more"),
        (lambda: Hazards.of_pd(np.array([[0.2, 0.1]])), "must not fall"),
        (lambda: Hazards.of_pd(np.array([[1.0]])), r"must be in \[0, 1\)"),
        (
            lambda: value_legs(
                flat(0.1), Curve.flat(0.0), payment_schedule(one(1.0), 1), lgd=one(1.1)
            ),
            r"lgd must be in \[0, 1\]",
        ),
        (
            lambda: bootstrap_hazards(np.array([[-0.1]]), one(1.0), Curve.flat(0.0), lgd=one(0.6)),
            "spreads_pa must be 0 or more",
        ),
    ],
)
def test_wrong_input(act, words):
    with pytest.raises(InvalidInput, match=words):
        act()


def test_survival_of_pd():
    found = Hazards.of_pd(np.array([[0.02, 0.05, 0.05]]))
    alive = found.survival(np.array([0.0, 1.0, 2.0, 3.0]))
    assert 1 - alive == pytest.approx(np.array([[0.0, 0.02, 0.05, 0.05]]), abs=1e-15)


@settings(max_examples=10, deadline=None)
@given(rates, forwards, st.floats(0.05, 10.0), st.integers(1, 12), st.integers(0, 9))
def test_compiled_is_numpy(hazards, forward, years, per_year, late_days):
    """Two rows of different length; premium paid some days after its period."""
    plan = payment_schedule(np.array([years, years / 3]), per_year)
    plan = Schedule(plan.ends - 1 / 365, plan.pays + late_days / 365, plan.matures)
    table = Hazards(NODES, np.array([hazards, hazards[::-1]]))
    curve, lgd = Curve(CURVE_NODES, np.array(forward)), np.array([0.4, 1.0])
    plain, fast = (f(table, curve, plan, lgd=lgd) for f in (value_legs, value_legs_compiled))
    assert fast.protection == pytest.approx(plain.protection, abs=2e-14)
    assert fast.annuity == pytest.approx(plain.annuity, abs=2e-14 * (1 + years) ** 2)


def test_compiled_on_the_nodes_one_schedule_for_all_and_the_unknown():
    """Ends on the nodes of both curves, and very high hazards, where no series serves."""
    plan = payment_schedule(one(5.0), 4)
    table = Hazards(NODES, np.array([[0.0, 40.0, 0.1, 0.1], [np.nan] * 4, [0.0] * 4]))
    curve = Curve(np.array([1.0, 2.0, 5.0]), np.array([0.01, -0.01, 0.05]))
    both = [
        f(table, curve, plan, lgd=np.full(3, 0.5), accrual_ratio=365 / 360)
        for f in (value_legs, value_legs_compiled)
    ]
    for name in ("protection", "annuity"):
        plain, fast = (getattr(legs, name) for legs in both)
        assert fast == pytest.approx(plain, abs=1e-13, nan_ok=True)
    early = Schedule(plan.ends, plan.pays, one(4.0))
    with pytest.raises(InvalidInput, match="matures must not lie before"):
        value_legs_compiled(table, curve, early, lgd=np.full(3, 0.5))
