"""The whole run: read, decide, compare, shock, write."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow_service.allocating.deciding import (
    Decision,
    Desk,
    compare_plain,
    decide,
    measure_book,
    sum_up,
)
from techflow_service.allocating.page import render_allocation
from techflow_service.allocating.reading import (
    RULES,
    name_sectors,
    pick_firms,
    read_assessed,
    read_rules,
)
from techflow_service.allocating.shared import shared_customers
from techflow_service.allocating.shocking import Shock, shock_firms
from techflow_service.allocating.wording import ANSWER, BASES, FINE, OFFERED
from techflow_service.assessing.content import hash_files, load_content, write_json
from techflow_service.assessing.tables import sink_table, write_csv
from techflow_service.churning import load_curves

CHANGE_CNY, CHANGE_RATE = 1.0, 5e-5


@dataclass(frozen=True, slots=True)
class Task:
    """What a decision is asked to do.

    Attributes:
        assessment: Folder or file of an assessment.
        firms: List of the firms that ask; None takes all.
        shocks: What happens afterwards.
        store: The store, for counterparties.
        within_limits: Keep each loan within the limit of the assessment.
        given: Rules that replace those of the content.
    """

    assessment: Path
    firms: Path | None
    shocks: Sequence[Shock]
    store: Path | None
    within_limits: bool
    given: Mapping[str, Any]


def allocate_book(task: Task) -> tuple[dict[str, Any], pl.DataFrame]:
    """Decide, and say what a shock changes.

    Returns:
        The summary, and one row per firm.

    Raises:
        InvalidInput: A file, list, rule or shock is not as it must be.
    """
    rows = name_sectors(pick_firms(read_assessed(task.assessment), task.firms))
    as_of = date.fromisoformat(rows["as_of"][0])
    content = load_content().in_use(as_of)
    rules = read_rules(as_of, float(content.terms.at(as_of)["lgd"]), task.given)
    desk = Desk(rules, load_curves(), content.scale, task.within_limits)
    decision = decide(rows, desk)
    told: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "basis": _basis(rows),
        "content": _content(rows, desk),
        "rules": asdict(rules) | {"within_limits": task.within_limits},
        "decision": sum_up(decision),
        "strategies": compare_plain(decision),
    }
    table = decision.table()
    if task.store is not None:
        told["shared_customers"] = shared_customers(table, task.store, as_of)
    if task.shocks:
        hit = shock_firms(rows, task.assessment, task.shocks, content, task.store)
        told["shock"], table = _after(decision, decide(hit, desk), task.shocks, table)
    return told, table


def _basis(rows: pl.DataFrame) -> list[dict[str, str]]:
    found = rows["pd_basis"].drop_nulls().unique() if "pd_basis" in rows.columns else ()
    said = [BASES[name] for name in sorted(found) if name in BASES]
    return [asdict(words) for words in (*said, ANSWER, OFFERED, FINE)]


def _content(rows: pl.DataFrame, desk: Desk) -> dict[str, Any]:
    return {
        "churn": desk.curves.hash,
        "rules": hash_files(RULES, ("*.toml",))[:16],
        "cards": sorted(f"{name} {mark}" for name, mark in _cards(rows)),
    }


def _cards(rows: pl.DataFrame) -> list[tuple[str, str]]:
    if not {"card_id", "card_hash"} <= set(rows.columns):
        return []
    return list(rows.select("card_id", "card_hash").drop_nulls().unique().iter_rows())


def _after(
    before: Decision, after: Decision, shocks: Sequence[Shock], table: pl.DataFrame
) -> tuple[dict[str, Any], pl.DataFrame]:
    """What the old book would earn after the shock, the new one, and who changes."""
    old = before.firms.select("firm_id").with_columns(
        amount=pl.Series(before.found.amount_cny),
        rate=pl.Series(before.found.rate_pa).fill_nan(None),
    )
    same = after.firms.select("firm_id").join(old, on="firm_id", how="left")
    amount = same["amount"].fill_null(0.0).to_numpy()
    rate = same["rate"].fill_null(np.nan).to_numpy()
    kept = measure_book(after.book, amount, rate, after.desk.rules)
    fresh = after.table().select(
        "firm_id",
        shock_pd="pd",
        shock_amount_cny="amount_cny",
        shock_rate_pa="rate_pa",
        shock_profit_cny="expected_profit_cny",
        shock_reason_zh="reason_zh",
        shock_reason_en="reason_en",
    )
    lost = after.firms.select("firm_id", "sales_lost_share", "odds_factor")
    joined = table.join(fresh, on="firm_id", how="left", maintain_order="left").join(
        lost, on="firm_id", how="left", maintain_order="left"
    )
    told = {
        "shocks": [asdict(shock) for shock in shocks],
        "hit_n": int(
            lost.filter((pl.col("sales_lost_share") > 0.0) | (pl.col("odds_factor") != 1.0)).height
        ),
        "kept": kept,
        "kept_breaks_tail": kept["tail_used_cny"] > after.desk.rules.tail_cny,
        "decision": sum_up(after),
        "changes": _count_changes(joined),
    }
    return told, joined


def _count_changes(joined: pl.DataFrame) -> dict[str, int]:
    was, now = pl.col("amount_cny").fill_null(0.0), pl.col("shock_amount_cny").fill_null(0.0)
    both = (was > 0.0) & (now > 0.0)
    counts = {
        "dropped_n": (was > 0.0) & (now == 0.0),
        "added_n": (was == 0.0) & (now > 0.0),
        "amount_changed_n": both & ((was - now).abs() >= CHANGE_CNY),
        "rate_changed_n": both
        & ((pl.col("rate_pa") - pl.col("shock_rate_pa")).abs() > CHANGE_RATE),
    }
    row = joined.select(**{name: test.sum() for name, test in counts.items()}).row(0, named=True)
    return {name: int(count) for name, count in row.items()}


def write_allocation(told: Mapping[str, Any], table: pl.DataFrame, out: Path) -> None:
    """Write `allocation.parquet`, `.csv`, `.json` and `.html`."""
    out.mkdir(parents=True, exist_ok=True)
    sink_table(table.lazy(), out / "allocation.parquet")
    write_csv(out / "allocation.parquet", out / "allocation.csv")
    write_json(out / "allocation.json", told)
    (out / "allocation.html").write_text(render_allocation(told, table), "utf8")
