"""What each product can do for one firm and one need, and why it cannot."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from techflow.basics import NotInForce
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_rates import BANK_KINDS, ROOMS, Prices, count_collateral, find_rate
from techflow.flow.planning_tools import ToolPrices, ToolUse
from techflow.matching.plan_schedule import (
    MONTHS,
    all_in_rate,
    first_year_service,
    repaid_shares,
)
from techflow.pricing import NOT_FOR_FIRMS, Product

SHARES = ("collateral_share_max", "project_share_max", "price_share_max")
REASONS = ("stage", "purpose", "term", "qualification", "requirement", "refused", "rate")
"""Reasons that close a product and could be lifted; any other says what is not known."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a product is closed.

    Attributes:
        code: One of `REASONS`, or `unknown`.
        facts: What would open it: policies, or a number of the firm.
        bound: The bound that is not met, if it is a number.
        got: What the firm has.
    """

    code: str
    facts: tuple[str, ...] = ()
    bound: float | None = None
    got: float | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it stands for this firm and need.

    Attributes:
        product: The product.
        terms: Its terms in force.
        rate_pa: Interest and yearly fees; the required return of equity.
        fee_share: One-off fee, share of the amount.
        at_end: Whether the principal is repaid at the end.
        cost_rate_pa: All-in cost a year of each yuan; null number where unknown.
        fixed_cost_cny: Cost a year of having it.
        low_cny: Least amount.
        high_cny: Greatest amount, infinite without bound.
        use: Room -> use of each yuan.
        fixed_use: Room -> use of having it.
        closures: Why it is closed; empty if it is open.
        tools: What tools made of the rate, and why one is not used.
        lgds: LGD without its collateral and with it; None where collateral changed no rate.
        secured_off_rate_pa: What collateral takes off the rate.
    """

    product: Product
    terms: Mapping[str, Any]
    rate_pa: float
    fee_share: float
    at_end: bool
    cost_rate_pa: float
    fixed_cost_cny: float
    low_cny: float
    high_cny: float
    use: Mapping[str, float]
    fixed_use: Mapping[str, float]
    closures: tuple[Closure, ...] = field(default=())
    tools: ToolUse = field(default=ToolUse())
    lgds: tuple[float, float] | None = None
    secured_off_rate_pa: float = 0.0

    @property
    def known(self) -> bool:
        """Whether all its numbers are known, so that lifting its reasons could open it."""
        return all(each.code in REASONS for each in self.closures)


def make_offers(
    products: Mapping[str, Product],
    firm: Applicant,
    need: Need,
    *,
    on: date,
    assumed: Mapping[str, float],
    rates_pa: Mapping[str, float] | None = None,
    priced: Mapping[str, ToolPrices] | None = None,
    lgds: Mapping[str, tuple[float, float]] | None = None,
) -> list[Offer]:
    """What each product of money can do for the firm.

    Args:
        products: By id; those that bring a firm no money are left out.
        firm: What is known of it.
        need: What it asks for.
        on: Day of the terms; products without terms on it are left out.
        assumed: `equity_return_pa`, `end_term_months_max`.
        rates_pa: Rate by product where it was priced; otherwise the rate of its terms, or the
            break-even rate of the firm plus the spread of its terms, less what tools take off.
        priced: Prices with tools by product.
        lgds: LGD without and with its collateral, by product.
    """
    found = []
    for product in products.values():
        if product.kind in NOT_FOR_FIRMS:
            continue
        try:
            terms = product.at(on)
        except NotInForce:
            continue
        known = Prices(
            (rates_pa or {}).get(product.id),
            (priced or {}).get(product.id, ToolPrices()),
            count_collateral(product, terms, firm, (lgds or {}).get(product.id)),
        )
        found.append(_offer(product, terms, (firm, need), assumed, known))
    return found


