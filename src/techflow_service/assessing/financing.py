"""The cheapest plan of each firm at the top of the book, for what it needs money for."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.evidence import as_of as visible_rows
from techflow.flow.facts import DECLARATION, newest_declarations
from techflow.flow.planning import Planner
from techflow.flow.planning_asked import Need
from techflow.flow.planning_need import NEED_FACTS, FoundNeed, find_need
from techflow.flow.planning_told import FirmPlan, plan_firm
from techflow.schema import DERIVED, TABLES
from techflow_service.assessing.lacking import first_firms
from techflow_service.assessing.reading import Reading
from techflow_service.planning import load_assumed
from techflow_service.planning_brief import tell_brief, tell_lack
from techflow_service.planning_firms import read_applicants, read_assessed
from techflow_service.planning_tools import ToolDesk
from techflow_service.planning_why import Voice
from techflow_service.policies import load_laws, titles_of
from techflow_service.products import load_products

FILE = "plan.parquet"
NOT_IN_YUAN = FoundNeed(None, None, "not_in_yuan")
TYPES = {"text": pl.String, "int": pl.Int64, "float": pl.Float64}


def write_plans(staged: Path, reading: Reading) -> None:
    """Write the table `plan` of the firms first in the list of the page.

    Args:
        staged: Folder with the finished tables of an assessment.
        reading: The store seen from the day, for what firms declare.
    """
    ids = first_firms(staged).collect()["firm_id"].to_list()
    if not ids:
        return
    known, assumed, laws = read_assessed(staged, ids), load_assumed(), load_laws()
    found = read_applicants(staged, known, on=reading.as_of)
    firms = {firm: applicant for firm, (applicant, _) in found.items()}
    stated = _stated(reading, ids)
    needs = {
        firm: find_need(stated.get(firm, {}), known[firm], assumed)
        if firm in firms
        else NOT_IN_YUAN
        for firm in sorted(ids)
    }
    asked = [(firms[firm], found.need) for firm, found in needs.items() if found.need is not None]
    products = load_products(policies=laws)
    desk = ToolDesk(products, laws, on=reading.as_of, assumed=assumed)
    desk.prepare(asked)
    planner = Planner(products, reading.as_of, assumed, None, desk, desk.lgds)
    plans = {firm.firm_id: plan_firm(planner, firm, need) for firm, need in asked}
    voices = [Voice(lang, titles_of(laws)) for lang in ("zh", "en")]
    rows = [_row(firm, found, plans.get(firm), voices) for firm, found in needs.items()]
    schema = {column.name: TYPES[column.kind] for column in DERIVED["plan"].columns}
    pl.DataFrame(rows, schema=schema).write_parquet(staged / FILE, compression="zstd")


def _stated(reading: Reading, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The newest of each fact on its need that a firm declared."""
    theirs = pl.col("firm_id").is_in(list(ids)) & pl.col("fact").is_in(NEED_FACTS)
    seen = visible_rows(
        nw.from_native(reading.snapshot.scan(DECLARATION).filter(theirs)),
        key=TABLES[DECLARATION].key,
        as_of=reading.as_of,
        loaded_by=reading.loaded_by,
    )
    rows = newest_declarations({DECLARATION: seen}, as_of=reading.as_of)
    found: dict[str, dict[str, Any]] = {}
    for row in [] if rows is None else rows.to_native().collect().to_dicts():
        values = (row[name] for name in ("stated_cny", "stated_n", "stated_code"))
        value = next((each for each in values if each is not None), None)
        found.setdefault(row["firm_id"], {})[row["fact"]] = value
    return found


def _row(
    firm: str, found: FoundNeed, plan: FirmPlan | None, voices: Iterable[Voice]
) -> dict[str, Any]:
    need = found.need
    row: dict[str, Any] = {"firm_id": firm, "plan_status_code": found.lack}
    if need is not None and plan is not None:
        row |= {
            "plan_status_code": "planned" if plan.shares else "no_plan",
            "need_basis_code": found.basis,
            "amount_cny": need.amount_cny,
            "term_months": need.term_months,
            "purpose": need.purpose,
            **_costs(plan, need),
        }
    for voice in voices:
        lines = tell_lack(found, voice) if plan is None else tell_brief(plan, found, voice)
        row[f"plan_{voice.lang}"] = "\n".join(lines)
    return row


def _costs(plan: FirmPlan, need: Need) -> dict[str, Any]:
    if not plan.shares:
        return {}
    best = plan.facts[0] if plan.facts else None
    return {
        "plan_cost_cny": plan.value_cny,
        "plan_rate_pa": plan.value_cny / need.amount_cny,
        "products_n": len(plan.shares),
        "dilution_share": plan.dilution_share,
        "fact": None if best is None else best.fact,
        "saved_cny": None if best is None or math.isinf(best.saved_cny) else best.saved_cny,
    }
