"""The rate of a product for a firm: stated, quoted, or ours less tools and collateral."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techflow.flow.planning_asked import Applicant
from techflow.flow.planning_tools import ToolPrices, ToolUse
from techflow.pricing import Product

BANK_KINDS = ("loan", "bond", "lease", "guarantee", "pool")
"""Closed to a firm without a default probability, or refused for it."""
ROOMS = {
    "unsecured": "limit_cny",
    "patent": "pledge_value_cny",
    "equity": "post_money_cny",
    "receivable": "receivables_cny",
    "project": "project_cny",
    "service": "cash_flow_cny",
    "dilution": "dilution_share_max",
}
"""What products share -> the number that bounds it."""
LENT_SHARE = "collateral_share_max"


@dataclass(frozen=True, slots=True)
class Prices:
    """What the rate of a product is made of.

    Attributes:
        quoted: Rate that was quoted.
        tools: Prices with tools.
        lgds: LGD without collateral and with it; None where it does not count.
    """

    quoted: float | None
    tools: ToolPrices
    lgds: tuple[float, float] | None


def count_collateral(
    product: Product,
    terms: Mapping[str, Any],
    firm: Applicant,
    lgds: tuple[float, float] | None,
) -> tuple[float, float] | None:
    """LGDs of a product whose collateral has a value and whose rate is ours to price.

    Args:
        product: The product.
        terms: Its terms in force.
        firm: What is known of the firm.
        lgds: LGD without and with collateral.
    """
    stated = {"rate_pa", "required_return_pa"} & set(terms)
    if lgds is None or lgds[0] == lgds[1] or stated or not 0 < firm.numbers.get("pd", 0.0) < 1:
        return None
    return lgds if ROOMS.get(product.secured_by, "") in firm.numbers else None


def find_rate(
    product: Product,
    terms: Mapping[str, Any],
    firm: Applicant,
    known: Prices,
) -> tuple[float, list[str], ToolUse, float]:
    """Interest and yearly fees, null if unknown, what is not known, tools used, collateral's part.

    With the loss `lgd x pd / (1 - pd)` of the break-even rate, collateral takes off what it takes
    off the LGD.

    Args:
        product: The product.
        terms: Its terms in force.
        firm: What is known of the firm.
        known: What the rate is made of.
    """
    priced, tools = known.quoted, known.tools
    judged = "pd" in firm.numbers or priced is not None or product.kind not in BANK_KINDS
    unknown = [] if judged else ["pd"]
    for name in ("required_return_pa", "rate_pa"):
        if priced is None and name in terms:
            priced = float(terms[name])
    least, fee = (float(terms.get(name, 0.0)) for name in ("rate_pa_min", "fee_rate_pa"))
    if priced is not None:
        return max(priced, least) + fee, unknown, tools.stated(), 0.0
    if "rate_pa" not in firm.numbers:
        return math.nan, unknown or ["rate_pa"], ToolUse((), tools.unused), 0.0
    off = 0.0
    if known.lgds is not None:
        pd = firm.numbers["pd"]
        off = (known.lgds[0] - known.lgds[1]) * pd / (1.0 - pd)
    alone = firm.numbers["rate_pa"] - off + float(terms.get("spread_rate_pa", 0.0))
    found = tools.cheapest(rate_pa=alone, rate_pa_min=least, fee_rate_pa=fee)
    return found.paid_rate_pa, unknown, found.use, off
