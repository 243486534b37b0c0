"""Risk sharing: schemes, who bears which part of a loss, and the moves of a claim.

The kernel (`techflow.pool.kernel`) needs the extra `simulate` and is not imported here.
"""

from techflow.pool.apportion import apportion, recover
from techflow.pool.book import NO_CAP, SCOPES, Events, Flows, Loans, Rules, build_rules
from techflow.pool.checks import bound_parties, check_scheme, find_problems, share_range
from techflow.pool.claim_checks import lacking_papers, standing_against
from techflow.pool.claim_moves import MOVES, ROLES, STATES, Move, moves_from
from techflow.pool.claims import Claim, Step, make_move, replay
from techflow.pool.dues import Due, Rate, due_fen, list_dues
from techflow.pool.numbers import FEN_MOST, PPM, Cut, Ref, Said, Slot
from techflow.pool.reading import read_scheme
from techflow.pool.register import list_posted_dues, roll_claims
from techflow.pool.rows import PROBLEMS, check_rows, keys_needed
from techflow.pool.scheme import Breaker, Cap, Fee, Funding, Layer, Limit, Part, Party, Scheme
from techflow.pool.shares import facts_needed, split_by_loan
from techflow.pool.stream import split_stream_plain

__all__ = [
    "FEN_MOST",
    "MOVES",
    "NO_CAP",
    "PPM",
    "PROBLEMS",
    "ROLES",
    "SCOPES",
    "STATES",
    "Breaker",
    "Cap",
    "Claim",
    "Cut",
    "Due",
    "Events",
    "Fee",
    "Flows",
    "Funding",
    "Layer",
    "Limit",
    "Loans",
    "Move",
    "Part",
    "Party",
    "Rate",
    "Ref",
    "Rules",
    "Said",
    "Scheme",
    "Slot",
    "Step",
    "apportion",
    "bound_parties",
    "build_rules",
    "check_rows",
    "check_scheme",
    "due_fen",
    "facts_needed",
    "find_problems",
    "keys_needed",
    "lacking_papers",
    "list_dues",
    "list_posted_dues",
    "make_move",
    "moves_from",
    "read_scheme",
    "recover",
    "replay",
    "roll_claims",
    "share_range",
    "split_by_loan",
    "split_stream_plain",
    "standing_against",
]
