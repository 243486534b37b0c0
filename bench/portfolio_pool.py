"""The full run with a scheme inside, for `make bench-portfolio`: a plain one and our design.

One year of the book of `bench.portfolio`: 100,000 firms with twenty banks. The plain scheme has
four layers, a yearly cap and a breaker; `designed-layers` caps by loan, firm, bank and scheme, a
purse and two breakers.
"""

import resource
import time
from datetime import date

import numpy as np

from techflow.flow.schemes import settle_on
from techflow.flow.solvency import simulate_pool
from techflow.flow.solvency_book import NEVER, Book, Outcome, Run, World
from techflow.pool import NO_CAP, Loans, Scheme, build_rules, read_scheme
from techflow.portfolio.plan import Loans as Firms
from techflow_service.policies import load_laws
from techflow_service.schemes import load_schemes

SHARES, CAP_FEN, BANKS_N = (200_000, 400_000, 200_000, 200_000), 300_000_000, 20
HITS = ("emptied", "tripped", "capped")


def said(value: str, unit: str = "share") -> dict:
    return {"value": value, "unit": unit, "reference": "bench", "status": "proposal"}


def four_layers() -> Scheme:
    """A purse for a twentieth of what it shares, a breaker at 6 % of the book, 20/40/20/20."""
    names = ("pool", "guarantor", "region", "bank")
    kinds = ("government", "guarantor", "government", "bank")
    named = [{"id": n, "zh": n, "en": n, "kind": k} for n, k in zip(names, kinds, strict=True)]
    return read_scheme(
        {
            **dict.fromkeys(("id", "zh", "en", "issuer", "policy", "reference"), "bench"),
            "currency": "cny",
            "base": "principal_loss",
            "status": "proposal",
            "since": date(2026, 1, 1),
            "party": named,
            "layer": [
                {"party": "pool", "share": said("20%"), "spill": "bank"},
                {"party": "guarantor", "share": said("40%"), "spill": "bank"},
                {"party": "region", "share": said("20%"), "spill": "bank"},
                {"party": "bank", "share": "rest"},
            ],
            "cap": [
                {"party": "pool", "scope": "scheme", "period": "year", "amount": said("5%")},
            ],
            "breaker": [
                {
                    "scope": "scheme",
                    "period": "year",
                    "rate": said("6%"),
                    "stops": ["pool", "region"],
                    "counts": "with_claim",
                }
            ],
            "recovery": {"order": [list(names)], "status": "proposal"},
        }
    )


def pool_book(firms: Firms, cap_fen: int) -> Book:
    """The firms with the same shares for all; the first party's part of a loan may be capped."""
    n = len(firms.pd)
    zero, number = np.zeros(n, np.int64), np.arange(n)
    limit = np.full((n, len(SHARES)), NO_CAP)
    limit[:, 0] = cap_fen
    key = np.column_stack([zero, number, number % BANKS_N, zero])
    split = Loans(np.tile(SHARES, (n, 1)), limit, key, zero, zero + 1)
    filed, sector = (firms.ead_cny * 100).astype(np.int64), firms.group
    loans = (firms.pd, firms.lgd, firms.ead_cny, sector, sector, zero + 1)
    return Book(split, filed, number, *loans)


def with_scheme(made: tuple[Firms, np.ndarray], name: str, runs_n: int, seed: int) -> dict:
    """A full run: book laid out, drawn, shared out claim by claim; kernels compiled beforehand."""
    firms, loading = made
    scheme = four_layers() if name == "plain" else designed()
    book = pool_book(firms, NO_CAP if name == "plain" else CAP_FEN)
    rules = build_rules(scheme, book.split, book.filed_fen, years_n=1)
    world = World(loading, 0.0, 0.6, 0.3)
    simulate_pool(book, rules, world, Run(1, 64, seed), watched=0)
    wall, cpu = time.perf_counter(), time.process_time()
    out = simulate_pool(book, rules, world, Run(1, runs_n, seed), watched=0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert (out.paid_fen.sum(axis=(1, 2)) == out.sector_fen[:, :, 0].sum(axis=1)).all()
    return {"full_run_s": wall, "full_run_cpu_s": cpu, **told(out, cpu)}


def told(out: Outcome, cpu: float) -> dict:
    hits = {n: float((getattr(out, f"{n}_year") < NEVER).mean()) for n in HITS}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return {"peak_gb": peak, "claims_per_cpu_s": float(out.claims_n.sum() / cpu), **hits}


def designed() -> Scheme:
    return settle_on(load_schemes()["designed-layers"], load_laws(), on=date(2026, 6, 30))
