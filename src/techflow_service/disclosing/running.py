"""Disclosure check: statements in, one row per firm-year, findings and questions out."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.disclosure import (
    DisclosureModel,
    Item,
    accrual_residuals,
    ask_questions,
    benford_p,
    compare_stated,
    count_first_digits,
    read_stated,
    score_statements,
    wording_change,
)
from techflow.flow.disclosing import DIGIT_AMOUNTS, FLOW_RATIOS, KEY, PEERS, screen_statements
from techflow.schema import TABLES
from techflow_service.imports.judge import judge_rows
from techflow_service.imports.korea_accounts import korea_texts
from techflow_service.models import read_model
from techflow_service.scoring import RAW_ACCOUNTS, read_rows
from techflow_service.store import Snapshot

LEAD = ("disclosure_score", "disclosure_known_share", "questions_n")
NOTICE_COLUMNS = ("firm_id", "period_end_on", "text")
FINDING_SCHEMA = {
    "firm_id": pl.String,
    "period_end_on": pl.Date,
    "basis": pl.String,
    "signal": pl.String,
    "points": pl.Float64,
    "weight": pl.Float64,
    "record": pl.String,
    "question_zh": pl.String,
    "question_en": pl.String,
}
STATED_SCHEMA = {
    "firm_id": pl.String,
    "period_end_on": pl.Date,
    "item": pl.String,
    "value_lcy": pl.Float64,
    "expected_lcy": pl.Float64,
    "difference_lcy": pl.Float64,
    "tolerance_lcy": pl.Float64,
    "ok": pl.Boolean,
    "said": pl.String,
}
WORDING_SCHEMA = {
    "firm_id": pl.String,
    "period_end_on": pl.Date,
    "previous_end_on": pl.Date,
    "wording_change_share": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Book:
    """Statements with their versions, sectors of the firms, and how many rows were refused."""

    versions: pl.LazyFrame
    firms: pl.LazyFrame
    refused_n: int
    last_known_on: date | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: statements with points, findings, and texts beside the accounts."""

    model: DisclosureModel
    rows: pl.DataFrame
    findings: pl.DataFrame
    refused_n: int
    as_of: date
    stated: pl.DataFrame | None = None
    wording: pl.DataFrame | None = None


def read_content() -> dict[str, Any]:
    """The model file that comes with the installation."""
    return read_model("disclosure.toml")


def read_book(path: Path, *, moment: datetime) -> Book:
    """Statements of a file in the columns of the table `statement`, or raw Korean accounts.

    Args:
        path: CSV (plain or gzipped) or Parquet.
        moment: When it is read, UTC.

    Raises:
        MissingColumn: A column of the key, or `currency`, is absent.
        InvalidInput: Every row was refused.
    """
    raw = read_rows(path)
    table = TABLES["statement"]
    texts = korea_texts(raw) if set(RAW_ACCOUNTS) <= set(raw.columns) else raw
    absent = [name for name in (*KEY, "currency") if name not in texts.columns]
    if absent:
        raise MissingColumn(
            f"disclosure check needs the column {', '.join(absent)} of the table statement; "
            f"{path.name} has {', '.join(raw.columns)}"
        )
    named = texts.select(
        pl.col(name).cast(pl.String) for name in texts.columns if name in table.names
    )
    lines = named.drop("source_row_n", strict=False).with_row_index("source_row_n", offset=2)
    judged = judge_rows(lines, table, moment=moment)
    if judged.kept.is_empty():
        why = "; ".join(judged.refused["reason_en"].head(1).to_list()) or "it has no rows"
        raise InvalidInput(f"{path.name}: no statement could be read: {why}")
    kept = judged.kept.with_columns(source_id=pl.lit(path.name), loaded_at=pl.lit(moment))
    firms = kept.select("firm_id", sector=pl.lit(None, pl.String)).unique()
    last = kept["known_at"].max()
    refused_n = judged.refused["source_row_n"].n_unique()
    return Book(
        kept.lazy(), firms.lazy(), refused_n, last.date() if isinstance(last, datetime) else None
    )


def read_store(snapshot: Snapshot) -> Book:
    """Statements of a store, all versions; the sector is the last one known."""
    firms = snapshot.scan("firm").sort("known_at", "loaded_at").unique("firm_id", keep="last")
    return Book(snapshot.scan("statement"), firms.select("firm_id", "sector"), 0, None)


