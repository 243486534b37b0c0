"""`make bench-scorecard`: bins, points and scoring beside optbinning. Last line: one JSON object.

100,000 generated rows of 30 features with gaps and ties to fit on, as many again to test on; the
same files for both engines, each in its own process, in one run. At most 8 bins of at least 5 %.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.policy import environment, ratios, run, say, spread
from techflow.credit import auc
from techflow.credit.binning import Rules, bin_features
from techflow.credit.scorecard import Scorecard, fit_scorecard

ROWS_N, FEATURES_N, SEED, REPEATS, SCORE_ROWS_N = 100_000, 30, 7, 7, 3_000_000
PEER = Path(__file__).with_name("scorecard_peers") / "optbinning_fit.py"


def write_sample(folder: Path) -> None:
    """Two halves of one sample: curved and straight effects, noise, ties, unknown numbers."""
    rng, n, p = np.random.default_rng(SEED), 2 * ROWS_N, FEATURES_N
    x = rng.normal(size=(n, p)) * np.exp(rng.normal(size=p))
    x[:, ::5] = np.round(x[:, ::5])
    z = np.zeros(n)
    for j in range(p):
        z += rng.normal() * 0.3 * np.tanh(x[:, j] / x[:, j].std() * rng.uniform(0.5, 2.0))
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(2.5 - z))).astype(float)
    x[rng.random((n, p)) < 0.03] = np.nan
    for name, values in (("x", x[:ROWS_N]), ("y", y[:ROWS_N]), ("fresh", x[ROWS_N:])):
        np.save(folder / f"{name}.npy", values)
    np.save(folder / "fresh_y.npy", y[ROWS_N:])


def clocked(action) -> tuple[object, list[float]]:
    """What an action gives, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = action()
    return found, [time.perf_counter() - wall, time.process_time() - cpu]


def fit(x, y, names) -> Scorecard:
    return fit_scorecard(x, y, bin_features(x, y, names, Rules()), iv_min=0.0)


def ours(folder: Path) -> dict:
    """Our own times and probabilities, kernels compiled beforehand."""
    x, y, fresh = (np.load(folder / f"{name}.npy") for name in ("x", "y", "fresh"))
    names = [f"f{j}" for j in range(x.shape[1])]
    card = fit(x, y, names)
    fits = [clocked(lambda: fit(x, y, names))[1] for _ in range(REPEATS)]
    place = [names.index(f.name) for f in card.features]
    many = np.ascontiguousarray(np.tile(fresh[:, place], (SCORE_ROWS_N // ROWS_N, 1)).T)
    card.score(many[:, :1000])
    scores = [clocked(lambda: card.score(many))[1] for _ in range(REPEATS)]
    row = dict(zip(names, fresh[0].tolist(), strict=True))
    ones = [clocked(lambda: card.score_one(row))[1] for _ in range(2000)]
    np.save(folder / "our_pd.npy", card.pd(np.ascontiguousarray(fresh[:, place].T)))
    return {"fits": fits, "scores": scores, "rows_n": SCORE_ROWS_N, "ones": ones}


def measured() -> dict:
    """Every figure of the benchmark."""
    python = environment("optbinning", "optbinning")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder)
        say("scorecards")
        own = run(sys.executable, "-m", "bench.scorecard", folder)
        peer = run(python, PEER, folder)
        y = np.load(folder / "fresh_y.npy")
        mine, theirs = (auc(y, np.load(folder / f"{who}_pd.npy")).value for who in ("our", "peer"))
    return compare(own, peer) | {"auc_minus_optbinning": mine - theirs, "scorecard_auc": mine}


def compare(own: dict, peer: dict) -> dict:
    """Ratios per CPU-second: least, median, most."""
    cpu = {
        (who, what): spread([pair[1] for pair in found[what]])
        for who, found in (("own", own), ("peer", peer))
        for what in ("fits", "scores")
    }
    per_row = {
        who: [seconds / found["rows_n"] for seconds in cpu[who, "scores"]]
        for who, found in (("own", own), ("peer", peer))
    }
    return {
        "fit_s": spread([pair[0] for pair in own["fits"]]),
        "fit_ratio_vs_optbinning": ratios(cpu["peer", "fits"], cpu["own", "fits"]),
        "score_ratio_vs_optbinning": ratios(per_row["peer"], per_row["own"]),
        "score_rows_per_cpu_s": [1.0 / seconds for seconds in reversed(per_row["own"])],
        "one_score_ms": spread([pair[0] * 1e3 for pair in own["ones"]]),
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(Path(sys.argv[1]))))
    else:
        try:
            print(json.dumps(measured()))
        except subprocess.CalledProcessError as error:
            sys.exit(f"optbinning could not be installed: {error}")
