import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, vstack
from tests.matching.markets import check_matching, random_market, small_markets

from techflow.basics import InvalidInput
from techflow.matching.best import match_best
from techflow.matching.yuan import match_yuan


def programme(market, amount, capacity):
    """Values and constraints of generalised assignment, for SciPy."""
    arcs_n = market.product.size
    arc = np.arange(arcs_n)
    once = csr_matrix((np.ones(arcs_n), (market.firm, arc)), shape=(market.firms_n, arcs_n))
    within = csr_matrix((amount, (market.product, arc)), shape=(len(capacity), arcs_n))
    limit = np.concatenate([np.ones(market.firms_n), capacity])
    value = (market.firm_gain_fen + market.provider_gain_fen).astype(float)
    return value, vstack([once, within]), limit


def linear_bound(market, amount, capacity):
    value, matrix, limit = programme(market, amount, capacity)
    fits = amount <= capacity[market.product]
    found = linprog(-value, A_ub=matrix, b_ub=limit, bounds=np.c_[np.zeros(value.size), fits])
    return -found.fun


def exact_best(market, amount, capacity):
    value, matrix, limit = programme(market, amount, capacity)
    found = milp(
        -value,
        integrality=np.ones(value.size),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, ub=limit),
    )
    return -found.fun


def used(market, found, amount):
    """Yuan taken of each product."""
    own = found.choice[market.firm] == market.product
    return np.bincount(market.product[own], weights=amount[own], minlength=len(market.places_n))


@settings(deadline=None, max_examples=10)
@given(small_markets(), st.data())
def test_total_exact_best_and_bound_come_in_this_order(market, data):
    arcs_n, products_n = market.product.size, len(market.places_n)
    amount = np.array([float(data.draw(st.integers(1, 9))) for _ in range(arcs_n)])
    capacity = np.array([float(data.draw(st.integers(1, 20))) for _ in range(products_n)])
    found = match_yuan(market, amount, capacity)
    check_matching_of_yuan(market, found, amount, capacity)
    best = exact_best(market, amount, capacity) if arcs_n else 0.0
    assert found.total_fen <= best + 1e-6 and best <= found.bound_fen + 1e-6
    assert found.gap_share >= 0.0


def check_matching_of_yuan(market, found, amount, capacity):
    assert (used(market, found, amount) <= capacity).all()
    held = [(i, j) for i, j in enumerate(found.choice.tolist()) if j >= 0]
    assert set(held) <= set(zip(market.firm.tolist(), market.product.tolist(), strict=True))
    own = found.choice[market.firm] == market.product
    gains = market.firm_gain_fen + market.provider_gain_fen
    assert found.total_fen == gains[own].sum()


def yuan_market(seed, firms_n, products_n, arcs_n):
    """Amounts of one size per firm, gains of up to a tenth of them."""
    market = random_market(seed, firms_n=firms_n, products_n=products_n, arcs_n=arcs_n, tight=1.0)
    rng = np.random.default_rng(seed)
    amount = np.round(rng.lognormal(9.0, 0.8, firms_n), 2)[market.firm]
    capacity = np.full(products_n, np.round(0.6 * amount[::arcs_n].sum() / products_n, 2))
    return market, amount, capacity


@pytest.mark.parametrize("seed", range(4))
def test_bound_is_close_to_the_linear_programme(seed):
    market, amount, capacity = yuan_market(seed, 400, 8, 4)
    found = match_yuan(market, amount, capacity)
    check_matching_of_yuan(market, found, amount, capacity)
    linear = linear_bound(market, amount, capacity)
    assert linear * (1 - 1e-9) <= found.bound_fen <= linear * 1.001
    assert found.gap_share < 0.02


@settings(deadline=None, max_examples=15)
@given(small_markets())
def test_one_yuan_per_firm_is_the_market_with_places(market):
    amount = np.ones(market.product.size)
    found = match_yuan(market, amount, market.places_n.astype(float))
    best = match_best(market)
    check_matching(market, found.choice)
    assert found.total_fen <= best.total_fen <= found.bound_fen
    assert found.bound_fen <= best.total_fen * (1 + 1e-4) + 1


def test_wrong_amounts_are_refused():
    market = random_market(1, firms_n=3, products_n=2, arcs_n=1, tight=1.0)
    one, two = np.ones(3), np.ones(2)
    match_yuan(market, one, two)
    with pytest.raises(InvalidInput, match=r"amount_cny must lie in .* got -1"):
        match_yuan(market, -one, two)
    with pytest.raises(InvalidInput, match=r"capacity_cny must lie in .* got 0"):
        match_yuan(market, one, 0 * two)
    with pytest.raises(InvalidInput, match="need 3 of amount_cny; got 2"):
        match_yuan(market, two, two)
