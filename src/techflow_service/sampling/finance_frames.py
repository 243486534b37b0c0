"""Frames about a synthetic firm's credentials, money and troubles."""

import numpy as np
import polars as pl

from techflow.economy import DECLARED_FACTS, NO_RING, Columns
from techflow.economy.finance import CREDENTIALS, DEFAULTED, EVENTS, ROUNDS
from techflow_service.sampling.bank_frames import made_terms
from techflow_service.sampling.frames import CURRENCY, Chunk, moment

CAUSE = "示例 / sample"


def _label(name: str, values: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).replace_strict(dict(enumerate(values)), return_dtype=pl.String)


def _party(kind: str, column: str) -> pl.Expr:
    return pl.format("sample:" + kind + "-{}", pl.col(column).cast(pl.String).str.zfill(2))


def credential_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `credential`: known from the day it is valid; no certificate number."""
    return chunk.frame(columns).with_columns(
        credential=_label("credential", CREDENTIALS),
        issuer=pl.lit(CAUSE),
        known_at=moment(pl.col("since")),
    )


def loan_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `loan`: one version per change, known on the day of the change."""
    frame = chunk.frame(columns)
    if chunk.mechanism.banking:
        frame = made_terms(chunk.mechanism, frame)
    return frame.with_columns(
        loan_id=pl.format("{}-L{}", "firm_id", "place"),
        lender_id=_party("bank", "lender"),
        currency=pl.lit(CURRENCY),
        defaulted_on=pl.when(pl.col("version") == DEFAULTED).then("defaulted_on"),
        known_at=moment(pl.col("known_on")),
    )


def funding_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `funding_round`: known on the day of closing."""
    return chunk.frame(columns).with_columns(
        funding_round=_label("place", ROUNDS),
        investor_id=_party("fund", "investor"),
        currency=pl.lit(CURRENCY),
        known_at=moment(pl.col("closed_on")),
    )


def event_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `adverse_event`: known on the day it happens."""
    return chunk.frame(columns).with_columns(
        event=_label("event", EVENTS),
        cause=pl.lit(CAUSE),
        known_at=moment(pl.col("event_on")),
    )


def declaration_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `declaration`: known on the day it is made; a flag is held as yes or no."""
    stated = pl.col("stated")
    place = dict(enumerate(column for _, column in DECLARED_FACTS))
    rows = chunk.frame(columns).with_columns(
        where=pl.col("fact").replace_strict(place, return_dtype=pl.String),
        fact=_label("fact", tuple(name for name, _ in DECLARED_FACTS)),
        known_at=moment(pl.col("declared_on")),
    )
    held = {name: pl.when(pl.col("where") == name).then(stated) for name in set(place.values())}
    return rows.with_columns(**held).with_columns(holds=pl.col("holds") > 0)


def shared_person_frame(chunk: Chunk) -> pl.DataFrame:
    """Table `relationship`: the person shared by a ring or an honest group, known when it opens."""
    firms = chunk.firms
    linked = np.flatnonzero((firms["ring"] != NO_RING) & firms["ring_linked"])
    columns = {"firm": linked, "ring": firms["ring"][linked], "since": firms["ring_since"][linked]}
    person = pl.format("{}person-{}-{}", pl.lit(chunk.prefix), pl.lit(chunk.number), pl.col("ring"))
    return chunk.frame(columns).with_columns(
        other_id=person, relation=pl.lit("shared_person"), known_at=moment(pl.col("since"))
    )


BUILDERS = {
    "credential": credential_frame,
    "loan": loan_frame,
    "funding_round": funding_frame,
    "adverse_event": event_frame,
    "declaration": declaration_frame,
}
"""How each table is built."""
