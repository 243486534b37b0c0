"""What is done to a member's file: pure of requests, run by the worker."""

import gzip
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.credit import GrowthCard, LossCard
from techflow_service import clock
from techflow_service.assessing.tables import guarded
from techflow_service.cards import load_card, load_register, load_scale
from techflow_service.imports.load import load_batches, open_store
from techflow_service.imports.own_files import read_own_files
from techflow_service.scoring import read_rows, score_growth, score_losses, score_rows

ROWS_MAX = 200_000
GZIP_LEVEL = 1
"""Higher ones take several times as long for a little less."""
STORE = "TECHFLOW_STORE"
"""Folder of the store that imports go to; the worker's environment names it."""
QUARANTINE = ("source_row_n", "column_name", "value_text", "reason_code", "reason_zh", "reason_en")


def work_on(job: Any, tell: Callable[..., None]) -> dict[str, Any]:
    """The result of a job.

    Args:
        job: A row of `FileJob`.
        tell: Takes what of the row changes while it runs.

    Raises:
        InvalidInput: The file or what it is for is not as it must be.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{job.subject}{job.ending}"
        path.write_bytes(bytes(job.file))
        return (_score if job.kind == "score" else _import)(job.subject, path, tell)


def score_file(card_id: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows scored with any card, as `techflow credit score` does it today.

    Args:
        card_id: The card.
        rows: Raw rows or features.

    Raises:
        InvalidInput: The card is retired, or the rows are not its.
    """
    card = load_card(card_id)
    load_register()[card_id].require_in_use(clock.now().date())
    if isinstance(card, LossCard):
        return score_losses(rows, card)
    if isinstance(card, GrowthCard):
        return score_growth(rows, card)
    return score_rows(rows, card, load_scale(), explain=True)


def _score(card_id: str, path: Path, tell: Callable[..., None]) -> dict[str, Any]:
    rows = read_rows(path)
    _limit(rows.height)
    tell(rows_n=rows.height)
    scored = score_file(card_id, rows)
    silent = scored["reason_code"].drop_nulls().value_counts().sort("reason_code")
    return {
        "done_n": scored.height,
        "summary": {"rows_n": scored.height, "not_scored": dict(silent.iter_rows())},
        "result": _csv(scored),
    }


def _import(table: str, path: Path, tell: Callable[..., None]) -> dict[str, Any]:
    moment = clock.now()
    batches = list(read_own_files(path.parent, moment=moment))
    rows_n = sum(batch.rows_n for batch in batches)
    _limit(rows_n)
    tell(rows_n=rows_n)
    folder = os.environ.get(STORE)
    if not folder:
        raise InvalidInput(f"the platform has no store to import into; set {STORE} for the worker")
    (file,) = load_batches(open_store(Path(folder)), batches, moment=moment)
    told = {"rows_n": file.rows_n, "kept_n": file.kept_n, "known_n": file.known_n}
    return {
        "done_n": file.rows_n,
        "summary": told | {"table": table, "quarantined": dict(file.quarantined)},
        "result": _csv(_refused([batch.refused for batch in batches])),
    }


def _refused(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(found).select(QUARANTINE)


def _limit(rows_n: int) -> None:
    if rows_n > ROWS_MAX:
        raise InvalidInput(f"the file has {rows_n} rows; a job takes {ROWS_MAX} at most: split it")


def _csv(rows: pl.DataFrame) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read it; none of its cells is run by them.

    Packed: reasons in words are a tenth of their size then, and all of it goes through SQL.
    """
    text = io.BytesIO()
    guarded(rows.lazy()).collect().write_csv(text, include_bom=True)
    return gzip.compress(text.getbuffer(), GZIP_LEVEL)
