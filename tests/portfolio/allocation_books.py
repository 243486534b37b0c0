"""Small random books, and the same problem as a mixed-integer programme over many rates."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from techflow.portfolio import Applicants


@dataclass(frozen=True)
class Exponential:
    """Customers that leave at a constant pace."""

    pd: np.ndarray
    decay: np.ndarray
    start: float = 0.039
    rates: tuple[float, float] = (0.04, 0.15)

    def choose(self, cost):
        return np.clip(cost / (1.0 - self.pd) + 1.0 / self.decay, *self.rates)

    def stay(self, rate_pa):
        return np.exp(-self.decay * np.maximum(rate_pa - self.start, 0.0))


def random_book(seed, n):
    random = np.random.default_rng(seed)
    pd = random.uniform(0.002, 0.15, n)
    tail_loss = 0.45 * np.minimum(1.0, pd * random.uniform(2.0, 8.0, n))
    high = np.round(random.uniform(0.5e5, 1e6, n), -4)
    market = Exponential(pd, random.uniform(10.0, 30.0, n))
    return Applicants(pd, 0.045 + 0.45 * pd, tail_loss, high, market)


def solve_by_milp(book, bounds, rates_n=221):
    """Best profit where each firm takes one of many rates, or none: never above the true best."""
    rates, n = np.linspace(0.04, 0.15, rates_n), book.pd.size
    stay = np.array([book.market.stay(np.full(n, r)) for r in rates]).T
    per_yuan = stay * ((1.0 - book.pd)[:, None] * rates - book.cost[:, None])
    tail = stay * book.tail_loss[:, None]
    size = n * rates_n
    amounts, chosen = np.eye(size), np.kron(np.eye(n), np.ones(rates_n))
    high = np.repeat(book.amount_cny_max, rates_n) / 1e5
    least = bounds.amount_cny_min / 1e5
    rows = [
        LinearConstraint(np.hstack([amounts, -np.diag(high)]), ub=0.0),
        LinearConstraint(np.hstack([amounts, -least * np.eye(size)]), lb=0.0),
        LinearConstraint(np.hstack([np.zeros((n, size)), chosen]), ub=1.0),
        LinearConstraint(np.r_[np.ones(size), np.zeros(size)], ub=bounds.budget_cny / 1e5),
        LinearConstraint(np.r_[tail.ravel(), np.zeros(size)], ub=bounds.tail_cny / 1e5),
    ]
    found = milp(
        -np.r_[per_yuan.ravel(), np.zeros(size)],
        constraints=rows,
        integrality=np.r_[np.zeros(size), np.ones(size)],
        bounds=Box(0.0, np.r_[high, np.ones(size)]),
        options={"mip_rel_gap": 1e-9},
    )
    assert found.success
    return -found.fun * 1e5
