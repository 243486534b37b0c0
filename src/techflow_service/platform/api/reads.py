"""Operations that read."""

from typing import Annotated, Any

from ninja import Path, Query
from pydantic import Field

from techflow_service.platform.api.consents import who
from techflow_service.platform.api.operations import NoPlace, operation
from techflow_service.platform.api.paging import page_of
from techflow_service.platform.api.shapes import (
    FirmsAsked,
    FirmsFileAsked,
    Me,
    PageAsked,
    RunPage,
    RunTold,
    SealTold,
    StandingPage,
    StandingTold,
    hide,
    seen,
)
from techflow_service.platform.listing import NULL, SORTS, Question, finite
from techflow_service.platform.models import Run, Standing
from techflow_service.platform.pages import firm_list
from techflow_service.platform.pages.reports import find_seal
from techflow_service.platform.reading import read_standings, run_at
from techflow_service.platform.roles import EVERYONE, PURPOSES, Role
from techflow_service.platform.routes import GET, NAMED_ORGS, OUTSIDE, Row

FIRM_ID = "sample:firm-000001"
ROW = {
    "firm_id": FIRM_ID,
    "name": "深圳锐维科技有限公司",
    "region_code": "440300",
    "city": "深圳",
    "sector": None,
    "verdict": "graded",
    "grade": "TF4",
    "grade_before": "TF5",
    "steps_up": 1,
    "pd": 0.0123,
    "currency": "CNY",
    "limit_lcy": 3400000.0,
    "rate_pa": 0.0461,
    "flow_score": 61.2,
    "patent_value_median_cny": 1250000.0,
    "evidence_on": "2026-05-31",
}
ME = {
    "membership": 7,
    "role": "credit_officer",
    "purpose": "credit",
    "firm_id": None,
    "org": 3,
    "org_zh": "深圳示范银行",
    "org_en": "Shenzhen Demo Bank",
    "authority_cny": None,
    "worn": True,
}


@operation(
    "GET",
    "runs",
    Row(GET, EVERYONE),
    key_scope="read:firms",
    returns=RunPage,
    example={
        "answer": {
            "rows": [
                {
                    "as_of": "2026-06-30",
                    "loaded_at": "2026-07-01T02:00:00Z",
                    "grades": ["TF1", "TF2"],
                }
            ],
            "after": None,
        }
    },
)
def runs(request: Any, asked: Query[PageAsked]) -> Any:
    """Assessments of the book, the newest first."""
    shown, after = page_of(Run.objects.all(), asked)
    return RunPage(rows=[_run(run) for run in shown], after=after)


def _run(run: Run) -> RunTold:
    grades = (run.record.get("scale") or {}).get("grades") or []
    return RunTold(
        as_of=run.as_of, loaded_at=run.loaded_at, grades=[grade["name"] for grade in grades]
    )


@operation(
    "GET",
    "firms",
    Row(GET, NAMED_ORGS, "firm"),
    key_scope="read:firms",
    returns=StandingPage,
    example={
        "query": {"sort": "limit_lcy", "limit": 2},
        "answer": {"as_of": "2026-06-30", "rows": [ROW], "after": None},
    },
)
def firms(request: Any, asked: Query[FirmsAsked]) -> Any:
    """Firms that the caller may see: the same question as on the page, in pages by a cursor."""
    told = {name: str(value) for name, value in asked if value is not None and name != "after"}
    question = Question.read(told)
    if asked.after:
        place = _place(question, asked.after)
        if place is None:
            raise NoPlace
        question = question._replace(after=place)
    run = run_at(asked.as_of)
    rows = list(question.rows(run, asked.limit + 1)) if run else []
    shown = read_standings(request, rows[: asked.limit])
    return StandingPage(
        as_of=run.as_of if run else None,
        rows=[_standing(row) for row in shown],
        after=hide(question.after_row(shown[-1])) if len(rows) > asked.limit else None,
    )


@operation(
    "GET",
    "firms.csv",
    Row(GET, NAMED_ORGS, "firm"),
    key_scope="read:firms",
    example={"query": {"moved": "down", "language": "en"}, "file": "text/csv"},
)
def firms_file(request: Any, asked: Query[FirmsFileAsked]) -> Any:
    """The list of firms as the page exports it: 5,000 rows at most."""
    return firm_list.download(request)


def _place(question: Question, cursor: str) -> tuple[str, ...] | None:
    value, bar, firm_id = (seen(cursor) or "").partition("|")
    known = value == NULL or SORTS[question.sort].kind == "text" or finite(value) is not None
    return (value, firm_id) if bar and known else None


def _standing(row: Standing) -> StandingTold:
    return StandingTold(**{name: known(row, name) for name in StandingTold.model_fields})


def known(row: Any, name: str) -> Any:
    """A field of a row; null where nothing is known."""
    value = getattr(row, name)
    return None if value == "" and name not in ("name", "verdict") else value


@operation(
    "GET",
    "seals/{sha256}",
    Row(GET, OUTSIDE),
    returns=SealTold,
    example={
        "path": {"sha256": "0" * 64},
        "answer": {"sealed": False, "made_at": None, "as_of": None, "language": None},
    },
)
def verify(
    request: Any, sha256: Annotated[str, Path(...), Field(pattern="^[0-9a-f]{64}$")]
) -> SealTold:
    """Whether a file with this SHA-256 is a report that was handed out here."""
    found = find_seal(sha256)
    made_at, as_of, language = found or (None, None, None)
    return SealTold(sealed=found is not None, made_at=made_at, as_of=as_of, language=language)


@operation(
    "GET",
    "me",
    Row(GET, EVERYONE, "own"),
    returns=Me,
    example={"answer": {"name": "李信", "memberships": [ME], "key_scopes": ["read:firms"]}},
)
def me(request: Any) -> Me:
    """Who calls: a person's memberships, or the one that the key belongs to."""
    worn, bearer = request.membership, request.bearer
    live = worn.person.memberships.filter(ended_at__isnull=True).select_related("org")
    mine = [worn] if bearer else live.order_by("pk")
    return Me(
        name=str(worn.person),
        memberships=[_membership(one, one.pk == worn.pk) for one in mine],
        key_scopes=sorted(bearer.scopes) if bearer else None,
    )


def _membership(one: Any, worn: bool) -> dict[str, Any]:
    role = Role(one.role)
    return {
        "membership": one.pk,
        "role": role,
        "purpose": PURPOSES.get(role),
        "firm_id": one.org.firm_id if role is Role.FIRM else None,
        "authority_cny": one.authority_cny,
        "worn": worn,
        **who(one.org),
    }
