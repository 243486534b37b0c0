"""The cheapest plan for one firm, what one more fact is worth, and why there is none."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from techflow.basics import Floats, NotConverged
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_offers import REASONS, Offer, make_offers
from techflow.flow.planning_rates import ROOMS
from techflow.flow.planning_tools import ToolPricer
from techflow.matching import PlanProblem, PlanSolution, build_plan, solve_plan
from techflow.matching.plan_conflict import room_needed
from techflow.matching.plan_problem import Flags
from techflow.pricing import Product

SAVING_CNY_MIN, SLIP = 1.0, 1e-9
ASKED_FACTS = ("pledge_value_cny", "post_money_cny", "receivables_cny")
"""Numbers a firm can bring; what more of them would save is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """A plan asked for: the offers and the arrays made of them.

    Attributes:
        firm: What is known of the firm.
        need: What it asks for.
        offers: Every product of money as it stands for the firm.
        usable: Offers whose numbers are known, in the order of the arrays.
        rooms: Names of the rooms that are bounded, in the order of the arrays.
        problem: Their arrays, also of offers closed by a reason.
        closed: Which reason closes which offer, shape (reasons, offers).
    """

    firm: Applicant
    need: Need
    offers: tuple[Offer, ...]
    usable: tuple[Offer, ...]
    rooms: tuple[str, ...]
    problem: PlanProblem
    closed: Flags

    @property
    def open(self) -> Flags:
        """Which offers no reason closes."""
        return np.asarray(self.closed.sum(axis=0) == 0)


@dataclass(frozen=True, slots=True)
class FactWorth:
    """What one more fact would do.

    Attributes:
        fact: A policy the firm would meet, or a number it would bring.
        needed: The least number that does it; None for a policy.
        value_cny: Cost a year of the plan with it.
        saved_cny: Less than without it; infinite if there was no plan.
        opens: Products of that plan.
    """

    fact: str
    needed: float | None
    value_cny: float
    saved_cny: float
    opens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planner:
    """What every plan of a day is made with.

    Attributes:
        products: By id.
        on: Day of the terms.
        assumed: Assumptions of `plan.toml`.
        rates_pa: Rates by product where they were priced.
        tools: Prices with the tools of the products; None uses no tools.
        lgds: LGD without and with its collateral, by product; None prices all as unsecured.
    """

    products: Mapping[str, Product]
    on: date
    assumed: Mapping[str, float]
    rates_pa: Mapping[str, float] | None = None
    tools: ToolPricer | None = None
    lgds: Mapping[str, tuple[float, float]] | None = None

    def ask(self, firm: Applicant, need: Need) -> Question:
        """Offers and arrays for a firm and its need.

        Args:
            firm: What is known of it.
            need: What it asks for.
        """
        offers = make_offers(
            self.products,
            firm,
            need,
            on=self.on,
            assumed=self.assumed,
            rates_pa=self.rates_pa,
            priced=None if self.tools is None else self.tools(firm, need),
            lgds=self.lgds,
        )
        usable = [each for each in offers if each.known]
        rooms = {
            name: limit
            for name, limit in _rooms(firm, need, self.assumed).items()
            if limit < math.inf
        }
        closed = [
            [any(why.code == code for why in each.closures) for each in usable] for code in REASONS
        ]
        return Question(
            firm,
            need,
            tuple(offers),
            tuple(usable),
            tuple(rooms),
            _arrays(usable, rooms, need),
            np.array(closed, dtype=np.bool_).reshape(len(REASONS), len(usable)),
        )


def _rooms(firm: Applicant, need: Need, assumed: Mapping[str, float]) -> dict[str, float]:
    """What there is of each room; infinite where it is not known or has no bound."""
    found = {room: firm.numbers.get(fact, math.inf) for room, fact in ROOMS.items()}
    if "cash_flow_cny" in firm.numbers:
        left = firm.numbers["cash_flow_cny"] / assumed["service_cover_min_ratio"]
        owed = firm.numbers.get("debt_cny", 0.0) * firm.numbers.get("rate_pa", 0.0)
        found["service"] = max(0.0, left - owed)
    found["project"] = math.inf if need.project_cny is None else need.project_cny
    return found | {"dilution": need.dilution_share_max}


def _arrays(offers: list[Offer], rooms: Mapping[str, float], need: Need) -> PlanProblem:
    def row(values: Iterable[float]) -> Floats:
        return np.array(list(values), dtype=np.float64)

    shape = (len(rooms), len(offers))
    return build_plan(
        (row(each.cost_rate_pa for each in offers), row(each.fixed_cost_cny for each in offers)),
        (row(each.low_cny for each in offers), row(each.high_cny for each in offers)),
        (
            row(each.use.get(room, 0.0) for room in rooms for each in offers).reshape(shape),
            row(each.fixed_use.get(room, 0.0) for room in rooms for each in offers).reshape(shape),
            row(rooms.values()),
        ),
        amount_cny=need.amount_cny,
        products_n_max=need.products_n_max,
    )


