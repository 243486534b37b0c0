"""Plan, payments and changes of purpose: read, compared."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.market.listing import (
    ProceedsModel,
    judge_payments,
    track_periods,
    track_projects,
)
from techflow.market.listing.proceeds import CHANGES, PLAN, SPENT
from techflow_service.listing.columns import (
    Reasons,
    day,
    number,
    read_table,
    split_refused,
)

CHANGES_SCHEMA = {name: pl.Date if name.endswith("_on") else pl.String for name in CHANGES}
FLAGS = ("ok_total", "ok_pace", "ok_alive")


@dataclass(frozen=True, slots=True)
class ProceedsFound:
    """What was found.

    Attributes:
        on: Last day seen.
        model: Bounds.
        periods: One row per project, purpose and period.
        projects: One row per project.
        payments: One row per payment up to the day, with its `use`.
        refused: Rows that cannot be used, with file and reason.
    """

    on: date
    model: ProceedsModel
    periods: pl.DataFrame
    projects: pl.DataFrame
    payments: pl.DataFrame
    refused: pl.DataFrame


def track_files(
    plan_at: Path, spent_at: Path, changes_at: Path | None, *, on: date, model: ProceedsModel
) -> ProceedsFound:
    """Read the files and compare them.

    Args:
        plan_at: `firm_id`, `project_id`, `purpose`, `since`, `until`, `planned_cny`.
        spent_at: `firm_id`, `project_id`, `purpose`, `spent_on`, `spent_cny`.
        changes_at: `firm_id`, `project_id`, `purpose`, `approved_on`; None if none was approved.
        on: Last day seen.
        model: Bounds.

    Raises:
        InvalidInput: No row of the plan can be used.
        MissingColumn: A column is absent.
    """
    plan, plan_refused = _read_plan(plan_at)
    spent, spent_refused = _read_money(spent_at, on)
    changes, refused = _read_changes(changes_at)
    frames = [nw.from_native(part.lazy()) for part in (plan, spent, changes)]
    periods = track_periods(*frames[:2], on=on, model=model)
    projects = track_projects(*frames[:2], on=on, model=model)
    payments = judge_payments(frames[1], frames[0], frames[2])
    found = [part.to_native().collect() for part in (periods, projects, payments)]
    return ProceedsFound(
        on,
        model,
        found[0].sort("firm_id", "project_id", "since", "purpose"),
        found[1].sort("firm_id", "project_id"),
        found[2].sort("spent_on", "firm_id", "project_id"),
        pl.concat(
            [part for part in (plan_refused, spent_refused, refused) if part is not None],
            how="diagonal",
        ),
    )


def _split(
    path: Path, names: tuple[str, ...], reasons: Reasons, as_read: dict[str, pl.Expr]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = (
        (pl.col("firm_id").is_null(), "缺少企业编号", "firm_id is empty"),
        (pl.col("project_id").is_null(), "缺少项目编号", "project_id is empty"),
    )
    kept, refused = split_refused(read_table(path, names), (*keys, *reasons), as_read=as_read)
    told = refused.select(
        "source_row_n", "firm_id", "project_id", "reason_zh", "reason_en", file=pl.lit(path.name)
    )
    return kept.select(names), told


def _read_plan(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    since, until, money = day("since"), day("until"), number("planned_cny")
    reasons = (
        (pl.col("purpose").is_null(), "缺少用途", "purpose is empty"),
        (since.is_null() | until.is_null(), "期间无法识别", "since or until cannot be read"),
        (until <= since, "期末须晚于期初", "until must be after since"),
        (money.is_null(), "计划金额无法识别", "planned_cny is no number"),
        (money < 0.0, "计划金额不得为负", "planned_cny must be at least 0"),
        (
            pl.struct("firm_id", "project_id", "purpose", "since", "until").is_duplicated(),
            "同一项目、用途与期间重复",
            "project, purpose and period are there twice",
        ),
    )
    read = {"since": since, "until": until, "planned_cny": money}
    kept, refused = _split(path, PLAN, reasons, read)
    if kept.is_empty():
        raise InvalidInput(f"{path.name}: no row can be used: {refused['reason_en'][0]}")
    return kept, refused


def _read_money(path: Path, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    paid, money = day("spent_on"), number("spent_cny")
    reasons = (
        (paid.is_null(), "付款日期无法识别", "spent_on cannot be read"),
        (paid > pl.lit(on), "截至日期之后", "after the day asked for"),
        (money.is_null(), "付款金额无法识别", "spent_cny is no number"),
    )
    return _split(path, SPENT, reasons, {"spent_on": paid, "spent_cny": money})


def _read_changes(path: Path | None) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    if path is None:
        return pl.DataFrame(schema=CHANGES_SCHEMA), None
    approved = day("approved_on")
    reasons = (
        (pl.col("purpose").is_null(), "缺少用途", "purpose is empty"),
        (
            approved.is_null(),
            "批准日期无法识别",
            "approved_on cannot be read",
        ),
    )
    return _split(path, CHANGES, reasons, {"approved_on": approved})
