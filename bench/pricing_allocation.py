"""`make bench-pricing-allocation`: the credit decision on the 302 firms without a credit record.

100 million yuan, loans of 100 thousand to 1 million, 4 to 15 %, one year. The firms are imported
and assessed first, as `make real` does. `TECHFLOW_DATA` is the folder of the sets. Last line: one
JSON object; each plain strategy keeps the same limits and has the single rate that suits it best.
"""

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bench.policy import say
from techflow_service.allocating.running import Task, allocate_book
from techflow_service.cli import techflow

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data")) / "china_sme_invoices"
FIRMS = DATA / "no_credit_history_enterprises.csv"
BUDGET = {"budget_cny": 1e8}


def assess_set(folder: Path) -> Path:
    """The set imported and assessed, in a folder."""
    store, out = str(folder / "store"), str(folder / "assessment")
    for line in (
        ["import", "china-sme", str(DATA), "--store", store],
        ["assess", "--store", store, "--as-of", "2020-02-29", "--out", out],
    ):
        say(" ".join(line[:2]))
        found = CliRunner().invoke(techflow, line)
        if found.exit_code:
            raise SystemExit(f"{' '.join(line)}: {found.exception}")
    return folder / "assessment"


def measure_allocation() -> dict[str, Any]:
    """Profit, bound and gap of the book, and the plain strategies' profits."""
    with tempfile.TemporaryDirectory() as name:
        task = Task(assess_set(Path(name)), FIRMS, (), None, True, BUDGET)
        began = time.process_time()
        told, _ = allocate_book(task)
        spent = time.process_time() - began
    made = told["decision"]
    plain = {f"allocation_{s['name']}_profit_cny": s["profit_cny"] for s in told["strategies"]}
    return {
        "allocation_profit_cny": made["profit_cny"],
        "allocation_bound_cny": made["bound_cny"],
        "allocation_gap": made["gap_ratio"],
        **plain,
        "allocation_firms_n": made["firms_n"],
        "allocation_offers_n": made["offers_n"],
        "allocation_expected_lent_cny": made["expected_lent_cny"],
        "allocation_tail_cny": made["tail_used_cny"],
        "allocation_tail_every_loan_cny": made["every_loan"]["es_cny"],
        "allocation_cpu_s": spent,
    }


if __name__ == "__main__":
    print(json.dumps(measure_allocation()))
