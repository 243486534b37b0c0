"""Bring an assessment up to date: only firms whose evidence changed are judged again."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.flow import RECORDS
from techflow.schema import TABLES
from techflow_service.assessing.drawing import SERIES_FIRMS_MAX
from techflow_service.assessing.moving import list_changes, move_firms
from techflow_service.assessing.reading import RESOLVED, Reading
from techflow_service.assessing.record import RunRecord
from techflow_service.assessing.running import (
    Job,
    Judge,
    Tick,
    finish,
    join_ranges,
    judge_ranges,
    lend_ranges,
    open_judge,
    scan_experts,
)
from techflow_service.assessing.staging import RUN_FILE, fingerprint, staged_folder
from techflow_service.assessing.tables import guarded, sink_table

OTHER = "loan outcomes of the book changed"
CHANGES_FILE = "changes.csv"
CHANGE_COLUMNS = (
    "changed_at",
    "version_from",
    "version_to",
    "firm_id",
    "status",
    "column",
    "before",
    "after",
    "why",
)


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did.

    Attributes:
        record: The new run record.
        judged_n: Firms judged again.
        changes_n: Lines added to the change log.
        whole: Why every firm was judged again, or None.
    """

    record: RunRecord
    judged_n: int
    changes_n: int
    whole: str | None


def update_store(job: Job, *, at: datetime, tick: Tick = lambda done, total: None) -> Update:
    """Judge again the firms whose evidence changed since the run in `job.out`.

    The result equals a full assessment. Every firm is judged again where the day, the program,
    the content or the store differ, or where the folder is not as its run record says.

    Args:
        job: What to do; `job.out` holds the earlier run.
        at: Now, for the change log.
        tick: Told of progress.

    Raises:
        InvalidInput: There is no earlier run in the folder.
        TechflowError: The folder cannot be written; the old outputs are kept.
    """
    began = time.monotonic()
    old = read_run(job.out)
    whole = why_all(old, job)
    with staged_folder(job.out) as staged:
        judge = open_judge(job, staged)
        ids = judge.reading.firm_ids()
        if whole is None and (len(ids) <= SERIES_FIRMS_MAX) != ("series.parquet" in old["files"]):
            whole = f"the book passed {SERIES_FIRMS_MAX:,} firms"
        where: Any = {"out": job.out, "staged": staged, "tick": tick}
        news = new_evidence(judge.reading, old["store"]["version"])
        some = ids if whole is not None else _among(ids, news)
        kept, outcomes = _judge(judge, some, ids, **where)
        if whole is None and outcomes["pd"] != old["low_default"]["pd"]:
            some = _among(ids, pl.concat([some.to_frame("firm_id").lazy(), _experts(job.out)]))
            kept, outcomes = _judge(judge, some, ids, **where)
        kept |= lend_ranges(judge, kept.pop("judged", []), outcomes["pd"])
        if whole is None:
            merge_tables(job.out, kept, some, staged)
        else:
            join_ranges(kept, staged)
        rows = describe_changes(job, staged, news, whole)
        _append(rows, old, job, at, staged)
        record = finish(judge, outcomes, staged, lambda: time.monotonic() - began)
    return Update(record, len(some), rows.height, whole)


def read_run(out: Path) -> RunRecord:
    """The run record of an output folder.

    Raises:
        InvalidInput: There is none, or it cannot be read.
    """
    file = out / RUN_FILE
    if not file.is_file():
        raise InvalidInput(
            f"{out} holds no {RUN_FILE}; name the output folder of an earlier `techflow assess`, "
            "or run that first"
        )
    try:
        record: RunRecord = json.loads(file.read_text("utf8"))
        return record
    except ValueError as error:
        raise InvalidInput(f"{file} is damaged ({error}); run `techflow assess` again") from None


def why_all(old: Mapping[str, Any], job: Job) -> str | None:
    """Why an update must judge every firm, or None if it need not.

    Args:
        old: Run record of the earlier run.
        job: What to do now.
    """
    if old["techflow"] != __version__:
        return f"techflow is {__version__}, the run was made by {old['techflow']}"
    if old["as_of"] != str(job.as_of):
        return f"as of {job.as_of}, the run was as of {old['as_of']}"
    changed = sorted(_differing(old["content"], job.content.hashes))
    if changed:
        return f"content changed: {', '.join(changed)}"
    if old["replay"] or job.loaded_by is not None:
        return "a replay sees only part of the store"
    snapshot = job.snapshot
    known = old["store"]
    if known["name"] != snapshot.path.name or known["version"] > snapshot.version:
        return (
            f"the run was made from store {known['name']} version {known['version']}, "
            f"this is {snapshot.path.name} version {snapshot.version}"
        )
    spoilt = [name for name in sorted(old["files"]) if not _intact(job.out / name, old["files"])]
    return f"not as the run left it: {', '.join(spoilt)}" if spoilt else None


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def _intact(path: Path, files: Mapping[str, str]) -> bool:
    needed = path.suffix == ".parquet"
    return not needed or (path.is_file() and fingerprint(path) == files[path.name])


