"""Plain strategies a book can be compared with, under the same model and the same limits.

Each keeps the budget and the tail limit, and each is given the best single rate for its book (in
hundredths of a percent), so that what differs is only whom it lends to and how much.
"""

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.portfolio.relaxed import Applicants, Bounds, fill

Book = tuple[Floats, float]
"""Amounts, and the one rate; no amounts and NaN if nothing may be lent."""
COARSE_N = 10
HALVINGS_N = 40


def equal_amounts(
    book: Applicants, bounds: Bounds, grade: NDArray[np.int64], rates: Floats
) -> Book:
    """The same amount to every firm of the best grades, cut at what a firm may get.

    The number of grades is the one that earns most.

    Args:
        book: The firms.
        bounds: Budget, tail limit, least amount.
        grade: Place of each firm's grade, the best lowest, shape (n,).
        rates: Rates to try, rising.
    """
    found = [(np.zeros_like(book.pd), np.nan)]
    for last in np.unique(grade):
        chosen = (grade <= last) & (book.amount_cny_max >= bounds.amount_cny_min)
        if not chosen.any() or bounds.budget_cny / chosen.sum() < bounds.amount_cny_min:
            continue
        each = np.minimum(book.amount_cny_max, bounds.budget_cny / chosen.sum())
        found.append(_one_rate(book, bounds, np.where(chosen, each, 0.0), rates))
    return max(found, key=lambda one: _profit(book, one))


def lowest_pd(book: Applicants, bounds: Bounds, rates: Floats) -> Book:
    """All that a firm may get, by rising default probability, until the budget is spent.

    Args:
        book: The firms.
        bounds: Budget, tail limit, least amount.
        rates: Rates to try, rising.
    """
    high = _allowed(book, bounds)
    # Any falling positive number ranks; the value of `fill` is only an order here.
    amount, _ = fill(2.0 - book.pd, np.zeros_like(high), high, bounds.budget_cny)
    return _one_rate(book, bounds, _drop_small(amount, bounds), rates)


def single_rate(book: Applicants, bounds: Bounds, rates: Floats) -> Book:
    """One rate for all, and for that rate the firms that earn most.

    Args:
        book: The firms.
        bounds: Budget, tail limit, least amount.
        rates: Rates to try, rising; every tenth is tried, then all around the best.
    """
    coarse = [_fill_at(book, bounds, rate) for rate in rates[::COARSE_N]]
    best = COARSE_N * int(np.argmax([_profit(book, one) for one in coarse]))
    near = rates[max(best - COARSE_N, 0) : best + COARSE_N + 1]
    return max((_fill_at(book, bounds, rate) for rate in near), key=lambda one: _profit(book, one))


def _fill_at(book: Applicants, bounds: Bounds, rate: float) -> Book:
    """Best firms first at one rate; a price of the tail is raised until its limit is kept."""
    flat, high = np.full_like(book.pd, rate), _allowed(book, bounds)
    stay = book.market.stay(flat)

    def at(price: float) -> Floats:
        value = stay * ((1.0 - book.pd) * rate - book.cost - price * book.tail_loss)
        return _drop_small(fill(value, np.zeros_like(high), high, bounds.budget_cny)[0], bounds)

    low, price = 0.0, 0.0
    while book.tail_cny(at(price), flat) > bounds.tail_cny:
        low, price = price, 2.0 * price + 0.1
    for _ in range(HALVINGS_N if price else 0):
        middle = 0.5 * (low + price)
        kept = book.tail_cny(at(middle), flat) <= bounds.tail_cny
        low, price = (low, middle) if kept else (middle, price)
    return at(price), rate


def _one_rate(book: Applicants, bounds: Bounds, amount: Floats, rates: Floats) -> Book:
    """The best single rate for a book; firms of the highest PD leave it while no rate will do."""
    while amount.any():
        kept = [one for rate in rates if _keeps(book, bounds, one := (amount, float(rate)))]
        if kept:
            return max(kept, key=lambda one: _profit(book, one))
        worst = np.argmax(np.where(amount > 0.0, book.pd, -1.0))
        amount = amount.copy()
        amount[worst] = 0.0
    return amount, np.nan


def _keeps(book: Applicants, bounds: Bounds, one: Book) -> bool:
    return book.tail_cny(one[0], np.full_like(book.pd, one[1])) <= bounds.tail_cny


def _profit(book: Applicants, one: Book) -> float:
    amount, rate = one
    return float(book.profits(amount, np.full_like(amount, rate)).sum()) if amount.any() else 0.0


def _allowed(book: Applicants, bounds: Bounds) -> Floats:
    return np.where(book.amount_cny_max >= bounds.amount_cny_min, book.amount_cny_max, 0.0)


def _drop_small(amount: Floats, bounds: Bounds) -> Floats:
    return np.where(amount >= bounds.amount_cny_min, amount, 0.0)
