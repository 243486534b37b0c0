"""A park: its firms, what they need, and how much of that is met."""

from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.urls import path, reverse

from techflow_service.platform.agreeing import few
from techflow_service.platform.booking import gather, totals
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Need, Run
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.roles import Part, Role
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, money, number
from techflow_service.platform.telling import Link, Page, Section, Table, speaker_of, tell

ROWS_N = 50
STATUSES = ("planned", "need_covered", "no_plan", "need_unknown")


def park(request: Any) -> HttpResponse:
    """Firms of a park that agreed to it."""
    speak, run = speaker_of(request), run_at(read_day(request.GET.get("as_of")))
    if run is None:
        return tell(request, Page(speak("park.title"), speak("home.no_run")))
    found = totals(run, "standing", "need")
    whole = gather((row for row in found if row["kind"] == "standing"), lambda name: "").get("")
    if whole is None:
        return tell(request, Page(speak("park.title"), speak("park.empty"), run=run))
    needs = {row["name"]: row for row in found if row["kind"] == "need"}
    n = {status: needs[status]["n"] if status in needs else 0 for status in STATUSES}
    answer = speak(
        "park.answer",
        firms=number(whole["n"]),
        met=number(n["planned"] + n["need_covered"]),
        unmet=number(n["no_plan"]),
        open=number(n["need_unknown"]),
    )
    planned = needs["planned"]["a"] if n["planned"] else 0.0
    facts = [
        (speak("park.firms"), number(whole["n"])),
        (speak("park.line"), money(whole["b"], speak.language)),
        (speak("park.planned"), money(planned, speak.language)),
        (speak("park.debt"), money(whole["a"], speak.language)),
    ]
    sections = [_statuses(speak, needs), _firms(request, speak, run)]
    unknown = [speak(f"park.unknown_{name}") for name in ("line", "plan", "firms")]
    return tell(request, Page(speak("park.title"), answer, facts, sections, unknown, run))


def _statuses(speak: Speaker, needs: dict[str, dict[str, Any]]) -> Section:
    head = [speak(f"park.{name}") for name in ("status", "firms", "plan")]
    rows = [
        (
            speak(f"need.{status}"),
            number(needs[status]["n"]),
            money(needs[status]["a"], speak.language),
        )
        for status in STATUSES
        if status in needs
    ]
    told = "" if rows else speak("park.no_plans")
    return Section(speak("park.needs"), told, table=Table(head, rows, "tnn") if rows else None)


def _firms(request: Any, speak: Speaker, run: Run) -> Section:
    """Those that ask most of the market first; every firm on the page leaves its reading."""
    order = F("asked_cny").desc(nulls_last=True)
    rows = Need.objects.filter(few(), run=run).order_by(order, "firm_id")
    found = list(rows[:ROWS_N])
    note(request, [row.firm_id for row in found], [Part.PLAN])
    head = [speak(f"park.{name}") for name in ("firm", "status", "plan", "asked", "why")]
    told = [
        (
            Link(row.name, reverse("firm", args=[row.firm_id]), row.firm_id),
            speak(f"need.{row.plan_status}"),
            money(row.plan_cny, speak.language),
            money(row.asked_cny, speak.language),
            getattr(row, f"plan_{speak.language}"),
        )
        for row in found
    ]
    about = speak("park.shown", n=len(told))
    return Section(speak("park.list"), about, table=Table(head, told, "ttnnt") if told else None)


URLS = [path("park", park, name="park")]
ROWS = {"park": Row(GET, frozenset({Role.PARK}), "firm")}
PLACES = [(25, "park", "park.title")]
