"""Keeping what a job found."""

from datetime import date
from typing import Any

from techflow_service.clock import now
from techflow_service.platform.models import Organisation, Study

LEAST_N = 5
"""Groups of fewer firms are not told."""


def keep(
    kind: str, subject: str, as_of: date, body: dict[str, Any], org: Organisation | None = None
) -> None:
    """Keep a study.

    Args:
        kind: One of `Study.KINDS`.
        subject: A policy, a pool, or empty.
        as_of: Day of the figures.
        body: What was found; names no firm.
        org: Whose it is, if not everybody's.
    """
    Study.objects.using("owner").create(
        kind=kind, subject=subject, as_of=as_of, made_at=now(), body=body, org=org
    )


def has(kind: str, as_of: date) -> bool:
    """Whether a study of a kind is there for a day."""
    return Study.objects.using("owner").filter(kind=kind, as_of=as_of).exists()


def suppress(counts: list[int], least: int = LEAST_N) -> list[int | None]:
    """Counts of groups without those of few; if one alone would fall out, its neighbour goes too.

    A single gap could be worked out from the total.

    Args:
        counts: Firms of each group.
        least: Smallest count that is told.

    Returns:
        The same, None where it is not told. Zero is told: it speaks of nobody.

    Examples:
        >>> suppress([12, 3, 0, 7]), suppress([12, 3, 4]), suppress([0, 9])
        ([12, None, 0, None], [12, None, None], [0, 9])
    """
    hidden = {k for k, n in enumerate(counts) if 0 < n < least}
    others = sorted((n, k) for k, n in enumerate(counts) if n >= least)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return [None if k in hidden else n for k, n in enumerate(counts)]
