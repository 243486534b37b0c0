"""One transaction scored as it comes, with a small state for each firm."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from techflow.basics import InvalidInput

PARTNERS_MAX, RECENT_MAX = 2_000, 64


@dataclass(frozen=True, slots=True)
class Transaction:
    """One invoice of a firm.

    Attributes:
        partner_id: The other side.
        day_n: Number of the day.
        net_lcy: Amount.
        sale: True if the firm sells.
        void: True if it was voided.
    """

    partner_id: str
    day_n: int
    net_lcy: float
    sale: bool = True
    void: bool = False


@dataclass(frozen=True, slots=True)
class FirmState:
    """What is remembered of a firm: bounded, and enough to score the next transaction.

    Attributes:
        first_day_n: Day of the first sale; None before it.
        month_n: The block of 30 days that is being counted.
        issued_n: Sale invoices in it.
        void_n: Void ones among them.
        partners: Customers in the order of their first sale; the first `PARTNERS_MAX`.
        recent: The last `RECENT_MAX` valid transactions.
    """

    first_day_n: int | None = None
    month_n: int = -1
    issued_n: int = 0
    void_n: int = 0
    partners: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[Transaction, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamScore:
    """What is odd about one transaction.

    Attributes:
        void_share: Share of void among the month's sale invoices; None if too few.
        fresh_partner: The customer was never seen, though the history is long; None if unknown.
        back_days: Days since a like amount went the other way with the same firm; None if none
            did within the window.
        signs: Names of the signs that are there.
    """

    void_share: float | None
    fresh_partner: bool | None
    back_days: int | None
    signs: tuple[str, ...]


def score_transaction(
    state: FirmState, one: Transaction, *, asked: Mapping[str, Any], void_share_min: float
) -> tuple[FirmState, StreamScore]:
    """Score one transaction of a firm, and give the state after it; nothing is changed in place.

    Circles of three firms and more need the network: the scan finds them.

    Args:
        state: The state of the firm.
        one: The transaction, not earlier than the last one.
        asked: Values of the content folder `fraud_signs`.
        void_share_min: Share of void invoices of a month that is a sign.

    Returns:
        The state after it, and the score.

    Raises:
        InvalidInput: The transaction is earlier than the last one.

    Examples:
        >>> asked = {"issued_n_min": 10, "history_days_min": 180, "search_window_days": 30}
        >>> asked["search_tolerance_share"] = 0.05
        >>> state = FirmState()
        >>> for one in (Transaction("b", 9, 100.0), Transaction("b", 12, 99.0, sale=False)):
        ...     state, score = score_transaction(state, one, asked=asked, void_share_min=0.5)
        >>> score.back_days, score.signs
        (3, ('round_trip',))
    """
    if state.recent and one.day_n < state.recent[-1].day_n:
        raise InvalidInput(
            f"transactions must come in order of their days; got day {one.day_n} after "
            f"{state.recent[-1].day_n}; sort them first"
        )
    after = _count(state, one)
    enough = one.sale and after.issued_n >= asked["issued_n_min"]
    void = after.void_n / after.issued_n if enough else None
    fresh = _is_fresh(state, one, asked["history_days_min"])
    back = _days_back(state, one, asked["search_window_days"], asked["search_tolerance_share"])
    there = {
        "void_burst": void is not None and void >= void_share_min,
        "fresh_partner": bool(fresh),
        "round_trip": back is not None,
    }
    signs = tuple(name for name, is_there in there.items() if is_there)
    return after, StreamScore(void, fresh, back, signs)


def _count(state: FirmState, one: Transaction) -> FirmState:
    if one.sale:
        month = one.day_n // 30
        same = month == state.month_n
        issued = (state.issued_n if same else 0) + 1
        void = (state.void_n if same else 0) + one.void
        state = replace(state, month_n=month, issued_n=issued, void_n=void)
    if one.void:
        return state
    state = replace(state, recent=(*state.recent[1 - RECENT_MAX :], one))
    if not one.sale:
        return state
    first = one.day_n if state.first_day_n is None else state.first_day_n
    partners = state.partners
    if one.partner_id not in partners and len(partners) < PARTNERS_MAX:
        partners = {**partners, one.partner_id: one.day_n}
    return replace(state, first_day_n=first, partners=partners)


def _is_fresh(state: FirmState, one: Transaction, history_days_min: int) -> bool | None:
    if not one.sale or one.void or state.first_day_n is None:
        return None
    known = one.day_n - state.first_day_n >= history_days_min
    # A full list has forgotten later customers, so that an absent name says nothing.
    if one.partner_id in state.partners:
        return False
    return True if known and len(state.partners) < PARTNERS_MAX else None


def _days_back(
    state: FirmState, one: Transaction, window_days: int, tolerance_share: float
) -> int | None:
    if one.void or one.net_lcy <= 0.0:
        return None
    for past in reversed(state.recent):
        if one.day_n - past.day_n > window_days:
            return None
        if past.partner_id == one.partner_id and past.sale != one.sale:
            low, high = sorted((past.net_lcy, one.net_lcy))
            if low >= (1.0 - tolerance_share) * high:
                return one.day_n - past.day_n
    return None
