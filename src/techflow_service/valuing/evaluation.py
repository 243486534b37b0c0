"""Evaluation score of the patents of a file: one row out per row in, in the same order."""

from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.evaluation import (
    PARTS,
    EvaluationTerms,
    Indicator,
    evaluate_patents,
    points_name,
)
from techflow_service.known import as_known
from techflow_service.models import read_model

WORDS = {
    "en": ("raised by {} ({} points)", "lowered by {} ({} points)", "; "),
    "zh": ("加分最多：{}（{} 分）", "减分最多：{}（{} 分）", "；"),
}


def read_evaluation() -> dict[str, Any]:
    """Indicators, points, weights and words of the evaluation score."""
    return read_model("patent_evaluation.toml")


def evaluate_rows(
    rows: pl.DataFrame, *, scene: str, as_of: date | None = None, known_in: str = "known_on"
) -> pl.DataFrame:
    """Score each patent of a table for a scene.

    Args:
        rows: Column `kind`, and those indicators of the content file that are known.
        scene: `finance`, `licensing` or `management`.
        as_of: With a day the table may hold a patent once for each day on which something became
            known: rows known later have no score, `evaluation_latest` marks the one that counts.
        known_in: Column with that day.

    Raises:
        InvalidInput: There is no such scene.
        MissingColumn: There is no `kind`, or not one indicator; with a day, no `patent_id` or day.
    """
    data = read_evaluation()
    terms = EvaluationTerms.from_data(data, scene)
    columns = [i.column for i in terms.indicators]
    known = [name for name in columns if name in rows.columns]
    if "kind" not in rows.columns or not known:
        raise MissingColumn(
            f"patents evaluate: the file needs kind and at least one of {', '.join(columns)}; "
            f"it has {', '.join(rows.columns)}"
        )
    typed = rows.select(
        pl.col("kind").cast(pl.String),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in known),
        *(pl.lit(None, pl.Float64).alias(n) for n in dict.fromkeys(columns) if n not in known),
    )
    judged: pl.DataFrame = (
        evaluate_patents(nw.from_native(typed.lazy()), terms).to_native().collect()
    )
    found = judged.with_columns(
        evaluation_reason=_reason(data, terms, "en"),
        evaluation_reason_zh=_reason(data, terms, "zh"),
        evaluation_scene=pl.lit(scene),
        evaluation_official=pl.lit(data["official"]),
    ).select(
        "evaluation_score",
        *(f"{part}_score" for part in PARTS),
        "evaluation_known_share",
        "^evaluation_reason.*$",
        "evaluation_scene",
        "evaluation_official",
        *(points_name(i) for i in terms.indicators),
    )
    if as_of is not None:
        found = as_known(
            rows, found, as_of=as_of, key="patent_id", known_in=known_in, prefix="evaluation"
        )
    kept = rows.drop(name for name in found.columns if name in rows.columns)
    return pl.concat([kept, found], how="horizontal")


def _reason(data: dict[str, Any], terms: EvaluationTerms, language: str) -> pl.Expr:
    """Why there is no score, or what moves the score most."""
    refused = {code: words[language] for code, words in data["reason"].items()}
    up, down, joint = WORDS[language]
    moves = pl.concat_str(
        _move("raised_by", up, terms.indicators, language),
        _move("lowered_by", down, terms.indicators, language),
        separator=joint,
        ignore_nulls=True,
    )
    code = pl.col("evaluation_reason_code")
    why = code.replace_strict(refused, return_dtype=pl.String)
    return pl.when(code.is_null()).then(moves).otherwise(why)


def _move(column: str, form: str, indicators: Any, language: str) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col(column) == i.name).then(
            pl.format(form.replace("{}", _label(i, language), 1), _shown(points_name(i)))
        )
        for i in indicators
    )


def _shown(name: str) -> pl.Expr:
    return pl.col(name).round(0).cast(pl.Int64, strict=False)


def _label(indicator: Indicator, language: str) -> str:
    return indicator.zh if language == "zh" else indicator.en
