"""The main job: read a store, judge each firm, write the folder."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.credit import low_default_pd
from techflow.flow import LENT, assess_firms, part_names, profile_records
from techflow.schema import DERIVED
from techflow_service.assessing.content import Content, write_json
from techflow_service.assessing.drawing import SERIES_FIRMS_MAX, draw_firms
from techflow_service.assessing.reading import Reading, collect_in_order
from techflow_service.assessing.record import RunRecord, describe_evidence, describe_run
from techflow_service.assessing.staging import RUN_FILE, staged_folder
from techflow_service.assessing.tables import sink_table, write_csv, write_xlsx
from techflow_service.report import write_report
from techflow_service.store import Snapshot

Tick = Callable[[int, int], None]
"""Told how many firms are done, of how many."""


@dataclass(frozen=True, slots=True)
class Job:
    """What an assessment is asked to do.

    Attributes:
        snapshot: The pinned store.
        as_of: The last day that is seen.
        loaded_by: For a replay, the last moment of loading that counts; else None.
        content: Cards, scale, expert scorecard, product.
        out: The output folder.
    """

    snapshot: Snapshot
    as_of: date
    loaded_by: datetime | None
    content: Content
    out: Path


def assess_store(job: Job, *, tick: Tick = lambda done, total: None) -> RunRecord:
    """Judge every firm of a store and write the output folder.

    Args:
        job: What to do.
        tick: Told of progress.

    Returns:
        The run record that was written.

    Raises:
        InvalidInput: No firm was known by then.
        NotInForce: The product has no numbers for that day.
        TechflowError: The folder cannot be written; the old outputs are kept.
    """
    began = time.monotonic()
    with staged_folder(job.out) as staged:
        judge = open_judge(job, staged)
        ids = judge.reading.firm_ids()
        join_ranges(judge_ranges(judge, ids, staged, tick), staged)
        return finish(judge, staged, lambda: time.monotonic() - began)


def open_judge(job: Job, staged: Path) -> "Judge":
    """The store seen from the day, with settled tables kept in the staged folder."""
    terms = job.content.terms.at(job.as_of)
    folder = staged / "settled"
    folder.mkdir()
    reading = Reading(job.snapshot, job.as_of, job.loaded_by, folder)
    reading.settle()
    return Judge(reading, job.content, terms, low_default(reading, terms))


def low_default(reading: Reading, terms: Mapping[str, Any]) -> dict[str, Any]:
    """The low-default PD and the loans it is taken from; PD None without a loan watched a year."""
    loans_n, defaults_n = reading.loans()
    confidence = terms["low_default_confidence"]
    pd = low_default_pd(loans_n, defaults_n, confidence=confidence) if loans_n else None
    return {"loans_n": loans_n, "defaults_n": defaults_n, "confidence": confidence, "pd": pd}


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns the evidence on some firms into the output tables.

    Attributes:
        reading: The store seen from the day.
        content: Cards, scale, expert scorecard, product.
        terms: Values of the product in force.
        low_default: Result of `low_default`.
    """

    reading: Reading
    content: Content
    terms: Mapping[str, Any]
    low_default: Mapping[str, Any]

    def frames(self, ids: pl.Series, *, whole_range: bool, drawn: bool) -> dict[str, pl.DataFrame]:
        """Output tables of some firms, each ordered by firm.

        Args:
            ids: Firms, in order.
            whole_range: True if no other known firm lies between the first and the last.
            drawn: Also make the tables that the firm sections of the page draw.
        """
        records = self.reading.records(ids, whole_range=whole_range)
        seen = {name: nw.from_native(rows) for name, rows in records.items()}
        lazy = profile_records(seen, as_of=self.reading.as_of)
        profiles = collect_in_order(lazy.to_native().sort("firm_id"))
        judged = assess_firms(
            nw.from_native(profiles.lazy()),
            cards=self.content.cards,
            scale=self.content.scale,
            expert=self.content.expert,
            terms=self.terms,
            low_default_pd=self.low_default["pd"],
        )
        whole = collect_in_order(judged.to_native().sort("firm_id"))
        features = profiles.hstack(whole.select(*LENT, *part_names(self.content.cards)))
        assessment = whole.select(DERIVED["assessment"].names)
        frames = {"assessment": assessment, "profile": features}
        return frames | draw_firms(seen, as_of=self.reading.as_of) if drawn else frames


def judge_ranges(
    judge: Judge, ids: pl.Series, staged: Path, tick: Tick, *, of: pl.Series | None = None
) -> dict[str, list[Path]]:
    """Judge firms range by range, each range written aside and forgotten.

    Args:
        judge: What judges.
        ids: Firms to judge, in order.
        staged: Folder to write in.
        tick: Told of progress.
        of: All firms of the book, if `ids` are only some of them.

    Returns:
        Table name -> files, in the order of the rows.
    """
    folder = staged / "ranges"
    folder.mkdir()
    drawn = len(ids if of is None else of) <= SERIES_FIRMS_MAX
    kept: dict[str, list[Path]] = defaultdict(list)
    done = 0
    for some in judge.reading.ranges(ids):
        frames = judge.frames(some, whole_range=of is None, drawn=drawn)
        for name, frame in frames.items():
            kept[name].append(folder / f"{name}-{len(kept[name]):06d}.parquet")
            frame.write_parquet(kept[name][-1])
        tick(done := done + len(some), len(ids))
    return kept


def join_ranges(kept: Mapping[str, Sequence[Path]], staged: Path) -> None:
    """Put the ranges of each table together."""
    for name, files in kept.items():
        sink_table(pl.scan_parquet(list(files), glob=False), staged / f"{name}.parquet")


def finish(judge: Judge, staged: Path, elapsed: Callable[[], float]) -> RunRecord:
    """Write every form of the result, the run record and the page.

    Args:
        judge: What judged the firms.
        staged: Folder with the Parquet tables, to write in.
        elapsed: Seconds since the job began.
    """
    assessment = staged / "assessment.parquet"
    write_csv(assessment, staged / "assessment.csv")
    write_xlsx(assessment, staged / "assessment.xlsx")
    evidence = describe_evidence(judge.reading)
    write_json(staged / "evidence.json", evidence)
    record = describe_run(
        judge.reading,
        judge.content,
        low_default=judge.low_default,
        evidence=evidence,
        staged=staged,
    )
    record["seconds"] = round(elapsed(), 2)
    write_json(staged / RUN_FILE, record)
    write_report(staged)
    return record
