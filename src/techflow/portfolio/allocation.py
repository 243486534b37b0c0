"""Whom to lend, how much and at what rate: the book of the highest expected profit, with proof."""

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, product

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.portfolio.relaxed import Applicants, Bounds, Point, fill, lowest_bound

HALVINGS_N = 60
SMALL_MAX = 4
AMOUNT_STEP_CNY, RATE_STEPS_N = 100.0, 10_000
"""Amounts are whole hundreds of yuan, rates whole hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A decision over a book, with the proof of how far it is from the best.

    Attributes:
        amount_cny: Amount offered to each firm, 0 for none, shape (n,).
        rate_pa: Rate offered, NaN where nothing is.
        stay_share: Share that takes the offer, NaN where nothing is offered.
        profit_cny: Expected profit of each loan, 0 where nothing is offered.
        objective_cny: Their sum.
        bound_cny: No book within the bounds earns more.
        budget_price: Profit that one more yuan of budget brings.
        tail_price: Profit that one more yuan of tail limit brings.
        nodes_n: Subproblems looked at.
    """

    amount_cny: Floats
    rate_pa: Floats
    stay_share: Floats
    profit_cny: Floats
    objective_cny: float
    bound_cny: float
    budget_price: float
    tail_price: float
    nodes_n: int

    @property
    def gap_ratio(self) -> float:
        """Distance to the bound as a share of it; 0 if nothing can be earned."""
        return (self.bound_cny - self.objective_cny) / self.bound_cny if self.bound_cny else 0.0


Pair = tuple[Floats, Floats]


def allocate(
    book: Applicants, bounds: Bounds, *, gap_max: float = 1e-7, nodes_max: int = 200
) -> Allocation:
    """Choose amounts and rates for the highest expected profit.

    Without the least amount the best book is found exactly (`lowest_bound`); the few firms left
    with less than the least amount are decided by branch and bound: out, or in with at least that.
    The result is then rounded to amounts and rates that can be quoted, on the side that keeps
    budget and tail.

    Args:
        book: The firms.
        bounds: Budget, tail limit, least amount.
        gap_max: Stop when the bound is this close to the best book found.
        nodes_max: Subproblems to look at.

    Raises:
        InvalidInput: A bound is not a positive number, or the arrays differ in length.

    Source:
        Branch and bound with Lagrangian bounds (Fisher 1981, Management Science 27(1)).
    """
    _check(book, bounds)
    high = np.where(book.amount_cny_max >= bounds.amount_cny_min, book.amount_cny_max, 0.0)
    search = _Search(book, bounds)
    search.add(np.zeros_like(high), high)
    while search.heap and search.looked_n < nodes_max:
        bound = -search.heap[0][0]
        if bound - search.best_cny <= gap_max * abs(bound):
            break
        search.branch()
    return search.result()


def _check(book: Applicants, bounds: Bounds) -> None:
    for name in ("budget_cny", "tail_cny", "amount_cny_min"):
        value = getattr(bounds, name)
        if not 0.0 < value < np.inf:
            raise InvalidInput(f"{name} must be a positive number of yuan; got {value}")
    sizes = {getattr(book, name).shape for name in ("pd", "cost", "tail_loss", "amount_cny_max")}
    if len(sizes) > 1:
        raise InvalidInput(f"the arrays of the firms must be of one length; got {sorted(sizes)}")
    for name in ("pd", "tail_loss", "amount_cny_max"):
        array = getattr(book, name)
        if not np.all(np.isfinite(array) & (array >= 0.0)):
            raise InvalidInput(f"{name} must be 0 or more and finite for every firm; got {array}")


