"""Ten thresholds of Chinese law as one policy, generated firms, and cases at the thresholds.

The numbers are those of the STAR attribute, of technology SMEs and of high-tech enterprises; one
policy holds all ten, so that every engine answers the same ten questions and their conjunction.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from techflow.policy import (
    Condition,
    Facts,
    Growth,
    Law,
    Params,
    Policy,
    Rule,
    Share,
    Total,
    Version,
    all_of,
)

DAY = date(2024, 6, 30)
CHUNK_N = 1_000_000
YEARS = [f"{name}_y{year}_cny" for name in ("revenue", "rnd") for year in range(3)]
MONEY = [*YEARS, "cost_expense_y0_cny", "total_assets_y0_cny"]
COUNTS = ["employees_n", "tech_staff_n", "rnd_staff_n", "inventions_n"]
COLUMNS = [*MONEY, *COUNTS]
TEN = {
    "small_staff": ("employees_n", "<=", "500"),
    "small_revenue": ("revenue_y0_cny", "<=", "200000000"),
    "small_assets": ("total_assets_y0_cny", "<=", "200000000"),
    "tech_staff": (Share("tech_staff_n", "employees_n"), ">=", "10%"),
    "rnd_staff": (Share("rnd_staff_n", "employees_n"), ">=", "10%"),
    "rnd_cost": (Share("rnd_y0_cny", "cost_expense_y0_cny"), ">=", "6%"),
    "rnd_share": (Share(Total("rnd_cny", 3), Total("revenue_cny", 3)), ">=", "5%"),
    "rnd_amount": (Total("rnd_cny", 3), ">=", "80000000"),
    "growth": (Growth("revenue_cny", 3), ">=", "25%"),
    "patents": ("inventions_n", ">=", "7"),
}


def ten_thresholds() -> Rule:
    """The ten tests as one rule."""
    money = {"kind": "money", "zh": "金额", "en": "amount"}
    count = {"kind": "count", "zh": "数", "en": "count", "unit": "one"}
    annual = {"revenue_cny": money | {"years": 3}, "rnd_cny": money | {"years": 3}}
    single = {name: money for name in MONEY if name not in YEARS}
    facts = Facts.from_data(annual | single | dict.fromkeys(COUNTS, count))
    params = Params.from_data({name: _number(bound) for name, (_, _, bound) in TEN.items()})
    tests = [Condition(name, measure, op, name) for name, (measure, op, _) in TEN.items()]
    version = Version(DAY, "none", all_of("eligible", *tests))
    return Law(Policy("bench.ten", "十项", "Ten", "we", (version,)), params, facts).on(DAY)


def _number(bound: str) -> dict:
    row = {"since": DAY, "value": bound, "reference": "none", "status": "proposal"}
    return {"zh": "界", "en": "bound", "unit": "", "checked_on": DAY, "values": [row]}


def write_firms(path: Path, *, firms_n: int, seed: int) -> Path:
    """Firms as Parquet files of a million rows each; returns the folder.

    Sizes are lognormal, amounts whole fen; one firm in ten has an amount on a round number, so
    that some stand exactly at a threshold.
    """
    path.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for number, start in enumerate(range(0, firms_n, CHUNK_N)):
        frame = _firms(random, min(CHUNK_N, firms_n - start))
        frame.write_parquet(path / f"part-{number:03}.parquet", compression="zstd")
    return path


def _firms(random: np.random.Generator, n: int) -> pl.DataFrame:
    revenue = np.exp(random.normal(18.5, 1.2, n))
    shrink = np.exp(random.normal(-0.2, 0.25, (2, n)))
    sales = [revenue, revenue * shrink[0], revenue * shrink[0] * shrink[1]]
    spent = [sale * random.beta(1.5, 18, n) for sale in sales]
    rest = [revenue * random.uniform(0.7, 1.1, n), revenue * np.exp(random.normal(0.2, 0.5, n))]
    amounts = [_fen(random, values) for values in (*sales, *spent, *rest)]
    employees = np.maximum(1, np.exp(random.normal(5, 1, n))).astype(np.int64)
    staff = [(employees * random.beta(2, 8, n)).astype(np.int64) for _ in range(2)]
    columns = [*amounts, employees, *staff, random.poisson(5, n).astype(np.int64)]
    return pl.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _fen(random: np.random.Generator, yuan: np.ndarray) -> np.ndarray:
    rounded = np.where(random.random(len(yuan)) < 0.1, np.ceil(yuan / 1e7) * 1e7, yuan)
    return np.round(rounded * 100) / 100


def edge_cases(cases_n: int, *, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Cases at, one unit under and one unit over the ten thresholds, and the exact answers.

    Returns:
        The firms, a tenth of them for each threshold in turn; and for each firm whether it meets
        that threshold, from `fractions.Fraction`.
    """
    random = np.random.default_rng(seed)
    n = cases_n // len(TEN)
    blocks, answers = [], []
    for name in TEN:
        block = _around(random, name, n)
        blocks.append(pl.DataFrame(_as_facts(block)))
        answers.append(np.fromiter((_met(name, row) for row in zip(*block, strict=True)), bool, n))
    return pl.concat(blocks), np.concatenate(answers)


