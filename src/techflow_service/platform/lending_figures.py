"""Figures of a move that are facts: looked up, never taken from the caller."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from techflow.credit.lending_checks import LendingStep
from techflow_service.clock import now
from techflow_service.platform.lending_watch import arrears_on, classed
from techflow_service.platform.models import LoanApplication, LoanStep, Run, Sheet, Standing
from techflow_service.platform.reading import note
from techflow_service.platform.refusing import Refused
from techflow_service.platform.roles import Part

WHOLE = ("amount_cny", "limit_cny", "term_months", "amount_fen")
RATE_PLACES = 6


def figures(
    member: Any, application: LoanApplication, name: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Terms of a move: what the maker may say, and the facts.

    Args:
        member: Who makes it.
        application: Of what.
        name: The move.
        given: What the maker says.

    Raises:
        Refused: A fact is not to be had, or what is said cannot be.
    """
    said = {key: read_figure(key, given.get(key)) for key in SAID.get(name, ())}
    facts = FACTS.get(name)
    return said | (facts(member, application, given) if facts else {})


def rests_on(
    application: LoanApplication, asked: LendingStep, past: Sequence[LoanStep]
) -> dict[str, Any]:
    """Run, card and rule version that a move of the bank rests on."""
    judged = next((step for step in reversed(past) if step.move == "assess"), None)
    if judged and asked.move != "assess":
        return {
            "run_id": judged.run_id,
            "card_hash": judged.card_hash,
            "rule_version": judged.rule_version,
        }
    run = Run.objects.last()
    if run is None:
        raise Refused(["no_run"])
    hash_ = asked.terms.get("card_hash") or ""
    return {"run": run, "card_hash": hash_, "rule_version": rule_version(run)}


def rule_version(run: Run) -> str:
    """The product whose rules a run priced and limited by, with the hash of its text."""
    content = run.record.get("content", {})
    product = next((key for key in sorted(content) if key.startswith("products/")), "products")
    return f"{product}@{content.get(product, '')[:16]}"


def _qualification(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    """What the newest run says the firm is, by its consent; null if it agreed to no such look."""
    run = Run.objects.last()
    part = Part.QUALIFICATION
    sheet = Sheet.objects.filter(run=run, firm_id=application.firm_id, part=part).first()
    if sheet is None:
        return {"qualified": None}
    note(SimpleNamespace(membership=member, route="lending_move"), [application.firm_id], [part])
    met = {
        row["policy_id"] for row in sheet.body.get("qualification", []) if row["answer"] == "yes"
    }
    policies = run.record.get("qualifications", {}).get("policies", []) if run else []
    return {
        "qualified": [
            {"policy_id": one["policy_id"], "zh": one["zh"], "en": one["en"]}
            for one in policies
            if one["policy_id"] in met
        ]
    }


def _assessment(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    """What the newest run says, read by the firm's consent and recorded."""
    run = Run.objects.last()
    row = Standing.objects.filter(run=run, firm_id=application.firm_id).first()
    if row is None:
        raise Refused(["no_consent"])
    note(
        SimpleNamespace(membership=member, route="lending_move"),
        [application.firm_id],
        [Part.GRADE],
    )
    sheet = Sheet.objects.filter(run=run, firm_id=application.firm_id, part=Part.GRADE).first()
    rows = sheet.body.get("assessment", []) if sheet else []
    native = row.currency in ("CNY", "")
    return {
        "limit_cny": row.limit_lcy if native else None,
        "rate_pa": row.rate_pa,
        "pd": row.pd,
        "grade": row.grade,
        "verdict": row.verdict,
        "card_hash": (rows[0].get("card_hash") or "") if rows else "",
    }


def _lending(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    accepted = application.steps.filter(move="accept").get()
    return {"start_on": _day(given, "start_on", timezone.localdate(accepted.at))}


def _filing(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    pool_id = str(given.get("pool_id") or "").replace("\0", "").strip()
    if not 0 < len(pool_id) <= 80:
        raise Refused(["pool"])
    return {"pool_id": pool_id}


def _receipt(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    loan = application.loan
    paid_on = _day(given, "paid_on", loan.start_on)
    amount = read_figure("amount_fen", given.get("amount_fen")) or 0
    if amount > arrears_on(loan, timezone.localdate(now())).owed_fen:
        raise Refused(["overpaid"])
    return {"paid_on": paid_on}


def _arrears(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    found = arrears_on(application.loan, timezone.localdate(now()))
    return {
        "owed_fen": found.owed_fen,
        "overdue_fen": found.overdue_fen,
        "days_overdue": found.days_overdue,
    }


def _class(member: Any, application: LoanApplication, given: Mapping[str, Any]) -> Any:
    told = classed([application.loan], timezone.localdate(now()))[0]
    return _arrears(member, application, given) | {"class_at_least_n": told["class_at_least_n"]}


def _day(given: Mapping[str, Any], name: str, first: date) -> str:
    today = timezone.localdate(now())
    try:
        day = date.fromisoformat(str(given.get(name) or today))
    except ValueError:
        raise Refused(["date"]) from None
    if not first <= day <= today:
        raise Refused(["date"])
    return day.isoformat()


def read_figure(name: str, value: Any) -> float | int | None:
    """A figure that a maker gives; None if it is no number, or finer than it may be.

    Args:
        name: Its name; amounts and months are whole, rates have six decimals at most.
        value: The value.

    Examples:
        >>> read_figure("amount_cny", 5e6), read_figure("amount_cny", 0.5)
        (5000000, None)
        >>> read_figure("rate_pa", 0.0435), read_figure("rate_pa", "0.04")
        (0.0435, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if name in WHOLE:
        return int(value) if value == int(value) else None
    return value if round(value, RATE_PLACES) == value else None


SAID: Mapping[str, tuple[str, ...]] = {
    "override": ("limit_cny", "rate_pa"),
    "propose": ("amount_cny", "rate_pa", "term_months"),
    "receive": ("amount_fen",),
}
"""What the maker of a move says."""
FACTS: Mapping[str, Callable[[Any, LoanApplication, Mapping[str, Any]], dict[str, Any]]] = {
    "qualify": _qualification,
    "assess": _assessment,
    "lend": _lending,
    "file": _filing,
    "receive": _receipt,
    "settle": _arrears,
    "cure": _arrears,
    "default": _class,
    "prepare_claim": _arrears,
}