class _Search:
    """Open subproblems, and the best book so far."""

    def __init__(self, book: Applicants, bounds: Bounds) -> None:
        self.book, self.bounds = book, bounds
        self.heap: list[tuple[float, int, Floats, Floats, Floats]] = []
        self.number = count()
        self.closed_cny = 0.0
        self.best_cny = 0.0
        self.best: Pair = (np.zeros_like(book.pd), np.full_like(book.pd, np.nan))
        self.looked_n = 0
        self.prices = (0.0, 0.0)

    def add(self, low: Floats, high: Floats) -> None:
        """Bound one subproblem and keep it open."""
        self.looked_n += 1
        if low.sum() > self.bounds.budget_cny:
            return
        found = lowest_bound(self.book, self.bounds, low, high)
        if found is None:
            return
        bound = min(point.bound_cny for point in found)
        if self.looked_n == 1:
            self.prices = found[1].budget_price, found[1].tail_price
        mixed = np.maximum(mix(*found), low)
        for amount in (mixed, found[1].amount_cny, found[0].amount_cny):
            self._try(amount, found[1].value, high)
        heappush(self.heap, (-bound, next(self.number), low, high, mixed))

    def _try(self, amount: Floats, value: Floats, high: Floats) -> None:
        """Make amounts allowed in every way of deciding the small ones, keep the best."""
        least = self.bounds.amount_cny_min
        small = np.flatnonzero((amount > 0.0) & (amount < least))[:SMALL_MAX]
        for kept in product((False, True), repeat=small.size):
            decided = amount.copy()
            decided[small] = np.where(kept, least, 0.0)
            low = np.where(decided >= least, least, 0.0)
            if low.sum() > self.bounds.budget_cny:
                continue
            self._keep(decided)
            most = np.where(low > 0.0, high, 0.0)
            self._keep(fill(value, low, most, self.bounds.budget_cny)[0])

    def _keep(self, amount: Floats) -> None:
        steps = np.floor(amount / AMOUNT_STEP_CNY + 1e-9)
        if steps.sum() * AMOUNT_STEP_CNY > self.bounds.budget_cny:
            # What rounding lifted to a whole step is more than a budget just below it.
            steps = np.floor(amount / AMOUNT_STEP_CNY)
        amount = steps * AMOUNT_STEP_CNY
        amount = np.where(amount >= self.bounds.amount_cny_min, amount, 0.0)
        if amount.sum() > self.bounds.budget_cny:
            return
        rate = settle_rates(self.book, amount, self.bounds.tail_cny)
        if rate is None:
            return
        profit = self.book.profits(amount, rate)
        worth = profit > 0.0
        total = float(profit[worth].sum())
        if total > self.best_cny:
            self.best_cny, self.best = total, (np.where(worth, amount, 0.0), rate)

    def branch(self) -> None:
        """Split the subproblem with the greatest bound, or close it if nothing is left to split."""
        bound, _, low, high, amount = heappop(self.heap)
        small = np.flatnonzero((amount > 0.0) & (amount < self.bounds.amount_cny_min))
        if not small.size:
            self.closed_cny = max(self.closed_cny, -bound)
            return
        firm = small[0]
        out, least = high.copy(), low.copy()
        out[firm], least[firm] = 0.0, self.bounds.amount_cny_min
        self.add(low, out)
        self.add(least, high)

    def result(self) -> Allocation:
        """The best book with its bound."""
        opened = -self.heap[0][0] if self.heap else 0.0
        amount, rate = self.best
        offered = amount > 0.0
        stay = self.book.market.stay(rate)
        profit = self.book.profits(amount, rate)
        return Allocation(
            amount,
            np.where(offered, rate, np.nan),
            np.where(offered, stay, np.nan),
            np.where(offered, profit, 0.0),
            self.best_cny,
            max(opened, self.closed_cny, self.best_cny),
            *self.prices,
            self.looked_n,
        )


def mix(left: Point, right: Point) -> Floats:
    """Amounts between two points on either side of the best price, so that the tail is used up."""
    if left.slope >= 0.0 or right.slope <= left.slope:
        return right.amount_cny
    share = right.slope / (right.slope - left.slope)
    mixed: Floats = share * left.amount_cny + (1.0 - share) * right.amount_cny
    return mixed


def settle_rates(book: Applicants, amount_cny: Floats, tail_cny: float) -> Floats | None:
    """The best rates for given amounts within a tail limit, in hundredths of a percent.

    Args:
        book: The firms.
        amount_cny: Amounts, shape (n,).
        tail_cny: Most that may be lost in the tail.

    Returns:
        Rates, shape (n,); None if even the highest rates leave too much tail.

    Source:
        One price of the tail for all firms, by bisection: profit is concave in the share that
        stays, so the price is enough.
    """

    def at(price: float) -> Floats:
        return quote(book.market.choose(book.cost + price * book.tail_loss))

    if book.tail_cny(amount_cny, at(0.0)) <= tail_cny:
        return at(0.0)
    low, high = 0.0, 1.0
    while book.tail_cny(amount_cny, at(high)) > tail_cny:
        low, high = high, 4.0 * high
        if high > 1e12:
            return None
    for _ in range(HALVINGS_N):
        middle = 0.5 * (low + high)
        kept = book.tail_cny(amount_cny, at(middle)) <= tail_cny
        low, high = (low, middle) if kept else (middle, high)
    return at(high)


def quote(rate_pa: Floats) -> Floats:
    """A rate rounded up to a hundredth of a percent: a higher rate never adds to the tail.

    Examples:
        >>> quote(np.array([0.0512, 0.051201]))
        array([0.0512, 0.0513])
    """
    up: Floats = np.ceil(rate_pa * RATE_STEPS_N - 1e-6) / RATE_STEPS_N
    return up