def _offer(
    product: Product,
    terms: Mapping[str, Any],
    asked: tuple[Applicant, Need],
    assumed: Mapping[str, float],
    known: Prices,
) -> Offer:
    firm, need = asked
    rate, unknown, tools, off = find_rate(product, terms, firm, known)
    fee = float(terms.get("fee_share", 0.0))
    ends = product.kind == "bond" or need.term_months <= assumed["end_term_months_max"]
    cost, service = _cost(product, (rate, fee), need, ends)
    use = {} if product.kind == "equity" else {"service": service}
    room = _security(product, terms)
    if room is not None:
        use[room[0]] = 1.0 / room[1]
        unknown += _unknown_security(room[0], firm, need)
    warrant, fixed, stake = _equity(product, terms, firm, assumed["equity_return_pa"])
    if math.isnan(fixed):
        unknown.append("post_money_cny")
        fixed = 0.0
    closures = _closures(product, terms, firm, need)
    if rate > terms.get("rate_pa_max", math.inf):
        closures.append(Closure("rate", (), float(terms["rate_pa_max"]), rate))
    closures += [Closure("unknown", (name,)) for name in dict.fromkeys(unknown)]
    return Offer(
        product,
        terms,
        rate,
        fee,
        ends,
        cost + warrant,
        fixed,
        float(terms.get("amount_cny_min", 0.0)),
        min(float(terms.get(name, math.inf)) for name in ("amount_cny_max", "capacity_cny")),
        use | stake,
        {"dilution": float(terms.get("dilution_share", 0.0))},
        tuple(closures),
        tools,
        known.lgds if off else None,
        off,
    )


def _equity(
    product: Product, terms: Mapping[str, Any], firm: Applicant, return_pa: float
) -> tuple[float, float, dict[str, float]]:
    """Cost of a warrant by yuan lent and at all, null if unknown, and the stake by yuan."""
    value = firm.numbers.get("post_money_cny", 0.0)
    valued = 0 < value < math.inf
    if product.kind == "equity":
        stake = {"dilution": 1.0 / value if value else 0.0}
        return 0.0, 0.0 if value else math.nan, stake
    if "warrant_share" in terms:
        return float(terms["warrant_share"]) * return_pa, 0.0, {}
    if "dilution_share" in terms:
        worth = value if valued else math.nan
        return 0.0, float(terms["dilution_share"]) * worth * return_pa, {}
    return 0.0, 0.0, {}


def _unknown_security(room: str, firm: Applicant, need: Need) -> list[str]:
    if room == "project":
        return [] if need.project_cny is not None else ["project_cny"]
    return [] if ROOMS[room] in firm.numbers else [ROOMS[room]]


def _cost(
    product: Product, price: tuple[float, float], need: Need, ends: bool
) -> tuple[float, float]:
    """All-in cost a year and first-year service of each yuan."""
    rate, fee = price
    if product.kind == "equity":
        return rate + fee * MONTHS / need.term_months, 0.0
    repaid = repaid_shares(need.term_months, at_end=ends)[None, :]
    rates = np.array([rate])
    cost = rate if fee == 0 or math.isnan(rate) else all_in_rate(rates, np.array([fee]), repaid)[0]
    return float(cost), float(first_year_service(rates, repaid, np.array([float(ends)]))[0])


def _security(product: Product, terms: Mapping[str, Any]) -> tuple[str, float] | None:
    """The room that secures it and the share of it that may be lent."""
    share = min((float(terms[name]) for name in SHARES if name in terms), default=1.0)
    if "project_share_max" in terms or "price_share_max" in terms:
        return "project", share
    if product.secured_by in ROOMS:
        return product.secured_by, share
    if product.secured_by == "none" and product.kind in BANK_KINDS:
        return "unsecured", 1.0
    return None


def _closures(
    product: Product, terms: Mapping[str, Any], firm: Applicant, need: Need
) -> list[Closure]:
    found: list[Closure] = []
    if product.stages and firm.stage not in product.stages:
        found.append(Closure("stage" if firm.stage else "unknown", ("life_stage",)))
    if product.purposes and need.purpose not in product.purposes:
        found.append(Closure("purpose"))
    term = float(need.term_months)
    shortest, longest = terms.get("term_months_min", 0.0), terms.get("term_months_max", math.inf)
    if product.kind != "equity" and not shortest <= term <= longest:
        found.append(Closure("term", (), float(shortest if term < shortest else longest), term))
    for group in product.qualifications:
        if not any(firm.answers.get(name) == "yes" for name in group):
            found.append(Closure("qualification", group))
    for each in product.requirements:
        got = firm.numbers.get(each.fact)
        low = -math.inf if each.low is None else each.low
        high = math.inf if each.high is None else each.high
        if got is None or not low <= got <= high:
            bound = each.low if got is None or got < low else each.high
            found.append(Closure("requirement", (each.fact,), bound, got))
    if firm.refused and product.kind in BANK_KINDS:
        found.append(Closure("refused", ("pd",), None, firm.numbers.get("pd")))
    return found
