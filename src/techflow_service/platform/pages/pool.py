"""Pools: money, layers, claims, caps; whether the books are proved and whether the purse lasts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse

from techflow_service.platform.charts import Chart
from techflow_service.platform.models import Study
from techflow_service.platform.pages import failures
from techflow_service.platform.pictures import fan, stacks
from techflow_service.platform.roles import LENDING, Role
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, day, moment, money, number, rate, share
from techflow_service.platform.telling import (
    Link,
    Page,
    Section,
    Table,
    newest,
    speaker_of,
    tell,
)

FEN = 100
KINDS = ("available", "reserved", "recourse", "lost")
READERS = LENDING | {
    *(Role.OPERATOR, Role.AGENCY, Role.GUARANTOR, Role.CENTRAL_BANK, Role.SUPERVISOR),
    Role.ANALYST,
}


def pools(request: Any) -> HttpResponse:
    """The pools whose books the member may see, and whether the design of one lasts."""
    speak = speaker_of(request)
    rows = Study.objects.filter(kind="pool").order_by("subject", "-made_at").distinct("subject")
    kept = list(rows)
    solvency = newest("solvency")
    answer = speak("pool.none")
    if kept:
        free = sum(fen_of(study.body, "available") for study in kept)
        answer = speak(
            "pool.answer",
            n=len(kept),
            free=money(free, speak.language),
            proof=_proof(speak, kept[0]),
        )
    sections = [_kept(speak, kept)] if kept else []
    if solvency:
        sections += solvency_sections(speak, solvency)
    else:
        sections.append(_no_study(speak))
    unknown = [speak(f"pool.unknown_{name}") for name in ("moment", "model", "book")]
    return tell(request, Page(speak("pool.title"), answer, (), sections, unknown))


def pool(request: Any, pool_id: str) -> HttpResponse:
    """One pool."""
    speak, study = speaker_of(request), newest("pool", pool_id)
    if study is None:
        return failures.absent(request)
    body, language = study.body, speak.language
    facts = [(speak(f"pool.{kind}"), money(fen_of(body, kind), language)) for kind in KINDS] + [
        (speak("pool.entries"), number(body["entries_n"]))
    ]
    answer = speak(
        "pool.one",
        free=money(fen_of(body, "available"), language),
        held=money(fen_of(body, "reserved"), language),
        proof=_proof(speak, study),
    )
    sections = [_layers(speak, body), _claims(speak, body), _caps(speak, body)]
    design = newest("solvency", body.get("scheme", ""))
    sections += solvency_sections(speak, design) if design else [_no_study(speak)]
    sections.append(_seal(speak, study))
    unknown = [speak(f"pool.unknown_{name}") for name in ("moment", "claims")]
    title = speak("pool.name", pool=pool_id)
    return tell(request, Page(title, answer, facts, sections, unknown))


def _no_study(speak: Speaker) -> Section:
    return Section(speak("pool.lasts"), speak("pool.no_study"))


def fen_of(body: Mapping[str, Any], kind: str, party: str | None = None) -> float:
    """Yuan on accounts of a kind."""
    accounts = body["accounts_fen"]
    return (
        sum(row["fen"] for row in accounts if row["kind"] == kind and party in (None, row["party"]))
        / FEN
    )


def _proof(speak: Speaker, study: Study) -> str:
    faults = study.body["faults_n"]
    at = moment(datetime.fromisoformat(study.body["proved_at"]))
    return speak("pool.faults", n=faults, at=at) if faults else speak("pool.proved", at=at)


def _kept(speak: Speaker, kept: list[Study]) -> Section:
    head = [
        speak(f"pool.{name}") for name in ("pool", "available", "reserved", "recourse", "proof")
    ]
    rows = [
        (
            Link(study.subject, reverse("pool", args=[study.subject]), study.subject),
            *(money(fen_of(study.body, kind), speak.language) for kind in KINDS[:3]),
            _proof(speak, study),
        )
        for study in kept
    ]
    return Section(speak("pool.kept"), table=Table(head, rows, "tnnnt"))


def _layers(speak: Speaker, body: Mapping[str, Any]) -> Section:
    parties = sorted({row["party"] for row in body["accounts_fen"]})
    head = [speak("pool.party"), *(speak(f"pool.{kind}") for kind in KINDS)]
    rows = [
        (
            party_name(speak, party),
            *(money(fen_of(body, kind, party), speak.language) for kind in KINDS),
        )
        for party in parties
    ]
    return Section(speak("pool.layers"), table=Table(head, rows, "tnnnn"))


def party_name(speak: Speaker, party: str) -> str:
    """A party of the books in words; a name of the user's own stands for itself."""
    return speak(f"party.{party}") if party in ("city", "province") else party


