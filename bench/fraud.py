"""`make bench-fraud`: what the signs catch of planted rings, what they cost. Last line: one JSON.

Synthetic regions with rings and, beside them, honest groups that trade with each other and share
persons as often; the limits of the content were set before the first run. Figures with intervals
are lower end, value, upper end (Wilson, 95 %); members of one ring are not independent, so that
those of precision are too narrow. On the real SME invoices nobody knows who cheated: counts only,
no label, no claim. Recall on planted rings says nothing about coverage or loss avoided in the
world. `TECHFLOW_DATA` is the folder of the sets.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench.fraud_review import first_seen, review_rings, ring_sales, sum_reviews
from bench.policy import say
from techflow.economy import DEMO
from techflow.fraud import FirmState, Transaction, score_transaction
from techflow_service.cli import techflow
from techflow_service.sampling import read_truth, write_region
from techflow_service.store import Store
from techflow_service.suspecting.content import load_signs
from techflow_service.suspecting.scanning import scan_store

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
SEEDS, FIRMS_N, CAPACITIES = (11, 12, 13, 14, 15), 2_000, (25, 50, 100)
MECHANISM = replace(DEMO, ring_share=0.05, honest_group_share=0.05)
SME_ON, MONTHS = date(2020, 2, 29), 11
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def regions(folder):
    for seed in SEEDS:
        say(f"region {seed}")
        path = folder / str(seed)
        written = write_region(path, MECHANISM, firms_n=FIRMS_N, seed=seed, loaded_at=NOW)
        yield path, read_truth(written.truth)[0]


def measure_rings(planted):
    scanned, started = [], time.process_time()
    scans = [(scan_store(path, DEMO.as_of).firms, truth) for path, truth in planted]
    scanned = time.process_time() - started
    found = {}
    for n in CAPACITIES:
        one = sum_reviews(review_rings(firms, truth, n) for firms, truth in scans)
        found[f"at_{n}"] = one
    stated = load_signs(DEMO.as_of).asked["capacity_n"]
    told = {
        name: found[f"at_{stated}"][name] for name in ("ring_recall_at_capacity", "ring_precision")
    }
    return told | {"capacity_n": stated, "scan_cpu_s": scanned / len(planted), **found}


def measure_delay(path, truth):
    """A review of the stated capacity every month; every review starts afresh."""
    say("delay")
    days = [DEMO.as_of - timedelta(days=30 * n) for n in range(MONTHS, -1, -1)]
    capacity = load_signs(DEMO.as_of).asked["capacity_n"]
    seen = first_seen({day: scan_store(path, day).firms for day in days}, truth, capacity)
    invoices = Store.open(path).snapshot().scan("invoice").collect()
    sums = ring_sales(invoices, truth, seen)
    return {
        "delay_months_median": seen["delay_months"].median(),
        "never_seen_n": seen["seen_on"].null_count(),
        "delay_rings_n": seen.height,
        "unseen_sales_share": sums["unseen_sales_cny"] / sums["ring_sales_cny"],
        **sums,
    }


def measure_stream(path):
    """Latency of single transactions, each with the state of its firm."""
    say("stream")
    asked = load_signs(DEMO.as_of).asked
    rows = Store.open(path).snapshot().scan("invoice").sort("issued_on").collect()
    states, times = {}, []
    columns = ("firm_id", "partner_id", "issued_on", "net_lcy", "direction", "status")
    for firm, partner, day, net, side, status in rows.select(columns).iter_rows():
        one = Transaction(partner, day.toordinal(), net, side == "sale", status == "void")
        state = states.get(firm, FirmState())
        started = time.perf_counter()
        states[firm], _ = score_transaction(state, one, asked=asked, void_share_min=0.5)
        times.append(time.perf_counter() - started)
    p50, p99, most = 1e3 * np.quantile(times, (0.5, 0.99, 1.0))
    return {"fraud_ms_p50": p50, "fraud_ms_p99": p99, "fraud_ms_max": most, "stream_n": len(times)}


def count_real(folder):
    """Counts on the real invoices: unlabelled, so neither right nor wrong."""
    say("china_sme_invoices")
    words = [
        "import",
        "china-sme",
        str(DATA / "china_sme_invoices"),
        "--store",
        str(folder / "sme"),
    ]
    with redirect_stdout(sys.stderr):
        techflow([*words, "--json"], standalone_mode=False)
    started = time.perf_counter()
    scan = scan_store(folder / "sme", SME_ON)
    seconds = time.perf_counter() - started
    names = [name for name in scan.firms.columns if name.startswith("sign_")]
    sums = scan.firms.select(pl.col(names).sum()).row(0, named=True)
    unknown = scan.firms.select(pl.col(names).null_count()).row(0, named=True)
    points = Counter(scan.firms["points"].to_list())
    return {
        "sme_counts": scan.counts,
        "sme_signs_n": sums,
        "sme_unknown_n": unknown,
        "sme_points_n": {str(key): n for key, n in sorted(points.items())},
        "sme_scan_s": seconds,
    }


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = list(regions(folder))
        found = measure_rings(planted)
        found |= measure_delay(*planted[0]) | measure_stream(planted[0][0])
        found |= count_real(folder)
    print(json.dumps(found, default=float))


if __name__ == "__main__":
    main()
