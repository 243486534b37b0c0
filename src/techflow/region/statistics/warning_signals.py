"""Signals of early warning: what each needs of a firm and how it is reckoned."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats

TOP_N = 10
Statistic = Callable[[Floats], Floats]
"""Figures of samples, from how often each firm is in each, shape (samples, firms)."""


GROWTH, RELATIVE = "raised_growth_ratio", "raised_relative_ratio"


class Form(NamedTuple):
    """How a signal is reckoned.

    Attributes:
        columns: What it needs of each firm; the last one must be above 0.
        prepare: Makes the statistic from the amounts, shape (firms, columns).
        spread: Column of labels over which the first amount is spread, if any. Few firms crowd
            into few labels, so draws lie above the figure: the interval is reflected about it.
        total_only: It has no meaning within a field.
    """

    columns: tuple[str, ...]
    prepare: Callable[[Floats], Statistic]
    spread: str | None = None
    total_only: bool = False


def divide(above: Floats, below: Floats) -> Floats:
    """Quotients; not a number where there is no denominator."""
    made: Floats = np.full(np.broadcast(above, below).shape, np.nan)
    made = np.divide(above, below, out=made, where=below > 0.0)
    return made


def firm_hhi(amounts: Floats) -> Statistic:
    """Sum of squared shares of the firms; a firm drawn twice is two firms.

    Args:
        amounts: 0 or more, shape (firms, 1).

    Source:
        Herfindahl-Hirschman index: Hirschman 1964, American Economic Review 54(5), 761.

    Examples:
        >>> firm_hhi(np.array([[50.0], [30.0], [20.0]]))(np.ones((1, 3))).round(4).tolist()
        [0.38]
    """
    amount = amounts[:, 0]
    return lambda times: divide(times @ amount**2, (times @ amount) ** 2)


def spread_hhi(amounts: Floats) -> Statistic:
    """Sum of squared shares of the columns, such as regions.

    Args:
        amounts: 0 or more, shape (firms, columns).

    Examples:
        >>> spread_hhi(np.array([[3.0, 0.0], [0.0, 1.0]]))(np.ones((1, 2))).tolist()
        [0.625]
    """

    def measure(times: Floats) -> Floats:
        sums = times @ amounts
        return divide((sums**2).sum(axis=1), sums.sum(axis=1) ** 2)

    return measure


def top_share(amounts: Floats) -> Statistic:
    """Share of the ten largest firms.

    Args:
        amounts: 0 or more, shape (firms, 1).

    Examples:
        >>> top_share(np.array([[1.0]] * 15 + [[5.0]]))(np.ones((1, 16))).tolist()
        [0.7]
    """
    order = np.argsort(-amounts[:, 0], kind="stable")
    amount = amounts[order, 0]

    def measure(times: Floats) -> Floats:
        ranked = times[:, order]
        taken = np.diff(np.minimum(np.cumsum(ranked, axis=1), TOP_N), axis=1, prepend=0.0)
        return divide(taken @ amount, ranked @ amount)

    return measure


def sum_ratio(amounts: Floats) -> Statistic:
    """Sum of the first column to the sum of the second.

    Args:
        amounts: Shape (firms, 2).

    Examples:
        >>> sum_ratio(np.array([[10.0, 40.0], [0.0, 10.0]]))(np.ones((1, 2))).tolist()
        [0.2]
    """

    def measure(times: Floats) -> Floats:
        sums = times @ amounts
        return divide(sums[:, 0], sums[:, 1])

    return measure


def relative(amounts: Floats) -> Statistic:
    """Ratio of the first two columns to the ratio of the last two.

    Args:
        amounts: Of a field (0 for other firms) and of all fields, shape (firms, 4).

    Examples:
        >>> found = relative(np.array([[6.0, 10.0, 6.0, 10.0], [0, 0, 2.0, 10.0]]))
        >>> found(np.ones((1, 2))).round(4).tolist()
        [1.5]
    """

    def measure(times: Floats) -> Floats:
        sums = times @ amounts
        one, other = (divide(sums[:, k], sums[:, k + 1]) for k in (0, 2))
        return divide(one, other)

    return measure


def growth(amounts: Floats) -> Statistic:
    """Ratio of the first two columns to that of the last two, less 1.

    Args:
        amounts: Now and before, 0 for a firm that is not there, shape (firms, 4).

    Examples:
        >>> growth(np.array([[6.0, 10.0, 5.0, 10.0]]))(np.ones((1, 1))).round(4).tolist()
        [0.2]
    """
    grown = relative(amounts)
    return lambda times: grown(times) - 1.0


DEBT = ("debt_lcy",)
RAISED = ("raised_lcy", "revenue_lcy")
FORMS = {
    "debt_hhi": Form(DEBT, firm_hhi),
    "debt_top10_share": Form(DEBT, top_share),
    "debt_region_hhi": Form(DEBT, spread_hhi, spread="region"),
    "debt_field_hhi": Form(DEBT, spread_hhi, spread="field", total_only=True),
    "need_unmet_share": Form(("unmet_lcy", "need_lcy"), sum_ratio),
    "raised_revenue_ratio": Form(RAISED, sum_ratio),
    RELATIVE: Form(RAISED, relative),
    GROWTH: Form(RAISED, growth),
    "loss_share": Form(("loss_n", "funded_n"), sum_ratio),
    "default_share": Form(("defaulted_n", "lent_n"), sum_ratio),
    "weak_share": Form(("weak_n", "graded_n"), sum_ratio),
}
"""Every signal, in the order of the page."""
