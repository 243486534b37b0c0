"""`make bench-pool-split`: losses of 10 M loans through a four-layer scheme. Last line: JSON.

The scheme is `designed-layers`: caps by loan, firm, bank, year; a purse; two breakers. Every loan
claims, which is the most work there can be. Shares over columns in slices of a million rows; the
stream in one go on one thread. Pairs are per second of wall and of CPU, medians of three for the
stream. An argument changes the number of loans.
"""

import json
import sys
import time
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.flow.schemes import settle_on
from techflow.pool import build_rules, split_by_loan
from techflow.pool.book import Events
from techflow.pool.kernel import make_scratch, reset, run_events, split_stream
from techflow.pool.timeline import loans_of
from techflow_service.policies import load_laws
from techflow_service.schemes import load_schemes

LOANS_N, SLICE_N, REPEATS, YEARS_N, SEED = 10_000_000, 1_000_000, 3, 5, 7
LOSS_SHARE_MAX = 0.05
"""Losses are small, so that breakers, caps and whole shares all occur."""
LOOP_FIRMS_N, LOOP_CLAIMS_N, LOOP_RUNS_N = 100_000, 2_000, 1_000


def clocked(action):
    """What an action gives, and its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = action()
    return found, np.array([time.perf_counter() - wall, time.process_time() - cpu])


def make_loans(loans_n: int) -> pl.DataFrame:
    rng = np.random.default_rng(SEED)
    loan = np.round(rng.lognormal(14.0, 0.9, loans_n), 2).clip(1e5, 3e7)
    return pl.DataFrame(
        {
            "loan_cny": loan,
            "loss_cny": np.round(loan * rng.random(loans_n) * LOSS_SHARE_MAX, 2),
            "first_loan": rng.random(loans_n) < 0.2,
        }
    )


def shares(loans: pl.DataFrame, scheme, wanted: list[str], engine: str) -> pl.DataFrame:
    """Shares and caps of each loan, slice by slice."""
    parts = []
    for start in range(0, loans.height, SLICE_N):
        part = loans[start : start + SLICE_N]
        if engine == "duckdb":
            import duckdb

            frame = nw.from_native(duckdb.connect().from_arrow(part.to_arrow()))
        else:
            frame = nw.from_native(part.lazy())
        found = split_by_loan(frame, scheme).select(*wanted)
        parts.append(found.collect("polars").to_native())
    return pl.concat(parts)


def arrays_of(split: pl.DataFrame, scheme, rng) -> tuple:
    """The book as arrays: half as many firms as loans, 50 banks, five years."""
    n = split.height
    filled = split.fill_null(2**62)
    columns = {name: filled[name].to_numpy() for name in split.columns}
    columns["in_scope"] = np.ones(n, np.int64)
    columns["firm"] = rng.integers(0, max(n // 2, 1), n)
    columns["bank"] = rng.integers(0, 50, n)
    return loans_of(columns, scheme, rng.integers(0, YEARS_N, n)), columns


def measure_loop(loans, scheme, columns, rng) -> list[float]:
    """Claims per second inside a simulation: few claims of a large book, again and again."""
    few = type(loans)(*(np.ascontiguousarray(column[:LOOP_FIRMS_N]) for column in loans))
    rules = build_rules(scheme, few, columns["loan_fen"][:LOOP_FIRMS_N], years_n=YEARS_N)
    scratch = make_scratch(rules, LOOP_CLAIMS_N)
    n = min(LOOP_CLAIMS_N, few.cohort.size)
    runs = [
        Events(
            rng.choice(few.cohort.size, n, replace=False),
            rng.integers(0, 10**9, n),
            np.sort(rng.integers(0, YEARS_N, n)),
            np.full(n, -1),
        )
        for _ in range(10)
    ]

    def loop():
        for i in range(LOOP_RUNS_N):
            run_events(few, runs[i % 10], rules, scratch)
            reset(few, runs[i % 10], rules, scratch)

    loop()
    return (LOOP_RUNS_N * n / clocked(loop)[1]).tolist()


def measure(loans_n: int = LOANS_N) -> dict:
    """All figures."""
    scheme = settle_on(load_schemes()["designed-layers"], load_laws(), on=date(2026, 6, 30))
    parties = [party.id for party in scheme.parties]
    names = [f"share_{party}_ppm" for party in parties] + [f"cap_{party}_fen" for party in parties]
    wanted = [*names, "loan_fen", "loss_fen"]
    loans, rng = make_loans(loans_n), np.random.default_rng(SEED)
    seconds = {}
    for engine in ("polars", "duckdb"):
        shares(loans[:SLICE_N], scheme, wanted, engine)
        split, seconds[engine] = clocked(lambda e=engine: shares(loans, scheme, wanted, e))
    book, columns = arrays_of(split, scheme, rng)
    rules = build_rules(scheme, book, columns["loan_fen"], years_n=YEARS_N)
    each = np.arange(loans_n)
    events = Events(each, columns["loss_fen"], each * YEARS_N // loans_n, each * 0 - 1)
    split_stream(book, Events(*(column[:10] for column in events)), rules)
    runs = [clocked(lambda: split_stream(book, events, rules)) for _ in range(REPEATS)]
    flows, stream_s = runs[0][0], np.median([run[1] for run in runs], axis=0)
    both = loans_n / (seconds["polars"] + stream_s)
    rounded = np.floor(events.amount_fen[:, None] * np.array([0.2, 0.4, 0.2, 0.2]) + 0.5)
    return {
        "loans_n": loans_n,
        "split_loans_per_s": both[0],
        "split_loans_per_cpu_s": both[1],
        "shares_loans_per_s": {name: (loans_n / s).tolist() for name, s in seconds.items()},
        "stream_claims_per_s": (loans_n / stream_s).tolist(),
        "loop_claims_per_s": measure_loop(book, scheme, columns, rng),
        "off_by_a_fen": int((flows.paid_fen.sum(axis=1) != events.amount_fen).sum()),
        "naive_off_share": float((rounded.sum(axis=1) != events.amount_fen).mean()),
        "kept_by_a_bound_share": float((flows.cause > 0).any(axis=1).mean()),
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
