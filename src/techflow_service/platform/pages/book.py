"""The book of a branch: what is owed, by whom, and how well it holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import F
from django.http import HttpResponse
from django.urls import path, reverse

from techflow.credit.calibration import jeffreys_interval
from techflow_service.platform.agreeing import few
from techflow_service.platform.booking import gather, totals
from techflow_service.platform.charts import Chart
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Run, Standing
from techflow_service.platform.models.firms import OWES
from techflow_service.platform.pictures import columns
from techflow_service.platform.reading import read_standings, run_at
from techflow_service.platform.roles import LENDING
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, money, number, share
from techflow_service.platform.telling import (
    Link,
    Page,
    Section,
    Table,
    place_name,
    speaker_of,
    tell,
)

SHOWN = ("standing", "region", "sector", "lent")
LARGEST_N = 10
VERDICTS = ("graded", "expert", "insufficient")
TOLERANCE = 0.03
"""国家金融监督管理总局《关于加强科技型企业全生命周期金融服务的通知》, mark text: points over the
NPL ratio of all loans."""
Rows = Sequence[Mapping[str, Any]]


def book(request: Any) -> HttpResponse:
    """Exposure, quality, concentration of the firms that agreed."""
    speak, run = speaker_of(request), run_at(read_day(request.GET.get("as_of")))
    if run is None:
        return tell(request, Page(speak("book.title"), speak("home.no_run")))
    cells = totals(run, *SHOWN)
    standings = [row for row in cells if row["kind"] == "standing"]
    if not standings:
        return tell(request, Page(speak("book.title"), speak("book.empty"), run=run))
    whole = gather(standings, lambda name: "")[""]
    loans = sorted((row for row in cells if row["kind"] == "lent"), key=lambda row: row["name"])
    largest = _largest_of(request, run)
    parts = [
        _grades(speak, run, standings),
        _quality(speak, loans),
        _verdicts(speak, standings, whole),
        _split(speak, cells, whole, "region"),
        _split(speak, cells, whole, "sector"),
        _largest(speak, largest, whole),
    ]
    answer = speak(
        "book.answer",
        firms=number(whole["n"]),
        debt=money(whole["a"], speak.language),
        bad=share(bad_share(loans)),
        largest=share(part_of(largest[0].debt_outstanding_lcy, whole["a"])) if largest else "—",
    )
    unknown = [speak(f"book.unknown_{name}") for name in ("bank", "vintage", "tolerance")]
    facts = _facts(speak, whole, loans)
    return tell(request, Page(speak("book.title"), answer, facts, parts, unknown, run))


def _largest_of(request: Any, run: Run) -> list[Standing]:
    """Who owes most; each leaves its reading."""
    order = F("debt_outstanding_lcy").desc(nulls_last=True)
    owing = Standing.objects.filter(OWES, few(), run=run).order_by(order, "firm_id")
    return read_standings(request, owing[:LARGEST_N])


def part_of(part: float | None, whole: float | None) -> float | None:
    """A share; unknown of an unknown or empty whole."""
    return part / whole if part is not None and whole else None


def bad_share(loans: Rows) -> float | None:
    """Non-performing of all that is outstanding."""
    total = sum(row["b"] for row in loans)
    return part_of(sum(row["c"] for row in loans), total)


def hhi(values: Sequence[float]) -> float | None:
    """Herfindahl index of amounts, 0 to 1.

    Examples:
        >>> hhi([1.0, 1.0]), hhi([])
        (0.5, None)
    """
    total = sum(values)
    return sum((value / total) ** 2 for value in values) if total else None


def _facts(speak: Speaker, whole: Mapping[str, Any], loans: Rows) -> list[tuple[str, str]]:
    debt = whole["a"]
    own = part_of(whole["c"], debt**2) if debt else None
    return [
        (speak("book.firms"), number(whole["n"])),
        (speak("book.debt"), money(debt, speak.language)),
        (speak("book.limits"), money(whole["b"], speak.language)),
        (speak("book.bad"), share(bad_share(loans))),
        (speak("book.tolerance"), speak("book.points", n=f"{100 * TOLERANCE:.1f}")),
        (speak("book.hhi"), number(own, 4)),
    ]


def _grades(speak: Speaker, run: Run, cells: Rows) -> Section:
    found = gather(cells, lambda name: name.split("/")[0])
    scale = [one["name"] for one in run.record.get("scale", {}).get("grades", [])]
    names = [*(name for name in scale if name in found), *sorted(set(found) - {*scale, ""})]
    names += [""] if "" in found else []
    labels = [name or speak("book.no_grade") for name in names]
    debts = [found[name]["a"] or 0.0 for name in names]
    top = max(range(len(names)), key=lambda k: debts[k])
    unit, size = _unit(speak.language, debts[top])
    title = speak(
        "book.grade_finding", grade=labels[top], share=share(part_of(debts[top], sum(debts)))
    )
    chart = Chart(
        title,
        speak("book.grade_unit", unit=unit),
        columns(labels, [debt / size for debt in debts], places=1),
    )
    head = [speak(f"book.{name}") for name in ("grade", "firms", "debt", "limits")]
    rows = [
        (
            label,
            number(found[name]["n"]),
            money(found[name]["a"], speak.language),
            money(found[name]["b"], speak.language),
        )
        for name, label in zip(names, labels, strict=True)
    ]
    return Section(speak("book.by_grade"), chart=chart, table=Table(head, rows, "tnnn"))


def _unit(language: str, largest: float) -> tuple[str, float]:
    """In which unit amounts are drawn, so that the largest has some figures and not too many."""
    units = (("亿元", 1e8), ("万元", 1e4)) if language == "zh" else (("m", 1e6), ("k", 1e3))
    return units[0] if largest >= 3 * units[0][1] else units[1]


def _quality(speak: Speaker, loans: Rows) -> Section:
    head = [
        speak(f"book.{name}")
        for name in ("year", "loans", "defaulted", "default_share", "owed", "bad")
    ]
    rows = []
    n, bad = (np.array([row[name] for row in loans], float) for name in ("n", "a"))
    spans = zip(*jeffreys_interval(n, bad, confidence=0.95), strict=True) if loans else ()
    for row, (low, high) in zip(loans, spans, strict=True):
        told = f"{share(part_of(row['a'], row['n']))} ({share(low)}–{share(high)})"
        rows.append(
            (
                row["name"],
                number(row["n"]),
                number(row["a"], 0),
                told,
                money(row["b"], speak.language),
                share(part_of(row["c"], row["b"])),
            )
        )
    note_ = speak("book.vintage_note") if rows else speak("book.no_loans")
    return Section(
        speak("book.by_vintage"), note_, table=Table(head, rows, "tnnnnn") if rows else None
    )


def _verdicts(speak: Speaker, cells: Rows, whole: Mapping[str, Any]) -> Section:
    found = gather(cells, lambda name: name.split("/")[1])
    head = [speak(f"book.{name}") for name in ("verdict", "firms", "part", "debt")]
    rows = [
        (
            speak(f"verdict.{name}"),
            number(found[name]["n"]),
            share(part_of(found[name]["n"], whole["n"])),
            money(found[name]["a"], speak.language),
        )
        for name in VERDICTS
        if name in found
    ]
    return Section(speak("book.by_verdict"), table=Table(head, rows, "tnnn"))


def _split(speak: Speaker, cells: Rows, whole: Mapping[str, Any], kind: str) -> Section:
    found = [row for row in cells if row["kind"] == kind]
    found.sort(key=lambda row: -(row["a"] or 0.0))
    name_of = (lambda code: place_name(speak, code)) if kind == "region" else speak.both
    index = hhi([row["a"] or 0.0 for row in found])
    head = [speak(f"book.{name}") for name in (kind, "firms", "debt", "part")]
    rows = [
        (
            name_of(row["name"]),
            number(row["n"]),
            money(row["a"], speak.language),
            share(part_of(row["a"], whole["a"])),
        )
        for row in found
    ]
    told = speak("book.split_note", hhi=number(index, 3), even=number(1 / len(found), 3))
    return Section(speak(f"book.by_{kind}"), told, table=Table(head, rows, "tnnn"))


def _largest(speak: Speaker, largest: Sequence[Standing], whole: Mapping[str, Any]) -> Section:
    head = [speak(f"book.{name}") for name in ("firm", "grade", "debt", "part")]
    rows = [
        (
            Link(row.name, reverse("firm", args=[row.firm_id]), row.firm_id),
            row.grade or "—",
            money(row.debt_outstanding_lcy, speak.language),
            share(part_of(row.debt_outstanding_lcy, whole["a"])),
        )
        for row in largest
    ]
    return Section(speak("book.largest"), table=Table(head, rows, "ttnn"))


URLS = [path("book", book, name="book")]
ROWS = {"book": Row(GET, LENDING, "firm")}
PLACES = [(20, "book", "book.title")]
