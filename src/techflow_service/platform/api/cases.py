"""Contests of facts and reviews by a person, as the pages do them."""

from collections.abc import Mapping
from typing import Any

from ninja import Body, Path, Query

from techflow.flow.contesting import refusals
from techflow_service.platform import contesting, reviewing
from techflow_service.platform.api.case_shapes import (
    Answer,
    CasesAsked,
    Claim,
    ContestPage,
    ContestTold,
    FactList,
    Outcome,
    PartAsked,
    RefusalTold,
    ReviewAsked,
    ReviewPage,
    ReviewTold,
)
from techflow_service.platform.api.consents import ORG, OWN, WHO, WRITE, tell_org, who
from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.paging import page_of
from techflow_service.platform.api.shapes import Number
from techflow_service.platform.asking import own_firm
from techflow_service.platform.facts import words_of
from techflow_service.platform.pages.contests import item_words
from techflow_service.platform.pages.reviews import limit_words
from techflow_service.platform.roles import Role
from techflow_service.platform.routes import FIRM, GET, POST, Row

OPERATOR, HEAD = frozenset({Role.OPERATOR}), frozenset({Role.BRANCH_HEAD})
ITEM = "statements/2025-12-31/revenue_lcy"
CLAIM = {"part": "cash", "item": ITEM, "claimed_value": "6000000", "reason": "年报附注"}
CASE: dict[str, Any] = {
    "firm_id": "sample:firm-000001",
    "name": "深圳锐维科技有限公司",
    "state": "open",
    "opened_at": "2026-11-27T09:00:00Z",
}
CONTEST = (
    CASE
    | CLAIM
    | {"contest": 61, "old_value": "5000000.0", "due_on": "2026-12-17"}
    | {"item_zh": "营业收入 · 2025-12-31", "item_en": "Revenue · 2025-12-31"}
    | {"answer": None, "answered_at": None}
)
TOLD = {"verdict": "insufficient", "grade": None, "limit_lcy": None}
TOLD |= dict.fromkeys(("limit_reason_code", "limit_reason_zh", "limit_reason_en"))
REVIEW: dict[str, Any] = (
    CASE
    | WHO
    | {"review": 71, "refused": "verdict", "told": TOLD, "reason": "已补发票"}
    | {"outcome": None, "decided_by": None, "decided_at": None}
)
LATER = "2026-11-28T09:00:00Z"


@operation(
    "GET",
    "contests/facts",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=FactList,
    example={
        "query": {"part": "cash"},
        "answer": {
            "rows": [
                {
                    "item": ITEM,
                    "zh": "营业收入 · 2025-12-31",
                    "en": "Revenue · 2025-12-31",
                    "value": "5000000.0",
                }
            ]
        },
    },
)
def facts(request: Any, asked: Query[PartAsked]) -> Any:
    """Facts of a part that the firm can contest."""
    found = contesting.facts(own_firm(request.membership), asked.part)
    rows = [
        {
            "item": one.item,
            "zh": words_of(one.item, "zh"),
            "en": words_of(one.item, "en"),
            "value": one.value or None,
        }
        for one in found
    ]
    return {"rows": rows}


@operation(
    "GET",
    "contests",
    Row(GET, FIRM | OPERATOR, "own"),
    key_scope=OWN,
    returns=ContestPage,
    example={"query": {"state": "open"}, "answer": {"rows": [CONTEST], "after": None}},
)
def contests(request: Any, asked: Query[CasesAsked]) -> Any:
    """A firm's own contests; all of them for the operator."""
    rows, after = page_of(_asked_for(contesting.contests_of(request.membership), asked), asked)
    return {"rows": _contests(request, rows), "after": after}


def _asked_for(found: Any, asked: CasesAsked) -> Any:
    return found.filter(closed=asked.state == "closed") if asked.state else found


def _contests(request: Any, rows: list[Any]) -> list[dict[str, Any]]:
    names = contesting.read(request, rows)
    told = ("firm_id", "part", "item", "claimed_value", "reason", "state", "opened_at", "due_on")
    return [
        {name: getattr(one, name) for name in told}
        | {"contest": one.pk, "name": names.get(one.firm_id), "answered_at": one.answered_at}
        | {"old_value": one.old_value or None, "answer": one.answer or None}
        | {f"item_{language}": item_words(language, one.item) for language in ("zh", "en")}
        for one in rows
    ]


def _contest(request: Any, number: int) -> dict[str, Any]:
    return _contests(request, [contesting.contests_of(request.membership).get(pk=number)])[0]


@operation(
    "POST",
    "contests",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ContestTold,
    status=201,
    example={"body": CLAIM, "answer": CONTEST},
)
def open_contest(request: Any, said: Body[Claim]) -> Any:
    """Contest a fact, or say that one is left out (`missing`)."""
    made = contesting.contest(request.membership, said.model_dump())
    return _contest(request, made.pk)


