"""`make bench-matching`: the market match beside OR-tools. Last line: one JSON object.

100,000 generated firms, 300 products, 20 arcs per firm, places for nine firms in ten; the same file
for both engines, each in its own process, in one run. CPU seconds: ours from arcs to the proved
matching, OR-tools' for solving alone (building its network is stated beside it).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.policy import environment, ratios, run, say, spread
from techflow.matching import Market, build_market
from techflow.matching.best import BestMatching, add_firm, match_best
from techflow.matching.exchange import total_value
from techflow.matching.stable import keep_places, match_fair, match_stable
from techflow.matching.yuan import match_yuan

FIRMS_N, PRODUCTS_N, ARCS_N, SEED, REPEATS, NEW_FIRMS_N = 100_000, 300, 20, 7, 7, 50
PLACES_PER_FIRM, GROUPS_N = 0.9, 5
PEER = Path(__file__).with_name("matching_peers") / "ortools_flow.py"


def sample(firms_n: int = FIRMS_N) -> Market:
    """Firms of lognormal size, products of several qualities, a gain of each side per arc."""
    rng = np.random.default_rng(SEED)
    product = np.argsort(rng.random((firms_n, PRODUCTS_N)), axis=1)[:, :ARCS_N].ravel()
    firm = np.repeat(np.arange(firms_n), ARCS_N)
    size = rng.lognormal(0.0, 1.0, firms_n)[firm] * rng.uniform(0.5, 1.5, PRODUCTS_N)[product]
    gains = tuple(size * rng.uniform(0.0, 10_000.0, firm.size) for _ in range(2))
    even = np.full(PRODUCTS_N, 1.0 / PRODUCTS_N)
    places = np.maximum(1, rng.multinomial(int(firms_n * PLACES_PER_FIRM), even))
    return build_market(firm, product, (gains[0], gains[1]), firms_n=firms_n, places_n=places)


def clocked(action) -> tuple[object, list[float]]:
    """What an action gives, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = action()
    return found, [time.perf_counter() - wall, time.process_time() - cpu]


def new_firms(found: BestMatching) -> list[list[float]]:
    """Wall and CPU milliseconds of adding a firm, each to the result of the last."""
    rng = np.random.default_rng(SEED + 1)
    times = []
    for _ in range(NEW_FIRMS_N):
        product = rng.choice(PRODUCTS_N, ARCS_N, replace=False)
        value = rng.integers(0, 3_000_000, ARCS_N)
        found, clock = clocked(lambda p=product, v=value, f=found: add_firm(f, p, v))
        times.append([seconds * 1e3 for seconds in clock])
    return times


def others(market: Market, best: BestMatching) -> dict:
    """Stable, fair and in yuan: seconds, and what they lack to the best total."""
    group = np.random.default_rng(SEED).integers(0, GROUPS_N, market.firms_n)
    stable, stable_clock = clocked(lambda: match_stable(market))
    kept = keep_places(market, group, GROUPS_N)
    fair, fair_clock = clocked(lambda: match_fair(market, group, kept))
    amount = np.random.default_rng(SEED).lognormal(13.0, 0.8, market.firms_n)[market.firm]
    per_product = amount[::ARCS_N].sum() * PLACES_PER_FIRM / PRODUCTS_N
    yuan, yuan_clock = clocked(lambda: match_yuan(market, amount, np.full(PRODUCTS_N, per_product)))
    lost = {
        name: 1.0 - total_value(best.arcs, choice) / best.total_fen
        for name, choice in (("stable", stable), ("fair", fair))
    }
    return {
        "stable_s": stable_clock[0],
        "stable_loss_share": lost["stable"],
        "fair_s": fair_clock[0],
        "fair_loss_share": lost["fair"],
        "yuan_s": yuan_clock[0],
        "yuan_gap": yuan.gap_share,
    }


def ours(folder: Path) -> dict:
    """Our own times, kernels compiled beforehand."""
    small = sample(500)
    others(small, add_firm(match_best(small), np.array([0]), np.array([1])))
    market = sample()
    runs = [clocked(lambda: match_best(market)) for _ in range(REPEATS)]
    found = runs[-1][0]
    np.savez(folder / "market.npz", places_n=market.places_n, **found.arcs._asdict())
    return {
        "cpu_s": [clock[1] for _, clock in runs],
        "wall_s": [clock[0] for _, clock in runs],
        "total_fen": found.total_fen,
        "bound_fen": found.bound_fen,
        "add_ms": new_firms(found),
        "others": others(market, found),
    }


def measured() -> dict:
    """Every figure of the benchmark."""
    python = environment("ortools", "ortools", "numpy")
    with tempfile.TemporaryDirectory() as name:
        say("market match")
        own = run(sys.executable, "-m", "bench.matching", name)
        peer = run(python, PEER, name)["runs"]
    totals = {own["total_fen"], *(found["total_fen"] for found in peer)}
    return {
        "firms_n": FIRMS_N,
        "products_n": PRODUCTS_N,
        "arcs_per_firm_n": ARCS_N,
        "match_gap": (own["bound_fen"] - own["total_fen"]) / own["bound_fen"],
        "match_total_is_ortools": len(totals) == 1,
        "match_cpu_ratio_to_ortools": ratios(
            spread(own["cpu_s"]), spread([found["solve_s"] for found in peer])
        ),
        "match_cpu_s": spread(own["cpu_s"]),
        "match_s": spread(own["wall_s"]),
        "ortools_solve_cpu_s": spread([found["solve_s"] for found in peer]),
        "ortools_build_cpu_s": spread([found["build_s"] for found in peer]),
        "add_firm_ms": spread([wall for wall, _ in own["add_ms"]]),
        "add_firm_cpu_ms": spread([cpu for _, cpu in own["add_ms"]]),
        **own["others"],
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(Path(sys.argv[1]))))
    else:
        try:
            print(json.dumps(measured()))
        except subprocess.CalledProcessError as error:
            sys.exit(f"OR-tools could not be installed: {error}")
