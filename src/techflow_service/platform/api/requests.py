"""Requests for consent, what was granted, who looked: as the pages do them."""

from typing import Any

from ninja import Body, Path, Query

from techflow_service.platform import consenting, requesting
from techflow_service.platform.api.consent_shapes import (
    Agreed,
    ConsentTold,
    GivenPage,
    LookPage,
    Request,
    RequestPage,
    RequestTold,
)
from techflow_service.platform.api.consents import (
    CONSENT,
    OWN,
    WHO,
    WISH,
    WRITE,
    given,
    who,
    wish_of,
)
from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.paging import page_of
from techflow_service.platform.api.shapes import FileAsked, Number, PageAsked
from techflow_service.platform.asking import names_of, own_firm
from techflow_service.platform.models import ConsentRequest, Reading
from techflow_service.platform.pages import looks as looks_page
from techflow_service.platform.routes import FIRM, GET, NAMED_ORGS, POST, Row

ASKED: dict[str, Any] = WHO | {
    "request": 51,
    "asked": "own:A-001",
    "purpose": "credit",
    "parts": ["grade", "identity"],
    "until_on": "2027-06-30",
    "message": None,
    "asked_at": "2026-11-27T09:00:00Z",
    "state": "open",
    "answered_at": None,
    "consent": None,
}
ANSWERED = {"answered_at": "2026-11-27T10:00:00Z"}
GIVEN = {
    "consent": 41,
    "firm_id": "sample:firm-000001",
    "name": "深圳锐维科技有限公司",
    "parts": ["grade", "identity"],
    "basis": None,
    "since_at": "2026-11-27T09:00:00Z",
    "until_at": "2027-06-30T16:00:00Z",
}
LOOK = WHO | {
    "read_at": "2026-11-27T09:00:00Z",
    "person": "李信",
    "role": "credit_officer",
    "purpose": "credit",
    "parts": ["grade"],
}


@operation(
    "GET",
    "consents/granted",
    Row(GET, NAMED_ORGS, "own"),
    key_scope=OWN,
    returns=GivenPage,
    example={"answer": {"consents_n": 1, "rows": [GIVEN], "after": None}},
)
def granted(request: Any, asked: Query[PageAsked]) -> Any:
    """Which firms let the organisation read, which parts, until when."""
    given_all = requesting.given_to(request.membership)
    rows, after = page_of(given_all, asked)
    names = names_of(request, [one.firm_id for one in rows])
    told = ("firm_id", "parts", "since_at", "until_at")
    return {
        "consents_n": given_all.count(),
        "rows": [
            {name: getattr(one, name) for name in told}
            | {"consent": one.pk, "name": names.get(one.firm_id), "basis": one.basis or None}
            for one in rows
        ],
        "after": after,
    }


@operation(
    "GET",
    "requests/received",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=RequestPage,
    example={"answer": {"rows": [ASKED], "after": None}},
)
def received(request: Any, asked: Query[PageAsked]) -> Any:
    """Who asks the firm for consent and has no answer yet."""
    found = consenting.open_requests(request.membership).select_related("org")
    return _requests(found, asked)


@operation(
    "POST",
    "requests/{request_id}/accept",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ConsentTold,
    example={"path": {"request_id": 51}, "body": {"text": "2026-1"}, "answer": CONSENT},
)
def accept_request(request: Any, request_id: Path[Number], said: Body[Agreed]) -> Any:
    """Grant just what was asked for."""
    made = consenting.accept(request.membership, request_id, said.text)
    return given(request, made.pk)


@operation(
    "POST",
    "requests/{request_id}/decline",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=RequestTold,
    example={
        "path": {"request_id": 52},
        "answer": ASKED | ANSWERED | {"request": 52, "state": "declined"},
    },
)
def decline_request(request: Any, request_id: Path[Number]) -> Any:
    """Say no; the organisation learns it."""
    consenting.decline(request.membership, request_id)
    return _request(ConsentRequest.objects.select_related("org").get(pk=request_id))


@operation(
    "GET",
    "requests",
    Row(GET, NAMED_ORGS, "own"),
    key_scope=OWN,
    returns=RequestPage,
    example={"answer": {"rows": [ASKED], "after": None}},
)
def requests(request: Any, asked: Query[PageAsked]) -> Any:
    """What the organisation asked firms for, and what they answered."""
    return _requests(requesting.sent_by(request.membership).select_related("org"), asked)


@operation(
    "POST",
    "requests",
    Row(POST, NAMED_ORGS, "own"),
    key_scope=WRITE,
    returns=RequestTold,
    status=201,
    example={"body": WISH | {"asked": "own:A-001"}, "answer": ASKED},
)
def ask_consent(request: Any, said: Body[Request]) -> Any:
    """Ask a firm; the answer is the same whether or not there is such a firm."""
    wish = {"asked": said.asked, "message": said.message or "", **wish_of(said)}
    made = requesting.ask(request.membership, wish)
    return _request(requesting.sent_by(request.membership).get(pk=made.pk))


@operation(
    "POST",
    "requests/{request_id}/withdraw",
    Row(POST, NAMED_ORGS, "own"),
    key_scope=WRITE,
    returns=RequestTold,
    example={
        "path": {"request_id": 53},
        "answer": ASKED | ANSWERED | {"request": 53, "state": "withdrawn"},
    },
)
def withdraw_request(request: Any, request_id: Path[Number]) -> Any:
    """Take one's own request back."""
    requesting.withdraw(request.membership, request_id)
    return _request(ConsentRequest.objects.select_related("org").get(pk=request_id))


def _requests(found: Any, asked: PageAsked) -> dict[str, Any]:
    rows, after = page_of(found, asked)
    return {"rows": [_request(one) for one in rows], "after": after}


def _request(one: ConsentRequest) -> dict[str, Any]:
    names = ("asked", "purpose", "parts", "until_on", "asked_at", "state", "answered_at")
    told = {name: getattr(one, name) for name in names} | {"request": one.pk}
    return told | who(one.org) | {"message": one.message or None, "consent": one.consent_id}


@operation(
    "GET",
    "looks.csv",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    example={"query": {"language": "en"}, "file": "text/csv"},
)
def looks_file(request: Any, asked: Query[FileAsked]) -> Any:
    """Who looked at the firm, as the page exports it: 50,000 looks at most."""
    return looks_page.download(request)


@operation(
    "GET",
    "looks",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=LookPage,
    example={"answer": {"rows": [LOOK], "after": None}},
)
def looks(request: Any, asked: Query[PageAsked]) -> Any:
    """Who looked at the firm, look by look."""
    found = Reading.objects.filter(firm_id=own_firm(request.membership))
    found = found.select_related("org", "person")
    rows, after = page_of(found, asked)
    names = ("read_at", "role", "purpose", "parts")
    return {
        "rows": [
            {name: getattr(one, name) for name in names}
            | {"person": str(one.person)}
            | who(one.org)
            for one in rows
        ],
        "after": after,
    }
