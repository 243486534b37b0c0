"""`make bench-region`: efficiency of 31 provinces in 14 years with 1,000 bootstraps each.

Our kernel runs all of it; one linear programme at a time by SciPy's HiGHS runs on a sample of the
same programmes, and the whole is reckoned from it. `TECHFLOW_DATA` is the folder of the sets.
Last line: one JSON object.
"""

import json
import os
import time
from pathlib import Path

import numpy as np
import polars as pl
from tests.region.test_efficiency import highs

from techflow.region.bootstrap import bootstrap_efficiency, choose_bandwidth, smooth_distances
from techflow.region.efficiency import measure_efficiency

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data")) / "china_provinces"
INPUTS, OUTPUTS = ("v4_zh_nbzc_hj", "v4_zh_qsdl_hj"), ("v4_cg_zlsq2_fm", "v4_cg_zlsq_hj")
"""R&D expenditure, R&D staff; inventions granted, patents applied for: all years are complete."""
YEARS, WHOLES = range(2010, 2024), ("全国", "东部地区")
BOOTSTRAPS_N, SAMPLE_N, SEED = 1000, 1400, 7


def read_years():
    """Inputs and outputs of each year, shape (31, 2) each."""
    rows = pl.read_csv(DATA / "china_province_st_long.csv.gz", infer_schema_length=None)
    kept = rows.filter(pl.col("variables").is_in(INPUTS + OUTPUTS)).filter(
        ~pl.col("province").is_in(WHOLES)
    )
    wide = kept.pivot(
        "variables", index=["province", "year"], values="value", aggregate_function="first"
    ).sort("province")
    for year in YEARS:
        cells = wide.filter(pl.col("year") == year)
        yield cells.select(INPUTS).to_numpy(), cells.select(OUTPUTS).to_numpy()


def own_seconds(years):
    """CPU seconds of everything."""
    bootstrap_efficiency(*years[0], draws_n=2)
    begun = time.process_time()
    for x, y in years:
        bootstrap_efficiency(x, y, draws_n=BOOTSTRAPS_N, seed=SEED)
    return time.process_time() - begun


def plain_sample(years):
    """CPU seconds of a programme solved plainly, and the largest difference to ours."""
    rng = np.random.default_rng(SEED)
    spent, gap = 0.0, 0.0
    for x, y in years:
        distance = np.maximum(1 / measure_efficiency(x, y).score, 1.0)
        n, draws_n = len(x), SAMPLE_N // len(years)
        width = choose_bandwidth(distance)
        size = (draws_n, n)
        drawn = smooth_distances(distance, rng.random(size), rng.standard_normal(size), width)
        for b in range(draws_n):
            o, xs = b % n, x * (drawn[b] / distance)[:, None]
            begun = time.process_time()
            plain = highs(xs / x[o], y / y[o], x[o] / x[o], y[o] / y[o], "variable", "inputs")
            spent += time.process_time() - begun
            own = measure_efficiency(x[o : o + 1], y[o : o + 1], technology=(xs, y)).score[0]
            gap = max(gap, abs(own - plain))
    return spent / (draws_n * len(years)), gap


def measure():
    """The figures of one run."""
    years = list(read_years())
    own = own_seconds(years)
    one, gap = plain_sample(years)
    programmes_n = sum(len(x) for x, _ in years) * (BOOTSTRAPS_N + 1)
    return {
        "dea_ratio_vs_plain_lp": round(one * programmes_n / own, 1),
        "dea_own_cpu_s": round(own, 3),
        "dea_programmes_n": programmes_n,
        "dea_us_per_programme": round(own / programmes_n * 1e6, 2),
        "plain_lp_us_per_programme": round(one * 1e6, 1),
        "plain_lp_sample_n": SAMPLE_N,
        "dea_gap_max": gap,
        "provinces_n": len(years[0][0]),
        "years_n": len(years),
        "bootstraps_n": BOOTSTRAPS_N,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