def _as_facts(block: list[np.ndarray]) -> dict[str, np.ndarray]:
    facts = dict(zip(COLUMNS, block, strict=True))
    return {name: facts[name] / 100 if name in MONEY else facts[name] for name in COLUMNS}


def _around(random: np.random.Generator, name: str, n: int) -> list[np.ndarray]:
    """Whole units of every fact, the first fact of the test at its threshold give or take one."""
    wide = 10 ** random.uniform(5, 11, (8, n))
    held = dict(zip(COLUMNS, [*wide.astype(np.int64) * 400, *[_heads(random, n)] * 4], strict=True))
    step = np.arange(n) % 3 - 1
    if name == "growth":
        held["revenue_y0_cny"] = held["revenue_y2_cny"] * 25 // 16 + step
    elif name in ("rnd_share", "rnd_amount"):
        sales = sum(held[f"revenue_y{year}_cny"] for year in range(3))
        held["rnd_y1_cny"], held["rnd_y2_cny"] = held["rnd_y1_cny"] % 10**9, step * 0 + 123_457
        total = sales // 20 if name == "rnd_share" else 8_000_000_000
        held["rnd_y0_cny"] = total + step - held["rnd_y1_cny"] - held["rnd_y2_cny"]
    elif name == "rnd_cost":
        held["rnd_y0_cny"] = held["cost_expense_y0_cny"] * 3 // 50 + step
    elif name in ("tech_staff", "rnd_staff"):
        held[f"{name}_n"] = held["employees_n"] // 10 + step
    else:
        fact, _, bound = TEN[name]
        held[fact] = int(bound) * (100 if fact in MONEY else 1) + step
    return list(held.values())


def _heads(random: np.random.Generator, n: int) -> np.ndarray:
    return random.integers(1, 100_000, n) * 10


def _met(name: str, row: tuple[int, ...]) -> bool:
    """The answer in exact fractions, written out by hand for each of the ten."""
    r0, _, r2, d0, d1, d2, cost, assets, people, tech, rnd, patents = map(int, row)
    match name:
        case "small_staff":
            return people <= 500
        case "small_revenue":
            return Fraction(r0, 100) <= 200_000_000
        case "small_assets":
            return Fraction(assets, 100) <= 200_000_000
        case "tech_staff":
            return Fraction(tech, people) >= Fraction(1, 10)
        case "rnd_staff":
            return Fraction(rnd, people) >= Fraction(1, 10)
        case "rnd_cost":
            return Fraction(d0, cost) >= Fraction(6, 100)
        case "rnd_share":
            return Fraction(d0 + d1 + d2, sum(map(int, row[:3]))) >= Fraction(5, 100)
        case "rnd_amount":
            return Fraction(d0 + d1 + d2, 100) >= 80_000_000
        case "growth":
            return Fraction(r0, r2) >= Fraction(125, 100) ** 2
    return patents >= 7
