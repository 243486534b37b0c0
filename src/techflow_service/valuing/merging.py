"""Files of patent records: duplicates merged, with a trace of every source row."""

from pathlib import Path
from typing import NamedTuple

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.basics.identifiers import normalise_firm_id
from techflow.basics.patent_spelling import RULES, identify_patent
from techflow.patents.merge import KEY, merge_records, settle_owners
from techflow_service.scoring import write_rows

ROW = "source_row_n"
MADE = (*KEY, ROW, "owner_filled", "records_n", "conflict_columns")
SAME = ("编号相同", "same number")
FILLED = ("由同一专利的其他记录补全企业", "firm taken from other records of the patent")


class Merged(NamedTuple):
    """Three tables."""

    patents: pl.DataFrame
    """One row for each patent and firm."""
    trace: pl.DataFrame
    """One row for each source row: into what it went, and why."""
    conflicts: pl.DataFrame
    """Values of the source rows that contradict each other."""


def read_spellings(texts: pl.Series) -> pl.DataFrame:
    """Each written number with `merged_into`, the rules that read it, and what is wrong with it."""
    found = []
    for text in texts.cast(pl.String).unique(maintain_order=True).to_list():
        spelling = identify_patent(text or "")
        problem = spelling.problem
        found.append(
            (
                text,
                # A number that cannot be read is a patent of its own, under the text as written.
                text if problem else spelling.patent_id,
                None if problem else "; ".join(spelling.rules) or None,
                problem.code if problem else None,
                problem.en if problem else None,
                problem.zh if problem else None,
            )
        )
    names = ("found", "merged_into", "rules", "reason_code", "reason", "reason_zh")
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")


def merge_rows(rows: pl.DataFrame) -> Merged:
    """Bring the records of each patent together.

    Args:
        rows: Column `patent_id`; `firm_id` where known, and anything else.

    Raises:
        MissingColumn: There is no `patent_id`.
        InvalidInput: A column has a name that the result needs.
    """
    ready = _ready(rows)
    told = [name for name in rows.columns if name not in ("patent_id", "firm_id")]
    settled = settle_owners(nw.from_native(ready.lazy()))
    owned: pl.DataFrame = settled.to_native().collect().sort(ROW)
    merged: pl.DataFrame = merge_records(nw.from_native(owned.lazy()), told).to_native().collect()
    order = owned.group_by(KEY).agg(pl.col(ROW).min(), numbered=pl.col("patent_id").count() > 0)
    merged = merged.join(order, on=KEY).sort(ROW)
    trace = _trace(owned, merged)
    patents = merged.select(
        pl.when("numbered").then("merged_into").alias("patent_id"),
        *([_owner()] if "firm_id" in rows.columns else []),
        *told,
        "records_n",
        "conflict_columns",
    )
    return Merged(patents, trace, _conflicts(owned, merged, told))


def write_merged(merged: Merged, folder: Path) -> dict[str, int]:
    """Write `patents`, `trace` and `conflicts`, and count their rows.

    Raises:
        InvalidInput: The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be made: {error}; give another folder") from error
    for name, table in merged._asdict().items():
        write_rows(table, folder / f"{name}.parquet")
    return {
        "rows_n": merged.trace.height,
        "patents_n": merged.patents.height,
        "merged_n": merged.trace.height - merged.patents.height,
        "unread_n": merged.trace["reason_code"].count(),
        "conflicts_n": merged.patents["conflict_columns"].count(),
    }


def _ready(rows: pl.DataFrame) -> pl.DataFrame:
    """Records with what their numbers mean; cells tidied, row numbers from 1."""
    if "patent_id" not in rows.columns:
        raise MissingColumn(
            f"patents merge: the file lacks patent_id; it has {', '.join(rows.columns)}"
        )
    taken = [name for name in rows.columns if name in MADE]
    if taken:
        raise InvalidInput(f"patents merge: the result needs {', '.join(taken)}; rename them")
    texts = rows.select(
        pl.col(name).str.strip_chars().replace("", None)
        for name, kind in rows.schema.items()
        if kind == pl.String
    )
    tidy = rows.with_columns(texts.get_columns()).with_columns(pl.col("patent_id").cast(pl.String))
    firm = tidy["firm_id"].cast(pl.String) if "firm_id" in rows.columns else None
    spelled = {} if firm is None else {f: normalise_firm_id(f) for f in firm.drop_nulls().unique()}
    column = (
        pl.lit(None, pl.String)
        if firm is None
        else firm.replace_strict(spelled, default=None, return_dtype=pl.String)
    )
    read = read_spellings(tidy["patent_id"]).select("found", "merged_into")
    return (
        tidy.with_columns(column.alias("firm_id"))
        .join(read, left_on="patent_id", right_on="found", how="left", nulls_equal=True)
        # A row without a number is nobody's duplicate.
        .with_row_index(ROW, 1)
        .with_columns(
            pl.col(ROW).cast(pl.Int64),
            pl.coalesce("merged_into", pl.format("row:{}", ROW)).alias("merged_into"),
        )
    )


def _owner() -> pl.Expr:
    return pl.col("owner_id").replace("", None).alias("firm_id")


def _trace(owned: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    groups = merged.select(*KEY, "records_n", "conflict_columns")
    read = read_spellings(owned["patent_id"]).drop("merged_into")
    words = [_words("rules", language) for language in (0, 1)]
    return (
        owned.join(groups, on=KEY)
        .join(read, left_on="patent_id", right_on="found", how="left", nulls_equal=True)
        .sort(ROW)
        .select(
            ROW,
            pl.col("patent_id").alias("patent_id_found"),
            "merged_into",
            _owner(),
            "records_n",
            pl.col("rules").fill_null("same").alias("merge_rule"),
            words[1].alias("merge_rule_words"),
            words[0].alias("merge_rule_words_zh"),
            "owner_filled",
            "conflict_columns",
            "reason_code",
            "reason",
            "reason_zh",
        )
    )


def _words(column: str, language: int) -> pl.Expr:
    """Rules in words; `same number` where nothing was done."""
    words = {name: pair[language] for name, pair in RULES.items()}
    joint = "；" if language == 0 else "; "
    each = pl.col(column).str.split("; ").list.eval(pl.element().replace_strict(words, default=""))
    plain = each.list.join(joint).fill_null(SAME[language])
    return (
        pl.when("owner_filled")
        .then(pl.concat_str(plain, pl.lit(joint + FILLED[language])))
        .otherwise(plain)
    )


def _conflicts(owned: pl.DataFrame, merged: pl.DataFrame, told: list[str]) -> pl.DataFrame:
    """One row for each source row and column that contradict others."""
    schema = {
        "merged_into": pl.String,
        "firm_id": pl.String,
        "column_name": pl.String,
        ROW: pl.Int64,
        "value_text": pl.String,
    }
    torn = owned.join(merged.select(*KEY, "conflict_columns").drop_nulls(), on=KEY)
    parts = [
        torn.filter(
            pl.col("conflict_columns").str.split("; ").list.contains(name),
            pl.col(name).is_not_null(),
        ).select(
            "merged_into",
            _owner(),
            pl.lit(name).alias("column_name"),
            ROW,
            pl.col(name).cast(pl.String).alias("value_text"),
        )
        for name in told
    ]
    found = pl.concat([pl.DataFrame(schema=schema), *parts])
    return found.sort("merged_into", "column_name", ROW)
