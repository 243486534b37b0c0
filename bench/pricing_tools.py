"""`make bench-pricing-tools`: protection and warrants beside QuantLib. Last line: one JSON object.

The same contracts, dates and curves for both, each in its own process, in one run: quarterly
premium, actual/360 on a curve of actual/365 (fixed), own hazard curve of five pieces per contract,
one discount curve of six forward rates. The engine's convention of days is kept: default counts to
the eve of a payment day. `max_error_vs_quantlib` is the greatest difference of either leg, per
unit of notional and of premium; aim: 1e-12. Ratios are CPU-seconds, least, median, most: of the
calculation alone (instruments and curves of QuantLib made beforehand), with its faster mid-point
engine, and with the making of instruments that a new contract needs; `_numpy` is without Numba.
Warrants with dividends and default, strikes from half to twice equity: errors over equity value.
"""

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from bench.policy import environment, ratios, run, say, spread
from techflow.pricing.crmw import Schedule, value_legs
from techflow.pricing.crmw_kernel import value_legs_compiled
from techflow.pricing.hazard import Curve, Hazards
from techflow.pricing.warrant import Warrant, value_european
from techflow.pricing.warrant_tree import value_american

CONTRACTS_N, CHUNK_N, SEED, REPEATS = 20_000, 500, 11, 9
TODAY = date(2026, 6, 22)
SERIAL_OF_DAY_ONE = 36525 - date(1999, 12, 31).toordinal()
"""Serial numbers of QuantLib (and of spreadsheets) count from 30 December 1899."""
PEERS = Path(__file__).with_name("pricing_peers")
PEER, WARRANT_PEER = PEERS / "quantlib_cds.py", PEERS / "quantlib_warrant.py"
WARRANTS_N = 1000
CURVE_DAYS, HAZARD_DAYS = (91, 365, 730, 1096, 1826, 2557), (183, 365, 730, 1096, 2557)
MONTHS_MAX = 60