@operation(
    "POST",
    "contests/{contest}/withdraw",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ContestTold,
    example={"path": {"contest": 61}, "answer": CONTEST | {"state": "withdrawn"}},
)
def withdraw_contest(request: Any, contest: Path[Number]) -> Any:
    """Take one's own contest back."""
    contesting.withdraw(request.membership, contest)
    return _contest(request, contest)


@operation(
    "POST",
    "contests/{contest}/answer",
    Row(POST, OPERATOR, "own"),
    key_scope=WRITE,
    returns=ContestTold,
    example={
        "path": {"contest": 62},
        "body": {"state": "upheld", "reason": "已核对原始凭证"},
        "answer": CONTEST
        | {"contest": 62, "state": "upheld", "answer": "已核对原始凭证", "answered_at": LATER},
    },
)
def answer_contest(request: Any, contest: Path[Number], said: Body[Answer]) -> Any:
    """Say what became of a contest, with reasons, once."""
    contesting.answer(request.membership, contest, said.model_dump())
    return _contest(request, contest)


@operation(
    "GET",
    "reviews/refusals",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=RefusalTold,
    example={
        "answer": {"as_of": "2026-06-30", "told": TOLD, "refused": ["verdict"], "banks": [ORG]}
    },
)
def refusals_of_firm(request: Any) -> Any:
    """What the newest assessment refused the firm, and whom it can ask to look."""
    firm_id = own_firm(request.membership)
    run, told = reviewing.assessment(firm_id)
    return {
        "as_of": run.as_of if run else None,
        "told": _in_words(told),
        "refused": list(refusals(told)) if told else [],
        "banks": [tell_org(org, ["credit"]) for org in reviewing.banks(firm_id)],
    }


def _in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the machine said, its code for the limit also in words."""
    if not told:
        return {}
    code = told.get("limit_reason_code")
    words = {lang: limit_words(lang, code) if code else None for lang in ("zh", "en")}
    return dict(told) | {f"limit_reason_{lang}": word for lang, word in words.items()}


@operation(
    "GET",
    "reviews",
    Row(GET, FIRM | HEAD, "own"),
    key_scope=OWN,
    returns=ReviewPage,
    example={"query": {"state": "open"}, "answer": {"rows": [REVIEW], "after": None}},
)
def reviews(request: Any, asked: Query[CasesAsked]) -> Any:
    """A firm's own reviews; those of the bank for the head of a branch."""
    rows, after = page_of(_asked_for(reviewing.reviews_of(request.membership), asked), asked)
    return {"rows": _reviews(request, rows), "after": after}


def _reviews(request: Any, rows: list[Any]) -> list[dict[str, Any]]:
    names, head = reviewing.read(request, rows), request.membership.role == Role.BRANCH_HEAD
    told = ("firm_id", "refused", "reason", "state", "opened_at", "decided_at")
    return [
        {name: getattr(one, name) for name in told}
        | {"told": _in_words(one.told)}
        | {"review": one.pk, "name": names.get(one.firm_id), "outcome": one.outcome or None}
        | {"decided_by": str(one.decided_by.person) if head and one.decided_by else None}
        | who(one.org)
        for one in rows
    ]


def _review(request: Any, number: int) -> dict[str, Any]:
    return _reviews(request, [reviewing.reviews_of(request.membership).get(pk=number)])[0]


@operation(
    "POST",
    "reviews",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ReviewTold,
    status=201,
    example={
        "body": {"org": 3, "refused": "verdict", "reason": "已补发票"},
        "answer": REVIEW,
    },
)
def ask_review(request: Any, said: Body[ReviewAsked]) -> Any:
    """Ask a bank that a person looks at what a machine refused."""
    wish = said.model_dump() | {"org": str(said.org)}
    return _review(request, reviewing.ask(request.membership, wish).pk)


@operation(
    "POST",
    "reviews/{review}/withdraw",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ReviewTold,
    example={
        "path": {"review": 71},
        "answer": REVIEW | {"state": "withdrawn", "decided_at": LATER},
    },
)
def withdraw_review(request: Any, review: Path[Number]) -> Any:
    """Take one's own review back."""
    reviewing.withdraw(request.membership, review)
    return _review(request, review)


@operation(
    "POST",
    "reviews/{review}/decide",
    Row(POST, HEAD, "own"),
    key_scope=WRITE,
    returns=ReviewTold,
    example={
        "path": {"review": 72},
        "body": {"state": "changed", "reason": "现场核实"},
        "answer": REVIEW
        | {"review": 72, "state": "changed", "outcome": "现场核实"}
        | {"decided_by": "王信", "decided_at": LATER},
    },
)
def decide_review(request: Any, review: Path[Number], said: Body[Outcome]) -> Any:
    """A person's decision on a refusal, with reasons, once."""
    reviewing.decide(request.membership, review, said.model_dump())
    return _review(request, review)
