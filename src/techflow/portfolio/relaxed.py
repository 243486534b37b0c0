"""The book without the least amount: its bound from two prices, of budget and of tail."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from techflow.basics import Floats

STEPS_MAX, DOUBLINGS_MAX = 80, 80
CLOSE = 1e-13


class Market(Protocol):
    """How the firms answer to rates."""

    def choose(self, cost: Floats) -> Floats:
        """The rate of each firm that earns most when a yuan lent costs this much."""
        ...

    def stay(self, rate_pa: Floats) -> Floats:
        """Share that takes the loan at these rates; one rate for each firm."""
        ...


@dataclass(frozen=True, slots=True)
class Applicants:
    """Firms that ask for a loan; arrays of shape (n,).

    Attributes:
        pd: Default probability within the year.
        cost: Cost per yuan lent: funding, running, capital, expected lost principal.
        tail_loss: Loss per yuan lent in the tail.
        amount_cny_max: Most that the firm may get; 0 if nothing.
        market: How the firms answer to rates.
    """

    pd: Floats
    cost: Floats
    tail_loss: Floats
    amount_cny_max: Floats
    market: Market

    def profits(self, amount_cny: Floats, rate_pa: Floats) -> Floats:
        """Expected profit of each loan."""
        margin = (1.0 - self.pd) * rate_pa - self.cost
        return amount_cny * self.market.stay(rate_pa) * margin

    def tail_cny(self, amount_cny: Floats, rate_pa: Floats) -> float:
        """Loss of the book in the tail."""
        return float(amount_cny @ (self.market.stay(rate_pa) * self.tail_loss))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the book must keep to.

    Attributes:
        budget_cny: Most that may be offered in all.
        tail_cny: Most that may be lost in the tail.
        amount_cny_min: Least loan.
    """

    budget_cny: float
    tail_cny: float
    amount_cny_min: float


@dataclass(frozen=True, slots=True)
class Point:
    """The dual function at one price of the tail.

    Attributes:
        tail_price: Yuan of profit per yuan of tail loss.
        budget_price: Yuan of profit per yuan of budget.
        bound_cny: No allowed book earns more.
        slope: Tail limit less tail used: a subgradient of the bound.
        amount_cny: Amounts that earn most at these prices, within the budget.
        value: Profit per yuan offered, after the price of the tail.
    """

    tail_price: float
    budget_price: float
    bound_cny: float
    slope: float
    amount_cny: Floats
    value: Floats


def evaluate(
    book: Applicants, bounds: Bounds, low: Floats, high: Floats, tail_price: float
) -> Point:
    """The bound at a price of the tail, with the best price of the budget.

    Given the price each firm is on its own: its best rate, then all or the least of its amount.
    The best price of the budget is the value of the firm at which the budget ends.

    Args:
        book: The firms.
        bounds: Budget and tail.
        low: Least amount of each firm, shape (n,).
        high: Greatest amount.
        tail_price: Price of the tail, 0 or more.

    Source:
        Lagrangian relaxation (Geoffrion 1974, Mathematical Programming Study 2); Dantzig 1957
        for the knapsack.
    """
    cost = book.cost + tail_price * book.tail_loss
    rate = book.market.choose(cost)
    stay = book.market.stay(rate)
    value = stay * ((1.0 - book.pd) * rate - cost)
    amount, price = fill(value, low, high, bounds.budget_cny)
    earned = low * (value - price) + (high - low) * np.maximum(value - price, 0.0)
    bound = price * bounds.budget_cny + tail_price * bounds.tail_cny + float(earned.sum())
    slope = bounds.tail_cny - float(amount @ (stay * book.tail_loss))
    return Point(tail_price, price, bound, slope, amount, value)


def fill(value: Floats, low: Floats, high: Floats, budget_cny: float) -> tuple[Floats, float]:
    """Spend a budget on the best firms first.

    Returns:
        Amounts, and the value of the first firm that did not get all; 0 if the budget is enough.
    """
    order = np.argsort(-value, kind="stable")
    wanted = np.where(value > 0.0, high - low, 0.0)[order]
    before = np.cumsum(wanted) - wanted
    given = np.clip(budget_cny - float(low.sum()) - before, 0.0, wanted)
    amount = low.copy()
    amount[order] += given
    short = np.flatnonzero(given < wanted)
    return amount, float(value[order][short[0]]) if short.size else 0.0


def lowest_bound(
    book: Applicants, bounds: Bounds, low: Floats, high: Floats
) -> tuple[Point, Point] | None:
    """The lowest bound over the price of the tail.

    The bound is convex in the price; two tangents enclose its least value and their crossing is
    tried next.

    Args:
        book: The firms.
        bounds: Budget and tail.
        low: Least amount of each firm, within the budget together.
        high: Greatest amount.

    Returns:
        Points on both sides of the best price (the same twice if one is on it): at the second the
        tail limit is kept. None if no price keeps it.

    Source:
        Cutting planes in one dimension (Kelley 1960, J. of SIAM 8(4)).
    """
    left = evaluate(book, bounds, low, high, 0.0)
    if left.slope >= 0.0:
        return left, left
    price = 1.0 / max(float(book.tail_loss.max()), CLOSE)
    for _ in range(DOUBLINGS_MAX):
        right = evaluate(book, bounds, low, high, price)
        if right.slope >= 0.0:
            return _enclose(lambda at: evaluate(book, bounds, low, high, at), left, right)
        left, price = right, 2.0 * price
    return None


class _Dual(Protocol):
    def __call__(self, at: float) -> Point: ...


def _enclose(dual: _Dual, left: Point, right: Point) -> tuple[Point, Point]:
    for step in range(STEPS_MAX):
        cross = _crossing(left, right) if step % 4 < 3 else None
        middle = 0.5 * (left.tail_price + right.tail_price)
        at = middle if cross is None else cross
        if not left.tail_price < at < right.tail_price:
            at = middle
        under = left.bound_cny + left.slope * (at - left.tail_price)
        point = dual(at)
        left, right = (point, right) if point.slope < 0.0 else (left, point)
        wide = right.tail_price - left.tail_price
        done = cross is not None and point.bound_cny - under <= CLOSE * abs(point.bound_cny)
        if done or wide <= CLOSE * right.tail_price:
            break
    return left, right


def _crossing(left: Point, right: Point) -> float | None:
    steep = left.slope - right.slope
    if steep == 0.0:
        return None
    here = left.slope * left.tail_price - right.slope * right.tail_price
    return (right.bound_cny - left.bound_cny + here) / steep
