"""Policies: clause by clause, how many firms qualify, and what another bound would do."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse

from techflow.basics import NotInForce
from techflow.policy import Law
from techflow_service.judging import Lang, describe_laws, describe_one
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Run
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import run_at
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, money, number, share
from techflow_service.platform.studies.storing import suppress
from techflow_service.platform.telling import (
    Link,
    Original,
    Page,
    Section,
    Table,
    newest,
    place_name,
    speaker_of,
    tell,
)
from techflow_service.policies import load_laws, titles_of

ANSWERS = ("yes", "no", "unknown")
CONDITIONS, INDENT = ("条件", "Conditions"), "\u3000"


@cache
def laws() -> Mapping[str, Law]:
    """The policies of this installation, read once a process."""
    return load_laws()


def policies(request: Any) -> HttpResponse:
    """Which policies are in force, and how many firms of the run qualify."""
    speak, run = speaker_of(request), run_at(read_day(request.GET.get("as_of")))
    if run is None:
        return tell(request, Page(speak("policy.title"), speak("home.no_run")))
    counted = counts_of(run)
    entries = [one for one in describe_laws(laws(), run.as_of) if one["in_force"]]
    text_n = sum(one["mark"] == "text" for one in entries)
    answer = speak("policy.answer", on=run.as_of, n=len(entries), judged=len(counted), text=text_n)
    judged = [one for one in entries if one["id"] in counted]
    others = [one for one in entries if one["id"] not in counted]
    sections = [_judged(speak, run, judged, counted), _others(speak, run, others)]
    unknown = [speak(f"policy.unknown_{name}") for name in ("facts", "marks")]
    return tell(request, Page(speak("policy.title"), answer, (), sections, unknown, run))


def policy(request: Any, policy_id: str) -> HttpResponse:
    """One policy on the day of the run."""
    speak, run = speaker_of(request), run_at(read_day(request.GET.get("as_of")))
    law = laws().get(policy_id)
    if law is None or run is None:
        return failures.absent(request)
    title = getattr(law.policy, speak.language)
    try:
        rule = law.on(run.as_of)
    except NotInForce:
        return tell(request, Page(title, speak("policy.not_in_force", on=run.as_of), run=run))
    told = counts_of(run).get(policy_id)
    answer = speak("policy.not_judged") if told is None else _count(speak, told)
    facts: list[tuple[str, str | Original]] = [
        (speak("policy.document"), Original(rule.document)),
        (speak("policy.since"), str(rule.since)),
        (speak("policy.mark"), speak.mark(str(rule.mark))),
        (speak("policy.weakest"), speak.mark(str(rule.weakest))),
    ]
    lang: Lang = "zh" if speak.language == "zh" else "en"
    lines = describe_one(law, rule, lang, titles=titles_of(laws())).splitlines()[1:]
    sections = [_what_if(request, speak, policy_id, run), _clauses(speak, lines)]
    sections.append(_versions(speak, law))
    unknown = [speak(f"policy.unknown_{name}") for name in ("facts", "range", "few")]
    return tell(request, Page(title, answer, facts, sections, unknown, run))


def counts_of(run: Run) -> dict[str, dict[str, int | None]]:
    """Firms by answer and policy, without groups of few; from the record of the run."""
    rows = run.record.get("qualifications", {}).get("policies", [])
    return {
        row["policy_id"]: dict(
            zip(ANSWERS, suppress([row[f"{word}_n"] for word in ANSWERS]), strict=True)
        )
        for row in rows
        if any(row[f"{word}_n"] for word in ANSWERS)
    }


def told_count(speak: Speaker, n: int | None) -> str:
    """A count, or that it is of few."""
    return speak("told.few") if n is None else number(n)


def _count(speak: Speaker, told: Mapping[str, int | None]) -> str:
    return speak("policy.counted", **{word: told_count(speak, n) for word, n in told.items()})


def _link(speak: Speaker, run: Run, one: Mapping[str, Any]) -> Link:
    href = f"{reverse('policy', args=[one['id']])}?as_of={run.as_of}"
    return Link(one[speak.language], href, one["id"])


def _judged(speak: Speaker, run: Run, entries: Any, counted: Any) -> Section:
    head = [speak(f"policy.{name}") for name in ("policy", "document", "mark", *ANSWERS)]
    rows = [
        (
            _link(speak, run, one),
            Original(one["document"]),
            speak.mark(one["mark"]),
            *(told_count(speak, counted[one["id"]][word]) for word in ANSWERS),
        )
        for one in entries
    ]
    return Section(speak("policy.judged"), table=Table(head, rows, "tttnnn") if rows else None)


def _others(speak: Speaker, run: Run, entries: Any) -> Section:
    head = [speak(f"policy.{name}") for name in ("policy", "document", "since", "mark")]
    rows = [
        (_link(speak, run, one), Original(one["document"]), one["since"], speak.mark(one["mark"]))
        for one in entries
    ]
    return Section(
        speak("policy.others"), speak("policy.others_note"), table=Table(head, rows, "tttt")
    )


def _clauses(speak: Speaker, lines: list[str]) -> Section:
    """The text condition by condition; texts and facts, which stand at the margin, are left out."""
    shown, inside = [], False
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // 2
        if not depth:
            inside = line.startswith(CONDITIONS)
        elif inside:
            shown.append(f"{INDENT * (depth - 1)}{line.strip()}")
    return Section(speak("policy.clauses"), lines=shown)


def _versions(speak: Speaker, law: Law) -> Section:
    head = [speak(f"policy.{name}") for name in ("document", "since", "mark")]
    rows = [
        (Original(one.document), str(one.since), speak.mark(str(one.mark)))
        for one in law.policy.versions
    ]
    return Section(speak("policy.versions"), table=Table(head, rows, "ttt"))


def _what_if(request: Any, speak: Speaker, policy_id: str, run: Run) -> Section:
    study = newest("what_if", policy_id)
    if study is None:
        return Section(speak("policy.what_if"), speak("policy.no_study"))
    params = study.body["params"]
    asked = request.GET.get("param", params[0]["param"])
    chosen = next((one for one in params if one["param"] == asked), params[0])
    head = [speak(f"policy.{name}") for name in ("value", "more", "open", "where")]
    rows = [_row(speak, chosen, value) for value in chosen["values"]]
    now = figure(speak, chosen["unit"], chosen["value"])
    told = speak(
        "policy.tried",
        name=chosen[speak.language],
        now=now,
        reference=chosen["reference"],
        mark=speak.mark(chosen["mark"]),
        before=told_count(speak, chosen["values"][0]["before"]),
        on=study.as_of,
    )
    choices = [
        Link(one[speak.language], f"?as_of={run.as_of}&param={one['param']}", one["param"])
        for one in params
    ]
    return Section(speak("policy.what_if"), told, table=Table(head, rows, "nnnt"), choices=choices)


def _row(speak: Speaker, param: Mapping[str, Any], value: Mapping[str, Any]) -> tuple[str, ...]:
    comma, rows = speak("market.comma"), value["places"]
    told = [
        f"{place_name(speak, row['place'])} {signed(row['more'], speak)}"
        for row in rows
        if row["more"] is not None
    ]
    few = [place_name(speak, row["place"]) for row in rows if row["more"] is None]
    told += [speak("policy.few", places=comma.join(few))] if few else []
    return (
        figure(speak, param["unit"], value["value"]),
        signed(value["more"], speak),
        number(value["open"]),
        comma.join(told) or "—",
    )


def signed(n: int | None, speak: Speaker) -> str:
    """A change with its sign; few are not told."""
    return speak("told.few") if n is None else f"{n:+,}".replace("-", "−") if n else "0"


def figure(speak: Speaker, unit: str, value: float) -> str:
    """A bound in its unit."""
    if unit == "cny":
        return f"{money(value, speak.language)}{speak('policy.yuan')}"
    return share(value) if unit == "share" else f"{value:,.4g}"


URLS = [
    path("policies", policies, name="policies"),
    path("policies/<str:policy_id>", policy, name="policy"),
]
ROWS = {"policies": Row(GET, EVERYONE), "policy": Row(GET, EVERYONE)}
PLACES = [(50, "policies", "policy.title")]
