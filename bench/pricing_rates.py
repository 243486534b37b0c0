"""`make bench-pricing-rates`: full price of a million loans; internal-ratings capital beside
creditriskengine. Last line: one JSON object, least, median and most of each figure.

The price has all eight tools and every part, on Polars; the effects price each loan ten times. The
internal-ratings weights are of the same generated exposures in one run, each engine in its own
process; `irb_weight_difference` is the greatest difference between them.
"""

import json
import subprocess
import sys
import tempfile
import time
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from bench.policy import environment, ratios, run, say, spread
from techflow.pricing import (
    PARTS,
    TOOLS,
    WEIGHT_PER_CAPITAL,
    Terms,
    irb_capital,
    measure_effects,
    price_loans,
    size_relief,
)

LOANS_N, IRB_N, SEED, REPEATS, IRB_REPEATS = 1_000_000, 50_000, 7, 3, 21
PEER = Path(__file__).with_name("pricing_peers") / "creditriskengine_irb.py"
VERSION = "creditriskengine==0.31.0"
PRODUCT = files("techflow_content") / "products/working_capital/params.toml"


def draw_loans(n: int) -> pl.DataFrame:
    """Loans with every tool, risks and sizes spread over what a bank sees."""
    rng = np.random.default_rng(SEED)

    def between(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, n)

    columns = {
        "pd": np.exp(between(np.log(0.0005), np.log(0.3))),
        "lgd": between(0.2, 0.6),
        "limit_lcy": np.exp(between(np.log(1e5), np.log(5e7))),
        "sales_lcy": np.exp(between(np.log(1e6), np.log(1e9))),
        "tax_share": between(0.0, 0.06),
        "relending_share": between(0.0, 1.0),
        "relending_rate_pa": between(0.0125, 0.0175),
        "relief_rate_pa": between(0.0, 0.004),
        "guarantee_share": between(0.0, 0.8),
        "guarantee_fee_rate_pa": between(0.005, 0.015),
        "guarantee_weight_ratio": between(0.2, 1.0),
        "pool_share": between(0.0, 0.5),
        "crmw_share": between(0.0, 1.0),
        "crmw_spread_rate_pa": between(0.0, 0.02),
        "crmw_weight_ratio": between(0.2, 1.0),
        "insurance_share": between(0.0, 0.9),
        "insurance_premium_rate_pa": between(0.0, 0.02),
        "premium_subsidy_rate_pa": between(0.0, 0.005),
        "discount_rate_pa": between(0.0, 0.02),
        "warrant_value_share": between(0.0, 0.03),
    }
    return pl.DataFrame(columns).with_columns(currency=pl.lit("CNY"))


def clocked(action) -> tuple[object, float]:
    start = time.process_time()
    found = action()
    return found, time.process_time() - start


def prices() -> dict:
    """Loans a CPU-second, price and effects."""
    terms = Terms.from_data(tomllib.loads(PRODUCT.read_text("utf8"))).at(date(2026, 6, 30))
    loans = draw_loans(LOANS_N)
    frame = nw.from_native(loans.lazy())

    def price():
        return price_loans(frame, terms=terms, tools=TOOLS).collect()

    def effects():
        return measure_effects(frame, terms=terms, tools=TOOLS).collect()

    found, _ = clocked(price)
    table = found.to_native()
    off = (table.select(pl.sum_horizontal(PARTS)).to_series() - table["rate_pa"]).abs().max()
    return {
        "loans_per_cpu_s": spread([LOANS_N / clocked(price)[1] for _ in range(REPEATS)]),
        "loans_with_effects_per_cpu_s": spread([LOANS_N / clocked(effects)[1] for _ in range(2)]),
        "parts_error_max": off,
        "priced_n": table["rate_pa"].count(),
    }


def write_exposures(folder: Path) -> None:
    """Exposures of both engines: sales in millions of euros, half of them above the bound."""
    rng = np.random.default_rng(SEED)
    values = {
        "pd": np.exp(rng.uniform(np.log(0.0005), np.log(0.3), IRB_N)),
        "lgd": rng.uniform(0.2, 0.6, IRB_N),
        "maturity_years": rng.uniform(1.0, 5.0, IRB_N),
        "sales": rng.uniform(1.0, 100.0, IRB_N),
    }
    for name, column in values.items():
        np.save(folder / f"{name}.npy", column)


def ours(folder: Path) -> dict:
    """Our own weights and CPU-seconds."""
    pd, lgd, years, sales = (
        np.load(folder / f"{name}.npy") for name in ("pd", "lgd", "maturity_years", "sales")
    )

    def weigh() -> np.ndarray:
        relief = size_relief(sales, low=5.0, high=50.0, factor=0.04)
        return WEIGHT_PER_CAPITAL * irb_capital(pd, lgd, maturity_years=years, relief=relief)

    weigh()
    seconds = [clocked(weigh)[1] for _ in range(IRB_REPEATS)]
    np.save(folder / "our_weight.npy", weigh())
    return {"cpu_s": seconds}


def measured() -> dict:
    """Every figure of the benchmark."""
    python = environment("creditriskengine", VERSION)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_exposures(folder)
        say("internal ratings")
        own = spread(run(sys.executable, "-m", "bench.pricing_rates", folder)["cpu_s"])
        peer = spread(run(python, PEER, folder)["cpu_s"])
        mine, theirs = (np.load(folder / f"{who}_weight.npy") for who in ("our", "peer"))
    say("prices")
    return prices() | {
        "irb_ratio_vs_creditriskengine": ratios(peer, own),
        "irb_loans_per_cpu_s": [IRB_N / seconds for seconds in reversed(own)],
        "irb_weight_difference": float(np.abs(mine - theirs).max()),
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(Path(sys.argv[1]))))
    else:
        try:
            print(json.dumps(measured()))
        except subprocess.CalledProcessError as error:
            sys.exit(f"creditriskengine could not be installed: {error}")
