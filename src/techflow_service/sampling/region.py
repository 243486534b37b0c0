"""Writes a synthetic region into a store, chunk by chunk, and its truth into a sealed file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

import polars as pl

from techflow.economy import (
    EVIDENCE_KINDS,
    Columns,
    Mechanism,
    draw_firms,
    draw_invoices,
    draw_months,
    draw_outcomes,
    draw_patents,
    draw_statements,
    month_starts,
    parameters,
    staff_columns,
)
from techflow_service.sampling import frames
from techflow_service.sampling.frames import Chunk, conform

IMPORTER = "sample"
NOTE_ZH = "合成示例，非真实世界证据"
NOTE_EN = "synthetic sample, not evidence about the world"
INVOICES, ACCOUNTS, START_UP, BARE = range(len(EVIDENCE_KINDS))


@dataclass(slots=True)
class Numbering:
    """Counts the rows each source has given so far, so that each row knows its number.

    Attributes:
        prefix: What source ids start with.
        rows_n: Rows by source so far.
    """

    prefix: str
    rows_n: Counter[str] = field(default_factory=Counter)

    def stamp(self, table: str, frame: pl.DataFrame, source: str = "") -> pl.DataFrame:
        """The frame as rows of a table from one source, numbered on from the last chunk."""
        source_id = f"{self.prefix}{source or table}"
        start = self.rows_n[source_id] + 1
        self.rows_n[source_id] += len(frame)
        numbered = frame.with_columns(
            source_id=pl.lit(source_id),
            source_row_n=pl.int_range(start, start + len(frame), dtype=pl.Int64),
        )
        return conform(table, numbered)


def opens_on(mechanism: Mechanism) -> date:
    """First day the sample's record covers."""
    first: date = month_starts(mechanism.as_of, max(mechanism.months_n, 36))[0].item()
    return first


def draw_chunk(mechanism: Mechanism, *, seed: int, chunk: int, firms_n: int) -> Chunk:
    """Draw the firms of one chunk and what becomes of them."""
    firms = draw_firms(mechanism, seed=seed, chunk=chunk)
    firms = {**firms, **draw_outcomes(mechanism, firms, seed=seed, chunk=chunk)}
    left = firms_n - chunk * mechanism.chunk_firms
    return Chunk(mechanism, seed, firms, min(left, mechanism.chunk_firms))


def chunk_tables(chunk: Chunk, number: int, numbering: Numbering) -> Iterator[tuple[str, Any]]:
    """The rows of one chunk, table by table.

    Args:
        chunk: The drawn firms.
        number: Number of the chunk.
        numbering: Row numbers by source so far.

    Yields:
        Table name and frame with all columns but `loaded_at`.
    """
    mechanism, firms = chunk.mechanism, chunk.firms
    draw = {"seed": chunk.seed, "chunk": number}
    evidence = firms["evidence"]
    yield "firm", numbering.stamp("firm", frames.firm_frame(chunk, opens_on(mechanism)))
    statements = draw_statements(mechanism, firms, **draw)
    kept = _of_firms(statements, (evidence == INVOICES) | (evidence == ACCOUNTS))
    yield "statement", numbering.stamp("statement", frames.statement_frame(chunk, kept))
    patents = draw_patents(mechanism, firms, **draw)
    kept = _of_firms(patents, evidence != BARE)
    yield "patent", numbering.stamp("patent", frames.patent_frame(chunk, kept))
    kept = _of_firms(staff_columns(mechanism, firms, years_n=1), evidence != BARE)
    yield "staff", numbering.stamp("staff", frames.staff_frame(chunk, kept))
    months, starts = (
        draw_months(mechanism, firms, firms, **draw),
        month_starts(mechanism.as_of, mechanism.months_n),
    )
    if mechanism.config == "demo":
        traders = (evidence == INVOICES).nonzero()[0]
        invoices = draw_invoices(mechanism, firms, months, starts, traders=traders, **draw)
        yield "invoice", numbering.stamp("invoice", frames.invoice_frame(chunk, invoices))
    else:
        frame = frames.invoice_month_frame(chunk, months, starts)
        yield "invoice_month", numbering.stamp("invoice_month", frame)


def _of_firms(columns: Columns, mask: Any) -> Columns:
    rows = mask[columns["firm"]]
    return {name: values[rows] for name, values in columns.items()}


def source_frame(mechanism: Mechanism, numbering: Numbering) -> pl.DataFrame:
    """Table `source`: one row per source, named so that nobody takes it for evidence."""
    print_of = sha256(repr(parameters(mechanism)).encode()).hexdigest()
    rows = [
        {
            "source_id": source_id,
            "source_name": f"{NOTE_ZH} / {NOTE_EN}: {source_id.removeprefix(numbering.prefix)}",
            "importer": IMPORTER,
            "sha256": sha256(f"{print_of} {source_id}".encode()).hexdigest(),
            "rows_n": rows_n,
            "kept_n": rows_n,
            "quarantined_n": 0,
        }
        for source_id, rows_n in numbering.rows_n.items()
    ]
    return conform("source", pl.DataFrame(rows))


def truth_frame(chunk: Chunk) -> pl.DataFrame:
    """What really drives each firm: never part of the store.

    Returns:
        One row per firm: `firm_id`, latent `quality` and `technology`, true `index` (log-odds)
        and `pd`, `factor_next`, `defaulted_on` (up to the as-of date), `defaulted_next`
        (the sealed year; null for firms that defaulted before).
    """
    names = ("quality", "technology", "index", "pd", "factor_next", "defaulted_on")
    frame = pl.DataFrame(
        {
            "firm_id": chunk.firm_ids(),
            **{name: chunk.firms[name] for name in names},
            "defaulted_next": pl.Series(chunk.firms["defaulted_next"])
            .fill_nan(None)
            .cast(pl.Boolean),
        }
    )
    return frame.head(chunk.firms_n)
