"""Writes a synthetic region into a store, chunk by chunk, and its truth into a sealed file."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.economy import NO_RING, Mechanism, base_log_odds, draw_factors, parameters
from techflow_service.sampling.frames import Chunk, sample_prefix
from techflow_service.sampling.sources import IMPORTER, NOTE_EN, Numbering
from techflow_service.sampling.tables import chunk_tables, draw_chunk
from techflow_service.store import Store, Transaction
from techflow_service.store.failure import explain_failures

FIRMS_MAX = 5_000_000
METADATA_KEY = "techflow.truth"
Watch = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written.

    Attributes:
        store: Folder of the store.
        truth: The sealed truth file.
        config: Name of the configuration.
        seed: Seed of the sample.
        firms_n: Firms.
        technology_strength: Planted strength of technology flow, log-odds per sd.
        rows_n: Rows by table.
        fresh: False if the store held this very sample already.
    """

    store: Path
    truth: Path
    config: str
    seed: int
    firms_n: int
    technology_strength: float
    rows_n: dict[str, int]
    fresh: bool
    note: str = NOTE_EN

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "store": str(self.store), "truth": str(self.truth)}


def write_region(
    path: Path,
    mechanism: Mechanism,
    *,
    firms_n: int,
    seed: int,
    loaded_at: datetime,
    truth: Path | None = None,
    watch: Watch = iter,
) -> Sample:
    """Draw a region and write it, in memory bounded by one chunk of firms.

    Args:
        path: Folder of the store; made if missing.
        mechanism: The declared mechanism.
        firms_n: Firms, 1 to 5,000,000.
        seed: Seed, >= 0; the same firms_n, seed and mechanism give the same rows.
        loaded_at: Now, with zone.
        truth: Where the truth goes; next to the store if None.
        watch: Wraps the chunk numbers, for a progress bar.

    Returns:
        What was written.

    Raises:
        InvalidInput: A number out of range, a truth file inside the store, or a store that
            holds evidence about real firms, or another sample under the same ids.
        TechflowError: No room on the disk, or no permission; nothing is added then.
    """
    _check_numbers(firms_n, seed)
    truth = truth or default_truth(path, mechanism, firms_n=firms_n, seed=seed)
    _prepare_truth(truth, path)
    store = Store.open(path, create=True)
    _refuse_real(store)
    fingerprint = region_sha256(mechanism, firms_n=firms_n, seed=seed)
    rows_n: dict[str, int] = {}
    sample = Sample(
        path, truth, mechanism.config, seed, firms_n, mechanism.technology_strength, rows_n, True
    )
    if _holds_sample(store, Numbering(sample_prefix(mechanism, seed)), fingerprint):
        return replace(sample, fresh=False)
    chunks_n = -(-firms_n // mechanism.chunk_firms)
    with store.transaction(loaded_at) as transaction:
        numbering, truths = Numbering(sample_prefix(mechanism, seed)), []
        for number in watch(range(chunks_n)):
            chunk = draw_chunk(mechanism, seed=seed, number=number, firms_n=firms_n)
            _add_chunk(transaction, chunk, numbering, rows_n)
            truths.append(truth_frame(chunk))
        rows_n["source"] = transaction.add("source", numbering.sources(fingerprint))
        _write_truth(truth, pl.concat(truths), mechanism, seed)
    return sample


def default_truth(path: Path, mechanism: Mechanism, *, firms_n: int, seed: int) -> Path:
    """Where the truth goes if nobody says: next to the store, never in it."""
    return path.parent / f"truth-{path.name}-{mechanism.config}-{firms_n}-{seed}.parquet"


def region_sha256(mechanism: Mechanism, *, firms_n: int, seed: int) -> str:
    """Fingerprint of everything the rows depend on."""
    text = f"{__version__} {firms_n} {seed} {parameters(mechanism)!r}"
    return sha256(text.encode()).hexdigest()


def truth_frame(chunk: Chunk) -> pl.DataFrame:
    """What really drives each firm: never part of the store.

    Args:
        chunk: The drawn firms.

    Returns:
        One row per firm: `firm_id`, latent `quality` and `technology`, true `index` (log-odds)
        and `pd`, `factor_next` (systematic part of next year's asset value), `defaulted_on`
        (up to the as-of date), `defaulted_next` (the sealed year; null after a default); `ring_id`
        and `ring_since` of a firm in a planted ring, `ring_honest` of one in an honest group.
    """
    names = ("quality", "technology", "index", "pd", "factor_next", "defaulted_on")
    columns = {name: chunk.firms[name] for name in names}
    ahead = pl.Series(chunk.firms["defaulted_next"]).fill_nan(None).cast(pl.Boolean)
    rings = pl.DataFrame(
        {name: chunk.firms[name] for name in ("ring", "ring_since", "ring_honest")}
    )
    ringed = (pl.col("ring") != NO_RING) & ~pl.col("ring_honest")
    told = rings.select(
        ring_id=pl.when(ringed).then(pl.format("{}-{}", pl.lit(chunk.number), pl.col("ring"))),
        ring_since=pl.when(ringed).then(pl.col("ring_since")),
        ring_honest="ring_honest",
    )
    frame = pl.DataFrame({"firm_id": chunk.firm_ids(), **columns, "defaulted_next": ahead})
    return frame.with_columns(told).head(chunk.firms_n)


def read_truth(path: Path) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The truth of a sample: its firms, and the planted mechanism.

    Args:
        path: A file that `write_region` wrote.

    Returns:
        The frame of `truth_frame`, and `note`, `seed`, `intercept`, `common` (factor by year),
        `sector` (factors by year and sector), `parameters` (name, value, unit, source).
    """
    planted: dict[str, Any] = json.loads(pl.read_parquet_metadata(path)[METADATA_KEY])
    return pl.read_parquet(path), planted


def _write_truth(path: Path, frame: pl.DataFrame, mechanism: Mechanism, seed: int) -> None:
    common, sector = draw_factors(mechanism, seed=seed)
    planted = {
        "note": NOTE_EN,
        "seed": seed,
        "intercept": base_log_odds(mechanism),
        "common": common.tolist(),
        "sector": sector.tolist(),
        "parameters": parameters(mechanism),
    }
    text = json.dumps(planted, default=str, ensure_ascii=False)
    draft = path.with_name(f"{path.name}.draft")
    try:
        with explain_failures("writing the sealed truth", path):
            frame.write_parquet(draft, metadata={METADATA_KEY: text})
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _add_chunk(
    transaction: Transaction, chunk: Chunk, numbering: Numbering, rows_n: dict[str, int]
) -> None:
    for table, frame in chunk_tables(chunk, numbering):
        rows_n[table] = rows_n.get(table, 0) + transaction.add(table, frame)


def _prepare_truth(truth: Path, store: Path) -> None:
    if store.resolve() in truth.resolve().parents:
        raise InvalidInput(f"the truth must lie outside the store {store}; got {truth}")
    with explain_failures("making the folder of the truth", truth):
        try:
            truth.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InvalidInput(f"{truth.parent} is not a folder; name another truth file") from None
    if truth.is_dir():
        raise InvalidInput(f"the truth must be a file; {truth} is a folder")


def _check_numbers(firms_n: int, seed: int) -> None:
    if not 1 <= firms_n <= FIRMS_MAX:
        raise InvalidInput(f"--firms must be between 1 and {FIRMS_MAX:,}; got {firms_n:,}")
    if seed < 0:
        raise InvalidInput(f"--seed must be 0 or more; got {seed}")


def _holds_sample(store: Store, numbering: Numbering, fingerprint: str) -> bool:
    """Whether the store has this very sample; another one under the same ids is refused."""
    known = store.snapshot().scan("source").filter(pl.col("source_id") == f"{numbering.prefix}firm")
    found = set(known.collect()["sha256"])
    if found - {numbering.sha256_of("firm", fingerprint)}:
        raise InvalidInput(
            f"the store {store.path} holds another sample under the ids {numbering.prefix}*, "
            "with other settings or by another version; name a new folder or another seed"
        )
    return bool(found)


def _refuse_real(store: Store) -> None:
    others = store.snapshot().scan("source").filter(pl.col("importer") != IMPORTER)
    names = others.select("source_name").head(1).collect()["source_name"].to_list()
    if names:
        raise InvalidInput(
            f"the store {store.path} holds evidence about real firms ({names[0]}); "
            "a synthetic sample needs a store of its own: name a new folder"
        )
