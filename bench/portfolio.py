"""`make bench-portfolio`: losses of a book beside creditriskengine and SciPy. Last line: JSON.

100,000 generated firms, mean PD 2 %, ten correlated sectors, loss rates that move with them. The
peer draws the same book by its own functions (no moving loss rate), in its own environment, in one
run. With a scheme inside: `bench.portfolio_pool`; `bench-pool-split` alone shows more of the split.
`TECHFLOW_BENCH_SCENARIOS` (default 100,000) is the size of the full runs.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from bench.policy import environment, ratios, run, say, spread
from bench.pool_split import measure
from bench.portfolio_pool import with_scheme
from techflow.portfolio.analytic import vasicek_quantile
from techflow.portfolio.contagion import spread_distress
from techflow.portfolio.factors import draw_factors, sector_region_loadings
from techflow.portfolio.importance import shift_to_tail, sobol_normals, tail_risk
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.measures import measure_losses
from techflow.portfolio.network import build_network
from techflow.portfolio.plan import Loans, plan_losses
from techflow.portfolio.recovery import LgdModel

FIRMS_N, SECTORS_N, SEED, LEVEL = 100_000, 10, 7, 0.999
SCENARIOS_N = int(os.environ.get("TECHFLOW_BENCH_SCENARIOS", "100000"))
SPEED_N, REPEATS, ASSET_CORRELATION = 4000, 7, 0.12
NODES_N, LINKS_N, START_SHARE, PASSED_SHARE, TOLERANCE = 1_000_000, 5_000_000, 0.02, 0.5, 1e-9
PEER = Path(__file__).with_name("portfolio_peers") / "creditriskengine_runs.py"


def make_book() -> tuple[Loans, np.ndarray]:
    """Seventeen grades around 1 %, three loss rates, lognormal exposures; one bucket a sector."""
    rng = np.random.default_rng(SEED)
    grade = np.geomspace(0.0005, 0.2, 17)
    chance = np.exp(-0.5 * np.log(grade / 0.012) ** 2)
    pd = grade[rng.choice(17, FIRMS_N, p=chance / chance.sum())]
    sector = rng.integers(0, SECTORS_N, FIRMS_N)
    correlation = np.full((SECTORS_N, SECTORS_N), 0.5) + 0.5 * np.eye(SECTORS_N)
    loading = sector_region_loadings(
        correlation,
        asset_correlation=np.full(SECTORS_N, ASSET_CORRELATION),
        region_share=0.0,
        regions_n=1,
    )
    lgd = np.array([0.35, 0.45, 0.6])[rng.integers(0, 3, FIRMS_N)]
    ead = rng.lognormal(14.5, 1.0, FIRMS_N)
    return Loans(pd * (0.02 / pd.mean()), ead, lgd, sector, sector), loading


def make_plan():
    loans, loading = make_book()
    return loans, plan_losses(loans, loading, lgd_model=LgdModel(0.6, 0.3))


def clocked(action):
    """What an action gives, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = action()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def draw(plan, scenarios_n):
    factors = draw_factors(scenarios_n, plan.loading.shape[1], seed=SEED)
    return simulate_losses(plan, factors, seed=SEED)


def speed():
    """Rates per CPU-second, kernels compiled beforehand: the book, and as the peer can have it."""
    loans, plan = make_plan()
    _, loading = make_book()
    zero = np.zeros(FIRMS_N, np.int64)
    one = loans._replace(group=zero, bucket=zero)
    plans = {
        "firms": plan,
        "single": plan_losses(one, np.array([[ASSET_CORRELATION**0.5]])),
        "multi": plan_losses(loans._replace(bucket=zero), loading),
    }
    found = {}
    for name, own in plans.items():
        draw(own, 64)
        cpu = [clocked(lambda own=own: draw(own, SPEED_N))[2] for _ in range(REPEATS)]
        found[name] = [FIRMS_N * SPEED_N / s for s in cpu]
    share = loans.pd.sum() / FIRMS_N
    return found | {"defaults": [rate * share for rate in found["firms"]]}


def full():
    """The full run without a scheme: laid out, drawn and measured."""
    loans, plan = make_plan()
    draw(plan, 64)

    def whole():
        _, plan = make_plan()
        return measure_losses(draw(plan, SCENARIOS_N).sum(axis=1), level=LEVEL)

    found, wall, cpu = clocked(whole)
    expected = (loans.pd * loans.lgd * loans.ead_cny).sum()
    return {
        "no_scheme_run_s": wall,
        "no_scheme_run_cpu_s": cpu,
        "no_scheme_peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        "mean_z": (found.mean_cny.value - expected) / found.mean_cny.error,
        "var": found.var_cny,
    }


def tail():
    """The 99.9 % loss: plan made, kernels compiled, Sobol tables loaded beforehand."""
    _, plan = make_plan()
    tail_risk(plan, level=LEVEL, points_n=64, runs_n=2, seed=SEED)
    shift, _, shift_cpu = clocked(lambda: shift_to_tail(plan, level=LEVEL))
    sobol_normals(64, len(shift), seed=SEED)
    runs = [clocked(lambda: tail_risk(plan, level=LEVEL, seed=SEED)) for _ in range(REPEATS)]
    var = runs[0][0].var_cny
    return {
        "tail_cpu_s": spread([cpu for _, _, cpu in runs]),
        "tail_shift_cpu_s": shift_cpu,
        "tail_error_share": var.error / var.value,
        "tail_es_error_share": runs[0][0].es_cny.error / runs[0][0].es_cny.value,
        "tail_var": var,
    }


