"""Books of pools: double entry, whole fen, entries only added, each hashed over the one before."""

from techflow_service.ledger.books import Books, Refused, answer, balances
from techflow_service.ledger.chain import Entry
from techflow_service.ledger.claims import MOVES, Move
from techflow_service.ledger.desk import Desk
from techflow_service.ledger.replay import Fault
from techflow_service.ledger.request import Request
from techflow_service.ledger.verify import Proof, verify

__all__ = [
    "MOVES",
    "Books",
    "Desk",
    "Entry",
    "Fault",
    "Move",
    "Proof",
    "Refused",
    "Request",
    "answer",
    "balances",
    "verify",
]
