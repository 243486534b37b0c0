"""Shapes of one firm: its figures for programs, and its page in words."""

from datetime import date, datetime
from typing import Any, Literal

from techflow_service.platform.api.shapes import Asked, DayAsked, FileAsked
from techflow_service.platform.roles import Part


class ReportAsked(DayAsked, FileAsked):
    """As of which day, in which language."""


class HistoryTold(Asked):
    """What one assessment said."""

    as_of: date
    verdict: str
    grade: str | None
    pd: float | None
    pd_basis: str | None
    currency: str | None
    limit_lcy: float | None
    rate_pa: float | None


class MarkTold(Asked):
    """A contested fact of a part that is granted; without words, something is left out."""

    part: Part
    zh: str | None
    en: str | None
    state: Literal["open", "unconfirmed"]
    opened_on: date


class FirmTold(Asked):
    """A firm and the parts of it that the caller may see.

    `granted` names them all, `parts` those that hold something; `until_at` is when the consent
    ends, null for the firm itself. `history` is of this assessment and earlier ones, oldest first.
    """

    firm_id: str
    name: str
    name_en: str | None
    uscc: str | None
    country: str | None
    region_code: str | None
    city: str | None
    sector: str | None
    industry_code: str | None
    founded_on: date | None
    as_of: date
    granted: list[Part]
    until_at: datetime | None
    parts: dict[Part, dict[str, Any]]
    history: list[HistoryTold]
    contested: list[MarkTold]


class PanelTold(Asked):
    """A section of the page; `told` is null where its part is not granted.

    A number in it is `label` and `text`, with `lines` (what its source is called, and the source)
    and `terms` (parameters that it rests on).
    """

    name: str
    title: str
    part: Part
    told: dict[str, Any] | None


class TermTold(Asked):
    """A parameter of the assessment: value, mark, clause, since when."""

    name: str
    value: str
    mark: str
    clause: str
    since: str


class MemoTold(Asked):
    """The page of a firm in words; `stale` if the assessment is older than a year."""

    firm_id: str
    name: str
    as_of: date
    age_days: int
    stale: bool
    sections: list[PanelTold]
    terms: list[TermTold]
