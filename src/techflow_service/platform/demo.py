"""Demo people: one of each role, who sign in with one password, and consents of made-up firms.

Only for a synthetic book; `set_stage` refuses any other.
"""

import tomllib
import zlib
from datetime import timedelta
from importlib.resources import files
from typing import Any, NamedTuple

from techflow.basics import InvalidInput
from techflow_service.clock import now
from techflow_service.platform.demo_lending import set_applications
from techflow_service.platform.models import (
    Consent,
    ConsentText,
    Firm,
    Membership,
    Organisation,
    Person,
    Run,
    Standing,
)
from techflow_service.platform.roles import PURPOSES, Part, Role

PASSWORD = "techflow demo 2026"  # noqa: S105 - printed at start, for a made-up book only
SYNTHETIC = "sample:"
DAYS = 365


class Seat(NamedTuple):
    """One demo person and where they sit."""

    role: Role
    kind: str
    org_zh: str
    org_en: str
    name: str
    agreed_percent: int
    parts: tuple[Part, ...]

    @classmethod
    def read(cls, words: dict[str, Any]) -> "Seat":
        """A seat of the file `demo_people.toml`."""
        parts = tuple(Part) if words["parts"] == ["all"] else tuple(map(Part, words["parts"]))
        return cls(**words | {"role": Role(words["role"]), "parts": parts})


TEXT_ZH = (
    "本企业同意上述机构为所列用途、在所列期限内查阅所列内容。查阅均有记录，本企业可随时撤回；"
    "撤回后立即停止查阅，此前依法作出的处理不受影响。"
)
TEXT_EN = (
    "This firm lets the organisation named read the parts named, for the purpose named, until the "
    "day named. Every look is recorded. The firm may withdraw at any time; reading then stops at "
    "once, and what was lawfully done before stands."
)


def set_stage(firms_n: int = 3) -> list[tuple[str, str]]:
    """Make the demo's people and consents, once.

    Args:
        firms_n: How many firms get a person of their own.

    Returns:
        User name and role of each.

    Raises:
        InvalidInput: The tables hold firms that are not made up.
    """
    if Firm.objects.using("owner").exclude(firm_id__startswith=SYNTHETIC).exists():
        raise InvalidInput("demo people are for a made-up book only; this one holds real firms")
    text, _ = ConsentText.objects.using("owner").get_or_create(
        version="2026-1",
        defaults={"since_on": "2026-01-01", "text_zh": TEXT_ZH, "text_en": TEXT_EN},
    )
    firm_ids = list(
        Firm.objects.using("owner").order_by("firm_id").values_list("firm_id", flat=True)
    )
    seats = tomllib.loads((files(__package__) / "demo_people.toml").read_text("utf8"))["seat"]
    people = [_seat(Seat.read(seat), firm_ids, text) for seat in seats]
    shown = _shown(firm_ids, firms_n)
    people += [_owner(firm_id) for firm_id in shown]
    return people + set_applications(shown, _owner)


def _seat(seat: Seat, firm_ids: list[str], text: Any) -> tuple[str, str]:
    org, _ = Organisation.objects.using("owner").get_or_create(
        kind=seat.kind, name_zh=seat.org_zh, defaults={"name_en": seat.org_en}
    )
    username = _member(seat.role.value, seat.name, org, seat.role)
    purpose = PURPOSES.get(seat.role)
    mine = Consent.objects.using("owner").filter(org=org, purpose=purpose)
    if purpose and not mine.exists():
        since = now()
        Consent.objects.using("owner").bulk_create(
            [
                Consent(
                    firm_id=firm_id,
                    org=org,
                    purpose=purpose,
                    parts=[part.value for part in seat.parts],
                    text=text,
                    since_at=since,
                    until_at=since + timedelta(days=DAYS),
                )
                for firm_id in firm_ids
                if zlib.crc32(f"{purpose}{firm_id}".encode()) % 100 < seat.agreed_percent
            ],
            batch_size=5_000,
        )
    return username, seat.role.value


def _member(username: str, name: str, org: Any, role: Role) -> str:
    people = Person.objects.using("owner")
    person = people.filter(username=username).first()
    if person is None:
        person = Person(username=username, shown_name=name, is_staff=role is Role.ADMINISTRATOR)
        person.is_superuser = role is Role.ADMINISTRATOR
        person.set_password(PASSWORD)
        person.save(using="owner")
    authority = 10_000_000 if role is Role.BRANCH_HEAD else None
    Membership.objects.using("owner").get_or_create(
        person=person, org=org, role=role.value, defaults={"authority_cny": authority}
    )
    return username


def _shown(firm_ids: list[str], firms_n: int) -> list[str]:
    """Firms with the largest limits: their pages have the most to show."""
    run = Run.objects.using("owner").last()
    rows = Standing.objects.using("owner").filter(run=run, limit_lcy__isnull=False)
    best = rows.order_by("-limit_lcy", "firm_id")
    return list(best.values_list("firm_id", flat=True)[:firms_n]) or firm_ids[:firms_n]


def _owner(firm_id: str) -> tuple[str, str]:
    firm = Firm.objects.using("owner").get(firm_id=firm_id)
    org, _ = Organisation.objects.using("owner").get_or_create(
        kind="firm", firm_id=firm_id, defaults={"name_zh": firm.name, "name_en": firm.name}
    )
    username = f"firm-{firm_id.rpartition('-')[2].lstrip('0')}"
    return _member(username, firm.name, org, Role.FIRM), Role.FIRM.value
