"""Technology flow of the firms of a file: one row out per row in, in the same order."""

from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import MissingColumn
from techflow.innovation import FlowModel, technology_flow
from techflow.innovation.flow import STAGE_COLUMNS
from techflow_service.known import as_known
from techflow_service.models import read_model

STAGE_WORDS = {"age_years": ("企业年龄", "Age of the firm"), "revenue_cny": ("营业收入", "Revenue")}
TOO_LITTLE = {
    "flow_reason_code": "too_little_known",
    "flow_reason": "too little of the weight is known",
    "flow_reason_zh": "已知指标的权重不足",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """Scored rows, columns of the model that the file lacks, cells that are no number."""

    rows: pl.DataFrame
    absent: tuple[str, ...]
    unreadable_n: int


def load_flow_model() -> FlowModel:
    """The technology-flow model that comes with the installation."""
    return FlowModel.from_data(read_model("technology_flow.toml"))


def describe_columns(model: FlowModel) -> pl.DataFrame:
    """Columns the model looks at: name, words in both languages, dimension, reference."""
    items = [
        (item.name, item.zh, item.en, one.zh, one.en, item.reference)
        for one in model.dimensions
        for item in one.items
    ]
    stage = [(name, *STAGE_WORDS[name], "所处阶段", "Stage", "weights") for name in STAGE_COLUMNS]
    names = ("column", "zh", "en", "dimension_zh", "dimension_en", "reference")
    return pl.DataFrame([*items, *stage], schema=names, orient="row")


def score_firms(
    rows: pl.DataFrame, model: FlowModel, *, as_of: date | None = None, known_in: str = "known_on"
) -> Scored:
    """Score each row; a column the file lacks is unknown for all.

    Args:
        rows: One row per firm, or per firm and day on which something became known.
        model: Result of `load_flow_model`.
        as_of: With a day, rows known later have no score, and `flow_latest` marks the last row
            of each firm known by then; the later of the file if two share a day.
        known_in: Column with that date, `YYYY-MM-DD`.

    Raises:
        MissingColumn: The file has no column of the model, or a day was given and `firm_id` or
            `known_in` is not there.
    """
    columns = describe_columns(model)["column"].to_list()
    found = [name for name in columns if name in rows.columns]
    if not set(found) - set(STAGE_COLUMNS):
        raise MissingColumn(
            f"innovation flow: the file has none of {', '.join(columns)}; "
            f"got {', '.join(rows.columns)}; --show explains them"
        )
    typed = rows.select(pl.col(name).cast(pl.Float64, strict=False) for name in found)
    unreadable = sum(int((_told(rows[name]) & ~typed[name].is_not_null()).sum()) for name in found)
    absent = tuple(name for name in columns if name not in found)
    whole = typed.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)
    scored = technology_flow(nw.from_native(whole.with_row_index("_row_n").lazy()), model=model)
    native: pl.DataFrame = scored.to_native().collect().sort("_row_n")
    flow = native.select(name for name in native.columns if name.startswith("flow_"))
    silent = pl.when(pl.col("flow_score").is_null())
    flow = flow.with_columns(silent.then(pl.lit(text)).alias(n) for n, text in TOO_LITTLE.items())
    if as_of is not None:
        flow = as_known(rows, flow, as_of=as_of, key="firm_id", known_in=known_in, prefix="flow")
    kept = rows.drop(name for name in flow.columns if name in rows.columns)
    return Scored(pl.concat([kept, flow], how="horizontal"), absent, unreadable)


def _told(cells: pl.Series) -> pl.Series:
    """Cells that hold something."""
    return cells.cast(pl.String).str.strip_chars().fill_null("") != ""
