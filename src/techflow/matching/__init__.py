"""Matching: firms to products under quotas.

The matchings themselves (`techflow.matching.best` and others) need the extra `simulate` and are not
imported here.
"""

from techflow.matching.market import Market, build_market

__all__ = ["Market", "build_market"]
