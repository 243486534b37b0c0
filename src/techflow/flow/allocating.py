"""One decision over a book: pricing tells how firms answer to rates, portfolio decides."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.portfolio import (
    Allocation,
    Applicants,
    Bounds,
    LossTail,
    allocate,
    equal_amounts,
    lowest_pd,
    measure_tail,
    quote,
    single_rate,
    tail_pd,
)
from techflow.pricing import best_rate, stay_share

QUOTED_N = 10_000


@dataclass(frozen=True, slots=True)
class BookRules:
    """What a book must keep to.

    Attributes:
        budget_cny: Most that may be offered in all.
        tail_cny: Most that may be lost in the tail.
        amounts_cny: Least and greatest loan.
        rates_pa: Least and greatest rate, whole hundredths of a percent.
        measure: `es`, `var` or `el`.
        confidence: Of the tail.
        correlation: Of the firms' assets through the common factor.
        lgd: Loss given default.
    """

    budget_cny: float
    tail_cny: float
    amounts_cny: tuple[float, float]
    rates_pa: tuple[float, float]
    measure: str
    confidence: float
    correlation: float
    lgd: float

    def __post_init__(self) -> None:
        low, high = self.rates_pa
        quoted = np.array(self.rates_pa) * QUOTED_N
        if not 0.0 < low <= high < 1.0 or np.abs(quoted - quoted.round()).max() > 1e-6:
            raise InvalidInput(
                "rates must be fractions of whole hundredths of a percent, 0 < least <= greatest "
                f"< 1; got {low} and {high}; write 0.04 for 4 %"
            )
        least, most = self.amounts_cny
        if not 0.0 < least <= most < np.inf:
            raise InvalidInput(
                f"amounts must keep 0 < least <= greatest; got {least} and {most} yuan"
            )
        if not 0.0 <= self.lgd <= 1.0:
            raise InvalidInput(f"lgd must lie in [0, 1]; got {self.lgd}")

    @property
    def bounds(self) -> Bounds:
        """The bounds of the whole book."""
        return Bounds(self.budget_cny, self.tail_cny, self.amounts_cny[0])

    @property
    def quotes(self) -> Floats:
        """Every rate that may be quoted, rising."""
        low, high = (round(rate * QUOTED_N) for rate in self.rates_pa)
        return np.arange(low, high + 1) / QUOTED_N


@dataclass(frozen=True, slots=True)
class RateMarket:
    """Firms that answer to rates by their churn curve.

    Attributes:
        pd: Default probabilities, shape (n,).
        decay: Of each firm's curve.
        start_rate_pa: Of each firm's curve.
        rates_pa: Least and greatest rate.
    """

    pd: Floats
    decay: Floats
    start_rate_pa: Floats
    rates_pa: tuple[float, float]

    def choose(self, cost: Floats) -> Floats:
        """The rate that earns most at a cost per yuan lent."""
        return best_rate(self.pd, cost, self.decay, self.start_rate_pa, rates=self.rates_pa)

    def stay(self, rate_pa: Floats) -> Floats:
        """Share that takes the loan."""
        return stay_share(rate_pa, self.decay, self.start_rate_pa)


def open_book(
    pd: Floats,
    carry_rate_pa: Floats,
    limit_cny: Floats,
    curve: tuple[Floats, Floats],
    *,
    rules: BookRules,
) -> Applicants:
    """The firms as the allocation needs them.

    The profit of a yuan lent is `(1 - pd) rate - pd lgd - carry`: zero at the break-even rate of
    `techflow.pricing.break_even`.

    Args:
        pd: One-year default probability, in [0, 1), shape (n,).
        carry_rate_pa: Funding, running and capital cost per yuan, shape (n,).
        limit_cny: Most the firm may get for its own reasons; infinite if nothing limits it.
        curve: `decay` and `start_rate_pa` of each firm's churn curve.
        rules: What the book keeps to.

    Raises:
        InvalidInput: A PD lies outside [0, 1).
    """
    if not np.all((pd >= 0.0) & (pd < 1.0)):
        raise InvalidInput(f"pd must be in [0, 1); got min {pd.min()}, max {pd.max()}")
    worst = tail_pd(
        pd, correlation=rules.correlation, confidence=rules.confidence, measure=rules.measure
    )
    market = RateMarket(pd, *curve, rules.rates_pa)
    high = np.minimum(limit_cny, rules.amounts_cny[1])
    return Applicants(pd, pd * rules.lgd + carry_rate_pa, rules.lgd * worst, high, market)


def decide_book(book: Applicants, rules: BookRules) -> Allocation:
    """Amounts and rates of the highest expected profit, with the bound.

    Raises:
        InvalidInput: Budget or tail limit is not a positive number of yuan.
    """
    return allocate(book, rules.bounds)


def plain_books(
    book: Applicants, rules: BookRules, grade: NDArray[np.int64]
) -> Mapping[str, tuple[Floats, float]]:
    """Amounts and the one rate of each plain strategy, by name, under the same rules.

    Args:
        book: The firms.
        rules: What the book keeps to.
        grade: Place of each firm's grade, the best lowest.
    """
    return {
        "equal_amounts": equal_amounts(book, rules.bounds, grade, rules.quotes),
        "lowest_pd": lowest_pd(book, rules.bounds, rules.quotes),
        "single_rate": single_rate(book, rules.bounds, rules.quotes),
    }


def book_tail(book: Applicants, amount_cny: Floats, rate_pa: Floats, rules: BookRules) -> LossTail:
    """The tail of a decided book with every loan counted.

    Args:
        book: The firms.
        amount_cny: Amounts offered.
        rate_pa: Rates offered; any where nothing is.
        rules: What the book keeps to.
    """
    lent = amount_cny > 0.0
    stay = book.market.stay(np.where(lent, rate_pa, rules.rates_pa[1]))
    return measure_tail(
        rules.lgd * amount_cny[lent],
        book.pd[lent],
        stay[lent],
        correlation=rules.correlation,
        confidence=rules.confidence,
        unit=rules.lgd * rules.amounts_cny[0] / 10.0 or 1.0,
    )


def explain_decision(book: Applicants, decision: Allocation, rules: BookRules) -> list[str]:
    """Why each firm gets what it gets, as a code.

    Args:
        book: The firms.
        decision: What was decided.
        rules: What the book keeps to.

    Returns:
        One of `full`, `part`, `limit_too_small`, `no_margin`, `tail`, `budget` for each firm:
        all it may get; less, because budget or tail end here; its limit is under the least loan;
        it loses money at every rate; it costs more tail than it earns; others earn more per yuan.
    """
    plain = _value(book, book.cost)
    priced = _value(book, book.cost + decision.tail_price * book.tail_loss)
    full = decision.amount_cny >= book.amount_cny_max - 100.0
    answers = [
        (decision.amount_cny > 0.0) & full,
        decision.amount_cny > 0.0,
        book.amount_cny_max < rules.amounts_cny[0],
        plain <= 0.0,
        priced <= 0.0,
    ]
    codes = ["full", "part", "limit_too_small", "no_margin", "tail"]
    return [str(code) for code in np.select(answers, codes, "budget")]


def _value(book: Applicants, cost: Floats) -> Floats:
    rate = quote(book.market.choose(cost))
    return book.market.stay(rate) * ((1.0 - book.pd) * rate - cost)