def _claims(speak: Speaker, body: Mapping[str, Any]) -> Section:
    head = [speak("pool.state"), speak("pool.claims_n")]
    rows = [(speak(f"claim.{state}"), number(n)) for state, n in body["claims"].items()]
    if not rows:
        return Section(speak("pool.claims"), speak("pool.no_claims"))
    return Section(speak("pool.claims"), table=Table(head, rows, "tn"))


def _caps(speak: Speaker, body: Mapping[str, Any]) -> Section:
    """The most used of each scope: subjects may be firms and are not named."""
    used: dict[str, float] = {}
    for row in body["caps"]:
        used[row["scope"]] = max(used.get(row["scope"], 0.0), row["used_fen"] / FEN)
    head = [speak(f"pool.{name}") for name in ("scope", "limit", "used", "used_share")]
    rows = [
        (
            speak(f"scope.{scope}"),
            money(fen / FEN, speak.language),
            money(used.get(scope, 0.0), speak.language),
            share(used.get(scope, 0.0) * FEN / fen if fen else None),
        )
        for scope, fen in body["limits"].items()
    ]
    return Section(speak("pool.caps"), speak("pool.caps_note"), table=Table(head, rows, "tnnn"))


def _seal(speak: Speaker, study: Study) -> Section:
    lines = [_proof(speak, study), speak("pool.head", hash=study.body["head_hash"])]
    return Section(speak("pool.proof"), lines=lines)


def solvency_sections(speak: Speaker, study: Study) -> list[Section]:
    """Who bears what and whether the purse lasts, from a stored simulation."""
    return [_bearing(speak, study), _lasting(speak, study)]


def _bearing(speak: Speaker, study: Study) -> Section:
    body, language = study.body, speak.language
    parties, whole = body["parties"], body["loss"]
    bars = {"mean": whole["mean"]["value"], "tail": whole["es"]["value"]}
    parts = {
        row[language]: [100 * row[name]["value"] / bars[name] for name in bars] for row in parties
    }
    first = parties[0]
    told = [share(first[name]["value"] / bars[name]) for name in bars]
    title = speak("pool.bears", who=first[language], mean=told[0], tail=told[1])
    chart = Chart(
        title, speak("pool.bears_unit"), stacks([speak(f"pool.{n}") for n in bars], parts)
    )
    head = [
        speak("pool.party"),
        speak("pool.mean"),
        speak("pool.error"),
        speak("pool.tail"),
        speak("pool.fee"),
    ]
    rows = [
        (
            row[language],
            money(row["mean"]["value"], language),
            f"± {money(row['mean']['error'], language)}",
            money(row["tail"]["value"], language),
            f"{100 * row['fee']['with_capital']['value']:.2f}%" if row["fee"] else "—",
        )
        for row in parties
    ]
    note = speak(
        "pool.study",
        scheme=body["scheme"][language],
        loans=number(body["book"]["loans_n"]),
        n=number(body["scenarios_n"]),
        years=body["years_n"],
        on=day(study.as_of),
        made=moment(study.made_at),
    )
    return Section(speak("pool.who"), note, chart, Table(head, rows, "tnnnn"))


def _lasting(speak: Speaker, study: Study) -> Section:
    years, language = study.body["years"], speak.language
    unit, size = ("万元", 1e4) if language == "zh" else ("m", 1e6)
    last = years[-1]
    title = speak(
        "pool.empties",
        years=len(years),
        chance=rate(last["emptied"]["value"]),
        error=rate(last["emptied"]["error"]),
    )
    names = [speak("pool.year", n=row["year"]) for row in years]
    quantiles = [[round(value / size, 1) for value in row["purse"]] for row in years]
    chart = Chart(
        title, speak("pool.fan_unit", unit=unit), fan(names, quantiles, speak("pool.median"))
    )
    head = [
        speak("pool.at_end"),
        *(speak(f"pool.{n}") for n in ("low", "median", "high", "emptied", "tripped")),
    ]
    rows = [
        (
            name,
            *(money(row["purse"][k], language) for k in (0, 3, 6)),
            rate(row["emptied"]["value"]),
            rate(row["tripped"]["value"]),
        )
        for name, row in zip(names, years, strict=True)
    ]
    return Section(speak("pool.lasts"), chart=chart, table=Table(head, rows, "tnnnnn"))


URLS = [path("pools", pools, name="pools"), path("pools/<str:pool_id>", pool, name="pool")]
ROWS = {"pools": Row(GET, READERS), "pool": Row(GET, READERS)}
PLACES = [(30, "pools", "pool.title")]
