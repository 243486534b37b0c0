"""Replay: the books worked out again from the entries alone."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from techflow.basics import InvalidInput
from techflow.pool import lacking_papers, standing_against
from techflow_service.ledger.chain import FIRST, Entry, hash_entry
from techflow_service.ledger.claims import FILING, MOVES, Move, find_ways
from techflow_service.ledger.due import check_due
from techflow_service.ledger.request import CLAIM_ROUTES, DUE_ROUTES, START

ACCOUNTS = {
    "deposit": ("capital", "available"),
    "withdraw": ("available", "capital"),
    "reserve": ("available", "reserved"),
    "release": ("reserved", "available"),
    "pay": ("reserved", "recourse"),
    "recover": ("recourse", "available"),
    "write_off": ("recourse", "lost"),
    "recover_late": ("lost", "available"),
    "fee": ("fees", "due"),
    "discount": ("discounts", "due"),
    "relend": ("relending", "due"),
    "receive": ("due", "available"),
    "relend_back": ("available", "relending"),
}
"""From which account to which; stated here apart from the database, which must agree."""
UNMONEYED = ("open", "cap", "file", "move")
OUTSIDE = ("fees", "discounts", "relending")
POOLED = ("capital", "available", "due", *OUTSIDE)
CAP_SIGNS = {"reserve": 1, "release": -1}


class Fault(NamedTuple):
    """One thing that is wrong with the books."""

    pool_id: str
    entry_n: int
    """Place in the chain, from 1; 0 for the pool as a whole."""
    code: str
    detail: str = ""


class Claim(NamedTuple):
    """A claim as the entries tell it."""

    state: str
    firm_id: str
    bank_id: str
    loan_id: str
    reserved_on: date | None = None
    actors: Mapping[str, list[str]] = MappingProxyType({})
    """Who brought it to each state."""
    moved_on: date | None = None


class Replay:
    """One pool, worked out from zero; `add` tells what is wrong with each entry.

    Attributes:
        entries_n: Entries seen.
        head_hash: Hash of the last one.
        accounts: Fen by (kind, claim, party).
        caps: Limit by scope.
        cap_use: Use by (scope, subject).
        claims: Claims by id.
        charged: Day until which a loan has been charged, by (route, name, loan).
        notice_days: Days of notice the pool states; None before it states any. Roles, evidence and
            days are proved from there on: older books were kept without them.
        whole: False once the chain broke; balances are not followed from there.
    """

    def __init__(self, pool_id: str, moves: Iterable[Move] = MOVES) -> None:
        self.pool_id = pool_id
        self.entries_n = 0
        self.head_hash = FIRST
        self.accounts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self.caps: dict[str, int] = {}
        self.cap_use: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.claims: dict[str, Claim] = {}
        self.charged: dict[tuple[str, str, str], date] = {}
        self.notice_days: int | None = None
        self.whole = True
        self._moves = tuple(moves)
        self._ways: dict[tuple[str, str, str], dict[str, Move]] = {}
        self._tenant = ""

    def add(self, entry: Entry) -> list[Fault]:
        """Take the next entry.

        Args:
            entry: The entry.

        Returns:
            What is wrong with it.
        """
        self.entries_n += 1
        found = list(self._check_chain(entry))
        self.head_hash = entry.entry_hash
        self.whole = self.whole and not found
        if self.whole:
            found += self._follow(entry)
        return [Fault(self.pool_id, entry.entry_n, *fault) for fault in found]

    def _check_chain(self, entry: Entry) -> Iterator[tuple[str, str]]:
        if entry.entry_n != self.entries_n:
            yield "wrong_number", f"entry {self.entries_n} was due"
        if entry.previous_hash != self.head_hash:
            yield "chain_broken", "it does not hold the hash of the entry before"
        if hash_entry(entry) != entry.entry_hash:
            yield "entry_changed", "its content does not give its hash"

    def _follow(self, entry: Entry) -> Iterator[tuple[str, str]]:
        self._tenant = self._tenant or entry.tenant
        if entry.tenant != self._tenant:
            yield "other_tenant", entry.tenant
        if (entry.route == "open") != (self.entries_n == 1):
            yield "not_opened_once", entry.route
        if entry.route in UNMONEYED:
            yield from self._follow_terms(entry)
        elif (entry.source, entry.target) != ACCOUNTS.get(entry.route):
            yield "wrong_accounts", f"{entry.route}: {entry.source} to {entry.target}"
        else:
            yield from self._follow_claim(entry)
            yield from self._follow_money(entry)

    def _follow_terms(self, entry: Entry) -> Iterator[tuple[str, str]]:
        if entry.parties or entry.amounts_fen or entry.source or entry.target:
            yield "wrong_accounts", f"{entry.route} moves no money"
        try:
            detail: dict[str, Any] = json.loads(entry.detail)
            if entry.route in ("open", "cap"):
                self.caps |= {scope: int(fen) for scope, fen in detail["caps"].items()}
                self.notice_days = detail.get("notice_days", self.notice_days)
            elif entry.route == "file":
                yield from self._follow_filing(entry, detail)
            else:
                yield from self._follow_claim(entry)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield "wrong_detail", str(error)

    def _follow_filing(self, entry: Entry, detail: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if entry.claim_id is None or entry.claim_id in self.claims or entry.state != START:
            yield "wrong_move", f"claim {entry.claim_id} is filed again, or not as {START}"
        else:
            who = (detail["firm_id"], detail["bank_id"], detail["loan_id"])
            yield from self._judge(FILING, entry, Claim("", *who))
            makers, day = {START: [entry.actor]}, entry.happened_on
            self.claims[entry.claim_id] = Claim(START, *who, None, makers, day)

    def _follow_claim(self, entry: Entry) -> Iterator[tuple[str, str]]:
        if entry.claim_id is None:
            if entry.route in CLAIM_ROUTES or entry.route == "move":
                yield "wrong_move", f"{entry.route} without a claim"
            if entry.route in DUE_ROUTES:
                yield from self._follow_due(entry)
            return
        claim = self.claims.get(entry.claim_id)
        if claim is None:
            yield "wrong_move", f"claim {entry.claim_id} was not filed"
            return
        state, role = str(entry.state), json.loads(entry.detail).get("role", "")
        asked = (entry.route, state, role)
        if asked not in self._ways:
            self._ways[asked] = find_ways(self._moves, *asked)
        move = self._ways[asked].get(claim.state)
        if move is None:
            yield "wrong_move", f"claim {entry.claim_id}: {claim.state} to {entry.state}"
        else:
            yield from self._judge(move, entry, claim)
        start = entry.happened_on if entry.route == "reserve" else claim.reserved_on
        makers = claim.actors.get(state, [])
        makers = makers if entry.actor in makers else [*makers, entry.actor]
        self.claims[entry.claim_id] = claim._replace(
            state=state,
            reserved_on=start,
            actors={**claim.actors, state: makers},
            moved_on=entry.happened_on,
        )

    def _follow_due(self, entry: Entry) -> Iterator[tuple[str, str]]:
        detail = json.loads(entry.detail)
        try:
            check_due(entry.route, detail, entry.amounts_fen)
        except InvalidInput as error:
            yield "wrong_due", str(error)
            return
        place = (entry.route, detail["name"], detail["loan_id"])
        since, until = map(date.fromisoformat, (detail["since"], detail["until"]))
        if self.charged.get(place, since) > since:
            yield "charged_twice", f"{' '.join(place)} until {self.charged[place]}"
        self.charged[place] = until

    def _judge(self, move: Move, entry: Entry, claim: Claim) -> Iterator[tuple[str, str]]:
        """The same decision as in `techflow.pool`, on what the entries tell."""
        if move.kind is None:
            return
        makers = {actor for past in move.apart for actor in claim.actors.get(past, ())}
        if entry.actor in makers:
            yield "same_actor", f"claim {entry.claim_id}: {entry.actor} may not do this too"
        if self.notice_days is None:
            return
        detail = json.loads(entry.detail)
        against = lacking_papers(move.kind, detail.get("role", ""), detail.get("evidence", {}))
        against += standing_against(
            move.kind,
            entry.actor,
            entry.happened_on,
            makers=(),
            moved_on=claim.moved_on,
            notice_days=self.notice_days,
        )
        if against:
            yield "against_rules", f"claim {entry.claim_id}: {'; '.join(against)}"

    def _follow_money(self, entry: Entry) -> Iterator[tuple[str, str]]:
        if len(entry.parties) != len(entry.amounts_fen) or min(entry.amounts_fen, default=0) <= 0:
            yield "wrong_amount", f"{entry.parties}: {entry.amounts_fen}"
            return
        for party, fen in zip(entry.parties, entry.amounts_fen, strict=True):
            for kind, change in ((entry.source, -fen), (entry.target, fen)):
                place = (str(kind), "" if kind in POOLED else str(entry.claim_id), party)
                self.accounts[place] += change
                if kind != "capital" and self.accounts[place] * (-1 if kind in OUTSIDE else 1) < 0:
                    yield "overdrawn", f"{kind} of {party}: {self.accounts[place]} fen"
        if entry.claim_id in self.claims and entry.route in CAP_SIGNS:
            yield from self._follow_caps(entry, self.claims[entry.claim_id])

    def _follow_caps(self, entry: Entry, claim: Claim) -> Iterator[tuple[str, str]]:
        subjects = {
            "pool": self.pool_id,
            "year": f"{claim.reserved_on:%Y}" if claim.reserved_on else "",
            "firm": claim.firm_id,
            "bank": claim.bank_id,
            "loan": claim.loan_id,
            "claim": str(entry.claim_id),
        }
        more = CAP_SIGNS[entry.route] * sum(entry.amounts_fen)
        for scope, limit in self.caps.items():
            place = (scope, subjects[scope])
            self.cap_use[place] += more
            if self.cap_use[place] < 0 or (more > 0 and self.cap_use[place] > limit):
                yield "cap_passed", f"{scope} {place[1]}: {self.cap_use[place]} of {limit} fen"
