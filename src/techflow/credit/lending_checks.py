"""What stands against a move of a loan's life: one decision for pages, interfaces and jobs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from techflow.basics import InvalidInput
from techflow.credit.five_classes import NONPERFORMING
from techflow.credit.lending_moves import MOVES, Move, moves_from
from techflow.credit.words import Words

OFFER_DAYS = 30
"""Days an offer stands: `proposal`, ours."""
REASON_CHARS_MIN = 4
RANGES: Mapping[str, tuple[float, float]] = {
    "amount_cny": (1, 1e12),
    "limit_cny": (1, 1e12),
    "term_months": (1, 360),
    "rate_pa": (1e-4, 0.36),
    "amount_fen": (1, 1e14),
    "owed_fen": (0, 1e16),
    "overdue_fen": (0, 1e16),
    "class_at_least_n": (1, 5),
}
PROBLEMS: Mapping[str, Words] = {
    "unknown_move": Words("没有这种操作", "there is no such move"),
    "state": Words("当前状态不能执行此操作", "this move cannot follow the present state"),
    "role": Words("您的身份不能执行此操作", "this move is for another role"),
    "same_person": Words(
        "须由另一人执行：您已参与前序步骤",
        "another person must do this: you made an earlier step of it",
    ),
    "reason": Words("须书面说明理由", "a written reason is needed"),
    "terms": Words("数字缺失或超出范围", "a figure is missing or out of range"),
    "evidence": Words("缺少所需材料", "papers are missing"),
    "authority": Words(
        "金额超出您的审批权限，须由权限足够的人批准；您可初审同意",
        "the amount is above your authority: someone with enough must approve; you may endorse",
    ),
    "above_asked": Words("超过申请金额或期限", "more, or longer, than was applied for"),
    "no_limit": Words(
        "评估未给出额度和价格，须先书面调整评估",
        "the assessment gives no limit and price: override it in writing first",
    ),
    "above_limit": Words(
        "金额超过额度，须先书面调整评估",
        "the amount is above the limit: override the assessment in writing first",
    ),
    "below_rate": Words(
        "利率低于评估价格，须先书面调整评估",
        "the rate is below the assessed price: override the assessment in writing first",
    ),
    "too_late": Words("报价已过期", "the offer has ended"),
    "too_soon": Words("报价尚在有效期内", "the offer still stands"),
    "day": Words("日期早于上一步", "the day is before that of the last step"),
    "owed": Words("尚有未还款项", "money is still owed"),
    "overdue": Words("仍有逾期款项", "money is still overdue"),
    "performing": Words(
        "按规则至少为关注类以上，未到不良",
        "the rules do not yet ask for a class of non-performing",
    ),
}
"""Why a move is refused."""


@dataclass(frozen=True, slots=True)
class LendingStep:
    """One move made, or asked for.

    Attributes:
        move: Name of the move.
        role: Role of the maker.
        person: Who makes it; one name for one person, whatever their role.
        on: Day.
        reason: Reason in writing.
        terms: Figures, by name; an assessment has `limit_cny` and `rate_pa`, null if none.
        evidence: Kind of document -> SHA-256 of it.
        authority_cny: Amount up to which the maker may approve; None: none.
    """

    move: str
    role: str
    person: str
    on: date
    reason: str = ""
    terms: Mapping[str, float | None] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    authority_cny: int | None = None


def state_after(past: Sequence[LendingStep]) -> str:
    """State after moves; empty before the first.

    Args:
        past: Moves made, in order.

    Examples:
        >>> state_after([LendingStep("apply", "firm", "Li", date(2026, 1, 5))])
        'applied'
    """
    targets = [MOVES[step.move].target for step in past]
    return next((target for target in reversed(targets) if target), "")


def judge_step(past: Sequence[LendingStep], step: LendingStep) -> list[str]:
    """What stands against one more move.

    Args:
        past: Moves made, in order.
        step: The move asked for.

    Returns:
        Keys of `PROBLEMS`; empty if it may be made.

    Examples:
        >>> day = date(2026, 1, 5)
        >>> asked = LendingStep("apply", "firm", "Li", day, terms={"amount_cny": 1e6,
        ...                     "term_months": 12})
        >>> judge_step([], asked)
        []
        >>> judge_step([asked], LendingStep("approve", "branch_head", "Wu", day))
        ['state']
    """
    move = MOVES.get(step.move)
    if move is None:
        return ["unknown_move"]
    if move not in moves_from(state_after(past)):
        return ["state"]
    if step.role != move.role:
        return ["role"]
    found = _plain(past, step, move)
    return found or [code for code in _by_figures(past, step) if code]


def make_step(past: Sequence[LendingStep], step: LendingStep) -> tuple[LendingStep, ...]:
    """Moves with one more.

    Args:
        past: Moves made, in order.
        step: The move asked for.

    Raises:
        InvalidInput: Something stands against it; says what.
    """
    if found := judge_step(past, step):
        told = "; ".join(PROBLEMS[code].en for code in found)
        raise InvalidInput(f"{step.move} after {state_after(past) or 'the start'}: {told}")
    return (*past, step)


def _plain(past: Sequence[LendingStep], step: LendingStep, move: Move) -> list[str]:
    """What needs no figure but those of the move's own row."""
    makers = {one.person for one in past if one.move in move.apart_from}
    against = {
        "same_person": step.person in makers,
        "reason": move.reason and len(step.reason.strip()) < REASON_CHARS_MIN,
        "terms": any(not _in_range(step.terms.get(name), name) for name in move.terms),
        "evidence": not set(move.evidence) <= set(step.evidence),
        "day": bool(past) and step.on < past[-1].on,
    }
    return [code for code, holds in against.items() if holds]