def schedules(rng) -> np.ndarray:
    """Days from today of each contract's start and payments, padded with its last."""
    rows = []
    for months, day in zip(
        rng.integers(9, MONTHS_MAX + 1, CONTRACTS_N), rng.integers(1, 29, CONTRACTS_N), strict=True
    ):
        ends = []
        while months > 0:
            year, month = divmod(TODAY.month - 1 + int(months), 12)
            ends.append((date(TODAY.year + year, month + 1, int(day)) - TODAY).days)
            months -= 3
        ends = [0, *sorted(one for one in ends if one > 7)]
        rows.append(ends + [ends[-1]] * (MONTHS_MAX // 3 + 2 - len(ends)))
    return np.array(rows)


def write_contracts(folder: Path) -> None:
    """Firms from sound to distressed, some with falling hazards, a rising discount curve."""
    rng = np.random.default_rng(SEED)
    level = np.exp(rng.normal(-4.0, 1.2, (CONTRACTS_N, 1)))
    hazards = level * np.exp(rng.normal(0.0, 0.4, (CONTRACTS_N, len(HAZARD_DAYS))))
    np.savez(
        folder / "contracts.npz",
        serial=TODAY.toordinal() + SERIAL_OF_DAY_ONE,
        hazards=hazards,
        hazard_days=HAZARD_DAYS,
        curve_days=CURVE_DAYS,
        curve_rates=[0.013, 0.014, 0.016, 0.019, 0.022, 0.024],
        ends=schedules(rng),
        lgd=rng.uniform(0.2, 0.8, CONTRACTS_N),
    )


def value_all(found: dict, value) -> np.ndarray:
    """Both legs of each contract, in pieces that stay in the cache."""
    curve = Curve(found["curve_days"] / 365.0, found["curve_rates"])
    nodes, days = found["hazard_days"] / 365.0, found["ends"]
    kept = []
    for first in range(0, len(days), CHUNK_N):
        rows = slice(first, first + CHUNK_N)
        # Padded ends lie on the eve of the last payment; protection lasts to its day.
        plan = Schedule((days[rows] - 1) / 365.0, days[rows, 1:] / 365.0, days[rows, -1] / 365.0)
        hazards = Hazards(nodes, found["hazards"][rows])
        legs = value(hazards, curve, plan, lgd=found["lgd"][rows], accrual_ratio=365 / 360)
        kept.append(np.column_stack([legs.protection, legs.annuity, legs.fair_spread()]))
    return np.concatenate(kept)


def ours(folder: Path) -> dict:
    found = dict(np.load(folder / "contracts.npz"))
    cpu_s = {}
    for name, value in (("numpy", value_legs), ("compiled", value_legs_compiled)):
        legs, times = value_all(found, value), []
        for _ in range(REPEATS):
            start = time.process_time()
            value_all(found, value)
            times.append(time.process_time() - start)
        cpu_s[name] = times
        np.save(folder / f"{name}.npy", legs)
    return {"cpu_s": cpu_s}


def warrant_errors(folder: Path, python: Path) -> dict:
    """Greatest difference of warrants from QuantLib, as a part of equity value."""
    rng, n = np.random.default_rng(SEED), WARRANTS_N
    spot, days, sigma = np.full(n, 100.0), rng.integers(365, 1827, n), rng.uniform(0.2, 0.9, n)
    strike, rate = rng.uniform(50.0, 200.0, n), rng.uniform(0.01, 0.05, n)
    growth, hazard = rate - rng.uniform(0.005, 0.06, n), rng.uniform(0.001, 0.1, n)
    columns = (spot, strike, days, sigma, growth, rate, hazard)
    np.save(folder / "warrants.npy", np.column_stack(columns))
    run(python, WARRANT_PEER, folder)
    theirs = np.load(folder / "peer_warrants.npy")
    # A share of a half, so that the holder's part of each yuan above the strike is a half.
    one = Warrant(spot, np.full(n, 0.5), strike, days / 365, sigma, growth, rate, np.zeros(n))
    alive = Hazards(np.array([1.0]), hazard[:, None])
    end, any_time = value_european(one, alive), value_american(one, alive)
    both = np.column_stack([end, any_time]) / 0.5
    errors = np.abs(both - theirs).max(axis=0) / 100.0
    return {
        "european_warrant_max_error_vs_quantlib": float(errors[0]),
        "american_warrant_max_error_vs_quantlib": float(errors[1]),
        "warrants_n": n,
    }


def measured() -> dict:
    """Every figure of the benchmark."""
    python = environment("quantlib", "QuantLib", "numpy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_contracts(folder)
        say("protection")
        own = run(sys.executable, "-m", "bench.pricing_tools", folder)["cpu_s"]
        peer = run(python, PEER, folder)
        theirs = np.load(folder / "peer.npy")
        warrants = warrant_errors(folder, python)
        legs = [np.load(folder / f"{name}.npy")[:, :2] for name in own]
    fast, plain = spread(own["compiled"]), spread(own["numpy"])
    theirs_s = {name: spread(times) for name, times in peer["cpu_s"].items()}
    return {
        "cds_ratio_vs_quantlib": ratios(theirs_s["exact"], fast),
        "cds_ratio_vs_quantlib_midpoint": ratios(theirs_s["midpoint"], fast),
        "cds_ratio_vs_quantlib_with_instruments": ratios(theirs_s["built"], fast),
        "cds_ratio_vs_quantlib_numpy": ratios(theirs_s["exact"], plain),
        "max_error_vs_quantlib": max(float(np.abs(each - theirs).max()) for each in legs),
        "contracts_per_cpu_s": [CONTRACTS_N / seconds for seconds in reversed(fast)],
        "contracts_n": CONTRACTS_N,
        "quantlib_version": peer["version"],
        **warrants,
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(Path(sys.argv[1]))))
    else:
        print(json.dumps(measured()))
