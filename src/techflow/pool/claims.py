"""A claim: the moves made, each checked, and the money of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from techflow.basics import InvalidInput
from techflow.pool.apportion import recover
from techflow.pool.claim_checks import lacking_papers, standing_against
from techflow.pool.claim_moves import MOVES, Move, moves_from

RECOVERIES = ("recover", "recover_later")


@dataclass(frozen=True, slots=True)
class Step:
    """One move made.

    Attributes:
        move: Name of the move.
        role: Role of the actor.
        actor: Who made it.
        on: Day.
        rule_version: Version of the scheme it was made under.
        evidence: Kind of document -> SHA-256 of it, in hex.
        amount_fen: Loss claimed, or recovered after costs; None for other moves.
        parts_fen: What each party pays, for `pay`.
    """

    move: str
    role: str
    actor: str
    on: date
    rule_version: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    amount_fen: int | None = None
    parts_fen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its history.

    Attributes:
        state: Where it stands; empty before it is filed.
        steps: Moves made.
        loss_fen: Loss claimed.
        paid_fen: What each party paid.
        back_fen: What each party got back.
    """

    state: str = ""
    steps: tuple[Step, ...] = ()
    loss_fen: int = 0
    paid_fen: tuple[int, ...] = ()
    back_fen: tuple[int, ...] = ()

    @property
    def still_fen(self) -> tuple[int, ...]:
        """What each party still bears."""
        return tuple(paid - back for paid, back in zip(self.paid_fen, self.back_fen, strict=True))


def make_move(claim: Claim, step: Step, *, ranks: Sequence[int], notice_days: int = 0) -> Claim:
    """The claim after one more move.

    Args:
        claim: The claim so far.
        step: The move.
        ranks: Rank in recoveries of each party, from 0, see `recover`.
        notice_days: Days a claim must be public before it is paid.

    Raises:
        InvalidInput: The move may not follow, or not by this actor, or not on this day; evidence
            is missing; or an amount cannot be.

    Examples:
        >>> papers = dict.fromkeys(MOVES["file"].evidence, "0" * 64)
        >>> step = Step("file", "lender", "Bank A", date(2026, 1, 5), "v1", papers)
        >>> make_move(Claim(), step, ranks=[0, 0]).state
        'filed'
    """
    move = MOVES.get(step.move)
    if move is None or move not in moves_from(claim.state):
        names = ", ".join(each.name for each in moves_from(claim.state)) or "nothing"
        raise InvalidInput(
            f"{step.move} cannot follow {claim.state or 'the start'}; what can: {names}"
        )
    _check_step(claim, step, move, notice_days)
    moved = replace(claim, state=move.target or claim.state, steps=(*claim.steps, step))
    return _book(moved, step, ranks)


def replay(steps: Sequence[Step], *, ranks: Sequence[int], notice_days: int = 0) -> Claim:
    """A claim from its moves, each checked again.

    Args:
        steps: Moves in order.
        ranks: See `make_move`.
        notice_days: See `make_move`.

    Raises:
        InvalidInput: A move may not follow; says which.
    """
    claim = Claim()
    for number, step in enumerate(steps, 1):
        try:
            claim = make_move(claim, step, ranks=ranks, notice_days=notice_days)
        except InvalidInput as error:
            raise InvalidInput(f"move {number}: {error}") from None
    return claim


def _check_step(claim: Claim, step: Step, move: Move, notice_days: int) -> None:
    if not step.actor:
        raise InvalidInput(f"{move.name} lacks its actor; name who makes it")
    if not step.rule_version:
        raise InvalidInput(f"{move.name} lacks rule_version; name the version of the scheme")
    against = lacking_papers(move, step.role, step.evidence) + standing_against(
        move,
        step.actor,
        step.on,
        makers={past.actor for past in claim.steps if past.move in move.apart_from},
        moved_on=claim.steps[-1].on if claim.steps else None,
        notice_days=notice_days,
    )
    if against:
        raise InvalidInput("; ".join(against))


def _book(claim: Claim, step: Step, ranks: Sequence[int]) -> Claim:
    """The amounts of a move."""
    amount = step.amount_fen
    if (amount is not None) != (step.move in ("claim", *RECOVERIES)) or (
        bool(step.parts_fen) != (step.move == "pay")
    ):
        raise InvalidInput(
            "claim and recoveries have amount_fen, pay has parts_fen, other moves have neither; "
            f"got {step.move} with {amount} and {step.parts_fen}"
        )
    if step.move == "pay":
        return _pay(claim, step.parts_fen, ranks)
    if amount is None:
        return claim
    if amount <= 0:
        raise InvalidInput(f"amount_fen of {step.move} must be above 0; got {amount}")
    return (
        replace(claim, loss_fen=amount) if step.move == "claim" else _recover(claim, amount, ranks)
    )


def _pay(claim: Claim, parts: tuple[int, ...], ranks: Sequence[int]) -> Claim:
    if min(parts) < 0 or sum(parts) != claim.loss_fen or len(parts) != len(ranks):
        raise InvalidInput(
            f"parts_fen must be 0 or more for each of {len(ranks)} parties and add to the loss "
            f"{claim.loss_fen}; got {parts}"
        )
    return replace(claim, paid_fen=parts, back_fen=(0,) * len(parts))


def _recover(claim: Claim, amount: int, ranks: Sequence[int]) -> Claim:
    still = claim.still_fen
    if amount > sum(still):
        raise InvalidInput(
            f"recovered {amount} fen is above the {sum(still)} still borne; leave the rest out"
        )
    got = recover(amount, still, ranks)
    return replace(claim, back_fen=tuple(a + b for a, b in zip(claim.back_fen, got, strict=True)))