def new_evidence(reading: Reading, version: int) -> pl.LazyFrame:
    """Visible records added after a store version, and the firms they touch.

    A correction of a loan may give it to another firm; then the firm that had it is touched too.

    Args:
        reading: The store seen from the day.
        version: Store version already seen.

    Returns:
        `firm_id`, `table`, `source_id`, each combination once.
    """
    added = replace(reading, snapshot=reading.snapshot.since(version))
    touched = []
    for name in RECORDS:
        rows = added.visible(name).with_columns(pl.lit(name).alias("table"))
        touched.append(rows.select("firm_id", "table", "source_id"))
        if name in RESOLVED:
            had = reading.visible(name).select("firm_id", *TABLES[name].key)
            moved = rows.drop("firm_id").join(had, on=list(TABLES[name].key))
            touched.append(moved.select("firm_id", "table", "source_id"))
    return pl.concat(touched).unique()


def _among(ids: pl.Series, touched: pl.LazyFrame) -> pl.Series:
    """The known firms among those touched, in order."""
    known = ids.to_frame("firm_id").lazy()
    found = known.join(touched.select("firm_id"), on="firm_id", how="semi")
    return found.collect().to_series().sort()


def _experts(out: Path) -> pl.LazyFrame:
    return scan_experts([out / "assessment.parquet"])


def _judge(
    judge: Judge, some: pl.Series, ids: pl.Series, *, out: Path, staged: Path, tick: Tick
) -> tuple[dict[str, list[Path]], dict[str, Any]]:
    """Judge some firms; what became of all firms with an expert grade, these ones included."""
    whole = len(some) == len(ids)
    kept = judge_ranges(judge, some, staged, tick, of=None if whole else ids)
    experts = [scan_experts(kept["judged"])] if kept["judged"] else []
    if not whole:
        experts.append(_experts(out).filter(~pl.col("firm_id").is_in(some.implode())))
    return kept, judge.outcomes(pl.concat(experts))


def merge_tables(
    out: Path, kept: Mapping[str, Sequence[Path]], some: pl.Series, staged: Path
) -> None:
    """Each table of the earlier run with the rows of some firms replaced.

    Args:
        out: Folder of the earlier run.
        kept: Table name -> files with the new rows of those firms.
        some: Those firms.
        staged: Folder to write in.
    """
    for file in sorted(out.glob("*.parquet")):
        rows = pl.scan_parquet(file)
        if files := kept.get(file.stem):
            others = rows.filter(~pl.col("firm_id").is_in(some.implode()))
            rows = others.merge_sorted(pl.scan_parquet(list(files), glob=False), key="firm_id")
        sink_table(rows, staged / file.name)


def describe_changes(job: Job, staged: Path, news: pl.LazyFrame, whole: str | None) -> pl.DataFrame:
    """What moved against the earlier run, and why.

    Args:
        job: What was done; `job.out` still holds the earlier run.
        staged: Folder with the new tables.
        news: Result of `new_evidence`.
        whole: Why every firm was judged again, or None.
    """
    before, after = (pl.scan_parquet(path / "assessment.parquet") for path in (job.out, staged))
    rows = list_changes(move_firms(before, after).collect())
    if whole is not None:
        return rows.with_columns(why=pl.lit(whole))
    text = pl.concat_str(pl.col("table"), pl.lit(" from "), pl.col("source_id"))
    why = news.group_by("firm_id").agg(text.sort().str.join("; ").alias("why")).collect()
    told = rows.join(why, on="firm_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("why").fill_null(OTHER))


def _append(
    rows: pl.DataFrame, old: Mapping[str, Any], job: Job, at: datetime, staged: Path
) -> None:
    """Write the change log with the new lines at its end."""
    stamped = rows.with_columns(
        changed_at=pl.lit(at.isoformat(timespec="seconds")),
        version_from=pl.lit(old["store"]["version"]),
        version_to=pl.lit(job.snapshot.version),
    ).select(CHANGE_COLUMNS)
    earlier = job.out / CHANGES_FILE
    has_earlier = earlier.is_file()
    text = guarded(stamped.lazy()).collect().write_csv(include_header=not has_earlier)
    before = earlier.read_bytes() if has_earlier else b""
    (staged / CHANGES_FILE).write_bytes(before + text.encode())
