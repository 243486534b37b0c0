"""Shapes of what is asked and answered. What the schema does not name is refused."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from techflow_service.platform.roles import Role

NO_NUL = r"^[^\u0000]+$"
"""PostgreSQL keeps no NUL."""
DIGITS_MAX = 18
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN = r"^[^\u0000-\u001f\u007f\\/?#%]+$"
"""Text of an address: no control characters, nothing that an address reads otherwise."""


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value if DAY.fullmatch(value) else "")
        except ValueError:
            raise PydanticCustomError("day", "not a day") from None
    return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between bounds.

    Attributes:
        low: The least.
        high: The largest.
        text: Whether digits as text are one: in an address they are, in JSON they are not.
    """

    low: int
    high: int
    text: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """How it is read."""
        bounds = core_schema.int_schema(ge=self.low, le=self.high)
        return core_schema.no_info_before_validator_function(self._read, bounds)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """How the schema tells it."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def _read(self, value: Any) -> Any:
        """In JSON 3.0 is the whole number that 3 is."""
        if isinstance(value, str):
            digits = value.isascii() and value.isdecimal() and len(value) <= DIGITS_MAX
            if not (self.text and digits):
                raise PydanticCustomError("whole", "not a whole number")
            return int(value)
        return int(value) if isinstance(value, float) and value.is_integer() else value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
FirmId = Annotated[str, Field(min_length=1, max_length=80, pattern=PLAIN)]
Limit = Annotated[int, Whole(1, 200, text=True)]
NUMBER_MAX = 2**53
"""Beyond it some programs cannot tell whole numbers apart."""
Number = Annotated[int, Whole(1, NUMBER_MAX, text=True)]
"""Number of a row, in an address."""
RowNumber = Annotated[int, Whole(1, NUMBER_MAX)]
"""Number of a row, in JSON."""
Text80 = Annotated[str, Field(min_length=1, max_length=80, pattern=NO_NUL)]
Text100 = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
Text500 = Annotated[str, Field(min_length=1, max_length=500, pattern=NO_NUL)]
Text2000 = Annotated[str, Field(min_length=1, max_length=2_000, pattern=NO_NUL)]
Cursor = Annotated[str, Field(min_length=1, max_length=600, pattern="^[A-Za-z0-9_-]+$")]


class Asked(Schema):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid")


class Sent(Asked):
    """A body of JSON: nothing in it is read as of another type than it is."""

    model_config = ConfigDict(extra="forbid", strict=True)


def hide(place: str) -> str:
    """Where a page ends, as a word without meaning for the caller.

    Examples:
        >>> hide("2500000.0|cn:1"), seen(hide("2500000.0|cn:1"))
        ('MjUwMDAwMC4wfGNuOjE', '2500000.0|cn:1')
    """
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def seen(cursor: str) -> str | None:
    """What `hide` hid; None for a word that it did not make."""
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        return None
    return place if place.isprintable() and hide(place) == cursor else None


class DayAsked(Asked):
    """As of which day; the newest if left out."""

    as_of: Day | None = None


class FirmsWanted(DayAsked):
    """The same question as on the list of firms; `moved`: since the assessment before."""

    q: Annotated[str, Field(max_length=60)] = ""
    verdict: Literal["graded", "expert", "insufficient"] | None = None
    grade: Annotated[str, Field(min_length=1, max_length=6)] | None = None
    region: Annotated[str, Field(pattern="^[0-9]{2}$")] | None = None
    moved: Literal["any", "up", "down"] | None = None
    sort: Literal[
        "limit_lcy", "grade", "rate_pa", "flow_score", "patent_value_median_cny", "name"
    ] = "limit_lcy"


class PageAsked(Asked):
    """A page of a list."""

    limit: Limit = 50
    after: Cursor | None = None


class FirmsAsked(FirmsWanted, PageAsked):
    """A page of the firms wanted."""


class FileAsked(Asked):
    """A file with heads in a language."""

    language: Literal["zh", "en"] = "zh"


class FirmsFileAsked(FirmsWanted, FileAsked):
    """The firms wanted as a file."""


class RunTold(Schema):
    """One assessment of the book; it names no firm."""

    as_of: date
    loaded_at: datetime
    grades: list[str]


class RunPage(Schema):
    """Assessments, the newest first."""

    rows: list[RunTold]
    after: str | None


class StandingTold(Schema):
    """A firm as the list shows it; what is not known is null.

    `steps_up` since the assessment before is negative for down, null where grades do not compare.
    """

    firm_id: str
    name: str
    region_code: str | None
    city: str | None
    sector: str | None
    verdict: str
    grade: str | None
    grade_before: str | None
    steps_up: int | None
    pd: float | None
    currency: str | None
    limit_lcy: float | None
    rate_pa: float | None
    flow_score: float | None
    patent_value_median_cny: float | None
    evidence_on: date | None


class StandingPage(Schema):
    """Firms as of a day, in the order asked for; `after` begins the next page, null at the end."""

    as_of: date | None
    rows: list[StandingTold]
    after: str | None


class SealTold(Schema):
    """Whether a report was made here, and when; it names no firm."""

    sealed: bool
    made_at: datetime | None
    as_of: date | None
    language: str | None


class MembershipTold(Schema):
    """What a person is in an organisation; `firm_id` is whose a firm's own member is."""

    membership: int
    role: Role
    purpose: str | None
    firm_id: str | None
    org: int
    org_zh: str
    org_en: str
    authority_cny: int | None
    worn: bool


class Me(Schema):
    """Who calls."""

    name: str
    memberships: list[MembershipTold]
    key_scopes: list[str] | None


class JobProblem(Schema):
    """Why a job failed; `detail` is what the program said."""

    title: str
    title_zh: str
    detail: str


class JobTold(Schema):
    """A file that was sent, and how far it is."""

    job: UUID
    kind: Literal["score", "import"]
    subject: str
    state: Literal["waiting", "running", "done", "failed"]
    rows_n: int | None
    done_n: int
    summary: dict[str, Any]
    problem: JobProblem | None
    made_at: datetime
    ended_at: datetime | None


class JobPage(Schema):
    """Jobs, the newest first."""

    rows: list[JobTold]
    after: str | None
