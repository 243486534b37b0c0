"""Consents of a firm, as the page does them."""

from typing import Any

from django.http import Http404
from ninja import Body, Path, Query

from techflow_service.platform import consenting
from techflow_service.platform.api.consent_shapes import (
    ConsentPage,
    ConsentsAsked,
    ConsentTold,
    Grant,
    OrgList,
    TextTold,
)
from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.paging import page_of
from techflow_service.platform.api.shapes import Number
from techflow_service.platform.models import Consent, Organisation
from techflow_service.platform.pages import failures
from techflow_service.platform.routes import FIRM, GET, POST, Row

OWN, WRITE = "read:own", "write:consent"
WHO = {"org": 3, "org_zh": "深圳示范银行", "org_en": "Shenzhen Demo Bank"}
BANK = {"org": 3, "kind": "bank", "zh": "深圳示范银行", "en": "Shenzhen Demo Bank"}
ORG = BANK | {"purposes": ["credit"]}
WISH: dict[str, Any] = {"parts": ["grade", "identity"], "until_on": "2027-06-30"}
CONSENT: dict[str, Any] = WHO | {
    "consent": 41,
    "purpose": "credit",
    "parts": ["grade", "identity"],
    "text": "2026-1",
    "basis": None,
    "since_at": "2026-11-27T09:00:00Z",
    "until_at": "2027-06-30T16:00:00Z",
    "revoked_at": None,
    "live": True,
}


@operation(
    "GET",
    "organisations",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=OrgList,
    example={"answer": {"rows": [ORG]}},
)
def organisations(request: Any) -> Any:
    """Whom a firm can let read, and what for."""
    purposes: dict[int, list[str]] = {}
    orgs = {}
    for org, purpose in consenting.pairs():
        purposes.setdefault(org.pk, []).append(purpose)
        orgs[org.pk] = org
    return {"rows": [tell_org(orgs[pk], told) for pk, told in purposes.items()]}


def tell_org(org: Organisation, purposes: list[str]) -> dict[str, Any]:
    """An organisation as the API tells it."""
    who = {"org": org.pk, "kind": org.kind, "zh": org.name_zh, "en": org.name_en}
    return who | {"purposes": purposes}


def who(org: Organisation) -> dict[str, Any]:
    """The organisation of a row."""
    return {"org": org.pk, "org_zh": org.name_zh, "org_en": org.name_en}


@operation(
    "GET",
    "consents/text",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=TextTold,
    example={
        "answer": {
            "version": "2026-1",
            "since_on": "2026-01-01",
            "text_zh": "本企业同意……",
            "text_en": "This firm lets ...",
        }
    },
)
def consent_text(request: Any) -> Any:
    """The words that a grant agrees to."""
    text = consenting.newest_text()
    if text is None:
        raise Http404
    return {name: getattr(text, name) for name in TextTold.model_fields}


@operation(
    "GET",
    "consents",
    Row(GET, FIRM, "own"),
    key_scope=OWN,
    returns=ConsentPage,
    example={"query": {"state": "live"}, "answer": {"rows": [CONSENT], "after": None}},
)
def consents(request: Any, asked: Query[ConsentsAsked]) -> Any:
    """What the firm lets others read, the newest first."""
    found = consenting.given_by(request.membership)
    kinds = {"live": found.filter(consenting.LIVE), "ended": found.exclude(consenting.LIVE)}
    rows, after = page_of(kinds.get(asked.state or "", found), asked)
    return {"rows": _consents(found, [one.pk for one in rows]), "after": after}


def _consents(found: Any, numbers: list[int]) -> list[dict[str, Any]]:
    live = set(found.filter(consenting.LIVE, pk__in=numbers).values_list("pk", flat=True))
    rows = found.in_bulk(numbers)
    return [_consent(rows[number], number in live) for number in numbers]


def _consent(one: Consent, live: bool) -> dict[str, Any]:
    names = ("purpose", "parts", "since_at", "until_at", "revoked_at")
    told = {name: getattr(one, name) for name in names} | {"live": live, "consent": one.pk}
    return told | who(one.org) | {"text": one.text_id, "basis": one.basis or None}


def given(request: Any, number: int) -> dict[str, Any]:
    """One consent of the member's firm."""
    return _consents(consenting.given_by(request.membership), [number])[0]


@operation(
    "POST",
    "consents",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ConsentTold,
    status=201,
    example={
        "body": WISH | {"org": 3, "purpose": "credit", "text": "2026-1"},
        "answer": CONSENT,
    },
)
def grant_consent(request: Any, said: Body[Grant]) -> Any:
    """Let an organisation read; this takes the place of an earlier consent for the purpose."""
    wish = {"whom": f"{said.org}:{said.purpose}", "text": said.text, **wish_of(said)}
    return given(request, consenting.grant(request.membership, wish).pk)


def wish_of(said: Any) -> dict[str, Any]:
    """Parts and last day as the forms take them."""
    return {"parts": sorted(set(said.parts)), "until_on": said.until_on.isoformat()}


@operation(
    "POST",
    "consents/{consent}/revoke",
    Row(POST, FIRM, "own"),
    key_scope=WRITE,
    returns=ConsentTold,
    example={
        "path": {"consent": 41},
        "answer": CONSENT | {"live": False, "revoked_at": "2026-11-27T10:00:00Z"},
    },
)
def revoke_consent(request: Any, consent: Path[Number]) -> Any:
    """Take a consent back; it holds from the next request on."""
    if not consenting.revoke(request.membership, consent):
        return failures.forbidden(request)
    return given(request, consent)
