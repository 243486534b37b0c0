"""creditriskengine on the book of `bench.portfolio`, in its own environment. Last line: JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from creditriskengine.portfolio.copula import simulate_multi_factor, simulate_single_factor

RUNS_N, REPEATS = 200, 3


def clocked(action) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main(folder: Path) -> None:
    book = np.load(folder / "book.npz")
    pd, lgd, ead = (book[name] for name in ("pd", "lgd", "ead_cny"))
    loading = book["loading"][book["group"]]
    work = len(pd) * RUNS_N

    def one() -> None:
        simulate_single_factor(pd, lgd, ead, 0.12, n_simulations=RUNS_N, seed=1)

    def many() -> None:
        simulate_multi_factor(pd, lgd, ead, loading, n_simulations=RUNS_N, seed=1)

    found = {
        "single": [work / clocked(one) for _ in range(REPEATS)],
        "multi": [work / clocked(many) for _ in range(REPEATS)],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
