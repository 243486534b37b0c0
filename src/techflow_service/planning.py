"""A firm of an assessment folder as an applicant, and its plan as plain data."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.flow.planning_asked import MONEY_FACTS, Applicant
from techflow.flow.planning_offers import Offer
from techflow.flow.planning_told import FirmPlan, Share
from techflow.pricing import Product
from techflow_service.models import read_model
from techflow_service.planning_firms import ASSESSMENT, read_applicants, read_assessed

RUN = "run.json"
ANSWERS = ("yes", "no", "unknown")


def load_assumed() -> dict[str, float]:
    """Assumptions of a plan by name."""
    return {name: each["value"] for name, each in read_model("plan.toml").items()}


def asked_facts(products: Mapping[str, Product]) -> set[str]:
    """Policies and facts that products ask for.

    Args:
        products: By id.
    """
    found = {name for each in products.values() for group in each.qualifications for name in group}
    return found | {need.fact for each in products.values() for need in each.requirements}


def assessed_on(folder: Path) -> date:
    """Day of an assessment folder.

    Raises:
        InvalidInput: It is not one.
    """
    path = folder / RUN
    if not path.is_file():
        raise InvalidInput(f"{folder} is no assessment: no {RUN}; `techflow assess` makes one")
    return date.fromisoformat(json.loads(path.read_text("utf8"))["as_of"])


def read_applicant(
    folder: Path, firm_id: str, facts: Iterable[str] = (), *, askable: Collection[str] = ()
) -> tuple[Applicant, str]:
    """What an assessment folder knows of a firm, and its name.

    Args:
        folder: Result of `techflow assess`.
        firm_id: Firm.
        facts: `NAME=NUMBER` or `POLICY=yes|no|unknown`; they go before the folder.
        askable: Names of policies and of facts that products ask for.

    Raises:
        InvalidInput: No assessment, no such firm, another currency, or a fact that is none.
    """
    on = assessed_on(folder)
    known = read_assessed(folder, [firm_id])
    if firm_id not in known:
        raise InvalidInput(
            f"no firm {firm_id} in {folder / ASSESSMENT}; its column firm_id names those there are"
        )
    firms = read_applicants(folder, known, on=on)
    if firm_id not in firms:
        raise InvalidInput(
            f"firm {firm_id} counts in {known[firm_id]['currency']}; "
            "a plan takes firms that count in CNY"
        )
    found, name_of_firm = firms[firm_id]
    numbers, answers = dict(found.numbers), dict(found.answers)
    for name, value in map(_read_fact, facts):
        if name not in {*askable, *MONEY_FACTS, "cash_flow_cny"}:
            raise InvalidInput(
                f"--fact {name}: no product asks for it; known are "
                f"{', '.join(sorted({*askable, *MONEY_FACTS, 'cash_flow_cny'}))}"
            )
        if isinstance(value, str):
            answers[name] = value
        else:
            numbers[name] = value
    return replace(found, numbers=numbers, answers=answers), name_of_firm


def _read_fact(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if equals and value in ANSWERS:
        return name, value
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        number = math.nan
    if not equals or not math.isfinite(number):
        raise InvalidInput(f"--fact must be NAME=NUMBER or POLICY=yes|no|unknown; got {text!r}")
    return name, number


def read_rates(texts: Iterable[str], products: Mapping[str, Product]) -> dict[str, float]:
    """Rates that were quoted, by product.

    Args:
        texts: `PRODUCT=RATE`, a fraction a year.
        products: By id.

    Raises:
        InvalidInput: No such product, or no rate in [0, 1).
    """
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in products:
            raise InvalidInput(f"--rate {name}: no such product; there are {', '.join(products)}")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = math.nan
        if not 0 <= found[name] < 1:
            raise InvalidInput(f"--rate must be PRODUCT=RATE with a rate in [0, 1); got {text!r}")
    return found


def describe_plan(plan: FirmPlan) -> dict[str, Any]:
    """A plan as plain data; what is infinite or not known is null."""
    need = plan.question.need
    used = {each.offer.product.id for each in plan.shares}
    return {
        "firm_id": plan.question.firm.firm_id,
        **{name: getattr(need, name) for name in ("amount_cny", "term_months", "purpose")},
        **{name: getattr(need, name) for name in ("project_cny", "products_n_max")},
        "dilution_share_max": need.dilution_share_max,
        "possible": bool(plan.shares),
        "cost_cny_pa": _finite(plan.value_cny),
        "cost_rate_pa": _finite(plan.value_cny / need.amount_cny),
        "bound_cny_pa": _finite(plan.bound_cny),
        "nodes_n": plan.nodes_n,
        "dilution_share": plan.dilution_share,
        "shares": [_share(each) for each in plan.shares],
        "others": [_other(each) for each in plan.question.offers if each.product.id not in used],
        "facts": [
            {
                "fact": each.fact,
                "needed": each.needed,
                "cost_cny_pa": each.value_cny,
                "saved_cny_pa": _finite(each.saved_cny),
                "products_new": each.opens,
            }
            for each in plan.facts
        ],
        "missing": plan.missing,
        "conflict": None
        if plan.conflict is None
        else {
            "binding": plan.conflict.binding,
            "reliefs": [
                {name: getattr(each, name) for name in ("code", "needed", "now", "value_cny")}
                for each in plan.conflict.reliefs
            ],
        },
        "insurance": [each.id for each in plan.insurance],
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "product_id": share.offer.product.id,
        "provider": share.offer.product.provider,
        "amount_cny": share.amount_cny,
        "rate_pa": share.offer.rate_pa,
        "tools": _tools(share.offer),
        "lgds": share.offer.lgds,
        "secured_off_rate_pa": share.offer.secured_off_rate_pa,
        "cost_rate_pa": share.cost_cny / share.amount_cny,
        "cost_cny_pa": share.cost_cny,
        "dilution_share": share.dilution_share,
        "fee_cny": share.fee_cny,
        "interest_cny": share.interest_cny,
        "repaid_cny": share.repaid_cny,
    }


def _tools(offer: Offer) -> list[dict[str, Any]]:
    """Each tool used or not used: what it takes off the lender's rate, its fee, why it is idle."""
    return [
        {
            "tool": name,
            "off_rate_pa": each.off_rate_pa,
            "fee_rate_pa": each.fee_rate_pa,
            "unused": None,
        }
        for each in offer.tools.effects
        for name in each.tools
    ] + [
        {"tool": name, "off_rate_pa": None, "fee_rate_pa": None, "unused": why}
        for name, why in offer.tools.unused.items()
    ]


def _other(offer: Offer) -> dict[str, Any]:
    return {
        "product_id": offer.product.id,
        "cost_rate_pa": _finite(offer.cost_rate_pa),
        "tools": _tools(offer),
        "closed": [
            {"code": each.code, "facts": each.facts, "bound": each.bound, "got": each.got}
            for each in offer.closures
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
