"""Pages of figures that answer one question: an answer, facts, sections with tables behind them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpResponse, JsonResponse

from techflow.economy.places import REGIONS
from techflow_service.platform.charts import Chart
from techflow_service.platform.models import Run, Study
from techflow_service.platform.reading import run_days
from techflow_service.platform.showing import Speaker, show
from techflow_service.platform.speaking import language_of

NAMES = {region.code: {"zh": region.zh, "en": region.en} for region in REGIONS}


class Link(NamedTuple):
    """A cell that leads on.

    Attributes:
        text: What it says.
        href: Where to.
        key: Firm, policy, pool or parameter that it leads to: a program asks by it.
    """

    text: str
    href: str
    key: str


class Original(NamedTuple):
    """Words that stay as they are in both languages: what a document calls itself."""

    text: str


class Table(NamedTuple):
    """A table.

    Attributes:
        head: Titles of its columns.
        rows: Cells as text, `Link` or `Original`.
        kinds: A letter per column: `t` text, `n` figure.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    kinds: str


class Section(NamedTuple):
    """A part of a page; its table is folded away where a chart shows the same."""

    title: str
    note: str = ""
    chart: Chart | None = None
    table: Table | None = None
    lines: Sequence[str] = ()
    choices: Sequence[Link] = ()


class Page(NamedTuple):
    """A page.

    Attributes:
        title: What it is about.
        answer: The answer to its question, one or two sentences.
        facts: Label and figure, at most six.
        sections: What the answer rests on.
        unknown: What the page cannot know.
        run: The run its figures are of; None hides the choice of the day.
    """

    title: str
    answer: str
    facts: Sequence[tuple[str, str | Original]] = ()
    sections: Sequence[Section] = ()
    unknown: Sequence[str] = ()
    run: Run | None = None


def tell(request: Any, page: Page) -> HttpResponse:
    """Show a page, in the form that the caller reads."""
    if request.path.startswith("/api/"):
        return JsonResponse(_plain(page), json_dumps_params={"ensure_ascii": False})
    return show(request, "told.html", page=page, days=run_days() if page.run else ())


def _plain(page: Page) -> dict[str, Any]:
    sections = [
        {
            "title": one.title,
            "note": one.note,
            "lines": list(one.lines),
            "table": _cells(one.table) if one.table else None,
            "chart": one.chart._asdict() if one.chart else None,
            "choices": [{"key": link.key, "label": link.text} for link in one.choices],
        }
        for one in page.sections
    ]
    return {
        "title": page.title,
        "answer": page.answer,
        "as_of": str(page.run.as_of) if page.run else None,
        "facts": [{"label": label, "value": _text(value)} for label, value in page.facts],
        "sections": sections,
        "unknown": list(page.unknown),
    }


def _cells(table: Table) -> dict[str, Any]:
    rows = [[_text(cell) for cell in row] for row in table.rows]
    keys = [next((cell.key for cell in row if isinstance(cell, Link)), None) for row in table.rows]
    return {"head": list(table.head), "rows": rows, "keys": keys}


def _text(cell: Any) -> str:
    return cell.text if isinstance(cell, Link | Original) else str(cell)


def speaker_of(request: Any) -> Speaker:
    """Words in the language of a request."""
    return Speaker(language_of(request))


def place_name(speak: Speaker, code: str) -> str:
    """A region in words; a code without words stands for itself.

    Args:
        speak: Words of a language.
        code: GB/T 2260.
    """
    return NAMES.get(code, {}).get(speak.language) or code or speak("told.no_place")


def newest(kind: str, subject: str | None = None) -> Study | None:
    """The newest study of a kind that the member may see.

    Args:
        kind: One of `Study.KINDS`.
        subject: A policy or pool; None for any.
    """
    rows = Study.objects.filter(kind=kind)
    return (
        (rows.filter(subject=subject) if subject is not None else rows).order_by("made_at").last()
    )
