"""What the first page counts, for programs."""

from datetime import date
from typing import Any, Literal

from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.shapes import Asked
from techflow_service.platform.models import Run
from techflow_service.platform.pages.home import agreed_counts, whole_counts
from techflow_service.platform.roles import EVERYONE, Role
from techflow_service.platform.routes import FIRM, GET, NAMED_ORGS, Row
from techflow_service.platform.scales import meaning


class CountTold(Asked):
    """Firms of one grade; without a grade the verdict says why there is none.

    Of the whole book, `n` is null where so few firms are not told.
    """

    grade: str | None
    verdict: str | None
    zh: str
    en: str
    n: int | None


class CountList(Asked):
    """Firms by grade, best first: those that agreed, or the whole book for who reads none."""

    as_of: date | None
    over: Literal["agreed", "whole"]
    rows: list[CountTold]


@operation(
    "GET",
    "home/counts",
    Row(GET, EVERYONE - FIRM, "firm"),
    key_scope="read:firms",
    returns=CountList,
    example={
        "answer": {
            "as_of": "2026-06-30",
            "over": "agreed",
            "rows": [
                {"grade": "TF4", "verdict": "graded", "zh": "一般", "en": "Average", "n": 12},
                {"grade": None, "verdict": "insufficient", "zh": "", "en": "", "n": 3},
            ],
        }
    },
)
def home_counts(request: Any) -> Any:
    """How many firms of each grade, as on the first page."""
    run = Run.objects.last()
    agreed = Role(request.membership.role) in NAMED_ORGS
    found = (agreed_counts if agreed else whole_counts)(run) if run else []
    rows = [
        {
            "grade": row.grade or None,
            "verdict": row.verdict or None,
            **{lang: meaning(run.record, row.grade, lang) for lang in ("zh", "en")},
            "n": row.n,
        }
        for row in found
    ]
    over = "agreed" if agreed else "whole"
    return {"as_of": run.as_of if run else None, "over": over, "rows": rows}
