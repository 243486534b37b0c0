"""Shapes of consents, requests for them, and looks."""

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
    """A consent that the organisation holds; the name is told where identity is granted.

    `basis` is the clause of law where reading does not rest on consent.
    """

    consent: int
    firm_id: str
    name: str | None
    parts: list[str]
    basis: str | None
    since_at: datetime
    until_at: datetime


class GivenPage(Told):
    """Consents that the organisation holds, the newest first; `consents_n` counts all of them."""

    consents_n: int
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
