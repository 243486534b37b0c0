"""Rows of the lists an authority takes, from the entries of the books; each list adds to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

MONEY = {
    "reserve": "reserved_fen",
    "release": "released_fen",
    "pay": "paid_fen",
    "recover": "recovered_fen",
    "write_off": "written_off_fen",
    "recover_late": "recovered_late_fen",
}
"""Route of an entry -> sum it counts in."""
DAYS = ("filed", "claimed", "reviewed", "publicised", "paid")
WHO = ("firm_id", "bank_id", "loan_id")
CLAIM_FIELDS = (
    *("claim_id", *WHO, "state", *(f"{state}_on" for state in DAYS)),
    *MONEY.values(),
    *("rule_version", "last_entry_n"),
)
DUE_FIELDS = (
    *("entry_n", "entry_hash", "loan_id", "firm_id", "bank_id", "name", "party", "on"),
    *("start", "since", "until", "days_n", "base_fen", "rate_share", "amount_fen", "rule_version"),
)


class Posted(Protocol):
    """What is read of an entry of the books."""

    @property
    def entry_n(self) -> int:
        """Place in the books of its pool."""
        ...

    @property
    def entry_hash(self) -> str:
        """Hash of it."""
        ...

    @property
    def route(self) -> str:
        """What it does."""
        ...

    @property
    def claim_id(self) -> str | None:
        """The claim; None without one."""
        ...

    @property
    def state(self) -> str | None:
        """State of the claim after it."""
        ...

    @property
    def happened_on(self) -> date:
        """Day of the event."""
        ...

    @property
    def rule_version(self) -> str:
        """Under which rules."""
        ...

    @property
    def parties(self) -> Sequence[str]:
        """Whose money."""
        ...

    @property
    def amounts_fen(self) -> Sequence[int]:
        """Fen of each party."""
        ...


def roll_claims(
    entries: Iterable[tuple[Posted, Mapping[str, Any]]], since: date, until: date
) -> list[dict[str, Any]]:
    """One row for each claim that was claimed, or whose money moved, in a period.

    Args:
        entries: Entries of one pool in order, each with its detail read.
        since: First day.
        until: Last day, itself in.

    Returns:
        Rows of `CLAIM_FIELDS` in order of claim: sums of the period, state and days up to its end.
    """
    claims: dict[str, dict[str, Any]] = {}
    asked: set[str] = set()
    for entry, detail in entries:
        if entry.claim_id is None or entry.happened_on > until:
            continue
        row = claims.setdefault(entry.claim_id, _blank(entry.claim_id))
        row |= {name: detail[name] for name in WHO if entry.route == "file"}
        row |= {"state": entry.state, "last_entry_n": entry.entry_n}
        row["rule_version"] = entry.rule_version
        if entry.state in DAYS and entry.route not in ("release", "recover"):
            row[f"{entry.state}_on"] = entry.happened_on
        if entry.happened_on >= since and (entry.route in MONEY or entry.state == "claimed"):
            asked.add(entry.claim_id)
            if entry.route in MONEY:
                row[MONEY[entry.route]] += sum(entry.amounts_fen)
    return [claims[claim_id] for claim_id in sorted(asked)]


def list_posted_dues(
    entries: Iterable[tuple[Posted, Mapping[str, Any]]], route: str, since: date, until: date
) -> list[dict[str, Any]]:
    """One row for each amount of one kind that was posted as due in a period.

    Args:
        entries: Entries of one pool in order, each with its detail read.
        route: `fee`, `discount` or `relend`.
        since: First day.
        until: Last day, itself in.

    Returns:
        Rows of `DUE_FIELDS` in order of the books.
    """
    rows = []
    for entry, detail in entries:
        if entry.route == route and since <= entry.happened_on <= until:
            days = {name: date.fromisoformat(detail[name]) for name in ("start", "since", "until")}
            row = {name: getattr(entry, name) for name in ("entry_n", "entry_hash", "rule_version")}
            row |= {name: detail[name] for name in (*WHO, "name", "base_fen", "rate_share")} | days
            row |= {"days_n": (days["until"] - days["since"]).days, "on": entry.happened_on}
            rows.append(row | {"party": entry.parties[0], "amount_fen": sum(entry.amounts_fen)})
    return rows


def _blank(claim_id: str) -> dict[str, Any]:
    days_and_names = dict.fromkeys(CLAIM_FIELDS)
    return {**days_and_names, **dict.fromkeys(MONEY.values(), 0), "claim_id": claim_id}
