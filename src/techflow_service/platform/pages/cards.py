"""The register of models: for whom, how good, within which limits, approved by whom."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.cards import load_every_card
from techflow_service.clock import now
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Run
from techflow_service.platform.reading import run_at
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, number
from techflow_service.platform.telling import Page, Section, Table, speaker_of, tell
from techflow_service.registering import describe_register

METRICS = ("auc", "ap", "ks", "brier", "mean_pd_over_rate", "mae_ratio", "coverage", "r2")
"""Those that are shown; the file of the card holds all."""


@cache
def cards() -> Mapping[str, Any]:
    """Fitted cards of this installation, read once a process."""
    return {card.id: card for card in load_every_card()}


def models(request: Any) -> HttpResponse:
    """Every card with what the register says on the day of the run."""
    speak, run = speaker_of(request), run_at(read_day(request.GET.get("as_of")))
    on = run.as_of if run else now().date()
    entries = describe_register(on)
    used = used_in(run)
    approved = sum(one["status"] == "approved" for one in entries)
    predicts = sum(cards()[one["card_id"]].predicts for one in entries)
    answer = speak(
        "model.answer", n=len(entries), on=on, approved=approved, predicts=predicts, used=len(used)
    )
    order = sorted(entries, key=lambda one: (one["card_id"] not in used, one["card_id"]))
    sections = [_all(speak, order, used), *(_card(speak, one, used, on) for one in order)]
    unknown = [speak(f"model.unknown_{name}") for name in ("approval", "drift", "elsewhere")]
    return tell(request, Page(speak("model.title"), answer, (), sections, unknown, run))


def used_in(run: Run | None) -> dict[str, str]:
    """Cards that a run was made with: id -> fingerprint then."""
    rows = run.record.get("cards", []) if run else []
    return {row["card_id"]: row["hash"] for row in rows}


def _all(speak: Speaker, entries: list[dict[str, Any]], used: Mapping[str, str]) -> Section:
    head = [speak(f"model.{name}") for name in ("card", "status", "in_run", "review", "hash")]
    rows = [
        (
            getattr(cards()[one["card_id"]].label, speak.language),
            one[f"status_{speak.language}"],
            speak("model.yes" if one["card_id"] in used else "model.no"),
            one["review_by"],
            one["hash"],
        )
        for one in entries
    ]
    return Section(speak("model.all"), table=Table(head, rows, "ttttt"))


def _card(speak: Speaker, one: Mapping[str, Any], used: Mapping[str, str], on: date) -> Section:
    card, language = cards()[one["card_id"]], speak.language
    lines = [
        f"{speak(f'model.{name}')}{speak('model.colon')}{words[language]}"
        for name, words in (
            ("population", one["population"]),
            ("use", one["use"]),
            ("limits", one["limits"]),
            ("approval", one["remark"]),
            ("owner", one["owner"]),
        )
    ]
    then = used.get(one["card_id"], one["hash"])
    if then != one["hash"]:
        lines.append(speak("model.other_hash", then=then, now=one["hash"]))
    most = one["exposure_cny_max"]
    lines.append(speak("model.exposure", most=number(most)) if most else speak("model.no_exposure"))
    head = [speak(f"model.{name}") for name in ("metric", "value", "interval", "rows", "how")]
    rows = [_metric(speak, row) for row in card.fitted.get("metrics", []) if row["name"] in METRICS]
    title = getattr(card.label, language)
    note = speak("model.since", on=on, developed=one["developed_on"])
    return Section(title, note, table=Table(head, rows, "tnnnt") if rows else None, lines=lines)


def _metric(speak: Speaker, row: Mapping[str, Any]) -> tuple[str, ...]:
    span = f"{row['low']:.3f}–{row['high']:.3f}" if "low" in row else "—"
    rows_n = number(row.get("rows_n"))
    return (
        speak(f"metric.{row['name']}"),
        f"{row['value']:.3f}",
        span,
        rows_n,
        speak.both(row.get("how")),
    )


URLS = [path("models", models, name="models")]
ROWS = {"models": Row(GET, EVERYONE)}
PLACES = [(60, "models", "model.title")]
