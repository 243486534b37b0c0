"""The sample's sources: named as synthetic, their rows numbered, some of them refused."""

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

import polars as pl

from techflow_service.imports import reasons
from techflow_service.sampling.frames import conform

IMPORTER = "sample"
NOTE_ZH = "合成示例，非真实世界证据"
NOTE_EN = "synthetic sample, not evidence about the world"
REFUSALS = (
    ("issued_on", "2062-03-04", reasons.FUTURE_DATE),
    ("net_lcy", "12.8万元", reasons.UNIT_IN_CELL),
    ("issued_on", "2025-13-05", reasons.NOT_A_DATE),
    ("partner_id", None, reasons.MISSING),
)
"""Cells broken on purpose, one kind after the other."""


def source_name(source: str) -> str:
    """The name of a source, which says what it is not."""
    return f"{NOTE_ZH} / {NOTE_EN}: {source}"


@dataclass(slots=True)
class Numbering:
    """Counts the rows each source has given so far, so that each row knows its number.

    Attributes:
        prefix: What source ids start with.
        kept_n: Rows kept by source so far.
        refused_n: Rows refused by source so far.
    """

    prefix: str
    kept_n: Counter[str] = field(default_factory=Counter)
    refused_n: Counter[str] = field(default_factory=Counter)

    def stamp(self, table: str, frame: pl.DataFrame, source: str = "") -> pl.DataFrame:
        """The frame as rows of a table from one source, numbered on from the last chunk."""
        source = source or table
        start = self.kept_n[source] + self.refused_n[source] + 1
        self.kept_n[source] += len(frame)
        numbered = frame.with_columns(
            source_id=pl.lit(self.prefix + source),
            source_row_n=pl.int_range(start, start + len(frame), dtype=pl.Int64),
        )
        return conform(table, numbered)

    @staticmethod
    def sha256_of(source: str, fingerprint: str) -> str:
        """Fingerprint of one source of a sample."""
        return sha256(f"{fingerprint} {source}".encode()).hexdigest()

    def sources(self, fingerprint: str) -> pl.DataFrame:
        """Table `source`: one row per source.

        Args:
            fingerprint: Fingerprint of the whole sample.
        """
        kept = [(source, n, self.refused_n[source]) for source, n in self.kept_n.items()]
        rows = [
            {
                "source_id": self.prefix + source,
                "source_name": source_name(source),
                "importer": IMPORTER,
                "sha256": self.sha256_of(source, fingerprint),
                "rows_n": kept_n + refused_n,
                "kept_n": kept_n,
                "quarantined_n": refused_n,
            }
            for source, kept_n, refused_n in kept
        ]
        return conform("source", pl.DataFrame(rows))


def refuse_rows(invoices: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """Table `quarantine`: copies of invoices with one cell broken, refused for it.

    Args:
        invoices: Rows of the invoice frame to break.
        numbering: Row numbers by source so far; counts on.
    """
    source, rows = "invoice", []
    for place, invoice in enumerate(invoices.iter_rows(named=True)):
        column, value, reason = REFUSALS[place % len(REFUSALS)]
        cells = ("direction", "invoice_number", "issued_on", "partner_id", "net_lcy")
        numbering.refused_n[source] += 1
        rows.append(
            {
                "source_id": numbering.prefix + source,
                "source_name": source_name(source),
                "source_row_n": numbering.kept_n[source] + numbering.refused_n[source],
                "table_name": "invoice",
                "column_name": column,
                "value_text": value,
                "reason_code": reason.code,
                "reason_zh": reason.zh,
                "reason_en": reason.en,
                "row_json": json.dumps(
                    {name: str(invoice[name]) for name in cells} | {column: value},
                    ensure_ascii=False,
                ),
            }
        )
    return conform("quarantine", pl.DataFrame(rows))
