"""Lending from application to claim. Every move goes through `lending.move`, as on the pages."""

from typing import Any
from uuid import uuid4

from django.utils import timezone
from ninja import Body, Path, Query

from techflow.credit.lending_moves import FIRM as FIRM_ROLE
from techflow_service.clock import now
from techflow_service.platform import lending
from techflow_service.platform.api.consents import who
from techflow_service.platform.api.lending_shapes import (
    Application,
    ApplicationPage,
    ApplicationsAsked,
    LendingTold,
    LoanTold,
    MoveAsked,
    WatchAsked,
    WatchPage,
)
from techflow_service.platform.api.operations import NoPlace, operation
from techflow_service.platform.api.paging import number_of, page_of
from techflow_service.platform.api.shapes import Number, hide
from techflow_service.platform.lending_telling import applications, shown, tell
from techflow_service.platform.lending_watch import watched
from techflow_service.platform.models import LoanApplication
from techflow_service.platform.needs import waiting_states
from techflow_service.platform.reading import note
from techflow_service.platform.roles import LENDING, Part
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.words import WORDS

OWN, WRITE = "read:own", "write:lending"
ASKED: dict[str, Any] = {"amount_cny": 3_000_000, "term_months": 12, "purpose": "采购研发设备"}
ROW: dict[str, Any] = ASKED | {
    "application": 81,
    "firm_id": "sample:firm-000001",
    "firm_name": "深圳锐维科技有限公司",
    "org": 3,
    "org_zh": "深圳示范银行",
    "org_en": "Shenzhen Demo Bank",
    "created_at": "2026-11-27T09:00:00Z",
    "state": "applied",
    "waits": True,
    "moved_at": "2026-11-27T09:00:00Z",
}
STEP = {
    "n": 1,
    "move": "apply",
    "target": "applied",
    "role": "firm",
    "person": "张企",
    "at": "2026-11-27T09:00:00Z",
    "reason": None,
    "terms": {"amount_cny": 3_000_000, "term_months": 12},
    "evidence": {},
    "as_of": None,
    "card_hash": None,
    "rule_version": None,
}
WITHDRAW: dict[str, Any] = {"move": "withdraw", "zh": "撤回申请", "en": "withdraw"}
WITHDRAW |= {"against": [], "against_zh": [], "against_en": []}
TOLD: dict[str, Any] = (
    ROW
    | {"waits": False}
    | dict.fromkeys(("assessment", "override", "offer", "loan"))
    | {"steps": [STEP], "offer_days": 30, "moves": [WITHDRAW], "postings": []}
)
LOAN = {
    "loan": 7,
    "application": 81,
    "firm_id": ROW["firm_id"],
    "firm_name": ROW["firm_name"],
    "state": "filed",
    "amount_fen": 300_000_000,
    "rate_pa": "0.043500",
    "start_on": "2026-08-01",
    "term_months": 12,
    "owed_fen": 312_000_000,
    "overdue_fen": 1_087_500,
    "days_overdue": 27,
    "next_due_on": "2026-12-01",
    "class_n": 2,
    "class_at_least_n": 2,
    "warned": True,
    "warning_zh": "逾期",
    "warning_en": "overdue",
}


@operation(
    "GET",
    "applications",
    Row(GET, LENDING | FIRM, "firm"),
    key_scope=OWN,
    returns=ApplicationPage,
    example={"query": {"state": "applied"}, "answer": {"rows": [ROW], "after": None}},
)
def loan_applications(request: Any, asked: Query[ApplicationsAsked]) -> Any:
    """Applications of the firm, or to the bank."""
    rows, after = page_of(applications(asked.state or ""), asked)
    note(request, sorted({row.firm_id for row in rows}), [Part.IDENTITY])
    member = request.membership
    return {"rows": [_row(member, row, row.state, row.moved_at) for row in rows], "after": after}


def _row(member: Any, one: LoanApplication, state: str, moved_at: Any) -> dict[str, Any]:
    names = ("firm_id", "firm_name", "amount_cny", "term_months", "purpose", "created_at")
    return {name: getattr(one, name) for name in names} | {
        "application": one.pk,
        "state": state,
        "waits": state in waiting_states(member),
        "moved_at": moved_at,
        **who(one.org),
    }


@operation(
    "POST",
    "applications",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=LendingTold,
    status=201,
    example={"body": ASKED | {"org": 3}, "answer": TOLD},
)
def apply_for_loan(request: Any, said: Body[Application]) -> Any:
    """Ask a bank for a loan."""
    # The idempotency key already makes it one: kept answers and steps stand or fall together.
    wish = said.model_dump() | {"org_id": said.org, "token": uuid4().hex}
    del wish["org"]
    return _told(request, lending.apply(request.membership, **wish).pk)


