"""`make bench-exits`: do the intervals of a route hold the truth? Last line: one JSON object.

Made-up books with constant rates, so that the truth is known in closed form; the records of each
holding end at a random time. Beside it the plain way: Kaplan-Meier of one route with the others
taken as censored. No set at hand holds entry, route and proceeds of real holdings.
"""

import json
import statistics
from time import perf_counter

import numpy as np

from techflow.market.listing import (
    constant_outlook,
    cumulative_incidence,
    incidence_interval,
)

RATES = np.array([0.03, 0.04, 0.06, 0.05, 0.07])
HORIZON_YEARS, RECORDS_YEARS = 5.0, 12.0
BOOKS_N, SEED, RUNS_N = 2000, 7, 5
LARGE_N = 1_000_000


def draw(numbers, n):
    """Time and cause of `n` holdings; records end at a random time of each."""
    times = numbers.exponential(1.0 / RATES, (n, RATES.size))
    seen = numbers.uniform(1.0, RECORDS_YEARS, n)
    first = times.min(axis=1)
    return np.minimum(first, seen), np.where(first <= seen, times.argmin(axis=1) + 1, 0)


def wilson(hits, n):
    """95 % interval of a share, in per cent."""
    z2, share = 1.96**2, hits / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = 1.96 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return [round(100 * (middle - half), 1), round(100 * (middle + half), 1)]


def measure_books(n):
    """How often the interval of the first route holds the truth, and both ways' mean error."""
    numbers = np.random.default_rng(SEED)
    truth = constant_outlook(RATES, n=1, horizon_years=HORIZON_YEARS).share[0, 0]
    hits = unknown = 0
    errors, plain = [], []
    for _ in range(BOOKS_N):
        years, cause = draw(numbers, n)
        at = np.array([HORIZON_YEARS])
        found = cumulative_incidence(years, cause, causes_n=RATES.size)
        _, share, error = found.at(at)
        alone = cumulative_incidence(years, (cause == 1).astype(np.int64), causes_n=1)
        if np.isnan(share[0, 0]):
            unknown += 1
            continue
        low, high = incidence_interval(share[0, :1], error[0, :1])
        unknown += bool(np.isnan(low[0]))
        hits += bool(low[0] <= truth <= high[0])
        errors.append(share[0, 0] - truth)
        plain.append(alone.at(at)[1][0, 0] - truth)
    told = BOOKS_N - unknown
    return {
        f"held_{n}_pct": round(100 * hits / told, 1),
        f"held_{n}_interval": wilson(hits, told),
        f"untold_{n}_pct": round(100 * unknown / BOOKS_N, 1),
        f"error_{n}_points": round(100 * float(np.mean(errors)), 2),
        f"plain_error_{n}_points": round(100 * float(np.mean(plain)), 2),
    }


def main():
    """Print the measurements."""
    result = {"books_n": BOOKS_N, **measure_books(50), **measure_books(300)}
    years, cause = draw(np.random.default_rng(SEED), LARGE_N)
    times = []
    for _ in range(RUNS_N):
        start = perf_counter()
        cumulative_incidence(years, cause, causes_n=RATES.size)
        times.append(perf_counter() - start)
    result["million_s"] = round(statistics.median(times), 2)
    result["million_s_range"] = [round(min(times), 2), round(max(times), 2)]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
