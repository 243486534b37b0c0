"""The register: who owns a card, who approved what, how far it may be used, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from techflow.basics import InvalidInput
from techflow.credit.words import Words

STATUSES: Mapping[str, Words] = {
    "draft": Words("未批准", "not approved"),
    "approved": Words("已批准", "approved"),
    "review overdue": Words("已批准，复审逾期", "approved, review overdue"),
    "retired": Words("已停用", "retired"),
}
"""Where a card stands on a day."""
MARKS = ("text", "unverified", "proposal")


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: for one content and one scope.

    Attributes:
        by: Who approved it.
        on: First day it holds.
        hash: Fingerprint of the card that was approved; a card fitted again is another one.
        scope: What it was approved for.
    """

    by: str
    on: date
    hash: str
    scope: Words


@dataclass(frozen=True, slots=True)
class Retirement:
    """The end of a card.

    Attributes:
        on: First day the card may not be used.
        replaced_by: The card used instead, or the expert scorecard.
    """

    on: date
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says about one card.

    Attributes:
        card_id: The card.
        owner: Who answers for it.
        developed_on: The day it was fitted.
        review_by: The day by which it must have been looked at again.
        review_mark: `text`, `unverified` or `proposal`: how sure the day of review is.
        exposure_cny_max: Most that may be lent to one borrower on its word; None: not set.
        population: Borrowers it may be used for; None: those of the card itself.
        approval: The approval, or None: nobody has approved it.
        retirement: Its end, or None.
    """

    card_id: str
    owner: Words
    developed_on: date
    review_by: date
    review_mark: str
    exposure_cny_max: float | None
    population: Words | None
    approval: Approval | None
    retirement: Retirement | None

    def status(self, on: date, *, card_hash: str) -> str:
        """Where the card stands on a day: a key of `STATUSES`.

        The strictest word wins: retired, then draft, then review overdue.

        Args:
            on: The day.
            card_hash: Fingerprint of the card that is used.
        """
        if self.retirement and on >= self.retirement.on:
            return "retired"
        approval = self.approval
        if approval is None or on < approval.on or approval.hash != card_hash:
            return "draft"
        return "review overdue" if on > self.review_by else "approved"

    def remark(self, on: date, *, card_hash: str) -> Words:
        """Why the card stands there, in both languages.

        Args:
            on: The day.
            card_hash: Fingerprint of the card that is used.
        """
        status, approval = self.status(on, card_hash=card_hash), self.approval
        if self.retirement and status == "retired":
            then, other = self.retirement.on, self.retirement.replaced_by
            return Words(f"自{then}停用，由{other}替代", f"retired on {then}, replaced by {other}")
        if approval is None:
            return Words("无人批准", "nobody has approved it")
        if on < approval.on:
            return Words(f"自{approval.on}起批准", f"approved only from {approval.on}")
        if approval.hash != card_hash:
            return Words(
                f"批准的是内容{approval.hash}，所用的是{card_hash}，须重新批准",
                f"content {approval.hash} was approved, {card_hash} is used: approve it again",
            )
        signed = Words(
            f"{approval.by}于{approval.on}批准", f"approved by {approval.by} on {approval.on}"
        )
        if status == "approved":
            return signed
        late = self.review_by
        return Words(f"{signed.zh}；应于{late}前复审", f"{signed.en}; review was due by {late}")

    def require_in_use(self, on: date) -> None:
        """Stop if the card is retired on a day.

        Raises:
            InvalidInput: It is.
        """
        if self.retirement and on >= self.retirement.on:
            raise InvalidInput(
                f"card {self.card_id} was retired on {self.retirement.on} and may not be used on "
                f"{on}; use {self.retirement.replaced_by}, or a day before"
            )

    @classmethod
    def from_data(cls, card_id: str, data: Mapping[str, Any]) -> "Entry":
        """Read and check one `register.toml`.

        Args:
            card_id: The card it is about.
            data: The parsed file.

        Raises:
            InvalidInput: A key is absent, unknown or of another kind, or days run backwards.
        """
        read = _Reader(card_id, data)
        read.only("", ("owner", "developed_on", "review", "limits", "approval", "retired"))
        read.only("review", ("by", "mark", "source"))
        read.only("limits", ("exposure_cny_max", "population"))
        read.only("approval", ("by", "on", "hash", "scope"))
        read.only("retired", ("on", "replaced_by"))
        mark = read.text("review.mark")
        if mark not in MARKS:
            raise read.wrong("review.mark", f"one of {', '.join(MARKS)}", mark)
        entry = cls(
            card_id,
            read.words("owner"),
            read.day("developed_on"),
            read.day("review.by"),
            mark,
            read.amount("limits.exposure_cny_max"),
            read.words("limits.population") if read.has("limits.population") else None,
            _approval(read) if read.has("approval") else None,
            _retirement(read) if read.has("retired") else None,
        )
        _check_days(read, entry)
        return entry


def _approval(read: "_Reader") -> Approval:
    return Approval(
        read.text("approval.by"),
        read.day("approval.on"),
        read.text("approval.hash"),
        read.words("approval.scope"),
    )


def _retirement(read: "_Reader") -> Retirement:
    other = read.text("retired.replaced_by")
    if other == read.card_id:
        raise read.wrong("retired.replaced_by", "another card", other)
    return Retirement(read.day("retired.on"), other)


def _check_days(read: "_Reader", entry: Entry) -> None:
    later = {"review.by": entry.review_by}
    later |= {"approval.on": entry.approval.on} if entry.approval else {}
    later |= {"retired.on": entry.retirement.on} if entry.retirement else {}
    for name, day in later.items():
        if day < entry.developed_on:
            raise read.wrong(name, f"no earlier than developed_on {entry.developed_on}", day)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads keys of an entry by their dotted name; says what is wrong with one."""

    card_id: str
    data: Mapping[str, Any]

    def find(self, name: str) -> Any:
        """The value of a key; None if absent."""
        found: Any = self.data
        for key in name.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def has(self, name: str) -> bool:
        """Whether the key is there."""
        return self.find(name) is not None

    def wrong(self, name: str, allowed: str, got: object) -> InvalidInput:
        """The error to raise: where, allowed, got."""
        said = "nothing" if got is None else repr(got) if isinstance(got, str) else str(got)
        return InvalidInput(f"register of {self.card_id}: {name} must be {allowed}; got {said}")

    def only(self, name: str, keys: tuple[str, ...]) -> None:
        """Refuse keys of a table that nobody reads."""
        found = self.find(name) if name else self.data
        if found is None:
            return
        if not isinstance(found, Mapping):
            raise self.wrong(name, "a table", found)
        if strange := sorted(set(found) - set(keys)):
            raise self.wrong(f"a key of {name or 'the file'}", f"one of {', '.join(keys)}", strange)

    def text(self, name: str) -> str:
        """A text that says something."""
        found = self.find(name)
        if not isinstance(found, str) or not found.strip():
            raise self.wrong(name, "a text", found)
        return found.strip()

    def words(self, name: str) -> Words:
        """A text in both languages."""
        return Words(self.text(f"{name}.zh"), self.text(f"{name}.en"))

    def day(self, name: str) -> date:
        """A day, not a moment."""
        found = self.find(name)
        if not isinstance(found, date) or isinstance(found, datetime):
            raise self.wrong(name, "a day such as 2026-11-23, without quotes", found)
        return found

    def amount(self, name: str) -> float | None:
        """Yuan above zero; None if absent."""
        found = self.find(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not found > 0:
            raise self.wrong(name, "a number of yuan above 0", found)
        return float(found)
