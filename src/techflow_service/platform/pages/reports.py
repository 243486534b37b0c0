"""The credit report as PDF, sealed by its fingerprint, and the page that checks one."""

import hashlib
import re
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from techflow_service.clock import now
from techflow_service.platform.credit_report import tell, write_pdf
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Seal
from techflow_service.platform.pages import failures
from techflow_service.platform.reading import read_firm, read_parts, run_at
from techflow_service.platform.roles import NAMED
from techflow_service.platform.routes import BOTH, GET, OUTSIDE, Row
from techflow_service.platform.showing import Speaker, day, moment, show
from techflow_service.platform.speaking import language_of

FILE_BYTES_MAX = 2_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")


def report(request: Any, firm_id: str) -> HttpResponse:
    """The report of a firm, of the parts that the member may see."""
    run = run_at(read_day(request.GET.get("as_of")))
    firm = read_firm(request, firm_id)
    if firm is None or run is None:
        return failures.absent(request)
    return sealed_report(request, firm, run, language_of(request))


def sealed_report(request: Any, firm: Any, run: Any, language: str) -> HttpResponse:
    """The PDF of a firm, its fingerprint kept.

    Args:
        request: The request, of a member.
        firm: The firm, as `read_firm` gave it.
        run: The assessment.
        language: `zh` or `en`.
    """
    firm_id, at = firm.firm_id, now()
    pdf = write_pdf(tell(firm, run, read_parts(request, firm_id, run), at, language))
    member = request.membership
    seal = Seal(
        sha256=hashlib.sha256(pdf).hexdigest(),
        firm_id=firm_id,
        run=run,
        language=language,
        org_id=member.org_id,
        person_id=member.person_id,
        made_at=at,
    )
    # Asked for twice within a second it is the same file: one seal is enough.
    Seal.objects.bulk_create([seal], ignore_conflicts=True)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = re.sub(r"[^A-Za-z0-9-]+", "-", firm_id)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{run.as_of}.pdf"'
    return response


def verify(request: Any) -> HttpResponse:
    """Whether a file or a fingerprint is one that was handed out here; names no firm."""
    if request.method != "POST":
        return show(request, "verify.html", answer=None, good=False)
    speak = Speaker(language_of(request))
    digest = _digest(request)
    if digest is None:
        return show(request, "verify.html", status=400, answer=speak("verify.bad"), good=False)
    found = find_seal(digest)
    if found is None:
        return show(request, "verify.html", answer=speak("verify.no"), good=False)
    made_at, as_of, language = found
    told = {"made": moment(made_at), "as_of": day(as_of), "language": speak(f"verify.{language}")}
    return show(request, "verify.html", answer=speak("verify.yes", **told), good=True)


def _digest(request: Any) -> str | None:
    file = request.FILES.get("file")
    if file is not None:
        return hashlib.sha256(file.read()).hexdigest() if file.size <= FILE_BYTES_MAX else None
    told = request.POST.get("sha256", "").strip().lower()
    return told if SHA256.fullmatch(told) else None


def find_seal(digest: str) -> Any:
    """When, as of which day and in which language the report with a SHA-256 was made; or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT made_at, as_of, language FROM find_seal(%s)", [digest])
        return cursor.fetchone()


URLS = [
    path("firms/<str:firm_id>/report.pdf", report, name="firm_report"),
    path("verify", verify, name="verify"),
]
ROWS = {"firm_report": Row(GET, NAMED, "firm"), "verify": Row(BOTH, OUTSIDE)}
PLACES = [(90, "verify", "verify.title")]
