"""A firm of an assessment folder as an applicant, and its plan as plain data."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.flow.lending import STATEMENT_FRESH_DAYS
from techflow.flow.planning_asked import MONEY_FACTS, Applicant
from techflow.flow.planning_offers import Offer
from techflow.flow.planning_told import FirmPlan, Share
from techflow.pricing import Product
from techflow_service.models import read_model

RUN, ASSESSMENT = "run.json", "assessment.parquet"
ANSWERS = ("yes", "no", "unknown")
RENAMED = {
    "limit_lcy": "limit_cny",
    "debt_outstanding_lcy": "debt_cny",
    "raised_36m_lcy": "raised_36m_cny",
    "receivables_lcy": "receivables_cny",
    "operating_cash_flow_lcy": "cash_flow_cny",
}
"""Columns in the firm's own currency, read only where that is the yuan -> fact."""


CURRENCIES = {"raised_36m_lcy": "funding_currency", "debt_outstanding_lcy": "loan_currency"}
"""Amounts of the profile -> the column that names their currency."""


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
    judged = _row(folder / ASSESSMENT, firm_id)
    if not judged:
        raise InvalidInput(
            f"no firm {firm_id} in {folder / ASSESSMENT}; its column firm_id names those there are"
        )
    if judged["currency"] not in (None, "CNY"):
        raise InvalidInput(
            f"firm {firm_id} counts in {judged['currency']}; a plan takes firms that count in CNY"
        )
    profile, technology = (
        _row(folder / f"{name}.parquet", firm_id) for name in ("profile", "technology")
    )
    numbers: dict[str, float] = {}
    for row in (profile, technology, judged, _statement(folder, firm_id, on)):
        numbers |= _numbers(row)
    for name, currency in CURRENCIES.items():
        if profile.get(currency) not in (None, "CNY"):
            numbers.pop(RENAMED[name], None)
    answers = _answers(folder, firm_id)
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
    refused = judged["limit_reason_code"] == "pd_too_high"
    found = Applicant(firm_id, judged["life_stage"], numbers, answers, refused)
    return found, judged["name"] or firm_id


def _row(path: Path, firm_id: str) -> dict[str, Any]:
    if not path.is_file():
        return {}
    rows = pl.scan_parquet(path, glob=False).filter(pl.col("firm_id") == firm_id)
    return next(iter(rows.head(1).collect().to_dicts()), {})


def _statement(folder: Path, firm_id: str, on: date) -> dict[str, Any]:
    """The latest accounts, if they are fresh, of a year and in yuan."""
    path = folder / "statements.parquet"
    if not path.is_file():
        return {}
    rows = pl.scan_parquet(path, glob=False).filter(
        pl.col("firm_id") == firm_id, pl.col("currency") == "CNY", pl.col("months_n") == 12
    )
    latest = next(iter(rows.sort("period_end_on").tail(1).collect().to_dicts()), {})
    if not latest or (on - latest["period_end_on"]).days > STATEMENT_FRESH_DAYS:
        return {}
    return {name: latest[name] for name in ("receivables_lcy", "operating_cash_flow_lcy")}


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    return {
        RENAMED.get(name, name): float(value)
        for name, value in row.items()
        if isinstance(value, int | float) and not (isinstance(value, float) and math.isnan(value))
    }


def _answers(folder: Path, firm_id: str) -> dict[str, str]:
    path = folder / "qualification.parquet"
    if not path.is_file():
        return {}
    rows = pl.scan_parquet(path, glob=False).filter(
        pl.col("firm_id") == firm_id, pl.col("answer").is_not_null()
    )
    return dict(rows.select("policy_id", "answer").collect().iter_rows())


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
