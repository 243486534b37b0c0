"""Overrides of an assessment: read, judged, applied, counted."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import InvalidInput
from techflow.basics.identifiers import normalise_firm_id
from techflow.credit import Words
from techflow.credit.calibration import jeffreys_interval
from techflow.credit.drift import share_change
from techflow.credit.overrides import (
    PROBLEMS,
    apply_overrides,
    count_outcomes,
    count_overrides,
    judge_overrides,
)
from techflow.schema import TABLES
from techflow.schema.dealings import OVERRIDE_REASONS
from techflow_service.cards import load_expert, load_scale
from techflow_service.imports.own_files import judge_own_file
from techflow_service.models import read_model
from techflow_service.scoring import read_rows

PROBLEM_COLUMNS = {
    "unknown_firm": "firm_id",
    "no_grade": "firm_id",
    "other_card": "card_id",
    "before_assessment": "overridden_on",
    "other_grade": "grade_from",
    "unknown_grade": "grade_to",
    "same_grade": "grade_to",
    "no_reason_text": "reason_text",
    "own_approval": "approved_by",
    "needs_approval": "approved_by",
}
REFUSED = (
    "source_row_n",
    "column_name",
    "value_text",
    "reason_code",
    "reason_zh",
    "reason_en",
    "row_json",
)
TREATMENTS = {
    "kept": Words("未调整", "not overridden"),
    "overridden": Words("已调整", "overridden"),
    "up": Words("上调", "overridden upwards"),
    "down": Words("下调", "overridden downwards"),
}
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Overridden:
    """An assessment with its overrides.

    Attributes:
        assessment: Every row of the assessment with `grade_final` and the override.
        quarantine: Overrides that do not count, with reasons in both languages.
        told: The statistics.
    """

    assessment: pl.DataFrame
    quarantine: pl.DataFrame
    told: dict[str, Any]


def override_assessment(
    file: Path, assessment: Path, *, moment: datetime, outcomes: Path | None = None
) -> Overridden:
    """Apply a file of overrides to an assessment.

    Args:
        file: Rows of the table `override`: .csv, .xlsx or .parquet.
        assessment: `assessment.parquet` of an assessment.
        moment: Now, UTC: no override may be dated later.
        outcomes: `firm_id` and `event` (1 default, 0 none) of what became of the firms.

    Raises:
        InvalidInput: A file cannot be read or lacks a column.
    """
    assessed, limit = read_assessment(assessment), read_limit()
    batch = judge_own_file(file, TABLES["override"], moment=moment)
    rows = batch.kept["override"]
    model, scales = nw.from_native(assessed.lazy()), (load_scale().grades, load_expert().levels)
    judged = judge_overrides(
        nw.from_native(rows.lazy()),
        model,
        ladders=[[step.name for step in scale] for scale in scales],
        notches_up_max=limit["value"],
    )
    found: pl.DataFrame = judged.to_native().collect().sort("source_row_n")
    applied = apply_overrides(model, nw.from_native(found.lazy()))
    final: pl.DataFrame = applied.to_native().collect().sort("firm_id")
    refused = pl.concat([batch.refused.select(REFUSED), _refuse(found)]).sort("source_row_n")
    told = {
        "rows_n": batch.rows_n,
        "refused_n": refused.height,
        "in_force_n": int(found["in_force"].sum()),
        "superseded_n": int((found["problem_code"].is_null() & ~found["in_force"]).sum()),
        "notches_up_max": limit,
        "problems": _count_problems(refused),
        **count_all(final),
        "outcomes": compare_outcomes(final, read_outcomes(outcomes)) if outcomes else None,
    }
    return Overridden(final, refused, told)


def read_assessment(path: Path) -> pl.DataFrame:
    """The assessment that is overridden.

    Raises:
        InvalidInput: It cannot be read, or is no assessment by a model alone.
    """
    if path.suffix != ".parquet" or not path.is_file():
        raise InvalidInput(f"--assessment must name the assessment.parquet of a run; got {path}")
    try:
        rows = pl.read_parquet(path)
    except PolarsError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error}") from error
    wanted = ("firm_id", "as_of", "card_id", "grade", "pd")
    if absent := [name for name in wanted if name not in rows.columns]:
        raise InvalidInput(f"{path.name} is no assessment: it lacks {', '.join(absent)}")
    if "grade_final" in rows.columns:
        raise InvalidInput(f"{path.name} holds overrides already; name the one of the model alone")
    return rows


def read_limit() -> dict[str, Any]:
    """Notches up that need no second person, with its source and mark."""
    content = read_model("overrides.toml")
    limit: dict[str, Any] = content["notches_up_max"]
    return limit


def read_outcomes(path: Path) -> pl.DataFrame:
    """What became of firms: `firm_id`, `event`.

    Raises:
        InvalidInput: A column is absent, an event is neither 0 nor 1, or a firm comes twice.
    """
    rows = read_rows(path)
    if absent := [name for name in ("firm_id", "event") if name not in rows.columns]:
        raise InvalidInput(f"{path.name} needs the column {', '.join(absent)}; got {rows.columns}")
    given = pl.col("event").cast(pl.String).str.strip_chars()
    typed = rows.select(
        pl.col("firm_id").cast(pl.String),
        event=pl.col("event").cast(pl.Float64, strict=False),
        given=pl.when(given != "").then(given),
    )
    wrong = typed.filter(
        pl.col("given").is_not_null() & ~pl.col("event").is_in([0.0, 1.0], nulls_equal=True)
    )
    if wrong.height:
        raise InvalidInput(
            f"{path.name}: event must be 1 (default), 0 (none) or empty; got "
            f"{wrong['given'][0]!r} in {wrong.height:,} rows"
        )
    if typed["firm_id"].null_count():
        raise InvalidInput(f"{path.name}: every row needs a firm_id")
    ids = pl.Series("firm_id", [normalise_firm_id(name) for name in typed["firm_id"]], pl.String)
    named = typed.select(ids, "event")
    if twice := named.filter(pl.col("firm_id").is_duplicated()).height:
        raise InvalidInput(f"{path.name}: one row per firm; {twice:,} rows share a firm_id")
    return named


def _refuse(judged: pl.DataFrame) -> pl.DataFrame:
    """Overrides that do not count, as rows of the quarantine."""
    bad = judged.filter(pl.col("problem_code").is_not_null())
    code = pl.col("problem_code")
    own = [name for name in TABLES["override"].names if name in bad.columns]
    values = pl.coalesce(
        pl.when(code == name).then(pl.col(column).cast(pl.String))
        for name, column in PROBLEM_COLUMNS.items()
    )
    return bad.select(
        "source_row_n",
        column_name=code.replace_strict(PROBLEM_COLUMNS, return_dtype=pl.String),
        value_text=values,
        reason_code=code,
        reason_zh=code.replace_strict(
            {k: w.zh for k, w in PROBLEMS.items()}, return_dtype=pl.String
        ),
        reason_en=code.replace_strict(
            {k: w.en for k, w in PROBLEMS.items()}, return_dtype=pl.String
        ),
        row_json=pl.struct(own).struct.json_encode(),
    )


def _count_problems(refused: pl.DataFrame) -> list[dict[str, Any]]:
    names = ["reason_code", "reason_zh", "reason_en"]
    counted = refused.group_by(names).agg(rows_n=pl.len())
    return counted.sort("rows_n", *names, descending=[True, False, False, False]).to_dicts()


def count_all(final: pl.DataFrame) -> dict[str, Any]:
    """Rate and direction in all, by reason, by officer, by card."""
    frame = nw.from_native(final.lazy())
    whole: pl.DataFrame = count_overrides(frame).to_native().collect()
    none = dict.fromkeys(whole.columns, 0)
    total = whole.row(0, named=True) if whole.height else none
    total = {name: value or 0 for name, value in total.items()}
    graded_n = final["grade"].count()
    overridden_n = total["overridden_n"]
    groups = {
        "by_reason": "override_reason_code",
        "by_officer": "override_by",
        "by_card": "card_id",
    }
    found: dict[str, Any] = {"firms_n": final.height, "graded_n": graded_n, **total}
    found["rate"] = overridden_n / graded_n if graded_n else None
    found["mean_notches"] = total["notches_n"] / overridden_n if overridden_n else None
    steps: pl.DataFrame = count_overrides(frame, by=["override_notches_n"]).to_native().collect()
    ordered = steps.select(notches_n="override_notches_n", overridden_n="overridden_n")
    found["by_notches"] = ordered.sort("notches_n").to_dicts()
    for name, column in groups.items():
        rows: pl.DataFrame = count_overrides(frame, by=[column]).to_native().collect()
        ordered = rows.rename({column: "name"}).sort(
            "overridden_n", "name", descending=[True, False]
        )
        found[name] = [row | _label(name, row["name"]) for row in ordered.to_dicts()]
    return found


def _label(group: str, name: str) -> dict[str, dict[str, str]]:
    zh, en = OVERRIDE_REASONS[name] if group == "by_reason" else (name, name)
    return {"label": {"zh": zh, "en": en}}


def compare_outcomes(final: pl.DataFrame, outcomes: pl.DataFrame) -> dict[str, Any]:
    """Default rates of firms overridden and not, with Jeffreys intervals.

    Args:
        final: The assessment with overrides.
        outcomes: From `read_outcomes`.
    """
    frames = nw.from_native(final.lazy()), nw.from_native(outcomes.lazy())
    counted: pl.DataFrame = count_outcomes(*frames).to_native().collect()
    rows = {row.pop("treatment"): row for row in counted.to_dicts()}
    moved = [rows[name] for name in ("up", "down") if name in rows]
    if moved:
        rows["overridden"] = {key: sum(row[key] for row in moved) for key in moved[0]}
    groups = [
        {"treatment": name, "label": asdict(words)} | _rate(rows[name])
        for name, words in TREATMENTS.items()
        if name in rows
    ]
    found: dict[str, Any] = {"groups": groups, "p_of_difference": None}
    if "kept" in rows and "overridden" in rows:
        pairs = [
            rows[name][key] for name in ("kept", "overridden") for key in ("events_n", "firms_n")
        ]
        found["p_of_difference"] = share_change(*pairs).p
    return found


def _rate(row: dict[str, Any]) -> dict[str, Any]:
    """Default rate of some firms with its interval, and the mean PD the model gave them."""
    n, events = np.array([float(row["firms_n"])]), np.array([float(row["events_n"])])
    low, high = jeffreys_interval(n, events, confidence=CONFIDENCE)
    return {
        "firms_n": row["firms_n"],
        "events_n": row["events_n"],
        "observed": row["events_n"] / row["firms_n"],
        "low": float(low[0]),
        "high": float(high[0]),
        "with_pd_n": row["with_pd_n"],
        "mean_pd": row["pd_sum"] / row["with_pd_n"] if row["with_pd_n"] else None,
    }