def solve_question(
    question: Question, *, start: Mapping[str, float] | None = None
) -> tuple[PlanSolution, dict[str, float]]:
    """The cheapest plan of the offers that are open.

    Args:
        question: What is asked.
        start: Amount by product of a plan known to be allowed.

    Returns:
        The solution, and the amount of each product used, largest first.

    Raises:
        NotConverged: Nodes ran out before any plan was found or ruled out.
    """
    names = [each.product.id for each in question.usable]
    kept = [name for name, usable in zip(names, question.open, strict=True) if usable]
    given = None
    if start and set(start) <= set(kept):
        given = np.array([start.get(name, 0.0) for name in kept])
    solution = solve_plan(question.problem.of(question.open), start=given)
    if solution.gap_share == math.inf:
        raise NotConverged(
            f"no plan found and none ruled out after {solution.nodes_n:,} combinations; "
            "offer fewer products or fewer at once"
        )
    if solution.amounts_cny is None:
        return solution, {}
    amounts = dict(zip(kept, solution.amounts_cny.tolist(), strict=True))
    return solution, dict(
        sorted(((k, v) for k, v in amounts.items() if v > 0), key=lambda each: -each[1])
    )


def weigh_facts(
    planner: Planner, question: Question, value_cny: float, amounts: Mapping[str, float]
) -> list[FactWorth]:
    """What each fact alone would save: the plan made again with it.

    Args:
        planner: What plans are made with.
        question: The plan asked for.
        value_cny: Cost a year of its plan; infinite without one.
        amounts: That plan.

    Returns:
        Facts that save something, largest saving first.
    """
    found, solved = [], {}
    for fact in _facts_to_ask(question):
        number = not any(fact in group for group in _groups(question))
        if number:
            firm = _with_number(question.firm, fact, math.inf)
            asked = planner.ask(firm, question.need)
            solution, new = solve_question(asked, start=amounts or None)
        else:  # the numbers stay; policies that open the same products are the same question
            asked = _with_policy(question, fact)
            kept = asked.open.tobytes()
            if kept not in solved:
                solved[kept] = solve_question(asked, start=amounts or None)
            solution, new = solved[kept]
        saved = value_cny - solution.value_cny
        if not new or saved <= SAVING_CNY_MIN:
            continue
        needed = _needed(asked, new, fact) if number else None
        if needed is not None and not amounts:
            needed, solution, new = _least(planner, question, (fact, needed), (solution, new))
        if needed is None or needed < math.inf:
            opened = tuple(name for name in new if name not in amounts)
            found.append(FactWorth(fact, needed, solution.value_cny, saved, opened))
    return sorted(found, key=lambda each: (each.value_cny, each.fact))


def _least(
    planner: Planner,
    question: Question,
    enough: tuple[str, float],
    best: tuple[PlanSolution, dict[str, float]],
) -> tuple[float, PlanSolution, dict[str, float]]:
    """The least of a number with which there is a plan, and that plan; the best one if none."""
    fact, most = enough
    rooms = [room for room, name in ROOMS.items() if name == fact]
    asked = planner.ask(_with_number(question.firm, fact, most), question.need)
    if most < math.inf and rooms and rooms[0] in asked.rooms:
        place = asked.rooms.index(rooms[0])
        least = room_needed(asked.problem.of(asked.open), place)
        told = planner.ask(_with_number(question.firm, fact, least * (1 + SLIP)), question.need)
        solution, new = solve_question(told)
        if new:
            return least, solution, new
    return most, *best


def _with_number(firm: Applicant, fact: str, value: float) -> Applicant:
    return replace(firm, numbers={**firm.numbers, fact: value})


def _groups(question: Question) -> list[tuple[str, ...]]:
    return [group for each in question.offers for group in each.product.qualifications]


def _facts_to_ask(question: Question) -> list[str]:
    closures = [why for each in question.offers for why in each.closures]
    lacking = [
        fact
        for why in closures
        if why.code in ("qualification", "requirement")
        for fact in why.facts
    ]
    return list(dict.fromkeys([*lacking, *ASKED_FACTS]))


def _with_policy(question: Question, policy: str) -> Question:
    """The question of a firm that meets a policy: it lifts what asks for one of a group with it."""
    firm = replace(question.firm, answers={**question.firm.answers, policy: "yes"})
    closed = question.closed.copy()
    closed[REASONS.index("qualification")] = [
        any(why.code == "qualification" and policy not in why.facts for why in each.closures)
        for each in question.usable
    ]
    return replace(question, firm=firm, closed=closed)


def _needed(question: Question, amounts: Mapping[str, float], fact: str) -> float:
    """The least number with which a plan is allowed that was made without bound on it."""
    used = [each for each in question.usable if each.product.id in amounts]
    lows = [
        need.low or 0.0 for each in used for need in each.product.requirements if need.fact == fact
    ]
    room = next((room for room, name in ROOMS.items() if name == fact), "")
    taken = sum(each.use.get(room, 0.0) * amounts[each.product.id] for each in used)
    if fact == "post_money_cny":
        sold = sum(amounts[each.product.id] for each in used if each.product.kind == "equity")
        left = question.need.dilution_share_max
        left -= sum(each.fixed_use.get("dilution", 0.0) for each in used)
        taken = max(taken, sold / left if left > 0 else math.inf) if sold else taken
    return max([taken, *lows])
