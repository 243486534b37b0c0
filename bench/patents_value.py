"""Value of patents: speed of the draws, and the same formula as a plain loop."""

import json
import math
import os
import time
from pathlib import Path

import numpy as np
import polars as pl

from techflow.patents.market import (
    dummies,
    hedonic_design,
    least_squares,
    poisson_regression,
    r_squared,
)
from techflow.patents.value import IncomeCase
from techflow.patents.value_draws import draw_values

DRAWS_N, PATENTS_N, SCALAR_N = 1_000, 1_000_000, 20
SEED, MASK = 7, 2**64 - 1
CENTRE = (
    (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02),
    (1.383577518672690e02, -3.066479806614716e01, 2.506628277459239e00),
    (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02),
    (6.680131188771972e01, -1.328068155288572e01, 1.0),
)
TAIL = (
    (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838),
    (-2.549732539343734, 4.374664141464968, 2.938163982698783),
    (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1.0),
)


def mix(state):
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def uniform(key, count):
    return ((mix((key + (count + 1) * 0x9E3779B97F4A7C15) & MASK) >> 12) + 0.5) * 2.0**-52


def horner(x, *parts):
    total = 0.0
    for part in parts:
        for coefficient in part:
            total = total * x + coefficient
    return total


def normal(p):
    if p < 0.02425 or p > 1 - 0.02425:
        q = math.sqrt(-2 * math.log(min(p, 1 - p)))
        return math.copysign(horner(q, TAIL[0], TAIL[1]) / horner(q, TAIL[2]), p - 0.5)
    q = p - 0.5
    r = q * q
    return q * horner(r, CENTRE[0], CENTRE[1]) / horner(r, CENTRE[2], CENTRE[3])


def scalar_draw(row, key, draw):
    """One draw, year by year: no closed form, so that it also proves the series."""
    income, spread, growth, wobble, discount, legal, age, scale, shape = row
    level = income * math.exp(spread * normal(uniform(key, 3 * draw)) - spread**2 / 2)
    growth += wobble * normal(uniform(key, 3 * draw + 1))
    hazard = (age / scale) ** shape - math.log(uniform(key, 3 * draw + 2))
    years = min(max(scale * hazard ** (1 / shape) - age, 0.0), legal)
    value, year = 0.0, 0
    while year < years:
        part = min(1.0, years - year)
        value += part * level * math.exp(growth * year) / (1 + discount) ** (year + part / 2)
        year += 1
    return value


def scalar_values(case, keys, draws_n, seed):
    found = []
    start = mix((seed + 0x9E3779B97F4A7C15) & MASK)
    for key, *row in zip(keys.tolist(), *(field.tolist() for field in case), strict=True):
        inner = mix(start ^ mix((key + 0x9E3779B97F4A7C15) & MASK))
        draws = sorted(scalar_draw(row, inner, draw) for draw in range(draws_n))
        ranks = (math.ceil(p * draws_n - 1e-9) - 1 for p in (0.05, 0.5, 0.95))
        found.append([*(draws[rank] for rank in ranks), sum(draws) / draws_n])
    return np.array(found)


def synthetic_case(n, seed=SEED):
    rng = np.random.default_rng(seed)
    spans = {
        "income_cny": (1e3, 1e6),
        "income_sigma": (0.2, 0.8),
        "growth_log": (-0.1, 0.1),
        "growth_sigma": (0.02, 0.1),
        "discount_rate_pa": (0.1, 0.25),
        "legal_life_years": (1, 20),
        "age_years": (0, 10),
        "scale_years": (5, 15),
        "shape": (1, 2),
    }
    return IncomeCase(**{name: rng.uniform(*span, n) for name, span in spans.items()})


def timed(function, *args, **kwargs):
    start = time.perf_counter()
    function(*args, **kwargs)
    return time.perf_counter() - start


def speed(patents_n=PATENTS_N):
    keys = np.arange(patents_n, dtype=np.uint64)
    case = synthetic_case(patents_n)
    few = IncomeCase(*(field[:SCALAR_N] for field in case))
    draw_values(few, keys[:SCALAR_N], draws_n=DRAWS_N, seed=SEED)  # compiled before the clock
    fast = timed(draw_values, case, keys, draws_n=DRAWS_N, seed=SEED) / patents_n
    slow = timed(scalar_values, few, keys[:SCALAR_N], DRAWS_N, SEED) / SCALAR_N
    return {"value_1m_s": fast * 1e6, "ratio_vs_scalar": slow / fast}


def panel(folder):
    rows = pl.read_csv(folder / "inst_innovation_1991_1999.csv", infer_schema_length=None)
    return rows.with_columns(pl.col("tobinq").cast(pl.Float64, strict=False))


def column(rows, name):
    return rows[name].cast(pl.Float64).to_numpy()


def published_regression(folder):
    """Aghion, Van Reenen and Zingales 2013, Table 1: Poisson of citations, without R&D stock."""
    rows = panel(folder)
    capital, staff, sales = (column(rows, name) for name in ("capital", "employment", "sales"))
    design = np.column_stack(
        [
            column(rows, "institutions"),
            np.log(capital / staff),
            np.log(sales),
            dummies(rows["year"].to_numpy())[:, 1:],
            dummies(rows["industry"].to_numpy()),
        ]
    )
    return float(poisson_regression(design, column(rows, "cites"))[0])


def market_value(folder):
    """R2 of log Tobin's q, each firm told from the others (five folds of whole firms)."""
    rows = panel(folder).drop_nulls("tobinq")
    names = ("capital", "randd", "patents", "cites")
    parts = hedonic_design(*(column(rows, name) for name in names))
    # The tails of ratios to tiny stocks are cut at their 99th percentile of all firms.
    cut = [np.minimum(part, np.quantile(part, 0.99)) for part in parts]
    logs = [np.log1p(part) for part in cut]
    sector = dummies(rows["industry"].to_numpy() // 100)
    design = np.column_stack([*logs, dummies(rows["year"].to_numpy())[:, 1:], sector])
    target = np.log(column(rows, "tobinq"))
    fold = rows["company"].rank("dense").to_numpy() % 5
    told = np.empty_like(target)
    for k in range(5):
        kept = fold != k
        told[~kept] = design[~kept] @ least_squares(design[kept], target[kept])
    return r_squared(target, told)


def measured():
    folder = Path(os.environ.get("TECHFLOW_DATA", "../shared/data")) / "firm_panels"
    return {
        "aghion_coef": published_regression(folder),
        "market_value_r2": market_value(folder),
        **speed(),
    }


if __name__ == "__main__":
    print(json.dumps(measured()))
