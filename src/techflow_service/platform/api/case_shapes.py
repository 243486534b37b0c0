"""Shapes of contests and reviews."""

from datetime import date, datetime
from typing import Any, Literal

from techflow_service.platform.api.consent_shapes import OrgTold, PartName, Told
from techflow_service.platform.api.shapes import (
    Asked,
    PageAsked,
    RowNumber,
    Sent,
    Text500,
    Text2000,
)


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
    """A contest; the old value is what the sheet said when it was opened.

    `item_zh` and `item_en` are what the fact is called.
    """

    contest: int
    firm_id: str
    name: str | None
    part: str
    item: str
    item_zh: str
    item_en: str
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
