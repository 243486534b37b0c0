"""People and their seats, as the owner of the platform keeps them from the command line."""

from typing import Any, NamedTuple

from django.apps import apps

from techflow.basics import InvalidInput
from techflow_service.clock import now

KINDS = (
    *("bank", "platform", "agency", "central_bank", "firm", "guarantor", "insurer", "fund"),
    *("park", "intermediary", "university", "credit_agency", "supervisor", "analyst"),
)
"""Kinds of organisations; the table takes no other."""


class Seat(NamedTuple):
    """A person's place in an organisation; the words of `techflow user add`."""

    username: str
    role: str
    org: str
    org_en: str | None = None
    kind: str | None = None
    firm: str = ""
    shown: str = ""
    authority_cny: int | None = None

    @property
    def known(self) -> bool:
        """Whether the person is there already."""
        return bool(_all("Person").filter(username=self.username).exists())


def add(seat: Seat, password: str | None) -> None:
    """Make what is missing of a person, an organisation and the role in it.

    Args:
        seat: Who, where and as what.
        password: Of a new person; None for one who is there.

    Raises:
        InvalidInput: The organisation is new and not told wholly, the role is held already, or the
            password is weak.
    """
    from django.db import transaction

    with transaction.atomic(using="owner"):
        org = _organisation(seat)
        person = _all("Person").filter(username=seat.username).first()
        if person is None:
            person = apps.get_model("platform", "Person")(
                username=seat.username, shown_name=seat.shown
            )
            person.is_staff = person.is_superuser = seat.role == "administrator"
            _give(person, password or "")
        held = {"person": person, "org": org, "role": seat.role, "ended_at": None}
        if _all("Membership").filter(**held).exists():
            raise InvalidInput(f"{seat.username} is {seat.role} of {seat.org} already")
        _all("Membership").create(**held, authority_cny=seat.authority_cny)


def everyone() -> list[dict[str, Any]]:
    """Each person's roles, the newest last."""
    return [
        {
            "username": one.person.username,
            "role": one.role,
            "org": one.org.name_zh,
            "since_at": one.since_at.isoformat(),
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        }
        for one in _all("Membership").select_related("person", "org").order_by("pk")
    ]


def end(username: str, role: str | None) -> int:
    """End roles of a person.

    Args:
        username: Of the person.
        role: Only this one; None for all.

    Returns:
        How many ended.

    Raises:
        InvalidInput: There is no such person, or no such role to end.
    """
    mine = _all("Membership").filter(person=_person(username), ended_at=None)
    ended_n = int((mine.filter(role=role) if role else mine).update(ended_at=now()))
    if not ended_n:
        raise InvalidInput(f"{username} holds no {role or 'role'} that could end")
    return ended_n


def set_password(username: str, password: str) -> None:
    """Give a person a new password.

    Raises:
        InvalidInput: There is no such person, or the password is weak.
    """
    _give(_person(username), password)


def _give(person: Any, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password, person)
        person.full_clean(exclude=["password"], validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    person.set_password(password)
    person.password_given_at = now()
    person.save(using="owner")


def link(username: str, server: str, subject: str) -> None:
    """Let a person sign in by a sign-on server.

    Args:
        username: Of the person.
        server: `provider_id` of the server in the settings.
        subject: Whom the server means: its claim `sub`.

    Raises:
        InvalidInput: There is no such person, or the subject is someone else's.
    """
    person = _person(username)
    rows = apps.get_model("socialaccount", "SocialAccount").objects.using("owner")
    row, _ = rows.get_or_create(provider=server, uid=subject, defaults={"user": person})
    if row.user_id != person.pk:
        raise InvalidInput(f"{subject} of {server} is linked to {row.user.username} already")


def _organisation(seat: Seat) -> Any:
    found = _all("Organisation").filter(name_zh=seat.org).first()
    if found:
        return found
    if not (seat.org_en and seat.kind):
        raise InvalidInput(
            f"the organisation {seat.org} is not there; give --org-en and --kind to make it"
        )
    if (seat.kind == "firm") != bool(seat.firm):
        raise InvalidInput("an organisation of kind firm needs --firm, its id; no other takes it")
    return _all("Organisation").create(
        name_zh=seat.org, name_en=seat.org_en, kind=seat.kind, firm_id=seat.firm
    )


def _person(username: str) -> Any:
    found = _all("Person").filter(username=username).first()
    if found is None:
        raise InvalidInput(f"nobody is called {username}; `techflow user list` shows everyone")
    return found


def _all(model: str) -> Any:
    """Rows of a table as the owner sees them."""
    return apps.get_model("platform", model).objects.using("owner")
