"""One chunk of the synthetic region as rows of the dictionary's tables."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from techflow.economy import (
    EVIDENCE_KINDS,
    Columns,
    Mechanism,
    draw_credentials,
    draw_declarations,
    draw_events,
    draw_firms,
    draw_funding,
    draw_invoices,
    draw_loans,
    draw_months,
    draw_outcomes,
    draw_patents,
    draw_rings,
    draw_statements,
    draw_stops,
    draw_terms,
    keep_rows,
    month_starts,
    plant_invoices,
    repeat_numbers,
    restate,
    staff_columns,
)
from techflow.economy.finance import CREDENTIALS
from techflow_service.sampling import finance_frames, frames
from techflow_service.sampling.bank_frames import bank_tables
from techflow_service.sampling.frames import Chunk, moment
from techflow_service.sampling.sources import Numbering, refuse_rows

INVOICES, ACCOUNTS, START_UP, BARE = range(len(EVIDENCE_KINDS))
RECORD_MONTHS = 36


def opens_on(mechanism: Mechanism) -> date:
    """First day the sample's record covers."""
    first: date = month_starts(mechanism.as_of, RECORD_MONTHS)[0].item()
    return first


def draw_chunk(mechanism: Mechanism, *, seed: int, number: int, firms_n: int) -> Chunk:
    """Draw the firms of one chunk and what becomes of them.

    Args:
        mechanism: The declared mechanism.
        seed: Seed of the sample.
        number: Number of the chunk, from 0.
        firms_n: Firms of the whole sample; the last chunk is cut.
    """
    draw: dict[str, int] = {"seed": seed, "chunk": number}
    firms = draw_firms(mechanism, **draw)
    firms = {**firms, **draw_outcomes(mechanism, firms, **draw)}
    firms["stops_on"] = draw_stops(mechanism, firms, **draw)
    firms |= draw_rings(mechanism, firms, **draw)
    left = firms_n - number * mechanism.chunk_firms
    return Chunk(mechanism, seed, number, firms, min(left, mechanism.chunk_firms))


