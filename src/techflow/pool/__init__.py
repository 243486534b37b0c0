"""Risk sharing: schemes, who bears which part of a loss, and the moves of a claim.

The kernel (`techflow.pool.kernel`) needs the extra `simulate` and is not imported here.
"""

from techflow.pool.checks import bound_parties, check_scheme, find_problems, share_range
from techflow.pool.numbers import FEN_MOST, PPM, Cut, Ref, Said, Slot
from techflow.pool.reading import read_scheme
from techflow.pool.scheme import Breaker, Cap, Fee, Funding, Layer, Limit, Part, Party, Scheme

__all__ = [
    "FEN_MOST",
    "PPM",
    "Breaker",
    "Cap",
    "Cut",
    "Fee",
    "Funding",
    "Layer",
    "Limit",
    "Part",
    "Party",
    "Ref",
    "Said",
    "Scheme",
    "Slot",
    "bound_parties",
    "check_scheme",
    "find_problems",
    "read_scheme",
    "share_range",
]
