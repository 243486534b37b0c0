"""One firm: its figures, its page in words, its report."""

from typing import Any

from django.http import Http404, HttpResponse
from ninja import Path, Query

from techflow_service.platform.api.firm_shapes import FirmTold, MemoTold, ReportAsked
from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.reads import FIRM_ID, ROW, known
from techflow_service.platform.api.shapes import DayAsked, FirmId
from techflow_service.platform.marks import marks_of
from techflow_service.platform.memo import Memo
from techflow_service.platform.memo.terms import STALE_DAYS
from techflow_service.platform.pages.firm import SECTIONS, age_days, shown_terms, tell_sections
from techflow_service.platform.pages.reports import sealed_report
from techflow_service.platform.reading import HISTORY, Look, read_firm, read_whole, run_at
from techflow_service.platform.roles import NAMED
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker

WHO = (
    *("firm_id", "name", "name_en", "uscc", "country", "region_code", "city", "sector"),
    *("industry_code", "founded_on"),
)
FIRM = dict.fromkeys(WHO) | {"firm_id": FIRM_ID, "name": ROW["name"]}
GRADED = {
    "as_of": "2026-06-30",
    "verdict": "graded",
    "grade": "TF4",
    "pd": 0.0123,
    "pd_basis": "prediction",
    "currency": "CNY",
    "limit_lcy": 3400000.0,
    "rate_pa": 0.0461,
}
MARK = {"part": "cash", "zh": None, "en": None, "state": "open", "opened_on": "2026-11-27"}
CELL = {"label": "Grade", "text": "TF4", "lines": [["As of", "2026-06-30"]], "terms": []}
TERM = {
    "name": "Loss given default",
    "value": "45.0%",
    "mark": "unverified 0.8",
    "clause": "CRE32",
    "since": "2024-01-01",
}
VERDICT = {"name": "verdict", "title": "Verdict", "part": "grade"}
CASH = {"name": "cash", "title": "Cash flow", "part": "cash", "told": None}


@operation(
    "GET",
    "firms/{firm_id}",
    Row(GET, NAMED, "firm"),
    key_scope="read:firms",
    returns=FirmTold,
    example={
        "path": {"firm_id": FIRM_ID},
        "answer": FIRM
        | {"as_of": "2026-06-30", "granted": ["grade"], "until_at": "2027-06-30T16:00:00Z"}
        | {"parts": {"grade": {"assessment": [{}]}}, "history": [GRADED], "contested": [MARK]},
    },
)
def firm(request: Any, firm_id: Path[FirmId], asked: Query[DayAsked]) -> Any:
    """One firm with the parts that the caller may see, as of a day."""
    look = _look(request, firm_id, asked)
    marks = [marks_of(firm_id, language) for language in ("zh", "en")]
    return {
        **{name: known(look.firm, name) for name in WHO},
        "as_of": look.run.as_of,
        "granted": sorted(look.granted),
        "until_at": look.until_at,
        "parts": look.parts,
        "history": [_history(row) for row in look.history],
        "contested": [
            {"part": zh.part, "zh": zh.item or None, "en": en.item or None}
            | {"state": zh.state, "opened_on": zh.opened_on}
            for zh, en in zip(*marks, strict=True)
        ],
    }


def _look(request: Any, firm_id: str, asked: DayAsked) -> Look:
    run = run_at(asked.as_of)
    look = read_whole(request, firm_id, run) if run else None
    if look is None:
        raise Http404
    return look


def _history(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: None if row[name] == "" else row[name] for name in HISTORY}
    return told | {"as_of": told.pop("run__as_of")}


@operation(
    "GET",
    "firms/{firm_id}/memo",
    Row(GET, NAMED, "firm"),
    key_scope="read:firms",
    returns=MemoTold,
    example={
        "path": {"firm_id": FIRM_ID},
        "query": {"language": "en"},
        "answer": {
            "firm_id": FIRM_ID,
            "name": ROW["name"],
            "as_of": "2026-06-30",
            "age_days": 150,
            "stale": False,
            "sections": [VERDICT | {"told": {"facts": [[CELL, "Average"]]}}, CASH],
            "terms": [TERM],
        },
    },
)
def memo(request: Any, firm_id: Path[FirmId], asked: Query[ReportAsked]) -> Any:
    """The page of a firm in words: verdict, why, peers, each number with its source."""
    look = _look(request, firm_id, asked)
    read = Memo(look, Speaker(asked.language))
    told, age = tell_sections(read), age_days(look.run)
    return {
        "firm_id": firm_id,
        "name": look.firm.name,
        "as_of": look.run.as_of,
        "age_days": age,
        "stale": age > STALE_DAYS,
        "sections": [
            {"name": name, "title": read.speak(f"firm.section_{name}"), "part": part}
            | {"told": _plain(told.get(name))}
            for name, (part, _) in SECTIONS.items()
        ],
        "terms": [term._asdict() for term in shown_terms(read)],
    }


def _plain(value: Any) -> Any:
    """Named tuples by their names: JSON would tell them as lists."""
    value = value._asdict() if hasattr(value, "_asdict") else value
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


@operation(
    "GET",
    "firms/{firm_id}/report.pdf",
    Row(GET, NAMED, "firm"),
    key_scope="read:firms",
    example={"path": {"firm_id": FIRM_ID}, "query": {"language": "en"}, "file": "application/pdf"},
)
def report(request: Any, firm_id: Path[FirmId], asked: Query[ReportAsked]) -> HttpResponse:
    """The credit report as a sealed PDF."""
    run, found = run_at(asked.as_of), read_firm(request, firm_id)
    if found is None or run is None:
        raise Http404
    return sealed_report(request, found, run, asked.language)
