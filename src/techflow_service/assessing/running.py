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

from techflow.basics import Frame
from techflow.flow import (
    LENT,
    OPINION,
    Qualifying,
    judge_firms,
    judge_qualifications,
    lend_firms,
    list_qualifications,
    policy_facts,
    profile_records,
)
from techflow.schema import DERIVED
from techflow_service.assessing.content import Content, write_json
from techflow_service.assessing.drawing import SERIES_FIRMS_MAX, draw_firms
from techflow_service.assessing.financing import write_plans
from techflow_service.assessing.lacking import write_gaps
from techflow_service.assessing.offering import write_offers
from techflow_service.assessing.reading import Reading, collect_in_order, spread
from techflow_service.assessing.record import (
    RunRecord,
    describe_evidence,
    describe_qualifications,
    describe_run,
)
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
        kept = judge_ranges(judge, ids, staged, tick)
        outcomes = judge.outcomes(scan_experts(kept["judged"]))
        join_ranges(kept | lend_ranges(judge, kept.pop("judged"), outcomes["pd"]), staged)
        return finish(judge, outcomes, staged, lambda: time.monotonic() - began)


def open_judge(job: Job, staged: Path) -> "Judge":
    """The store seen from the day, with settled tables kept in the staged folder."""
    terms = job.content.terms.at(job.as_of)
    for name in ("settled", "ranges"):
        (staged / name).mkdir()
    reading = Reading(job.snapshot, job.as_of, job.loaded_by, staged / "settled")
    reading.settle()
    return Judge(reading, job.content, terms, Qualifying.at(job.content.laws, job.as_of))