def check_book(book: Book, *, as_of: date, notices: pl.DataFrame | None = None) -> Checked:
    """Check, score and question every statement.

    Args:
        book: Result of `read_book` or `read_store`.
        as_of: The last day whose knowledge counts.
        notices: Texts by `firm_id` and `period_end_on`, if there are any.

    Raises:
        InvalidInput: Nothing was known on that day.
        MissingColumn: The notices lack a column.
    """
    content = read_content()
    model = DisclosureModel.from_data(content)
    screened = screen_statements(
        nw.from_native(book.versions), nw.from_native(book.firms), model=model, as_of=as_of
    )
    rows: pl.DataFrame = screened.to_native().collect()
    if rows.is_empty():
        raise InvalidInput(f"no statement was known on {as_of}; got none to check")
    rows = _with_kernels(rows, model)
    scored = score_statements(nw.from_native(rows.lazy()), model=model).to_native().collect()
    findings = _findings(scored, model)
    counted = findings.group_by(KEY).agg(questions_n=pl.len().cast(pl.Int64))
    whole = scored.join(counted, on=KEY, how="left").with_columns(
        pl.col("questions_n").fill_null(0)
    )
    rest = [name for name in whole.columns if name not in (*KEY, *LEAD)]
    ordered = whole.select(*KEY, *LEAD, *rest).sort(
        ["disclosure_score", *KEY], descending=[True, False, False, False], nulls_last=True
    )
    texts = _read_notices(notices, ordered, content) if notices is not None else (None, None)
    return Checked(model, ordered, findings, book.refused_n, as_of, *texts)


def _with_kernels(rows: pl.DataFrame, model: DisclosureModel) -> pl.DataFrame:
    """First digits and residuals of accruals, which are no frame functions."""
    digits = count_first_digits(rows.select(pl.col(DIGIT_AMOUNTS).fill_null(0.0)).to_numpy())
    left = accrual_residuals(
        rows["balance_accruals_ratio"].fill_null(float("nan")).to_numpy(),
        rows.select(pl.col(FLOW_RATIOS).fill_null(float("nan"))).to_numpy(),
        rows.select(PEERS).rows(),
        rows_n_min=model.peers_n_min,
    )
    return rows.with_columns(
        pl.Series("benford_p", benford_p(digits)).fill_nan(None),
        pl.Series("accrual_residual_ratio", left).fill_nan(None),
        digits_n=pl.Series(digits.sum(axis=1)),
    )


def _findings(rows: pl.DataFrame, model: DisclosureModel) -> pl.DataFrame:
    """One row for each signal that made points, the heaviest first."""
    weight = {signal.id: signal.weight for signal in model.signals}
    parts = [pl.col(f"part_{name}").fill_null(0.0) for name in weight]
    found = [
        {
            **{name: row[name] for name in KEY},
            "signal": question.signal,
            "points": question.points,
            "weight": float(weight[question.signal]),
            "record": question.record,
            "question_zh": question.zh,
            "question_en": question.en,
        }
        for row in rows.filter(pl.max_horizontal(parts) > 0).iter_rows(named=True)
        for question in ask_questions(row, model=model)
    ]
    frame = pl.DataFrame(found, schema=FINDING_SCHEMA)
    return frame.sort(["points", *KEY, "signal"], descending=[True, *[False] * (len(KEY) + 1)])


def _read_notices(
    notices: pl.DataFrame, rows: pl.DataFrame, content: dict[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    absent = [name for name in NOTICE_COLUMNS if name not in notices.columns]
    if absent:
        raise MissingColumn(
            f"the notices need {', '.join(NOTICE_COLUMNS)}; {', '.join(absent)} not there"
        )
    texts = (
        notices.select(
            "firm_id",
            pl.col("period_end_on").cast(pl.String).str.to_date("%Y-%m-%d", strict=False),
            pl.col("text").fill_null(""),
        )
        .drop_nulls("period_end_on")
        .sort("firm_id", "period_end_on")
    )
    items = [Item.from_data(item) for item in content["notice_item"]]
    # A notice does not say its basis; the consolidated statement is what firms announce.
    told = {
        (row["firm_id"], row["period_end_on"]): row
        for row in rows.sort("basis", descending=True).iter_rows(named=True)
    }
    stated = [
        {"firm_id": firm, "period_end_on": end} | one
        for firm, end, text in texts.iter_rows()
        for one in compare_stated(read_stated(text, items=items), told.get((firm, end), {}))
    ]
    return pl.DataFrame(stated, schema=STATED_SCHEMA), _wording(texts)


def _wording(texts: pl.DataFrame) -> pl.DataFrame:
    """Change of wording against the notice before, of each firm."""
    lines = list(texts.iter_rows())
    changes = [
        (now[0], now[1], before[1], wording_change(before[2], now[2]))
        for before, now in pairwise(lines)
        if before[0] == now[0]
    ]
    return pl.DataFrame(changes, schema=WORDING_SCHEMA, orient="row")
