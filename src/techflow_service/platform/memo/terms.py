"""Qualifications with gaps, the price and the plan, freshness of the evidence."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from techflow.schema import TABLES
from techflow_service.platform.memo.figures import COLUMNS, choose, label, tell
from techflow_service.platform.memo.sources import Term
from techflow_service.platform.memo.writing import Memo, Row
from techflow_service.platform.roles import Part
from techflow_service.platform.showing import DASH, number, rate

STALE_DAYS = 365
PRICE = ("el_rate_pa", "funding_rate_pa", "cost_rate_pa", "capital_rate_pa")
SIZING = ("need_lcy", "debt_outstanding_lcy", "limit_lcy", "risk_weight_ratio")
OFFERED = ("market_rate_pa", "guaranteed_rate_pa", "public_rate_pa")
PLANNED = (
    "plan_rate_pa",
    "plan_cost_cny",
    "amount_cny",
    "term_months",
    "purpose",
    "dilution_share",
)
ANSWERS = ("yes", "no", "unknown")
SUPPLIED = {
    "invoice": ("invoices",),
    "statement": ("statements", "turnover_items"),
    "loan": ("debt",),
    "patent": ("patents",),
    "staff": ("staff",),
    "credential": (),
    "funding_round": (),
}
"""Table of evidence -> codes of `missing` that ask for it."""
COUNTS = {
    "invoice": "history_months",
    "statement": "statement_on",
    "loan": "loans_n",
    "patent": "patents_n",
    "staff": "employees_n",
    "credential": "credentials_n",
    "funding_round": "funding_rounds_n",
}
"""Table of evidence -> what the profile says of it."""


class Line(NamedTuple):
    """A line of a text with headings: how far it is indented, and its words."""

    depth: int
    text: str


def lines_of(text: str | None) -> list[Line]:
    """Lines of a text whose items are indented by two spaces under their heading."""
    every = (line for line in (text or "").split("\n") if line.strip())
    return [Line(min(3, (len(one) - len(one.lstrip())) // 2), one.strip()) for one in every]


def tell_qualification(memo: Memo) -> dict[str, Any]:
    """Each policy: met, not met or not known, with its document, day and mark; and the gaps."""
    speak = memo.speak
    judged = {row["policy_id"]: row for row in memo.rows(Part.QUALIFICATION, "qualification")}
    gaps = {row["policy_id"]: row for row in memo.rows(Part.QUALIFICATION, "gaps")}
    policies = memo.record.get("qualifications", {}).get("policies", ())
    known = [policy for policy in policies if policy["policy_id"] in judged]
    counts = {
        answer: number(sum(row["answer"] == answer for row in judged.values()))
        for answer in ANSWERS
    }
    return {
        "title": speak("firm.qualifies", **counts) if known else speak("firm.qualifies_none"),
        "rows": [
            {
                "name": choose(speak, (policy["zh"], policy["en"])),
                "answer": memo.word("qualification", "answer", judged[policy["policy_id"]]) or DASH,
                "met": judged[policy["policy_id"]]["answer"] == "yes",
                "since": policy.get("since") or DASH,
                "document": policy["document"],
                "mark": mark_of(memo, policy["mark"]),
                "gaps": lines_of(gaps.get(policy["policy_id"], {}).get(f"gaps_{speak.language}")),
            }
            for policy in known
        ],
    }


def mark_of(memo: Memo, text: str) -> str:
    """A mark like `unverified 0.95` in words; empty for what was read in the text."""
    kind, _, sure = text.partition(" ")
    if kind not in ("unverified", "proposal"):
        return ""
    return memo.speak.mark(kind if sure and float(sure) >= 1 else text)


def tell_plan(memo: Memo) -> dict[str, Any]:
    """What the rate is made of, how the limit is sized, public tools, the cheapest plan."""
    row, speak = memo.row(Part.PLAN, "assessment"), memo.speak
    parts = [row.get(name) for name in PRICE]
    total = sum(max(0.0, part or 0.0) for part in parts)
    offer, plan = memo.row(Part.PLAN, "offer"), memo.row(Part.PLAN, "plan")
    priced = row.get("rate_pa") is not None
    return {
        "title": speak("firm.price", n=rate(row["rate_pa"]))
        if priced
        else speak("firm.price_none"),
        "parts": [max(0.0, part or 0.0) / total for part in parts] if total else [],
        "price": [memo.cell("assessment", name, row) for name in PRICE] if priced else [],
        "sizing": memo.cells("assessment", SIZING, row),
        "basis": memo.word("assessment", "need_basis", row),
        "remark": memo.word("assessment", "limit_reason_code", row),
        "offer": memo.cells("offer", OFFERED, offer),
        "answer": memo.word("offer", "guarantee_answer", offer),
        "planned": _planned(memo, plan),
    }


def _planned(memo: Memo, plan: Row) -> dict[str, Any]:
    speak = memo.speak
    if not plan:
        return {"title": speak("firm.plan_none"), "facts": [], "lines": []}
    status = memo.word("plan", "plan_status_code", plan)
    found = plan.get("plan_status_code") == "planned"
    words = (
        speak("firm.plan", n=rate(plan.get("plan_rate_pa")))
        if found
        else speak("firm.plan_not", why=status)
    )
    return {
        "title": words,
        "facts": memo.cells("plan", PLANNED, plan),
        "lines": lines_of(plan.get(f"plan_{speak.language}")),
    }


def tell_evidence(memo: Memo) -> dict[str, Any]:
    """What there is of each kind of evidence, how old, and who can supply what is missing."""
    profile, speak = memo.row(Part.EVIDENCE, "profile"), memo.speak
    asked = set((memo.row(Part.EVIDENCE, "assessment").get("missing") or "").split(";"))
    newest = profile.get("evidence_on")
    age = _age(newest, memo.look.run.as_of)
    return {
        "title": speak("firm.evidence", on=newest, n=number(age))
        if newest
        else speak("firm.no_dates"),
        "stale": age is not None and age > STALE_DAYS,
        "rows": [_kind(memo, table, profile, asked) for table in SUPPLIED],
        "missing": memo.listed(memo.row(Part.EVIDENCE, "assessment"), "missing"),
    }


def _kind(memo: Memo, table: str, profile: Row, asked: set[str]) -> dict[str, Any]:
    speak, name = memo.speak, COUNTS[table]
    value = profile.get(name)
    missing = any(code in asked for code in SUPPLIED[table])
    age = None
    if table == "statement":
        age = profile.get("statement_age_days")
    if table == "invoice" and profile.get("idle_months") is not None:
        age = profile["idle_months"] * 30
    return {
        "name": label_of_table(memo, table),
        "have": f"{label(speak, 'profile', name)} {tell(speak, value, COLUMNS['profile'][name])}"
        if value is not None
        else speak("firm.nothing"),
        "age": DASH if age is None else speak("firm.days", n=number(age)),
        "stale": age is not None and age > STALE_DAYS,
        "missing": missing or value is None,
        "supplier": speak(f"supplier.{table}"),
    }


def label_of_table(memo: Memo, table: str) -> str:
    """What the dictionary calls a table of evidence."""
    return choose(memo.speak, (TABLES[table].zh, TABLES[table].en))


def _age(newest: str | None, as_of: date) -> int | None:
    return (as_of - date.fromisoformat(newest[:10])).days if newest else None


def tell_terms(memo: Memo) -> list[Term]:
    """Every parameter of the run with its value, mark, clause and day."""
    found: Iterable[Any] = (*memo.record.get("terms", ()), *memo.record.get("technology", ()))
    return [memo.sources.term(each) for each in found]
