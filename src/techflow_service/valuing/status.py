"""Legal status of the patents of a file of events, on a day."""

from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.legal_status import legal_status
from techflow.schema.dealings import PATENT_EVENT
from techflow_service.models import read_model
from techflow_service.valuing.merging import read_spellings

NEEDS = ("patent_id", "event_on", "patent_event")


def status_rows(events: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Status of each patent at the end of a day, in the order of the ids.

    Args:
        events: Columns of `NEEDS`; `patent_kind` where known.
        as_of: The day.

    Raises:
        MissingColumn: A column is not there.
    """
    missing = [name for name in NEEDS if name not in events.columns]
    if missing:
        raise MissingColumn(
            f"patents status: the file lacks {', '.join(missing)}; it has "
            f"{', '.join(events.columns)}; expected one event a row"
        )
    words = read_model("patent_status.toml")
    ready = _typed(events, words)
    rolled = legal_status(nw.from_native(ready.lazy()), as_of=as_of)
    found: pl.DataFrame = rolled.to_native().collect()
    return found.sort("patent_id", nulls_last=True).with_columns(
        pl.lit(as_of).alias("as_of"),
        *(
            _worded(column, words[topic], language).alias(name)
            for column, topic, name, language in (
                ("legal_status", "status", "status", "en"),
                ("legal_status", "status", "status_zh", "zh"),
                ("status_reason_code", "reason", "status_reason", "en"),
                ("status_reason_code", "reason", "status_reason_zh", "zh"),
            )
        ),
    )


def _typed(events: pl.DataFrame, words: dict[str, Any]) -> pl.DataFrame:
    names = dict(words["event"])
    for code, labels in PATENT_EVENT.column("patent_event").codes.items():
        names |= {label.lower(): code for label in (code, *labels)}
    said = pl.col("patent_event").cast(pl.String).str.strip_chars().str.to_lowercase()
    day = pl.col("event_on")
    if events["event_on"].dtype == pl.String:
        day = day.str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
    kind = pl.col("patent_kind") if "patent_kind" in events.columns else pl.lit(None)
    read = read_spellings(events["patent_id"]).select("found", "merged_into")
    return (
        events.with_columns(pl.col("patent_id").cast(pl.String))
        .join(read, left_on="patent_id", right_on="found", how="left", nulls_equal=True)
        .select(
            pl.col("merged_into").alias("patent_id"),
            day.cast(pl.Date).alias("event_on"),
            said.replace_strict(names, default=None, return_dtype=pl.String).alias("patent_event"),
            kind.cast(pl.String).str.strip_chars().replace("", None).alias("patent_kind"),
        )
        .with_columns(event_unread=pl.col("event_on").is_null() | pl.col("patent_event").is_null())
    )


def _worded(column: str, words: dict[str, Any], language: str) -> pl.Expr:
    said = {code: word[language] for code, word in words.items()}
    return pl.col(column).replace_strict(said, return_dtype=pl.String)
