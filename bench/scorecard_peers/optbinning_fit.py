"""optbinning on the files of `bench.scorecard`, in its own environment. Last line: JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression

REPEATS, SCORE_REPEATS = 3, 3


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(start: tuple[float, float]) -> list[float]:
    return [time.perf_counter() - start[0], time.process_time() - start[1]]


def main(folder: Path) -> None:
    x, y, fresh = (np.load(folder / f"{name}.npy") for name in ("x", "y", "fresh"))
    names = [f"f{j}" for j in range(x.shape[1])]
    frame, later = pd.DataFrame(x, columns=names), pd.DataFrame(fresh, columns=names)
    fits, scores = [], []
    for _ in range(REPEATS):
        process = BinningProcess(names, max_n_bins=8, min_bin_size=0.05)
        card = Scorecard(
            process,
            LogisticRegression(),
            scaling_method="pdo_odds",
            scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
        )
        start = clock()
        card.fit(frame, y)
        fits.append(since(start))
    for _ in range(SCORE_REPEATS):
        start = clock()
        card.score(later)
        scores.append(since(start))
    np.save(folder / "peer_pd.npy", card.predict_proba(later)[:, 1])
    print(json.dumps({"fits": fits, "scores": scores, "rows_n": len(later)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
