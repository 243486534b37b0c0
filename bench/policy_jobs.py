"""One measured job on our engine per process: `python -m bench.policy_jobs JOB ARGUMENTS`.

Prints one JSON line. Times are pairs of wall and CPU seconds, CPU over all threads.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from bench.policy_firms import COLUMNS, TEN, ten_thresholds
from techflow.basics import NotInForce
from techflow.policy import (
    Law,
    Listed,
    Rule,
    decide,
    evaluate,
    explain,
    explain_gaps,
    gaps_of,
    in_order,
)
from techflow.policy.rule import walk
from techflow_service.policies import ROOT, load_cases, load_laws

TODAY = date(2026, 6, 30)
NUMBERS = {"money": 1e7, "count": 30.0, "share": 0.3, "points": 6.0}


def timed(work: Callable[[], object]) -> list[float]:
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return [time.perf_counter() - start, time.process_time() - cpu]


def count_ten(firms: pl.LazyFrame) -> dict[str, int]:
    """How many firms meet each of the ten and all: every output column is computed and read."""
    judged = evaluate(nw.from_native(firms), [ten_thresholds()]).to_native()
    names = {**{name: f"ok_{name}" for name in TEN}, "eligible": "answer"}
    sums = {name: pl.col(f"bench_ten__{column}").sum() for name, column in names.items()}
    reasons = pl.col("bench_ten__reason").is_not_null().sum()
    found = judged.select(**sums, _open=reasons).collect(engine="streaming")
    return found.drop("_open").row(0, named=True)


def ten(folder: str, repeats: str) -> dict:
    """Parquet to counts, and one pass that only reads the same columns, in turn."""
    source = pl.scan_parquet(f"{folder}/*.parquet")
    one_pass = source.select(pl.col(COLUMNS).sum())
    counts = count_ten(source)
    runs, scans = [], []
    for _ in range(int(repeats)):
        runs.append(timed(lambda: count_ten(source)))
        scans.append(timed(lambda: one_pass.collect(engine="streaming")))
    firms_n = source.select(pl.len()).collect().item()
    return {"firms_n": firms_n, "runs": runs, "scans": scans, "counts": counts}


def ten_memory(folder: str, repeats: str) -> dict:
    """The ten on columns already in memory, as OpenFisca has its arrays."""
    firms = pl.read_parquet(f"{folder}/*.parquet").lazy()
    counts = count_ten(firms)
    runs = [timed(lambda: count_ten(firms)) for _ in range(int(repeats))]
    return {"firms_n": firms.select(pl.len()).collect().item(), "runs": runs, "counts": counts}


def edges(path: str) -> dict:
    """Cases at, under and over the thresholds: how many answers differ from the exact ones."""
    cases = pl.read_parquet(path)
    judged = evaluate(nw.from_native(cases.lazy()), [ten_thresholds()]).to_native().collect()
    block = cases.height // len(TEN)
    parts = [judged[f"bench_ten__ok_{n}"].slice(i * block, block) for i, n in enumerate(TEN)]
    got = pl.concat([part.alias("got") for part in parts])
    return {"cases_n": cases.height, "wrong": int(got.ne_missing(cases["exact"]).sum())}


def laws_in_force() -> tuple[list[Rule], dict[str, Law], list[str]]:
    """The rules of the day, their laws, and the ids of those not in force."""
    laws, rules, absent = load_laws(), [], []
    for law in laws.values():
        try:
            rules.append(law.on(TODAY))
        except NotInForce:
            absent.append(law.id)
    return in_order(rules), laws, absent


def one_firm(repeats: str) -> dict:
    """One firm by all policies: decide, explain, gaps and their words; warm, in milliseconds.

    Three firms: one that has what the first case of each folder has, one with a third of every
    number, and one of which only sizes are known.
    """
    rules, laws, absent = laws_in_force()
    base: dict = {}
    for name in sorted(laws):
        base = {**load_cases(ROOT.joinpath(*name.split(".")))[0]["input"], **base}
    worse = {k: v if isinstance(v, bool | str) else type(v)(v / 3) for k, v in base.items()}
    little = {k: v for k, v in base.items() if k.startswith(("revenue", "employees", "total"))}

    def answer(firm: dict) -> int:
        lines = 0
        for decision in decide(firm, rules).values():
            lines += len(explain(decision, "zh"))
            lines += len(explain_gaps(gaps_of(decision), decision, "zh"))
        return lines

    firms = {"as_cases": base, "a_third": worse, "little_known": little}
    lines = {name: answer(firm) for name, firm in firms.items()}
    runs = {
        n: [timed(lambda f=f: answer(f)) for _ in range(int(repeats))] for n, f in firms.items()
    }
    medians = {n: statistics.median(wall for wall, _ in found) * 1e3 for n, found in runs.items()}
    return {"policies_n": len(rules), "absent": absent, "lines": lines, "ms": medians, "runs": runs}


def write_wide(path: str, firms_n: str) -> dict:
    """Firms with every fact any policy reads; numbers spread over orders of magnitude."""
    rules, _, _ = laws_in_force()
    random, n = np.random.default_rng(5), int(firms_n)
    codes: dict[str, list[str]] = {}
    for node in walk(tuple(root for rule in rules for root in rule.roots)):
        if isinstance(node, Listed):
            codes.setdefault(node.fact, ["none"]).extend(node.codes.codes)
    columns = {}
    for fact in {fact.name: fact for rule in rules for fact in rule.facts}.values():
        if fact.kind == "flag":
            columns[fact.name] = pl.Series(random.random(n) < 0.5)
        elif fact.kind == "code":
            picked = random.integers(0, len(codes[fact.name]), n)
            columns[fact.name] = pl.Series(codes[fact.name]).gather(picked)
        else:
            units, size = min(fact.units, 10_000), NUMBERS[fact.kind]
            values = np.round(size * np.exp(random.normal(0, 1, n)) * units) / units
            columns[fact.name] = pl.Series(values.astype(np.int64) if units == 1 else values)
    keep = pl.Series(random.random(n) < 0.95)
    frame = pl.DataFrame(columns).with_columns(pl.when(keep).then(pl.all()))
    frame.write_parquet(path)
    return {"facts_n": len(columns), "bytes": Path(path).stat().st_size}


def everything(path: str, copies: str, out: str) -> dict:
    """All policies in force over a file read `copies` times, Parquet to Parquet, streaming."""
    rules, _, _ = laws_in_force()
    source = pl.scan_parquet([path] * int(copies))
    judged = evaluate(nw.from_native(source), rules, allow_absent=True).to_native()
    added = [name for name in judged.collect_schema() if "__" in name]
    spent = timed(lambda: judged.select(added).sink_parquet(out))
    firms_n = pl.scan_parquet(out).select(pl.len()).collect().item()
    return {"firms_n": firms_n, "policies_n": len(rules), "columns_n": len(added), "run": spent}


def peak_gb() -> float:
    """Peak memory of this process since it began; `ru_maxrss` also counts the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(kilobytes) * 1024 / 1e9


JOBS = {job.__name__: job for job in (ten, ten_memory, edges, one_firm, write_wide, everything)}

if __name__ == "__main__":
    result = JOBS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**result, "peak_gb": peak_gb()}))
