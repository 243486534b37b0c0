"""Shapes of consents, requests for them, contests, reviews and looks."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from techflow_service.platform.api.shapes import (
    Asked,
    Day,
    PageAsked,
    RowNumber,
    Sent,
    Text80,
    Text100,
    Text500,
    Text2000,
)
from techflow_service.platform.roles import CONSENT_PURPOSES, Part

Purpose = Literal[CONSENT_PURPOSES]  # type: ignore[valid-type]


def _part(value: Any) -> Any:
    if value not in list(Part):
        raise PydanticCustomError("enum", "no such part")
    return Part(value)


PartName = Annotated[Part, BeforeValidator(_part)]
PartNames = Annotated[list[PartName], Field(min_length=1, max_length=len(Part))]


class Told(Asked):
    """What is answered."""


class OrgTold(Told):
    """An organisation, and what its members read firms for."""

    org: int
    kind: str
    zh: str
    en: str
    purposes: list[str]


class OrgList(Told):
    """Organisations that a firm can let read."""

    rows: list[OrgTold]


class TextTold(Told):
    """Words of consent that are in force; `version` is sent with a grant."""

    version: str
    since_on: date
    text_zh: str
    text_en: str


class ConsentsAsked(PageAsked):
    """Those that hold, those that ended, or both."""

    state: Literal["live", "ended"] | None = None


class Grant(Sent):
    """To whom, what for, which parts, until the end of which day, under which text."""

    org: RowNumber
    purpose: Purpose
    parts: PartNames
    until_on: Day
    text: Text80


class Agreed(Sent):
    """The version of the text that was read."""

    text: Text80


class ConsentTold(Told):
    """A consent of the firm; `basis` is the clause of law where reading does not rest on it."""

    consent: int
    org: int
    org_zh: str
    org_en: str
    purpose: str
    parts: list[str]
    text: str
    basis: str | None
    since_at: datetime
    until_at: datetime
    revoked_at: datetime | None
    live: bool


class ConsentPage(Told):
    """Consents of the firm, the newest first."""

    rows: list[ConsentTold]
    after: str | None


class GivenTold(Told):
    """A consent that the organisation holds; the name is told where identity is granted."""

    consent: int
    firm_id: str
    name: str | None
    parts: list[str]
    since_at: datetime
    until_at: datetime


class GivenPage(Told):
    """Consents that the organisation holds, the newest first."""

    rows: list[GivenTold]
    after: str | None


class Request(Sent):
    """Which firm by id or credit code, which parts, until the end of which day."""

    asked: Text100
    parts: PartNames
    until_on: Day
    message: Text500 | None = None


class RequestTold(Told):
    """A request for consent; `consent` is what came of it."""

    request: int
    asked: str
    org: int
    org_zh: str
    org_en: str
    purpose: str
    parts: list[str]
    until_on: date
    message: str | None
    asked_at: datetime
    state: str
    answered_at: datetime | None
    consent: int | None


class RequestPage(Told):
    """Requests, the newest first."""

    rows: list[RequestTold]
    after: str | None


class LookTold(Told):
    """One look at the firm by others."""

    read_at: datetime
    org: int
    org_zh: str
    org_en: str
    person: str
    role: str
    purpose: str
    parts: list[str]


class LookPage(Told):
    """Looks, the newest first."""

    rows: list[LookTold]
    after: str | None


class PartAsked(Asked):
    """Of which part."""

    part: PartName


class FactTold(Told):
    """A fact that can be contested."""

    item: str
    zh: str
    en: str
    value: str | None


class FactList(Told):
    """Facts of one part, from the newest sheet."""

    rows: list[FactTold]


class CasesAsked(PageAsked):
    """Those that wait, those that are closed, or both."""

    state: Literal["open", "closed"] | None = None


class Claim(Sent):
    """Which fact, what is right instead, and why; the item `missing` says something is left out."""

    part: PartName
    item: Text500
    claimed_value: Text500
    reason: Text2000


class Answer(Sent):
    """What became of a contest, and why."""

    state: Literal["corrected", "upheld", "unconfirmed"]
    reason: Text2000


class ContestTold(Told):
    """A contest; the old value is what the sheet said when it was opened."""

    contest: int
    firm_id: str
    name: str | None
    part: str
    item: str
    old_value: str | None
    claimed_value: str
    reason: str
    state: str
    opened_at: datetime
    due_on: date
    answer: str | None
    answered_at: datetime | None


class ContestPage(Told):
    """Contests, the newest first."""

    rows: list[ContestTold]
    after: str | None


class RefusalTold(Told):
    """What the newest assessment says of the firm, what of it is a refusal, whom it can ask."""

    as_of: date | None
    told: dict[str, Any]
    refused: list[str]
    banks: list[OrgTold]


class ReviewAsked(Sent):
    """Which bank is asked to look at which refusal, and why."""

    org: RowNumber
    refused: Literal["verdict", "limit"]
    reason: Text2000


class Outcome(Sent):
    """What the person decided, and why."""

    state: Literal["changed", "upheld"]
    reason: Text2000


class ReviewTold(Told):
    """A review; `told` is what the machine said when it was opened."""

    review: int
    firm_id: str
    name: str | None
    org: int
    org_zh: str
    org_en: str
    refused: str
    told: dict[str, Any]
    reason: str
    state: str
    opened_at: datetime
    outcome: str | None
    decided_by: str | None
    decided_at: datetime | None


class ReviewPage(Told):
    """Reviews, the newest first."""

    rows: list[ReviewTold]
    after: str | None