def chunk_tables(chunk: Chunk, numbering: Numbering) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of one chunk, table by table.

    Args:
        chunk: The drawn firms.
        numbering: Row numbers by source so far; counts on.

    Yields:
        Table name and frame with all columns but `loaded_at`.
    """
    frame = frames.firm_frame(chunk, opens_on(chunk.mechanism))
    yield "firm", numbering.stamp("firm", frame)
    yield from _account_tables(chunk, numbering)
    yield from _ability_tables(chunk, numbering)
    yield from _trade_tables(chunk, numbering)
    if chunk.mechanism.banking and chunk.number == 0:
        yield from bank_tables(chunk.mechanism, numbering, seed=chunk.seed)
    shared = finance_frames.shared_person_frame(chunk)
    if len(shared):
        yield "relationship", numbering.stamp("relationship", shared)


def _account_tables(chunk: Chunk, numbering: Numbering) -> Iterator[tuple[str, pl.DataFrame]]:
    mechanism = chunk.mechanism
    drawn = draw_statements(mechanism, chunk.firms, **chunk.draw)
    reports = _once_founded(chunk, _of_firms(drawn, chunk.firms["files"]), "period_end_on")
    original = _heard(chunk, frames.statement_frame(chunk, reports))
    yield "statement", numbering.stamp("statement", original)
    again = restate(mechanism, reports, **chunk.draw)
    if len(again["firm"]):
        later = frames.statement_frame(chunk, again)
        later = _heard(chunk, later.with_columns(known_at=moment(pl.col("known_on"))))
        yield "statement", numbering.stamp("statement", later, "statement-restated")


def _ability_tables(chunk: Chunk, numbering: Numbering) -> Iterator[tuple[str, pl.DataFrame]]:
    mechanism, firms, draw = chunk.mechanism, chunk.firms, chunk.draw
    seen, trades = firms["evidence"] != BARE, firms["evidence"] <= ACCOUNTS
    patents = _of_firms(draw_patents(mechanism, firms, **draw), seen)
    patents_n = np.bincount(patents["firm"], minlength=len(seen))
    credentials = draw_credentials(mechanism, firms, patents_n, **draw)
    held = credentials["credential"] == CREDENTIALS.index("specialised_sme")
    specialised = np.bincount(credentials["firm"][held], minlength=len(seen)) > 0
    staff = staff_columns(mechanism, firms, years_n=mechanism.staff_years_n)
    staff = _once_founded(chunk, staff, "counted_on")
    loans = draw_loans(mechanism, firms, specialised, **draw)
    if mechanism.banking:
        loans |= draw_terms(mechanism, firms, loans, **draw)
    yield "patent", numbering.stamp("patent", frames.patent_frame(chunk, patents))
    yield "staff", numbering.stamp("staff", frames.staff_frame(chunk, _of_firms(staff, seen)))
    yield "credential", _stamp_finance(chunk, numbering, "credential", credentials, seen)
    yield "loan", _stamp_finance(chunk, numbering, "loan", loans, trades)
    funding, events = draw_funding(mechanism, firms, **draw), draw_events(mechanism, firms, **draw)
    yield "funding_round", _stamp_finance(chunk, numbering, "funding_round", funding, seen)
    yield "adverse_event", _stamp_finance(chunk, numbering, "adverse_event", events, None)
    stated = draw_declarations(mechanism, firms, **draw)
    if len(stated["firm"]):
        yield "declaration", _stamp_finance(chunk, numbering, "declaration", stated, seen)


def _stamp_finance(
    chunk: Chunk, numbering: Numbering, table: str, columns: Columns, whose: Any
) -> pl.DataFrame:
    chosen = columns if whose is None else _of_firms(columns, whose)
    return numbering.stamp(table, finance_frames.BUILDERS[table](chunk, chosen))


def _trade_tables(chunk: Chunk, numbering: Numbering) -> Iterator[tuple[str, pl.DataFrame]]:
    mechanism, firms = chunk.mechanism, chunk.firms
    months = draw_months(mechanism, firms, firms, **chunk.draw)
    starts = month_starts(mechanism.as_of, mechanism.months_n)
    if not mechanism.single_invoices:
        frame = frames.invoice_month_frame(chunk, months, starts)
        yield "invoice_month", numbering.stamp("invoice_month", frame)
        return
    traders = np.flatnonzero(firms["evidence"] == INVOICES)
    invoices = draw_invoices(mechanism, firms, months, starts, traders=traders, **chunk.draw)
    invoices = repeat_numbers(mechanism, invoices, **chunk.draw)
    invoices = plant_invoices(mechanism, firms, invoices, **chunk.draw)
    stopped = ~np.isnat(firms["stops_on"])
    fresh = frames.invoice_frame(chunk, _of_firms(invoices, ~stopped))
    yield "invoice", numbering.stamp("invoice", fresh)
    if chunk.number == 0 and len(fresh) >= mechanism.refused_n > 0:
        yield "quarantine", refuse_rows(fresh.head(mechanism.refused_n), numbering)
    stale = _heard(chunk, frames.invoice_frame(chunk, _of_firms(invoices, stopped)))
    yield "invoice", numbering.stamp("invoice", stale, "invoice-stopped")


def _heard(chunk: Chunk, frame: pl.DataFrame) -> pl.DataFrame:
    stops = pl.DataFrame({"firm_id": chunk.firm_ids(), "stops_on": chunk.firms["stops_on"]})
    heard = pl.col("stops_on").is_null() | (pl.col("known_at").dt.date() <= pl.col("stops_on"))
    return frame.join(stops, on="firm_id", how="left", maintain_order="left").filter(heard)


def _once_founded(chunk: Chunk, columns: Columns, day: str) -> Columns:
    return keep_rows(columns, columns[day] > chunk.firms["founded_on"][columns["firm"]])


def _of_firms(columns: Columns, whose: Any) -> Columns:
    return keep_rows(columns, whose[columns["firm"]])