def vasicek():
    """A large even book against the closed form: largest |z| over four quantiles."""
    firms_n, runs_n, pd, correlation = 500_000, 20_000, 0.02, 0.12
    zero = np.zeros(firms_n, np.int64)
    loans = Loans(np.full(firms_n, pd), np.ones(firms_n), np.ones(firms_n), zero, zero)
    plan = plan_losses(loans, np.array([[correlation**0.5]]))
    share = draw(plan, runs_n)[:, 0] / firms_n
    scores = {}
    for level in (0.5, 0.9, 0.99, 0.999):
        at = vasicek_quantile(level, pd=pd, correlation=correlation)
        error = np.sqrt(level * (1 - level) / runs_n)
        scores[str(level)] = ((share <= at).mean() - level) / error
    return {"vasicek_z_max": max(abs(z) for z in scores.values()), "vasicek_z": scores}


def sparse_distress(matrix, start):
    """The same rounds by SciPy's product of a sparse matrix and a vector."""
    level, news = start.copy(), start.copy()
    while news.max() > TOLERANCE:
        grown = np.minimum(1.0, level + matrix @ news)
        news, level = grown - level, grown
    return level


def contagion(share=START_SHARE):
    """Distress over 1 M firms and 5 M links; a firm takes half of what its neighbours suffer."""
    rng = np.random.default_rng(SEED)
    ends = rng.integers(0, NODES_N, (2, LINKS_N))
    weight = PASSED_SHARE / np.bincount(ends[1], minlength=NODES_N)[ends[1]]
    start = (rng.random(NODES_N) < share).astype(np.float64)
    narrow = ends.astype(np.int32)  # SciPy is faster with these
    matrix = csr_array((weight, (narrow[1], narrow[0])), shape=(NODES_N, NODES_N))
    network = build_network(ends[0], ends[1], weight, firms_n=NODES_N)
    spread_distress(network, start)
    ours = [clocked(lambda: spread_distress(network, start)) for _ in range(3)]
    theirs = [clocked(lambda: sparse_distress(matrix, start)) for _ in range(3)]
    return {
        "cpu": [[cpu for _, _, cpu in runs] for runs in (ours, theirs)],
        "wall": [[wall for _, wall, _ in runs] for runs in (ours, theirs)],
        "gap": float(np.abs(ours[0][0] - theirs[0][0]).max()),
    }


def distress():
    found = contagion()
    cpu, wall = found["cpu"], found["wall"]
    return {
        "contagion_ratio_vs_scipy": ratios(spread(cpu[1]), spread(cpu[0])),
        "contagion_wall_ratio_vs_scipy": ratios(spread(wall[1]), spread(wall[0])),
        "contagion_gap": found["gap"],
    }


def beside_peer(folder: Path, own: dict) -> dict:
    """Like with like: the same factors, loss rates that stay, one sum."""
    loans, loading = make_book()
    np.savez(folder / "book.npz", loading=loading, **loans._asdict())
    found = run(environment("portfolio", "creditriskengine"), PEER, folder)
    return {
        "ratio_vs_creditriskengine": ratios(spread(own["single"]), spread(found["single"])),
        "ratio_vs_creditriskengine_multi": ratios(spread(own["multi"]), spread(found["multi"])),
        "single_factor_per_cpu_s": spread(own["single"]),
        "creditriskengine_per_cpu_s": spread(found["single"]),
    }


def scheme_run(name: str) -> dict:
    """The full run with a scheme inside; the plain one is the one reported."""
    found = with_scheme(make_book(), name, SCENARIOS_N, SEED)
    before = "" if name == "plain" else f"{name}_"
    return {f"{before}{key}": value for key, value in found.items()}


def split() -> dict:
    """Losses of 10 M loans through a scheme, see `bench.pool_split`."""
    found = measure()
    return {name: found[name] for name in SPLIT}


SPLIT = ("split_loans_per_s", "split_loans_per_cpu_s", "off_by_a_fen")
JOBS = {
    "full": full,
    "plain": lambda: scheme_run("plain"),
    "designed": lambda: scheme_run("designed"),
    "tail": tail,
    "vasicek": vasicek,
    "distress": distress,
    "split": split,
}


def measured() -> dict:
    """Every figure, each job in its own process."""
    say("portfolio")
    own = run(sys.executable, "-m", "bench.portfolio", "speed")
    with tempfile.TemporaryDirectory() as name:
        peer = beside_peer(Path(name), own)
    figures = {
        "obligor_scenarios_per_cpu_s": spread(own["firms"]),
        "defaults_per_cpu_s": spread(own["defaults"]),
        **peer,
    }
    for name in JOBS:
        figures |= run(sys.executable, "-m", "bench.portfolio", name)
    return figures


if __name__ == "__main__":
    job = {"speed": speed, **JOBS}.get(sys.argv[1]) if len(sys.argv) > 1 else measured
    print(json.dumps(job()))
