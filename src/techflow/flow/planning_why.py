"""Why a firm has no plan: what binds, and what alone would free it."""

import math
from dataclasses import dataclass, replace

from techflow.flow.planning import Planner, Question, solve_question
from techflow.flow.planning_offers import REASONS
from techflow.matching.plan_conflict import (
    find_conflict,
    nearest_amounts,
    openings,
    products_needed,
    room_needed,
)
from techflow.matching.plan_problem import Flags


@dataclass(frozen=True, slots=True)
class Relief:
    """One bound that, moved alone, makes a plan possible.

    Attributes:
        code: `amount_below`, `amount_above`, `term`, `products_n`, a room or a reason.
        needed: What it must become; None where a reason must fall away.
        now: What it is.
        value_cny: Cost a year of the plan then, where it was made.
    """

    code: str
    needed: float | None
    now: float | None
    value_cny: float | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why there is no plan.

    Attributes:
        binding: Bounds that cannot all hold with the amount asked for, none of which can be
            left out: `low`, `high`, `products_n`, rooms and reasons; `unknown` if no product
            has all its numbers.
        reliefs: What alone would free it.
    """

    binding: tuple[str, ...]
    reliefs: tuple[Relief, ...]


def explain_conflict(planner: Planner, question: Question) -> Conflict:
    """Why no plan is possible.

    Args:
        planner: What plans are made with.
        question: One without a plan.
    """
    question = _for_purpose(question)
    if not question.usable:
        return Conflict(("unknown",), ())
    held = find_conflict(question.problem, question.closed)
    binding = [name for name in ("low", "high", "products_n") if getattr(held, name)]
    binding += [name for name, binds in zip(question.rooms, held.room, strict=True) if binds]
    binding += [name for name, binds in zip(REASONS, held.closed, strict=True) if binds]
    return Conflict(
        tuple(binding or ("unknown",)),
        (
            *_amounts(question),
            *_terms(planner, question),
            *_rooms(question),
            *_reasons(question),
        ),
    )


def _for_purpose(question: Question) -> Question:
    """Without products for another purpose: what the money is for is asked, not a bound."""
    fits: Flags = ~question.closed[REASONS.index("purpose")]
    usable = [each for each, kept in zip(question.usable, fits, strict=True) if kept]
    return replace(
        question,
        usable=tuple(usable),
        problem=question.problem.of(fits),
        closed=question.closed[:, fits],
    )


def _amounts(question: Question) -> list[Relief]:
    problem, asked = question.problem.of(question.open), question.need.amount_cny
    if not problem.products_n:
        return []
    below, above = nearest_amounts(problem)
    count = products_needed(problem)
    found = []
    if below > 1.0:
        found.append(Relief("amount_below", below, asked))
    if above < math.inf:
        found.append(Relief("amount_above", above, asked))
    if count is not None:
        found.append(Relief("products_n", float(count), float(problem.products_n_max)))
    return found


def _terms(planner: Planner, question: Question) -> list[Relief]:
    """The nearest shorter and the nearest longer term with a plan."""
    now = question.need.term_months
    ends = {
        int(why.bound)
        for each in question.offers
        for why in each.closures
        if why.code == "term" and why.bound is not None
    }
    shorter = sorted((end for end in ends if 1 <= end < now), reverse=True)
    longer = sorted(end for end in ends if end > now)
    return [found for terms in (shorter, longer) for found in _first_term(planner, question, terms)]


def _first_term(planner: Planner, question: Question, terms: list[int]) -> list[Relief]:
    for term in terms:
        need = replace(question.need, term_months=term)
        solution, amounts = solve_question(planner.ask(question.firm, need))
        if amounts:
            now = float(question.need.term_months)
            return [Relief("term", float(term), now, solution.value_cny)]
    return []


def _rooms(question: Question) -> list[Relief]:
    problem = question.problem.of(question.open)
    found = []
    for place, room in enumerate(question.rooms):
        needed = room_needed(problem, place)
        if needed < math.inf:
            found.append(Relief(room, needed, float(problem.room[place])))
    return found


def _reasons(question: Question) -> list[Relief]:
    """Reasons that, lifted for every product, leave a plan."""
    values = openings(question.problem, question.closed)
    return [
        Relief(code, None, None, float(value))
        for code, value in zip(REASONS, values, strict=True)
        if value < math.inf and code not in ("purpose", "term")
    ]
