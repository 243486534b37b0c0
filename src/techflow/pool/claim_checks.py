"""What stands against a move of a claim: one decision for the library and for the books."""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from techflow.pool.claim_moves import Move

HASH = re.compile(r"[0-9a-f]{64}")


def lacking_papers(move: Move, role: str, evidence: Mapping[str, str]) -> list[str]:
    """What a move lacks, whatever the claim has been through: its role and its evidence.

    Args:
        move: The move.
        role: Role of the actor.
        evidence: Kind of document -> SHA-256 of it, in hex.

    Returns:
        One text for each thing that is wrong; empty if nothing is.

    Examples:
        >>> from techflow.pool.claim_moves import MOVES
        >>> lacking_papers(MOVES["review"], "lender", {"review_report": "0" * 64})
        ['review is for a reviewer; got lender']
    """
    found = []
    if role != move.role:
        found.append(f"{move.name} is for a {move.role}; got {role or 'no role'}")
    absent = [kind for kind in move.evidence if kind not in evidence]
    if absent:
        found.append(f"{move.name} needs the evidence {', '.join(absent)}; add it")
    found += [
        f"evidence {kind} must be a SHA-256 in hex; got {digest!r}"
        for kind, digest in evidence.items()
        if not HASH.fullmatch(digest)
    ]
    return found


def standing_against(
    move: Move,
    actor: str,
    on: date,
    *,
    makers: Collection[str],
    moved_on: date | None,
    notice_days: int | None,
) -> list[str]:
    """What the past of a claim has against a move: who made it what it is, and when.

    Args:
        move: The move.
        actor: Who would make it.
        on: Day it would be made.
        makers: Who made the moves of `move.apart_from`.
        moved_on: Day of the claim's last move; None if there was none.
        notice_days: Days a claim must be public before it is paid; None: not stated.

    Returns:
        One text for each thing that is wrong; empty if nothing is.

    Examples:
        >>> from techflow.pool.claim_moves import MOVES
        >>> standing_against(MOVES["pay"], "Li", date(2026, 1, 9), makers=["Wang"],
        ...                  moved_on=date(2026, 1, 5), notice_days=5)
        ['pay may be made from 2026-01-10, 5 days after notice']
    """
    found = []
    if actor in makers:
        others = " or ".join(move.apart_from)
        found.append(f"{move.name} must be made by another than {actor}, who made {others}")
    if moved_on and on < moved_on:
        found.append(f"{move.name} on {on} is before the last move on {moved_on}")
    if move.after_notice and notice_days is None:
        found.append(f"{move.name} waits for days of notice, and none are stated; state them")
    elif move.after_notice and moved_on and on < (since := moved_on + timedelta(notice_days or 0)):
        found.append(f"{move.name} may be made from {since}, {notice_days} days after notice")
    return found