@operation(
    "GET",
    "applications/{application}",
    Row(GET, LENDING | FIRM, "firm"),
    key_scope=OWN,
    returns=LendingTold,
    example={"path": {"application": 81}, "answer": TOLD},
)
def loan_application(request: Any, application: Path[Number]) -> Any:
    """One application: where it stands, what was done, what the caller can do."""
    return _told(request, application)


@operation(
    "POST",
    "applications/{application}/moves",
    Row(POST, LENDING | FIRM, "firm"),
    key_scope=WRITE,
    returns=LendingTold,
    example={
        "path": {"application": 81},
        "body": {"move": "qualify"},
        "answer": TOLD | {"state": "qualified"},
    },
)
def move_loan(request: Any, application: Path[Number], said: Body[MoveAsked]) -> Any:
    """Make one move; nothing can be skipped, and facts are looked up whatever a caller says."""
    told = said.model_dump(exclude_none=True)
    lending.move(
        request.membership,
        application,
        told.pop("move"),
        token=uuid4().hex,
        reason=told.pop("reason", ""),
        evidence=told.pop("evidence", {}),
        terms={name: _plain(value) for name, value in told.items()},
    )
    return _told(request, application)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _told(request: Any, number: int) -> dict[str, Any]:
    one, member = lending.find(number), request.membership
    found = tell(member, one)
    note(request, [one.firm_id], [Part.IDENTITY, *([Part.GRADE] if found["assessment"] else [])])
    terms = {name: found[name] for name in ("assessment", "override", "offer")}
    return _row(member, one, found["state"], found["steps"][-1]["at"]) | {
        **{name: shown(step.terms) if step else None for name, step in terms.items()},
        "steps": [_step(step) for step in found["steps"]],
        "offer_days": found["offer_days"],
        "moves": [_way(way) for way in found["moves"]],
        "loan": _loan(found["loan"], own=member.role == FIRM_ROLE) if found["loan"] else None,
        "postings": [
            {"step": one.step.n, "entry_n": one.entry_n, "refused": bool(one.refused)}
            for one in found["postings"]
        ],
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    empty = ("person", "reason", "card_hash", "rule_version")
    return step | {name: step[name] or None for name in empty}


def _way(way: dict[str, Any]) -> dict[str, Any]:
    move = way["move"]
    words = [WORDS[f"problem.{code}"] for code in way["against"]]
    told = {"move": move.name, "zh": move.words.zh, "en": move.words.en}
    told |= {"against_zh": [zh for zh, _ in words], "against_en": [en for _, en in words]}
    return told | {"against": way["against"]}


def _loan(row: dict[str, Any], *, own: bool) -> dict[str, Any]:
    loan, late = row["loan"], row["arrears"]
    names = ("firm_id", "amount_fen", "rate_pa", "start_on", "term_months")
    return {name: getattr(loan, name) for name in names} | {
        "loan": loan.pk,
        "application": loan.application_id,
        "firm_name": loan.application.firm_name,
        "state": row["state"],
        "owed_fen": late.owed_fen,
        "overdue_fen": late.overdue_fen,
        "days_overdue": late.days_overdue,
        "next_due_on": late.next_on,
        **(dict.fromkeys(INSIDE) if own else {name: row[name] for name in INSIDE[:3]}),
        **({} if own else _warning(row)),
    }


INSIDE = ("class_n", "class_at_least_n", "warned", "warning_zh", "warning_en")
"""What the page shows to the bank alone."""


def _warning(row: dict[str, Any]) -> dict[str, Any]:
    why = "class" if row["stage"] == 1 else "stage"
    told = row if row["warned"] else {}
    return {f"warning_{lang}": told.get(f"{why}_reason_{lang}") for lang in ("zh", "en")}


@operation(
    "GET",
    "loans/watch",
    Row(GET, LENDING, "firm"),
    key_scope=OWN,
    returns=WatchPage,
    example={"answer": {"on": "2026-11-27", "rows": [LOAN], "after": None}},
)
def loans_watched(request: Any, asked: Query[WatchAsked]) -> Any:
    """Loans that are not settled on a day: overdue, class, early warning."""
    today = timezone.localdate(now())
    on = min(asked.on or today, today)
    rows = watched(on)
    if asked.after:
        ids = [row["loan_id"] for row in rows]
        last = number_of(asked.after)
        if last not in ids:
            raise NoPlace
        rows = rows[ids.index(last) + 1 :]
    told = rows[: asked.limit]
    parts = [Part.IDENTITY, Part.GRADE]
    note(request, sorted({row["loan"].firm_id for row in told}), parts)
    return {
        "on": on,
        "rows": [LoanTold(**_loan(row, own=False)) for row in told],
        "after": hide(str(told[-1]["loan_id"])) if len(rows) > asked.limit else None,
    }
