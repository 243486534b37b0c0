"""A question to the list of firms: what the address asks, as a query that walks one index."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.db import connection
from django.db.models import F, Q

from techflow_service.platform.agreeing import few
from techflow_service.platform.models import Run, Standing
from techflow_service.platform.models.firms import DOWN, MOVED, UP

NULL = "~"
"""Stands for an unknown value in the place where a page ends."""
TEXT_MAX = 60
FOUND_MAX = 1_000
"""More names than this with the same words: a broad search."""


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
MOVES = {"any": MOVED, "up": UP, "down": DOWN}
"""Which way the grade moved since the run before -> its condition."""


class Question(NamedTuple):
    """What the list was asked for.

    Attributes:
        text: Words to find in name, pinyin or id; empty for none.
        verdict: One of `VERDICTS`, or empty.
        grade: A grade, or empty.
        region: Two digits of a province, or empty.
        moved: Key of `MOVES`, or empty.
        sort: Key of `SORTS`.
        after: Value and firm of the row that the page begins after; empty at the start.
        as_of: Day of the assessment; None for the newest.
    """

    text: str = ""
    verdict: str = ""
    grade: str = ""
    region: str = ""
    moved: str = ""
    sort: str = "limit_lcy"
    after: tuple[str, ...] = ()
    as_of: date | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """The question of an address; what is nonsense in it is as if it were not said."""
        asked = {name: value.replace("\0", "") for name, value in asked.items()}
        after = tuple(asked.get("after", "").split("|", 1))
        names = ("verdict", "region", "moved", "sort")
        verdict, region, moved, sort = (asked.get(name, "") for name in names)
        return cls(
            text=asked.get("q", "").strip().lower()[:TEXT_MAX],
            verdict=verdict if verdict in VERDICTS else "",
            grade=asked.get("grade", "")[:6],
            region=region if len(region) == 2 and region.isdecimal() else "",
            moved=moved if moved in MOVES else "",
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

    def rows(self, run: Run, rows_max: int) -> list[Standing]:
        """Rows of a run that answer it, in order, from where the page begins."""
        return self.answers(run).rows(rows_max)

    def answers(self, run: Run) -> "Answers":
        """What answers it in a run; names are searched here, once for rows and count."""
        wanted = Q(run=run)
        if self.region:
            wanted &= Q(region_code__gte=self.region, region_code__lt=f"{self.region}Z")
        if self.moved:
            wanted &= MOVES[self.moved]
        for name in ("verdict", "grade"):
            if getattr(self, name):
                wanted &= Q(**{name: getattr(self, name)})
        if not self.text:
            return Answers(self, wanted & few(), broad=False)
        found = find_firms(run, self.text)
        broad = len(found) > FOUND_MAX
        named = Q(search__contains=self.text) if broad else Q(firm_id__in=found)
        return Answers(self, wanted & named, broad)


class Answers(NamedTuple):
    """Rows that answer a question.

    Attributes:
        question: The question.
        wanted: Condition of its rows.
        broad: So many names hold its words that going through the order meets them soon.
    """

    question: Question
    wanted: Q
    broad: bool

    def rows(self, rows_max: int) -> list[Standing]:
        """The first rows in order, from where the page begins."""
        found: list[Standing] = []
        for segment in self._segments():
            if len(found) < rows_max:
                ordered = Standing.objects.filter(self.wanted & segment).order_by(*self._order())
                found += _walk(ordered[: rows_max - len(found)], self.broad)
        return found

    def counted(self, count_max: int) -> int:
        """How many rows answer, counted up to one more than a number."""
        rows = Standing.objects.filter(self.wanted).order_by().values("pk")
        return int(rows[: count_max + 1].count())

    def _order(self) -> tuple[Any, str]:
        column = SORTS[self.question.sort]
        place = F(column.field)
        if column.kind == "text":
            return place.asc(), "firm_id"
        order = place.desc(nulls_last=True) if column.down else place.asc(nulls_last=True)
        return order, "firm_id"

    def _segments(self) -> list[Q]:
        """Stretches of the order's index that follow the place, one after the other.

        Written as one condition with "or", they would be looked for from the very first row.
        """
        column = SORTS[self.question.sort]
        if not self.question.after:
            return [Q()]
        told, firm_id = self.question.after
        unknown = Q(**{f"{column.field}__isnull": True})
        later = Q(firm_id__gt=firm_id)
        if told == NULL:
            return [unknown & later]
        value = told if column.kind == "text" else finite(told)
        if value is None:
            return [Q()]
        further = "lt" if column.down else "gt"
        known = Q(**{f"{column.field}__{further}e": value}) & (
            Q(**{f"{column.field}__{further}": value}) | later
        )
        return [known] if column.kind == "text" else [known, unknown]


def find_firms(run: Run, text: str) -> list[str]:
    """Firms that the member may see and whose name, pinyin or id holds a text.

    One more than `FOUND_MAX` at most. Words are compared before consents: the other way round,
    which row-level security takes for a condition like this, each firm of the book is judged.
    """
    words = connection.ops.prep_for_like_query(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT find_firms(%s, %s, %s)", [run.pk, f"%{words}%", FOUND_MAX + 1])
        return [firm_id for (firm_id,) in cursor.fetchall()]


def _walk(rows: Any, broad: bool) -> list[Standing]:
    """Rows in order; of a broad search by the order's index, whatever the planner expects."""
    if not broad:
        return list(rows)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        found = list(rows)
        cursor.execute("SET LOCAL enable_sort = on")
    return found


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
