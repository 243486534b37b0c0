"""`make bench-pool-simulate`: the designed scheme inside the simulation of its book.

Last line: JSON. The book of `bench-portfolio` (100,000 firms, mean PD 2 %, ten sectors, moving loss
rates) with caps by firm, bank and scheme, a purse and two breakers, claim by claim.
`TECHFLOW_BENCH_SCENARIOS` (default 100,000) is the size of the run.
"""

import json
import os
import resource
import time
from datetime import date

import numpy as np

from bench.portfolio import make_book
from techflow.flow.schemes import settle_on
from techflow.flow.solvency import simulate_pool
from techflow.flow.solvency_book import NEVER, Book, Run, World
from techflow.pool import NO_CAP, build_rules
from techflow.pool import Loans as Shares
from techflow_service.policies import load_laws
from techflow_service.schemes import load_schemes

SCENARIOS_N = int(os.environ.get("TECHFLOW_BENCH_SCENARIOS", "100000"))
SHARES, CAP_FEN, SEED = (200_000, 400_000, 200_000, 200_000), 300_000_000, 7


def pool_book() -> tuple[Book, np.ndarray]:
    """The firms of `bench-portfolio` with twenty banks."""
    firms, loading = make_book()
    n = len(firms.pd)
    zero, number = np.zeros(n, np.int64), np.arange(n)
    limit = np.full((n, len(SHARES)), NO_CAP)
    limit[:, 0] = CAP_FEN
    key = np.column_stack([zero, number, number % 20, number % 5])
    split = Shares(np.tile(SHARES, (n, 1)), limit, key, zero, zero + 1)
    filed = (firms.ead_cny * 100).astype(np.int64)
    sector = firms.group
    return Book(
        split, filed, number, firms.pd, firms.lgd, firms.ead_cny, sector, sector, zero + 1
    ), loading


def main() -> None:
    """Warm up, run, tell."""
    book, loading = pool_book()
    scheme = settle_on(load_schemes()["designed-layers"], load_laws(), on=date(2026, 6, 30))
    rules = build_rules(scheme, book.split, book.filed_fen, years_n=1)
    world = World(loading, 0.4, 0.6, 0.3)
    simulate_pool(book, rules, world, Run(1, 64, SEED), watched=0)
    wall, cpu = time.perf_counter(), time.process_time()
    out = simulate_pool(book, rules, world, Run(1, SCENARIOS_N, SEED), watched=0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert (out.paid_fen.sum(axis=(1, 2)) == out.sector_fen[:, :, 0].sum(axis=1)).all()
    claims_n = int(out.claims_n.sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    found = {
        "scenarios_n": SCENARIOS_N,
        "full_run_s": round(wall, 2),
        "full_run_cpu_s": round(cpu, 2),
        "claims_per_cpu_s": round(claims_n / cpu),
        "peak_gb": round(peak, 3),
        "emptied": float((out.emptied_year < NEVER).mean()),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
