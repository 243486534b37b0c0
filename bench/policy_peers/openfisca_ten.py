"""OpenFisca on the ten thresholds: `openfisca_ten.py FOLDER CASES REPEATS`, one JSON line.

Variables are floats and ints as its country packages declare them (float32, int32); one entity,
one period, vectorised formulas. Arrays are in memory before the clock starts.
"""

import json
import sys
import time

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2024"
FIRM = build_entity("firm", "firms", "A firm", is_person=True)
FORMULAS = {
    "small_staff": lambda f: f("employees_n") <= 500,
    "small_revenue": lambda f: f("revenue_y0_cny") <= 200_000_000,
    "small_assets": lambda f: f("total_assets_y0_cny") <= 200_000_000,
    "tech_staff": lambda f: f("tech_staff_n") >= 0.1 * f("employees_n"),
    "rnd_staff": lambda f: f("rnd_staff_n") >= 0.1 * f("employees_n"),
    "rnd_cost": lambda f: f("rnd_y0_cny") >= 0.06 * f("cost_expense_y0_cny"),
    "rnd_share": lambda f: total(f, "rnd") >= 0.05 * total(f, "revenue"),
    "rnd_amount": lambda f: total(f, "rnd") >= 80_000_000,
    "growth": lambda f: (f("revenue_y0_cny") / f("revenue_y2_cny")) ** 0.5 - 1 >= 0.25,
    "patents": lambda f: f("inventions_n") >= 7,
}


def total(f, name):
    return f(f"{name}_y0_cny") + f(f"{name}_y1_cny") + f(f"{name}_y2_cny")


def everything(f):
    return np.logical_and.reduce([f(name) for name in FORMULAS])


def variable(name, kind, formula=None):
    held = {"value_type": kind, "entity": FIRM, "definition_period": DateUnit.YEAR, "label": name}
    if formula:
        held["formula"] = lambda firm, period, parameters: formula(lambda x: firm(x, period))
    return type(name, (Variable,), held)


def system_of(columns):
    system = TaxBenefitSystem([FIRM])
    for name in columns:
        system.add_variable(variable(name, int if name.endswith("_n") else float))
    for name, formula in {**FORMULAS, "eligible": everything}.items():
        system.add_variable(variable(name, bool, formula))
    return system


def simulate(system, arrays):
    """One simulation from arrays to the ten answers and their conjunction."""
    count = len(next(iter(arrays.values())))
    simulation = SimulationBuilder().build_default_simulation(system, count)
    for name, values in arrays.items():
        simulation.set_input(name, PERIOD, values)
    return {name: simulation.calculate(name, PERIOD) for name in (*FORMULAS, "eligible")}


def main(folder, cases, repeats):
    arrays = {c.name: c.to_numpy() for c in pl.read_parquet(f"{folder}/*.parquet").iter_columns()}
    system, runs = system_of(arrays), []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        found = simulate(system, arrays)
        counts = {name: int(values.sum()) for name, values in found.items()}
        runs.append([time.perf_counter() - start, time.process_time() - cpu])
    edges = pl.read_parquet(cases)
    exact = edges["exact"].to_numpy().astype(bool)
    edge_arrays = {c.name: c.to_numpy() for c in edges.drop("exact").iter_columns()}
    found = simulate(system, edge_arrays)
    block = len(exact) // len(FORMULAS)
    got = np.concatenate([found[n][i * block :][:block] for i, n in enumerate(FORMULAS)])
    wrong = int((got != exact).sum())
    print(
        json.dumps(
            {
                "firms_n": len(next(iter(arrays.values()))),
                "runs": runs,
                "counts": counts,
                "wrong": wrong,
            }
        )
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
