"""Who looked: every reading of the firm by others."""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, F, Func, Max, QuerySet, TextField, Value
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.asking import own_firm, page_number
from techflow_service.platform.models import Organisation, Reading
from techflow_service.platform.roles import Part
from techflow_service.platform.routes import FIRM, GET, Row
from techflow_service.platform.sheets import csv_file
from techflow_service.platform.showing import Speaker, moment, show
from techflow_service.platform.speaking import language_of

PAGE_ROWS = 50
FILE_ROWS_MAX = 50_000
LOOK = ("read_at", "org", "role", "purpose", "parts")


def looks(request: Any) -> HttpResponse:
    """Looks of one day by one organisation in one role are one row; the newest day first."""
    number = page_number(request)
    rows = list(_days(own_firm(request.membership))[PAGE_ROWS * (number - 1) :][: PAGE_ROWS + 1])
    shown = rows[:PAGE_ROWS]
    for row in shown:
        row["parts"] = [part for part in Part if part in row["told"].split(",")]
    return show(
        request,
        "looks.html",
        rows=shown,
        orgs=Organisation.objects.in_bulk({row["org_id"] for row in shown}),
        number=number,
        more=len(rows) > PAGE_ROWS,
        file_rows_max=FILE_ROWS_MAX,
    )


def download(request: Any) -> HttpResponse:
    """Every reading as a row, the newest first."""
    speak = Speaker(language_of(request))
    found = Reading.objects.filter(firm_id=own_firm(request.membership)).select_related("org")
    rows = _lines(found.order_by("-read_at", "-pk")[:FILE_ROWS_MAX], speak)
    return csv_file("looks.csv", [speak(f"looks.{name}") for name in LOOK], rows)


def _lines(found: QuerySet[Reading], speak: Speaker) -> Iterator[tuple[str, ...]]:
    for one in found:
        parts = "; ".join(speak(f"part.{part}") for part in one.parts)
        who = (speak.named(one.org), speak(f"role.{one.role}"), speak(f"purpose.{one.purpose}"))
        yield (moment(one.read_at), *who, parts)


def _days(firm_id: str) -> QuerySet[Any, dict[str, Any]]:
    """One request writes its readings at one moment: moments count the looks."""
    parts = Func(F("parts"), Value(","), function="array_to_string", output_field=TextField())
    return (
        Reading.objects.filter(firm_id=firm_id)
        .values("org_id", "role", "purpose", day=TruncDate("read_at"))
        .annotate(
            looks_n=Count("read_at", distinct=True),
            last_at=Max("read_at"),
            told=StringAgg(parts, ",", distinct=True),
        )
        .order_by("-last_at", "org_id", "role")
    )


URLS = [path("looks", looks, name="looks"), path("looks.csv", download, name="looks_file")]
ROWS = {"looks": Row(GET, FIRM, "own"), "looks_file": Row(GET, FIRM, "own")}
PLACES = [(62, "looks", "looks.title")]