def _in_range(value: float | None, name: str) -> bool:
    low, high = RANGES[name]
    return value is not None and math.isfinite(value) and low <= value <= high


def _by_figures(past: Sequence[LendingStep], step: LendingStep) -> list[str]:
    terms = step.terms
    if step.move == "propose":
        return _proposal(past, terms)
    if step.move == "approve":
        amount = _last(past, "propose").terms["amount_cny"] or math.inf
        return ["authority"] if amount > (step.authority_cny or 0) else []
    if step.move in ("accept", "lapse"):
        ended = step.on > _last(past, "approve").on + timedelta(OFFER_DAYS)
        wrong = {"accept": ended, "lapse": not ended}[step.move]
        return [{"accept": "too_late", "lapse": "too_soon"}[step.move]] if wrong else []
    if step.move == "default":
        return ["performing"] if (terms["class_at_least_n"] or 0) < NONPERFORMING else []
    owed = {"settle": ("owed_fen", "owed"), "cure": ("overdue_fen", "overdue")}.get(step.move)
    return [owed[1]] if owed and terms[owed[0]] else []


def _proposal(past: Sequence[LendingStep], terms: Mapping[str, float | None]) -> list[str]:
    """An offer keeps to what was asked, and to the assessment or to its override."""
    asked, judged = _last(past, "apply").terms, _last(past, "assess", "override").terms
    if state_after(past) == "assessed":
        judged = _last(past, "assess").terms
    amount, rate, limit, floor = (
        float(one) if one is not None else None
        for one in (terms["amount_cny"], terms["rate_pa"], judged["limit_cny"], judged["rate_pa"])
    )
    more = any((terms[name] or 0) > (asked[name] or 0) for name in ("amount_cny", "term_months"))
    if limit is None or floor is None or amount is None or rate is None:
        return ["above_asked"] * more + ["no_limit"]
    found = {"above_asked": more, "above_limit": amount > limit, "below_rate": rate < floor}
    return [code for code, holds in found.items() if holds]


def _last(past: Sequence[LendingStep], *moves: str) -> LendingStep:
    return next(step for step in reversed(past) if step.move in moves)
