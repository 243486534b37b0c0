"""The list of firms: search, filter, sort, page by page, and as a file."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.listing import COLUMNS, Question
from techflow_service.platform.reading import read_standings, run_at
from techflow_service.platform.routes import GET, NAMED_ORGS, Row
from techflow_service.platform.sheets import csv_file
from techflow_service.platform.showing import Speaker, show
from techflow_service.platform.speaking import language_of

PAGE_ROWS = 50
COUNTED_MAX = 300
"""Each row counted is a consent looked up: counting further costs more than the page."""
FILE_ROWS_MAX = 5_000


def listing(request: Any) -> HttpResponse:
    """Firms that the member may see, 50 a page."""
    question = Question.read(request.GET)
    run = run_at(question.as_of)
    answers = question.answers(run) if run else None
    # One row more than is shown tells whether there is a next page; only what is shown was read.
    rows = list(answers.rows(PAGE_ROWS + 1)) if answers else []
    shown = read_standings(request, rows[:PAGE_ROWS])
    return show(
        request,
        "firm_rows.html" if request.headers.get("HX-Request") == "true" else "firms.html",
        run=run,
        rows=shown,
        question=question,
        columns=COLUMNS,
        counted=answers.counted(COUNTED_MAX) if answers else 0,
        counted_max=COUNTED_MAX,
        more=question.after_row(shown[-1]) if len(rows) > PAGE_ROWS else None,
    )


def download(request: Any) -> HttpResponse:
    """The rows of the question as CSV, up to 5,000; recorded like any look."""
    question = Question.read(request.GET)
    run = run_at(question.as_of)
    rows = read_standings(request, question.rows(run, FILE_ROWS_MAX)) if run else []
    speak = Speaker(language_of(request))
    names = ("firm_id", "name", *(column.field for column in COLUMNS if column.field != "name"))
    return csv_file(
        "firms.csv",
        [speak(f"firms.{name}") for name in names],
        ([getattr(row, name) for name in names] for row in rows),
    )


URLS = [path("firms", listing, name="firms"), path("firms.csv", download, name="firms_file")]
ROWS = {
    "firms": Row(GET, NAMED_ORGS, "firm"),
    "firms_file": Row(GET, NAMED_ORGS, "firm"),
}
PLACES = [(10, "firms", "frame.firms")]
