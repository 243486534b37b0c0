"""A risk-sharing scheme: who bears which part of a loss, up to what, and until when."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any

from techflow.basics import InvalidInput, NotInForce
from techflow.pool.numbers import Ref, Said, Slot


@dataclass(frozen=True, slots=True)
class Party:
    """Who can bear a part: bank, guarantor, pool, ..."""

    id: str
    zh: str
    en: str
    kind: str


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a layer's share.

    Attributes:
        share: The share, or brackets.
        by: What brackets look at: one column, or part and whole of a ratio; empty for a number.
        flags: Columns of which one must be true; empty (and no codes): always.
        column: Column of codes that also makes it apply.
        codes: The codes, a parameter; None if there are none.
    """

    share: Slot
    by: tuple[str, ...]
    flags: tuple[str, ...]
    column: str
    codes: Slot | None


@dataclass(frozen=True, slots=True)
class Layer:
    """What one party takes of each loss.

    Attributes:
        party: Id of the party.
        parts: Terms of its share; empty: what the others leave.
        combine: `sum` of the terms or the `best` of them.
        share_max: Cap on the share.
        bound_min: The share may never be below; checked, not applied.
        bound_max: The share may never be above; checked, not applied.
        spill: Party that takes what a cap or a breaker keeps from this one; a later layer.
    """

    party: str
    parts: tuple[Part, ...]
    combine: str
    share_max: Slot | None
    bound_min: Slot | None
    bound_max: Slot | None
    spill: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What may come into the scheme; a loan beyond it is borne by the last layer alone.

    Attributes:
        fact: Column.
        most: Largest number, inclusive; None for codes.
        raised: Larger bound for loans with one of `flags`.
        flags: See `raised`.
        codes: Codes that are in; None for a number.
    """

    fact: str
    most: Slot | None
    raised: Slot | None
    flags: tuple[str, ...]
    codes: Slot | None


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a party pays.

    Attributes:
        party: Id of the party.
        scope: Over what it adds up: `loan`, `firm`, `bank`, `guarantor`, `scheme`.
        period: `life`, `year` (of the claim) or `cohort` (of the loan's filing).
        amount: Money; a share is of the party's part of all principal filed in the scope.
        less: Column with what others already paid on the loan; only for a loan.
    """

    party: str
    scope: str
    period: str
    amount: Slot
    less: str


@dataclass(frozen=True, slots=True)
class Breaker:
    """Payment stops once losses over principal filed pass a rate.

    Attributes:
        scope: Whose losses: `bank`, `guarantor`, `scheme`.
        period: `year`: losses of a year over principal filed in it; `cohort`: losses of the loans
            filed in a year over their principal.
        rate: The rate; exactly at it payment goes on.
        stops: Parties that stop paying.
        counts: `with_claim`: the claim that passes the rate is not paid; `before_claim`: it is.
    """

    scope: str
    period: str
    rate: Slot
    stops: tuple[str, ...]
    counts: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What is paid for bearing risk; `techflow.pool.dues` works it out on a given base."""

    zh: str
    en: str
    payer: str
    payee: str
    rate: Slot
    per: str


@dataclass(frozen=True, slots=True)
class Funding:
    """Money paid into the purse of a party.

    Attributes:
        source: `central`, `province`, `city`, `county`, `social`, `bank`.
        party: Whose purse; what it holds bounds what the party pays.
        amount: Paid in at the start.
        a_year: Paid in again at the start of each later year; None if nothing.
        order: 1 is lost first; equal orders lose by what they paid in.
        return_pa: Promised return; None if none.
        exit_zh: How the money leaves, Chinese.
        exit_en: How the money leaves, English.
    """

    source: str
    party: str
    amount: Slot
    a_year: Slot | None
    order: int
    return_pa: Slot | None
    exit_zh: str
    exit_en: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme as written; `settle` fills in the numbers of a day.

    Attributes:
        id: Stable id, that of its folder.
        zh: Chinese name.
        en: English name.
        issuer: Who made it.
        policy: Policy whose parameters it names.
        currency: `cny` or `usd`.
        base: What loss is shared: `principal_loss`, `npl_balance`, `unrepaid_principal`.
        since: First day in force.
        until: First day no more in force; None if open.
        reference: Document.
        mark: How sure we are of the scheme as a whole.
        parties: In order of the layers.
        layers: One per party; the order is that of spilling and of ties.
        limits: What may come in.
        caps: Most that is paid.
        breakers: What stops payment.
        fees: What is paid for it.
        funding: Who paid in.
        leverage: Most principal filed over money paid in; None if none.
        recovery: Groups of parties: earlier ones are made whole first, in a group in proportion.
        recovery_mark: How sure we are of that order.
        pay_days: Days from claim to payment; None if not known.
        note_zh: What to know, Chinese.
        note_en: What to know, English.
    """

    id: str
    zh: str
    en: str
    issuer: str
    policy: str
    currency: str
    base: str
    since: date
    until: date | None
    reference: str
    mark: str
    parties: tuple[Party, ...]
    layers: tuple[Layer, ...]
    limits: tuple[Limit, ...]
    caps: tuple[Cap, ...]
    breakers: tuple[Breaker, ...]
    fees: tuple[Fee, ...]
    funding: tuple[Funding, ...]
    leverage: Slot | None
    recovery: tuple[tuple[str, ...], ...]
    recovery_mark: str
    pay_days: Slot | None
    note_zh: str
    note_en: str

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Every parameter it names, each once."""
        return tuple(dict.fromkeys(slot for slot in _slots(self) if isinstance(slot, Ref)))

    @property
    def said(self) -> tuple[Said, ...]:
        """Every number it holds."""
        return tuple(slot for slot in _slots(self) if isinstance(slot, Said))

    def check_day(self, on: date) -> None:
        """Is it in force?

        Args:
            on: Legal date.

        Raises:
            NotInForce: It is not; says when it is.
        """
        if on < self.since or (self.until and on >= self.until):
            span = f"from {self.since} until {self.until or '-'}"
            raise NotInForce(f"scheme {self.id} is not in force on {on}; it is {span}")

    def settle(self, numbers: dict[Ref, Said]) -> "Scheme":
        """The scheme with every number filled in.

        Args:
            numbers: Value of each of `refs` on a day.

        Raises:
            InvalidInput: A parameter has no value here.
        """
        filled: Scheme = _fill(self, numbers)
        return filled


def _slots(node: Any) -> Iterator[Slot]:
    if isinstance(node, Ref | Said):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from _slots(item)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _slots(getattr(node, field.name))


def _fill(node: Any, numbers: dict[Ref, Said]) -> Any:
    if isinstance(node, Ref):
        if node not in numbers:
            raise InvalidInput(f"no value of {node.policy} {node.param}; give one to settle")
        return numbers[node]
    if isinstance(node, tuple):
        return tuple(_fill(item, numbers) for item in node)
    if is_dataclass(node) and not isinstance(node, type | Said):
        parts = {f.name: _fill(getattr(node, f.name), numbers) for f in fields(node)}
        return replace(node, **parts)
    return node