def scan_experts(judged: Sequence[Path]) -> pl.LazyFrame:
    """Firms with an expert grade: one column `firm_id`."""
    rows = pl.scan_parquet(list(judged), glob=False)
    return rows.filter(pl.col("verdict") == "expert").select("firm_id")


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns the evidence on some firms into the output tables.

    Attributes:
        reading: The store seen from the day.
        content: Cards, scale, expert scorecard, product.
        terms: Values of the product in force.
        qualifying: Policies in force that firms may qualify under.
    """

    reading: Reading
    content: Content
    terms: Mapping[str, Any]
    qualifying: Qualifying

    def judge(self, ids: pl.Series, *, whole_range: bool, drawn: bool) -> dict[str, pl.DataFrame]:
        """Profiles and grades of some firms, ordered by firm.

        Args:
            ids: Firms, in order.
            whole_range: True if no other known firm lies between the first and the last.
            drawn: Also make the tables that the firm sections of the page draw.
        """
        records = self.reading.records(ids, whole_range=whole_range)
        seen = {name: nw.from_native(rows) for name, rows in records.items()}
        profiles = collect_in_order(profile_records(seen, as_of=self.reading.as_of).to_native())
        judged = judge_firms(
            nw.from_native(profiles.lazy()),
            cards=self.content.cards,
            scale=self.content.scale,
            expert=self.content.expert,
        )
        frames = {"judged": judged.to_native().sort("firm_id").collect()}
        frames |= self.qualify(seen, profiles)
        frames |= self.content.technology.rate(seen, profiles, as_of=self.reading.as_of)
        return frames | draw_firms(seen, as_of=self.reading.as_of) if drawn else frames

    def qualify(self, seen: Mapping[str, Frame], profiles: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """What policies ask of the firms, as far as it is known, and what they answer."""
        if not self.qualifying.ids:
            return {}
        facts = policy_facts(
            seen,
            nw.from_native(profiles.lazy()),
            self.qualifying.facts,
            as_of=self.reading.as_of,
        )
        known: pl.DataFrame = facts.to_native().sort("firm_id").collect()
        judged = judge_qualifications(nw.from_native(known.lazy()), self.qualifying)
        wide: pl.DataFrame = judged.to_native().collect()
        rows = list_qualifications(nw.from_native(wide.lazy()), self.qualifying)
        ordered = rows.to_native().sort("firm_id", "place").drop("place").collect()
        return {"facts": known, "qualification": ordered}

    def outcomes(self, experts: pl.LazyFrame) -> dict[str, Any]:
        """What became of firms like those with an expert grade, and the PD this supports.

        Args:
            experts: Firms with an expert grade: `firm_id`.

        Returns:
            `loans_n`, `defaults_n`, `loans_n_min`, `confidence`, `pd` (None with too few).
        """
        loans_n, defaults_n = self.reading.loans_of(experts)
        confidence, expert = self.terms["low_default_confidence"], self.content.expert
        return {
            "loans_n": loans_n,
            "defaults_n": defaults_n,
            "loans_n_min": expert.outcomes_n_min,
            "confidence": confidence,
            "pd": expert.pool_pd(loans_n, defaults_n, confidence=confidence),
        }

    def lend(self, judged: pl.DataFrame, expert_pd: float | None) -> dict[str, pl.DataFrame]:
        """The assessment of judged firms, and the profile with the inputs of limit and price."""
        lent = lend_firms(nw.from_native(judged.lazy()), terms=self.terms, expert_pd=expert_pd)
        rows = lent.to_native().sort("firm_id").collect()
        profile = judged.drop(OPINION).hstack(rows.select(LENT))
        return {"assessment": rows.select(DERIVED["assessment"].names), "profile": profile}


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
    drawn = len(ids if of is None else of) <= SERIES_FIRMS_MAX
    kept: dict[str, list[Path]] = defaultdict(list)
    folder, done = staged / "ranges", 0
    for some in judge.reading.ranges(ids):
        frames = judge.judge(some, whole_range=of is None, drawn=drawn)
        for name, frame in frames.items():
            kept[name].append(folder / f"{name}-{len(kept[name]):06d}.parquet")
            frame.write_parquet(kept[name][-1])
        tick(done := done + len(some), len(ids))
    return kept


def lend_ranges(
    judge: Judge, judged: Sequence[Path], expert_pd: float | None
) -> dict[str, list[Path]]:
    """Limit and price for judged firms, range by range; the files of judged firms are removed.

    Args:
        judge: What judged them.
        judged: Files of judged firms.
        expert_pd: PD of firms with an expert grade.

    Returns:
        Table name -> files, in the order of the rows.
    """
    kept: dict[str, list[Path]] = defaultdict(list)
    for path in judged:
        for name, frame in judge.lend(spread(pl.read_parquet(path)), expert_pd).items():
            kept[name].append(path.with_name(path.name.replace("judged", name, 1)))
            frame.write_parquet(kept[name][-1])
        path.unlink()
    return kept


def join_ranges(kept: Mapping[str, Sequence[Path]], staged: Path) -> None:
    """Put the ranges of each table together."""
    for name, files in kept.items():
        sink_table(pl.scan_parquet(list(files), glob=False), staged / f"{name}.parquet")


def finish(
    judge: Judge, outcomes: Mapping[str, Any], staged: Path, elapsed: Callable[[], float]
) -> RunRecord:
    """Write every form of the result, the run record and the page.

    Args:
        judge: What judged the firms.
        outcomes: Result of `Judge.outcomes`.
        staged: Folder with the Parquet tables, to write in.
        elapsed: Seconds since the job began.
    """
    judge.content.technology.compare(staged, as_of=judge.reading.as_of)
    write_gaps(staged, judge.qualifying, judge.content)
    write_offers(staged, as_of=judge.reading.as_of)
    write_plans(staged, judge.reading)
    assessment = staged / "assessment.parquet"
    write_csv(assessment, staged / "assessment.csv")
    write_xlsx(assessment, staged / "assessment.xlsx")
    evidence = describe_evidence(judge.reading)
    write_json(staged / "evidence.json", evidence)
    record = describe_run(
        judge.reading,
        judge.content,
        low_default=outcomes,
        evidence=evidence,
        staged=staged,
    )
    record["qualifications"] = describe_qualifications(judge.qualifying, staged)
    record["seconds"] = round(elapsed(), 2)
    write_json(staged / RUN_FILE, record)
    write_report(staged)
    return record
