"""Searching size and share of a pool over the book of a file."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.flow.solvency_book import Book, Variant, renew_book, watched_party
from techflow.flow.solvency_search import (
    Point,
    Seats,
    best_point,
    frontier,
    make_choices,
    measure_choice,
    seats_of,
)
from techflow.pool import PPM, Said, Scheme, share_range
from techflow_service.solvency.reading import read_book
from techflow_service.solvency.running import Asked, build_world, find_engine, settle_assumed

SIZES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Times what the pool is expected to pay at its greatest share."""
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


class Sought(NamedTuple):
    """What to search over.

    Attributes:
        sizes_cny: Sizes; empty for multiples of what is expected to be paid.
        shares: Shares; empty for tenths.
        budget_cny: Most that it may cost the public; infinite if none.
    """

    sizes_cny: tuple[float, ...]
    shares: tuple[float, ...]
    budget_cny: float = math.inf


def optimise_file(path: Path, scheme: Scheme, asked: Asked, sought: Sought) -> dict[str, Any]:
    """The frontier of credit against cost, and the best size and share.

    Args:
        path: The book.
        scheme: Settled on the day.
        asked: What to simulate.
        sought: Sizes, shares, budget.

    Returns:
        All choices, the frontier and the best, ready for JSON.

    Raises:
        InvalidInput: The file or a number cannot be used, or no share is within the scheme.
    """
    engine, assumed = find_engine(), settle_assumed(asked)
    years_n = asked.run.years_n
    opened = read_book(path, scheme, years_n=years_n)
    world = build_world(opened, assumed)
    book = renew_book(opened.book, years_n) if asked.renew else opened.book
    seats = seats_of(scheme, watched_party(scheme))
    shares = allowed_shares(scheme, seats, sought.shares or SHARES)
    sizes = sought.sizes_cny or _sizes(book, max(shares), years_n)
    number = {name: float(term.value) for name, term in assumed.items()}
    limit = number["bank_loss_rate_pa_max"]
    grid = (sizes, shares)
    choices = make_choices(book, scheme, seats, grid, years_n=years_n, rate_pa_max=limit)
    ways = [Variant(choice.split, choice.rules, choice.kept) for choice in choices]
    outcomes = engine.simulate_variants(book, ways, world, asked.run, watched=seats.pool)
    rate = number["purse_rate_pa"]
    points = [
        measure_choice(choice, outcome, scheme, purse_rate_pa=rate)
        for choice, outcome in zip(choices, outcomes, strict=True)
    ]
    target = number["emptied_share_max"]
    hull = frontier(points, emptied_max=target)
    best = best_point(points, hull, budget_cny=sought.budget_cny)
    names = ("id", "zh", "en", "currency")
    pool, giver = (scheme.parties[k] for k in seats)
    return {
        "version": __version__,
        "scheme": {name: getattr(scheme, name) for name in names},
        "on": str(asked.on),
        **asked.run._asdict(),
        "renew": asked.renew,
        "loans_n": len(opened.book.firm),
        "aside_n": sum(opened.aside.values()),
        "pool": {"id": pool.id, "zh": pool.zh, "en": pool.en},
        "giver": {"id": giver.id, "zh": giver.zh, "en": giver.en},
        "emptied_share_max": target,
        "giver_rate_pa_max": limit,
        "purse_rate_pa": rate,
        "budget": None if math.isinf(sought.budget_cny) else sought.budget_cny,
        "points": [_plain(point) for point in points],
        "frontier": hull,
        "best": best,
    }


def allowed_shares(scheme: Scheme, seats: Seats, shares: Sequence[float]) -> tuple[float, ...]:
    """Shares that leave both parties within what the scheme states.

    Args:
        scheme: A settled scheme.
        seats: Who plays which part.
        shares: Shares of the pool.

    Raises:
        InvalidInput: None does.
    """
    pool, giver = scheme.layers[seats.pool], scheme.layers[seats.giver]
    others = [k for k in range(len(scheme.layers)) if k not in seats]
    room = 1.0 - sum(float(share_range(scheme.layers[k])[0]) for k in others)
    stated = min(_bound(pool.bound_max, 1.0), _bound(pool.share_max, 1.0))
    most = min(room - _bound(giver.bound_min, 0.0), stated)
    least = max(_bound(pool.bound_min, 0.0), room - _bound(giver.bound_max, 1.0))
    found = tuple(s for s in sorted(shares) if least - 1 / PPM <= s <= most + 1 / PPM)
    if not found:
        raise InvalidInput(
            f"the pool's share must be from {least:.1%} to {most:.1%} in scheme {scheme.id}; "
            f"got {', '.join(f'{s:.1%}' for s in shares)}"
        )
    return found


def _bound(slot: Any, otherwise: float) -> float:
    return float(slot.value) if isinstance(slot, Said) else otherwise


def _sizes(book: Book, share: float, years_n: int) -> tuple[float, ...]:
    alive = np.minimum(book.term_years, years_n - book.split.cohort)
    inside = book.split.in_scope == 1
    lost = (book.pd * book.lgd * book.ead_cny * alive)[inside].sum() * share
    return tuple(float(np.ceil(times * lost / 1e4) * 1e4) for times in SIZES)


def _plain(point: Point) -> dict[str, Any]:
    return point._asdict() | {
        "cost_cny": point.cost_cny._asdict(),
        "emptied": point.emptied._asdict(),
    }
