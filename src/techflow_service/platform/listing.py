"""A question to the list of firms: what the address asks, as a query that walks one index."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.db.models import F, Q

from techflow_service.platform.models import Run, Standing

NULL = "~"
"""Stands for an unknown value in the place where a page ends."""
TEXT_MAX = 60


class Column(NamedTuple):
    """One column of the list: a field, how it is written, and whether large comes first."""

    field: str
    kind: str
    down: bool = False


COLUMNS = (
    Column("name", "text"),
    Column("grade", "text"),
    Column("pd", "rate"),
    Column("limit_lcy", "money", True),
    Column("rate_pa", "rate"),
    Column("flow_score", "number", True),
    Column("patent_value_median_cny", "money", True),
)
SORTS = {
    "limit_lcy": Column("limit_lcy", "money", True),
    "grade": Column("grade_rank", "number"),
    "rate_pa": Column("rate_pa", "rate"),
    "flow_score": Column("flow_score", "number", True),
    "patent_value_median_cny": Column("patent_value_median_cny", "money", True),
    "name": Column("name", "text"),
}
"""What can be sorted by -> the field of its index. No other name reaches a query."""
VERDICTS = ("graded", "expert", "insufficient")


class Question(NamedTuple):
    """What the list was asked for.

    Attributes:
        text: Words to find in name, pinyin or id; empty for none.
        verdict: One of `VERDICTS`, or empty.
        grade: A grade, or empty.
        region: Two digits of a province, or empty.
        sort: Key of `SORTS`.
        after: Value and firm of the row that the page begins after; empty at the start.
        as_of: Day of the assessment; None for the newest.
    """

    text: str = ""
    verdict: str = ""
    grade: str = ""
    region: str = ""
    sort: str = "limit_lcy"
    after: tuple[str, ...] = ()
    as_of: date | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """The question of an address; what is nonsense in it is as if it were not said."""
        asked = {name: value.replace("\0", "") for name, value in asked.items()}
        after = tuple(asked.get("after", "").split("|", 1))
        verdict, region, sort = (asked.get(name, "") for name in ("verdict", "region", "sort"))
        return cls(
            text=asked.get("q", "").strip().lower()[:TEXT_MAX],
            verdict=verdict if verdict in VERDICTS else "",
            grade=asked.get("grade", "")[:6],
            region=region if len(region) == 2 and region.isdecimal() else "",
            sort=sort if sort in SORTS else "limit_lcy",
            after=after if len(after) == 2 else (),
            as_of=read_day(asked.get("as_of")),
        )

    def address(self, **changed: Any) -> str:
        """The question as the part of an address behind `?`, with some of it changed."""
        told = self._replace(after=(), **changed)
        words = told._asdict() | {"q": told.text, "after": "|".join(changed.get("after", ()))}
        del words["text"]
        return urlencode({name: value for name, value in words.items() if value})

    def after_row(self, row: Standing) -> str:
        """Where the next page begins."""
        value = getattr(row, SORTS[self.sort].field)
        return f"{NULL if value is None else value}|{row.firm_id}"

    def rows(self, run: Run, rows_max: int) -> Any:
        """Rows of a run that answer it, in order, from where the page begins."""
        column = SORTS[self.sort]
        place = F(column.field)
        order = place.desc(nulls_last=True) if column.down else place.asc(nulls_last=True)
        order = place.asc() if column.kind == "text" else order
        return (
            self._matching(run).filter(self._beyond(column)).order_by(order, "firm_id")[:rows_max]
        )

    def counted(self, run: Run, count_max: int) -> int:
        """How many rows answer it, counted up to one more than a number."""
        return int(self._matching(run).values("pk")[: count_max + 1].count())

    def _matching(self, run: Run) -> Any:
        wanted = Q(run=run)
        if self.region:
            wanted &= Q(region_code__gte=self.region, region_code__lt=f"{self.region}Z")
        for name in ("verdict", "grade"):
            if getattr(self, name):
                wanted &= Q(**{name: getattr(self, name)})
        if self.text:
            wanted &= Q(search__contains=self.text)
        return Standing.objects.filter(wanted)

    def _beyond(self, column: Column) -> Q:
        if not self.after:
            return Q()
        told, firm_id = self.after
        later = Q(firm_id__gt=firm_id)
        if told == NULL:
            return Q(**{f"{column.field}__isnull": True}) & later
        value = told if column.kind == "text" else finite(told)
        if value is None:
            return Q()
        further = "lt" if column.down else "gt"
        beyond = Q(**{f"{column.field}__{further}": value}) | (Q(**{column.field: value}) & later)
        return beyond if column.kind == "text" else beyond | Q(**{f"{column.field}__isnull": True})


def read_day(text: str | None) -> date | None:
    """A day of an address; None if it names none or nonsense."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def finite(text: str) -> float | None:
    """A number of an address; None if it is none, or has no place in an order."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
