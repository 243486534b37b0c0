"""Matching: firms to products under quotas.

The matchings themselves (`techflow.matching.best` and others) need the extra `simulate` and are not
imported here.
"""

from techflow.matching.market import Market, build_market
from techflow.matching.pairs import MANDATES, RATE_COLUMNS, REFUSALS, gain_by_rates, judge_pairs

__all__ = [
    "MANDATES",
    "RATE_COLUMNS",
    "REFUSALS",
    "Market",
    "build_market",
    "gain_by_rates",
    "judge_pairs",
]
