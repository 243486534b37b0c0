"""Small markets for the tests, and what others say about them."""

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from techflow.matching import build_market


@st.composite
def small_markets(draw, firms_max=7, products_max=4, low=-3, high=9):
    """Markets with ties, empty firms, pairs that lose, and few or many places."""
    firms_n = draw(st.integers(1, firms_max))
    products_n = draw(st.integers(1, products_max))
    pairs = [(i, j) for i in range(firms_n) for j in range(products_n)]
    kept = [pair for pair in pairs if draw(st.integers(0, 3))]
    gain = st.integers(low, high)
    sides = [np.array([float(draw(gain)) for _ in kept]) for _ in range(2)]
    places = np.array([draw(st.integers(1, 3)) for _ in range(products_n)])
    firm, product = (np.array([pair[side] for pair in kept], dtype=np.int64) for side in (0, 1))
    return build_market(firm, product, (sides[0], sides[1]), firms_n=firms_n, places_n=places)


def random_market(seed, *, firms_n, products_n, arcs_n, tight):
    """A larger market: `arcs_n` products per firm, `tight` places per firm."""
    rng = np.random.default_rng(seed)
    product = np.concatenate(
        [rng.choice(products_n, arcs_n, replace=False) for _ in range(firms_n)]
    )
    firm = np.repeat(np.arange(firms_n), arcs_n)
    size = rng.lognormal(0.0, 1.0, firms_n)[firm]
    gains = tuple(size * rng.uniform(0.0, 1000.0, firm.size) for _ in range(2))
    places = 1 + rng.multinomial(int(firms_n * tight), np.full(products_n, 1.0 / products_n))
    return build_market(firm, product, gains, firms_n=firms_n, places_n=places)


def table(market, gain):
    """Gains as a table of firms by products; 0 where there is no arc."""
    dense = np.zeros((market.firms_n, len(market.places_n)), dtype=np.int64)
    dense[market.firm, market.product] = gain
    return dense


def best_total_of_scipy(market):
    """Best total by the assignment solver of SciPy: a column per place."""
    value = table(market, market.firm_gain_fen + market.provider_gain_fen)
    seats = np.repeat(np.maximum(value, 0), market.places_n, axis=1)
    rows, columns = linear_sum_assignment(seats, maximize=True)
    return int(seats[rows, columns].sum())


def check_matching(market, choice):
    """Each firm has one of its own products, and no product has more firms than places."""
    pairs = set(zip(market.firm.tolist(), market.product.tolist(), strict=True))
    held = [(i, j) for i, j in enumerate(choice.tolist()) if j >= 0]
    assert set(held) <= pairs
    taken = np.bincount([j for _, j in held], minlength=len(market.places_n))
    assert (taken <= market.places_n).all()
    assert len(choice) == market.firms_n
