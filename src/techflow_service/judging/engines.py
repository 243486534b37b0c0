"""Judge a file of firms on Polars, DuckDB or Spark; the file may be larger than memory."""

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import Frame, InvalidInput
from techflow.flow import facts_of, find_law, judge_policies, rules_on
from techflow.policy import (
    Law,
    condition_table,
    condition_table_by_date,
    decision_table,
    decision_table_by_date,
)
from techflow_service.judging.firms import Firms, read_firms
from techflow_service.judging.summary import count_answers

Judge = Callable[[Frame], Frame]
MISSING_DUCKDB = "--engine duckdb needs the extra: pip install 'techflow[duckdb]'; or use polars"
MISSING_SPARK = "--engine spark needs the extra: pip install 'techflow[spark]'; or use polars"
MISSING_JAVA = "--engine spark needs Java 17 or later: install it or set JAVA_HOME; or use polars"


@dataclass(frozen=True, slots=True)
class Task:
    """What to judge, by what, on which day.

    Attributes:
        laws: Policy id -> law.
        ids: Policies asked for.
        on: Legal date, or the column with each row's own.
    """

    laws: Mapping[str, Law]
    ids: Sequence[str]
    on: date | str

    @property
    def day(self) -> date | None:
        """The one day, or None if each row has its own."""
        return self.on if isinstance(self.on, date) else None

    def judge(self, firms: Frame) -> Frame:
        """The answers of these policies, on any engine."""
        return judge_policies(firms, self.laws, self.ids, on=self.on)

    def long_tables(self, judged: Frame) -> tuple[Frame, Frame | None]:
        """Decisions one below the other, and the tests if there are any."""
        has_tests = any("__ok_" in column for column in judged.columns)
        if isinstance(self.on, str):
            laws = [find_law(self.laws, name) for name in self.ids]
            tests = condition_table_by_date(judged, laws, on=self.on) if has_tests else None
            return decision_table_by_date(judged, laws, on=self.on), tests
        rules = rules_on(self.laws, self.ids, on=self.on)
        asked = [rule for rule in rules if rule.policy_id in self.ids]
        tests = condition_table(judged, asked) if has_tests else None
        return decision_table(judged, asked), tests


def judge_file(
    path: Path, out: Path, task: Task, *, engine: str = "polars", long: bool = False
) -> dict[str, Any]:
    """Judge a file of firms into another.

    Args:
        path: `.parquet` or `.csv` with `firm_id` and fact columns.
        out: `.parquet` or `.csv`; appears when it is complete.
        task: What to judge by.
        engine: One of `ENGINES`.
        long: One row per firm and policy instead of one per firm; the tests go to a second
            file, `<out>.conditions`.

    Returns:
        What to tell: files, counts of answers and reasons per policy, absent facts.

    Raises:
        InvalidInput: A file, an id or a column is wrong, or the engine is not installed.
        NotInForce: A policy is not in force on the day.
    """
    if out.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{out}: write to a file ending in .parquet or .csv")
    wanted = facts_of(task.laws, task.ids, on=task.day)
    firms = read_firms(path, wanted, on_column="" if task.day else str(task.on))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".judging-") as name:
        folder = Path(name)
        judged = ENGINES[engine](firms, path, task.judge, folder)
        summary = count_answers(judged, task.ids)
        written = _write(judged, out, task, long)
    return {
        "policies": summary,
        "engine": engine,
        "on": str(task.on),
        "out": [str(file) for file in written],
        "facts_n": len(wanted),
        "absent": list(firms.absent),
        "unreadable": dict(firms.unreadable),
    }


def _write(judged: Path, out: Path, task: Task, long: bool) -> list[Path]:
    if not long:
        return [_place(pl.scan_parquet(judged), judged, out)]
    frame = nw.from_native(pl.scan_parquet(judged))
    decisions, conditions = task.long_tables(frame)
    files = [_place(decisions.to_native(), judged, out)]
    if conditions is not None:
        beside = out.with_name(f"{out.stem}.conditions{out.suffix}")
        files.append(_place(conditions.to_native(), judged, beside))
    return files


def _place(frame: pl.LazyFrame, judged: Path, out: Path) -> Path:
    """Write beside `judged`, then move: a reader never sees half a file."""
    fresh = judged.with_name(out.name)
    if out.suffix == ".parquet":
        frame.sink_parquet(fresh)
    else:
        frame.sink_csv(fresh)
    fresh.replace(out)
    return out


def _judge_polars(firms: Firms, path: Path, judge: Judge, folder: Path) -> Path:
    out = folder / "judged.wide"
    judge(nw.from_native(firms.frame)).to_native().sink_parquet(out)
    return out


def _typed_parquet(firms: Firms, path: Path, folder: Path) -> Path:
    """The firms as Parquet: the file itself, or a typed copy of a CSV."""
    if path.suffix.lower() == ".parquet":
        return path
    copy = folder / "firms.typed"
    firms.frame.sink_parquet(copy)
    return copy


def _judge_duckdb(firms: Firms, path: Path, judge: Judge, folder: Path) -> Path:
    duckdb = _import("duckdb", MISSING_DUCKDB)
    out, typed = folder / "judged.wide", _typed_parquet(firms, path, folder)
    with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as connection:
        judged = judge(nw.from_native(connection.read_parquet(str(typed))))
        judged.to_native().write_parquet(str(out))
    return out


def _judge_spark(firms: Firms, path: Path, judge: Judge, folder: Path) -> Path:
    sql = _import("pyspark.sql", MISSING_SPARK)
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise InvalidInput(MISSING_JAVA)
    typed, parts = _typed_parquet(firms, path, folder), folder / "parts"
    session = _spark_session(sql)
    frame: Frame = nw.from_native(session.read.parquet(str(typed.absolute())))
    judge(frame).to_native().write.parquet(str(parts.absolute()))
    out = folder / "judged.wide"
    pl.scan_parquet(parts / "*.parquet").sink_parquet(out)
    return out


def _spark_session(sql: Any) -> Any:
    """A local session that writes no progress among the results."""
    builder = sql.SparkSession.builder.master("local[*]").appName("techflow")
    for name in ("spark.ui.enabled", "spark.ui.showConsoleProgress"):
        builder = builder.config(name, "false")
    errors = _import("pyspark.errors", MISSING_SPARK)
    try:
        session = builder.getOrCreate()
    except errors.PySparkRuntimeError as error:
        raise InvalidInput(f"{MISSING_JAVA}; Spark says: {str(error).splitlines()[0]}") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _import(name: str, message: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise InvalidInput(message) from None


ENGINES: Mapping[str, Callable[[Firms, Path, Judge, Path], Path]] = {
    "polars": _judge_polars,
    "duckdb": _judge_duckdb,
    "spark": _judge_spark,
}
"""How each engine judges firms into one Parquet file."""
