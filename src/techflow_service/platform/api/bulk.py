"""Operations on files: sent, worked through by the worker, the result fetched."""

import gzip
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpResponse
from ninja import File, Form, Path, Query, UploadedFile
from ninja.errors import ValidationError

from techflow.schema import TABLES
from techflow_service.models import MODELS
from techflow_service.platform.api.operations import NoPlace, operation
from techflow_service.platform.api.shapes import JobPage, JobTold, PageAsked, hide, seen
from techflow_service.platform.jobs.bulk import work_through
from techflow_service.platform.models import FileJob
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import EVERYONE, Role
from techflow_service.platform.routes import FIRM, GET, POST, Row
from techflow_service.platform.words import WORDS

CARDS = tuple(
    sorted(
        folder.name.replace("_", "-")
        for folder in MODELS.iterdir()
        if (folder / "card.toml").is_file() and (folder / "fitted.json").is_file()
    )
)
TABLE_NAMES = tuple(sorted(set(TABLES) - {"source", "quarantine"}))
WAITING_MAX = 20
SCORERS = EVERYONE - FIRM - {Role.ADMINISTRATOR}
FEEDERS = frozenset({Role.AGENCY, Role.OPERATOR})
JOB_ID = "5d3f8a52-7a07-4f5e-9f0e-1d6b1c0a7e11"
JOB: dict[str, Any] = {
    "job": JOB_ID,
    "kind": "score",
    "subject": "korea-distress",
    "state": "waiting",
    "rows_n": None,
    "done_n": 0,
    "summary": {},
    "problem": None,
    "made_at": "2026-11-27T09:00:00Z",
    "ended_at": None,
}
DONE = {
    "state": "done",
    "rows_n": 1,
    "done_n": 1,
    "summary": {"rows_n": 1, "not_scored": {}},
    "ended_at": "2026-11-27T09:00:02Z",
}


@operation(
    "POST",
    "jobs/score",
    Row(POST, SCORERS, "own"),
    key_scope="bulk",
    returns=JobTold,
    status=202,
    example={
        "body": {
            "card": "korea-distress",
            "form": "csv",
            "file": "firm_id,country,leverage_ratio\nkr:1,KR,0.4\n",
        },
        "answer": JOB,
    },
)
def score_job(
    request: Any,
    card: Annotated[Literal[CARDS], Form(...)],  # type: ignore[valid-type]
    form: Annotated[Literal["csv", "parquet"], Form(...)],
    file: File[UploadedFile],
) -> Any:
    """Score the rows of a file with a card."""
    return _order(request, ("score", card, form), file)


@operation(
    "POST",
    "jobs/import",
    Row(POST, FEEDERS, "own"),
    key_scope="bulk",
    returns=JobTold,
    status=202,
    example={
        "body": {
            "table": "firm",
            "form": "csv",
            "file": "firm_id,name\ncn:demo-1,示范科技有限公司\n",
        },
        "answer": JOB | {"kind": "import", "subject": "firm"},
    },
)
def import_job(
    request: Any,
    table: Annotated[Literal[TABLE_NAMES], Form(...)],  # type: ignore[valid-type]
    form: Annotated[Literal["csv", "xlsx", "parquet"], Form(...)],
    file: File[UploadedFile],
) -> Any:
    """Put the rows of a file into the store, or into quarantine."""
    return _order(request, ("import", table, form), file)


def _order(request: Any, what: tuple[str, str, str], file: UploadedFile) -> Any:
    if not file.size:
        # A part without a name and bytes is no file to Django: the schema asks for one byte.
        raise ValidationError([{"loc": ("file", "file"), "type": "string_too_short"}])
    if _mine(request).filter(state__in=("waiting", "running")).count() >= WAITING_MAX:
        return failures.fail(request, 409, "many_jobs")
    member, (kind, subject, form) = request.membership, what
    job = FileJob.objects.create(
        person_id=member.person_id,
        membership=member,
        kind=kind,
        subject=subject,
        ending=f".{form}",
        file=file.read(),
    )
    work_through.defer(number=str(job.pk), membership_id=member.pk)
    return _told(_mine(request).get(pk=job.pk))


@operation(
    "GET",
    "jobs",
    Row(GET, SCORERS, "own"),
    key_scope="bulk",
    returns=JobPage,
    example={"answer": {"rows": [JOB | DONE], "after": None}},
)
def jobs(request: Any, asked: Query[PageAsked]) -> Any:
    """One's own jobs, the newest first."""
    found = _mine(request).order_by("-made_at", "-pk").defer("file", "result")
    if asked.after:
        last = _one(found, seen(asked.after) or "")
        if last is None:
            raise NoPlace
        found = found.filter(made_at__lte=last.made_at).exclude(
            made_at=last.made_at, pk__gte=last.pk
        )
    rows = list(found[: asked.limit + 1])
    shown = rows[: asked.limit]
    after = hide(str(shown[-1].pk)) if len(rows) > asked.limit else None
    return JobPage(rows=[_told(job) for job in shown], after=after)


@operation(
    "GET",
    "jobs/{job}",
    Row(GET, SCORERS, "own"),
    key_scope="bulk",
    returns=JobTold,
    example={"path": {"job": JOB_ID}, "answer": JOB | DONE},
)
def job(request: Any, job: Path[UUID]) -> JobTold:
    """How far a job has come."""
    found = _mine(request).defer("file", "result").filter(pk=job).first()
    if found is None:
        raise Http404
    return _told(found)


@operation(
    "GET",
    "jobs/{job}/result.csv",
    Row(GET, SCORERS, "own"),
    key_scope="bulk",
    example={"path": {"job": JOB_ID}, "file": "text/csv"},
)
def job_result(request: Any, job: Path[UUID]) -> HttpResponse:
    """What came of a job: scored rows, or the rows put into quarantine with their reasons."""
    found = _mine(request).filter(pk=job, state="done").first()
    if found is None:
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    content = bytes(found.result) if packed else gzip.decompress(found.result)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.kind}.csv"'
    return response


def _mine(request: Any) -> Any:
    return FileJob.objects.filter(membership=request.membership)


def _one(found: Any, told: str) -> Any | None:
    try:
        return found.filter(pk=UUID(told)).first()
    except ValueError:
        return None


def _told(job: FileJob) -> JobTold:
    zh, en = WORDS[f"failure.{job.failure}"] if job.failure else ("", "")
    problem = {"title": en, "title_zh": zh, "detail": job.detail} if job.failure else None
    names = set(JobTold.model_fields) - {"job", "problem"}
    return JobTold(job=job.pk, problem=problem, **{name: getattr(job, name) for name in names})
