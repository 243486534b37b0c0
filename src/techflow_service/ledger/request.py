"""What is asked of the books: one request, one key, one entry."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from techflow.basics import InvalidInput
from techflow.basics.canonical import EXACT_MAX, canonical_json
from techflow.pool import ROLES
from techflow_service.ledger.due import check_due

POOL_ROUTES = ("deposit", "withdraw", "receive", "relend_back")
DUE_ROUTES = ("fee", "discount", "relend")
CLAIM_ROUTES = ("reserve", "release", "pay", "recover", "write_off", "recover_late")
MONEY_ROUTES = POOL_ROUTES + DUE_ROUTES + CLAIM_ROUTES
ROUTES = ("open", "cap", "file", "move", *MONEY_ROUTES)
SCOPES = ("pool", "year", "firm", "bank", "loan", "claim")
SUBJECTS = ("firm_id", "bank_id", "loan_id")
DUE = (*SUBJECTS, "name", "base_fen", "rate_share", "per", "year_days", "start", "since", "until")
DETAILS = {"open": ("caps",), "cap": ("caps",), "file": SUBJECTS} | dict.fromkeys(DUE_ROUTES, DUE)
MAY = {"open": ("notice_days",), "cap": ("notice_days",)}
NOTICE_MAX = 3_650
KEY_BYTES_MAX = 1024
TEXT_BYTES_MAX = 1024
START = "filed"
"""State of a claim once it is filed."""
HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        key: Chosen by the caller; the same request keeps its key when it is sent again.
        pool_id: The pool, one name over all tenants.
        route: One of `ROUTES`.
        actor: Who asks.
        evidence_hash: SHA-256 of the papers, 64 hexadecimal digits.
        rule_version: Under which rules.
        on: Day of the event.
        amounts: Whole fen per party, above zero; for the routes that move money.
        claim_id: The claim, for the routes that concern one.
        state: State the claim goes to.
        detail: `caps` (scope to fen) and `notice_days` to open a pool or change them; `firm_id`,
            `bank_id` and `loan_id` to file a claim; these and `name base_fen rate_share per
            year_days start since until` for what is due on a loan; its amount must follow from it.
        role: Role of the actor in a move of a claim, one of `techflow.pool.ROLES`.
        evidence: Kind of document -> SHA-256 of it, for a move of a claim.
    """

    key: str
    pool_id: str
    route: str
    actor: str
    evidence_hash: str
    rule_version: str
    on: date
    amounts: Mapping[str, int] = field(default_factory=dict)
    claim_id: str | None = None
    state: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    role: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_texts(self)
        if self.route not in ROUTES:
            raise InvalidInput(f"route must be one of {', '.join(ROUTES)}; got {self.route!r}")
        if not HASH.fullmatch(self.evidence_hash):
            raise InvalidInput(
                f"evidence_hash must be a SHA-256, 64 hexadecimal digits in lower case; got "
                f"{self.evidence_hash!r}"
            )
        with_claim = self.route not in ("open", "cap", *POOL_ROUTES, *DUE_ROUTES)
        if with_claim != (self.claim_id is not None) or with_claim != (self.state is not None):
            need = "needs claim_id and state" if with_claim else "takes no claim_id and no state"
            raise InvalidInput(f"route {self.route} {need}")
        if self.route == "file" and self.state != START:
            raise InvalidInput(f"a claim is filed in state {START}; got {self.state!r}")
        if not with_claim and (self.role or self.evidence):
            raise InvalidInput(
                f"route {self.route} takes no role and no evidence: it moves no claim"
            )
        _check_papers(self)
        _check_amounts(self)
        _check_detail(self)

    def fingerprint(self) -> str:
        """SHA-256 of everything asked but the key."""
        asked = [getattr(self, name) for name in ASKED]
        # Left out where there are none: requests of older books keep their fingerprint.
        asked += [papers] if (papers := self._papers()) else []
        text = json.dumps([*asked, self.on.isoformat()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def detail_text(self) -> str:
        """The detail as canonical JSON."""
        return canonical_json({**self.detail, **self._papers()})

    def _papers(self) -> dict[str, Any]:
        """Role and evidence, as far as there are any."""
        told = {"role": self.role, "evidence": dict(self.evidence)}
        return {name: value for name, value in told.items() if value}


NEWER = ("role", "evidence")
ASKED = tuple(part.name for part in fields(Request) if part.name not in ("key", "on", *NEWER))


def _check_texts(request: Request) -> None:
    for name in ("key", "pool_id", "actor", "rule_version", "claim_id", "state"):
        value, most = getattr(request, name), KEY_BYTES_MAX if name == "key" else TEXT_BYTES_MAX
        if value is not None or name not in ("claim_id", "state"):
            check_text(name, value, most)


def check_text(name: str, value: object, bytes_max: int = TEXT_BYTES_MAX) -> None:
    """Check a text of a request.

    Args:
        name: What it is, for the message.
        value: The text.
        bytes_max: Its most bytes.

    Raises:
        InvalidInput: It is no text, empty, too long, or nothing a database keeps.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{name} must be a text that is not empty; got {value!r}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{name} is not Unicode: {value!r}") from error
    if size > bytes_max or "\0" in value:
        raise InvalidInput(
            f"{name} must have at most {bytes_max} bytes and no zero byte; got {size} bytes"
        )


def _check_papers(request: Request) -> None:
    if request.role and request.role not in ROLES:
        raise InvalidInput(f"role must be one of {', '.join(ROLES)}; got {request.role!r}")
    for kind, digest in request.evidence.items():
        check_text("kind of evidence", kind)
        if not isinstance(digest, str) or not HASH.fullmatch(digest):
            raise InvalidInput(f"evidence {kind} must be a SHA-256 in hex; got {digest!r}")


def _check_amounts(request: Request) -> None:
    if (request.route in MONEY_ROUTES) != bool(request.amounts):
        need = "needs" if request.route in MONEY_ROUTES else "takes no"
        raise InvalidInput(f"route {request.route} {need} amounts: whole fen per party")
    for party, fen in request.amounts.items():
        check_text("party", party)
        _check_fen(f"amount of {party}", fen, 1)
    _check_fen("total", sum(request.amounts.values()), 0)


def _check_fen(what: str, fen: object, least: int) -> None:
    if not isinstance(fen, int) or isinstance(fen, bool) or not least <= fen <= EXACT_MAX:
        raise InvalidInput(
            f"{what} must be whole fen, from {least} to {EXACT_MAX}; got {fen!r}; round it first"
        )


def _check_detail(request: Request) -> None:
    names = DETAILS.get(request.route, ())
    if set(request.detail) - set(MAY.get(request.route, ())) != set(names):
        raise InvalidInput(
            f"detail of route {request.route} must hold {', '.join(names) or 'nothing'}; got "
            f"{', '.join(map(str, request.detail)) or 'nothing'}"
        )
    for name in SUBJECTS if "loan_id" in names else ():
        check_text(name, request.detail[name])
    if request.route in DUE_ROUTES:
        check_due(request.route, request.detail, list(request.amounts.values()))
    notice = request.detail.get("notice_days", 0)
    if type(notice) is not int or not 0 <= notice <= NOTICE_MAX:
        raise InvalidInput(f"notice_days must be whole days, 0 to {NOTICE_MAX}; got {notice!r}")
    caps = request.detail.get("caps", {})
    if not isinstance(caps, Mapping) or not set(caps) <= set(SCOPES):
        raise InvalidInput(f"caps must be fen per {', '.join(SCOPES)}; got {caps!r}")
    for scope, fen in caps.items():
        _check_fen(f"cap per {scope}", fen, 0)
