"""Portfolio: what a book can lose and who makes it so, and whom to lend, how much, at what rate.

The simulations (`techflow.portfolio.loss` and its neighbours) need the extra `simulate`, tails by
Sobol points and the closed forms also SciPy (extra `train`); none is imported here.
"""

from techflow.portfolio.allocation import Allocation, allocate, quote, settle_rates
from techflow.portfolio.plain import equal_amounts, lowest_pd, single_rate
from techflow.portfolio.relaxed import Applicants, Bounds, Market
from techflow.portfolio.tail import MEASURES, LossTail, measure_tail, stressed_pd, tail_pd

__all__ = [
    "MEASURES",
    "Allocation",
    "Applicants",
    "Bounds",
    "LossTail",
    "Market",
    "allocate",
    "equal_amounts",
    "lowest_pd",
    "measure_tail",
    "quote",
    "settle_rates",
    "single_rate",
    "stressed_pd",
    "tail_pd",
]
