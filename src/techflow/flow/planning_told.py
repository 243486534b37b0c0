"""A plan told whole: amounts, costs, who pays when, what else there is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from techflow.flow.planning import FactWorth, Planner, Question, solve_question, weigh_facts
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_offers import Offer
from techflow.flow.planning_why import Conflict, explain_conflict
from techflow.matching.plan_schedule import MONTHS, outstanding_shares, repaid_shares
from techflow.pricing import Product


@dataclass(frozen=True, slots=True)
class Share:
    """One product of a plan.

    Attributes:
        offer: The product and its price.
        amount_cny: Its amount.
        cost_cny: All-in cost a year.
        dilution_share: What the owners give away for it.
        fee_cny: One-off fee, kept back on the first day.
        interest_cny: Interest and yearly fees by month; empty for equity.
        repaid_cny: Principal repaid by month; empty for equity.
    """

    offer: Offer
    amount_cny: float
    cost_cny: float
    dilution_share: float
    fee_cny: float
    interest_cny: tuple[float, ...]
    repaid_cny: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FirmPlan:
    """The plan of a firm.

    Attributes:
        question: What was asked, with every offer.
        shares: Products of the plan, largest first; empty if there is none.
        value_cny: All-in cost a year; infinite without a plan.
        bound_cny: No plan costs less.
        nodes_n: Nodes looked at.
        facts: What one more fact would do.
        conflict: Why there is no plan; None if there is one.
        insurance: Insurance that fits the purpose; it brings no money.
    """

    question: Question
    shares: tuple[Share, ...]
    value_cny: float
    bound_cny: float
    nodes_n: int
    facts: tuple[FactWorth, ...]
    conflict: Conflict | None
    insurance: tuple[Product, ...]

    @property
    def dilution_share(self) -> float:
        """What the owners give away in all."""
        return sum(each.dilution_share for each in self.shares)

    @property
    def missing(self) -> dict[str, list[str]]:
        """Facts not known, and the products of this purpose that wait for them."""
        found: dict[str, list[str]] = {}
        for each in self.question.offers:
            lost = {"stage", "purpose", "term", "refused"} & {why.code for why in each.closures}
            for why in each.closures:
                unknown = why.code == "unknown" or (why.code == "requirement" and why.got is None)
                for fact in why.facts if unknown and not lost else ():
                    found.setdefault(fact, []).append(each.product.id)
        return {fact: list(dict.fromkeys(names)) for fact, names in found.items()}


def plan_firm(planner: Planner, firm: Applicant, need: Need) -> FirmPlan:
    """The cheapest plan, its schedule, what one more fact would save, or why there is none.

    Args:
        planner: Products, day and assumptions.
        firm: What is known of the firm.
        need: What it asks for.
    """
    question = planner.ask(firm, need)
    solution, amounts = solve_question(question)
    offers = {each.product.id: each for each in question.usable}
    return FirmPlan(
        question,
        tuple(_share(offers[name], amount, need) for name, amount in amounts.items()),
        solution.value_cny,
        solution.bound_cny,
        solution.nodes_n,
        tuple(weigh_facts(planner, question, solution.value_cny, amounts)),
        None if amounts else explain_conflict(planner, question),
        tuple(_insurance(planner.products, need)),
    )


def _share(offer: Offer, amount: float, need: Need) -> Share:
    interest: tuple[float, ...] = ()
    principal: tuple[float, ...] = ()
    if offer.product.kind != "equity":
        repaid = repaid_shares(need.term_months, at_end=offer.at_end)
        owed = np.clip(outstanding_shares(repaid), 0.0, 1.0)
        interest = tuple((amount * owed * offer.rate_pa / MONTHS).tolist())
        principal = tuple((amount * repaid).tolist())
    given = offer.use.get("dilution", 0.0) * amount + offer.fixed_use.get("dilution", 0.0)
    cost = amount * offer.cost_rate_pa + offer.fixed_cost_cny
    return Share(offer, amount, cost, given, amount * offer.fee_share, interest, principal)


def _insurance(products: Mapping[str, Product], need: Need) -> list[Product]:
    return [
        each
        for each in products.values()
        if each.kind == "insurance" and need.purpose in each.purposes
    ]
