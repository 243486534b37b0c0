"""Shapes of lending. Each move has a shape of its own, made from the table of moves."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from techflow.credit.lending_checks import RANGES
from techflow.credit.lending_moves import MOVES, STATES, Move
from techflow_service.platform.api.shapes import (
    Asked,
    Day,
    PageAsked,
    RowNumber,
    Sent,
    Text80,
    Text500,
    Text2000,
    Whole,
)
from techflow_service.platform.lending_figures import SAID, WHOLE

SHA256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
MORE: Mapping[str, Mapping[str, Any]] = {
    "lend": {"start_on": (Day | None, None)},
    "receive": {"paid_on": (Day | None, None)},
    "file": {"pool_id": (Text80, ...)},
}
"""What a maker says besides figures; a day left out is today."""


def _figure(name: str) -> Any:
    low, high = RANGES[name]
    if name in WHOLE:
        return Annotated[int, Whole(int(low), int(high))]
    return Annotated[float, Field(ge=low, le=high, allow_inf_nan=False)]


def _shape(move: Move) -> Any:
    fields: dict[str, Any] = {"move": (Literal[move.name], ...)}
    fields |= {name: (_figure(name), ...) for name in SAID.get(move.name, ())}
    fields |= MORE.get(move.name, {})
    fields["reason"] = (Text2000, ...) if move.reason else (Text2000 | None, None)
    if move.evidence:
        kinds: dict[str, Any] = dict.fromkeys(move.evidence, (SHA256, ...))
        title = _title(move.name) + "Papers"
        papers = create_model(title, __base__=Sent, __doc__="SHA-256 of each paper.", **kinds)
        fields["evidence"] = (papers, ...)
    told = f"{move.words.en} / {move.words.zh}"
    return create_model(f"Move{_title(move.name)}", __base__=Sent, __doc__=told, **fields)


def _title(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


SHAPES = [_shape(move) for name, move in MOVES.items() if name != "apply"]
MoveAsked = Annotated[reduce(or_, SHAPES), Field(discriminator="move")]  # type: ignore[valid-type]
"""One move of an application, told by its name."""


class ApplicationsAsked(PageAsked):
    """Those in one state, or all."""

    state: Literal[tuple(STATES)] | None = None  # type: ignore[valid-type]


class Application(Sent):
    """Which bank, how much, how long, what for."""

    org: RowNumber
    amount_cny: _figure("amount_cny")  # type: ignore[valid-type]
    term_months: _figure("term_months")  # type: ignore[valid-type]
    purpose: Text500


class ApplicationTold(Asked):
    """An application as lists show it; `waits` if the next step is the caller's."""

    application: int
    firm_id: str
    firm_name: str
    org: int
    org_zh: str
    org_en: str
    amount_cny: int
    term_months: int
    purpose: str
    created_at: datetime
    state: str
    waits: bool
    moved_at: datetime


class ApplicationPage(Asked):
    """Applications, the newest first."""

    rows: list[ApplicationTold]
    after: str | None


class StepTold(Asked):
    """A move made. What is the bank's own is empty for the firm."""

    n: int
    move: str
    target: str
    role: str
    person: str | None
    at: datetime
    reason: str | None
    terms: dict[str, Any]
    evidence: dict[str, str]
    as_of: date | None
    card_hash: str | None
    rule_version: str | None


class WayTold(Asked):
    """A move that the caller's role can make next; `against` is why this member cannot."""

    move: str
    zh: str
    en: str
    against: list[str]
    against_zh: list[str]
    against_en: list[str]


class LoanTold(Asked):
    """Money lent, as it stands on a day. Class and warning are the bank's: null for the firm.

    Classes: 1 normal, 2 special mention, 3 substandard, 4 doubtful, 5 loss.
    """

    loan: int
    application: int
    firm_id: str
    firm_name: str
    state: str
    amount_fen: int
    rate_pa: str
    start_on: date
    term_months: int
    owed_fen: int
    overdue_fen: int
    days_overdue: int
    next_due_on: date | None
    class_n: int | None
    class_at_least_n: int | None
    warned: bool | None
    warning_zh: str | None
    warning_en: str | None


class PostingTold(Asked):
    """What the books of the pool were told; `entry_n` is null until they have it."""

    step: int
    entry_n: int | None
    refused: bool


class LendingTold(ApplicationTold):
    """One application: history, figures, the loan, and what the caller can do."""

    steps: list[StepTold]
    assessment: dict[str, Any] | None
    override: dict[str, Any] | None
    offer: dict[str, Any] | None
    offer_days: int
    moves: list[WayTold]
    loan: LoanTold | None
    postings: list[PostingTold]


class WatchAsked(PageAsked):
    """On which day; today if left out, and no later one."""

    on: Day | None = None


class WatchPage(Asked):
    """Loans that are not settled: those warned of first, the worst on top."""

    on: date
    rows: list[LoanTold]
    after: str | None
