"""`techflow pool simulate`: a book file through a scheme over years."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    n, rng = 400, np.random.default_rng(3)
    loan = np.round(rng.uniform(2e5, 5e6, n), -3)
    path = tmp_path_factory.mktemp("book") / "book.csv"
    pl.DataFrame(
        {
            "firm_id": [f"F{i}" for i in range(n)],
            "pd": [*rng.uniform(0.002, 0.05, n - 2).round(5), 1.5, None],
            "lgd": np.full(n, 0.5),
            "loan_cny": loan,
            "sector": rng.choice(["software", "biotech"], n),
            "region": rng.choice(["A", "B"], n),
            "bank_id": rng.choice(["B1", "B2", "B3"], n),
            "first_loan": rng.choice(["yes", "no"], n),
        }
    ).write_csv(path)
    return path


def run(*args):
    done = CliRunner().invoke(techflow, ["pool", "simulate", *map(str, args)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


ON = ("--on", "2026-06-30", "--scenarios", 1500, "--years", 2)


def test_a_book_through_the_designed_scheme(book, tmp_path):
    told = json.loads(run("designed-layers", book, *ON, "--renew", "--out", tmp_path, "--json"))
    assert told["book"]["loans_n"] == 398
    assert {row["problem"]: row["n"] for row in told["book"]["aside"]} == {"pd_unusable": 2}
    mean = told["loss"]["mean"]
    assert sum(p["mean"]["value"] for p in told["parties"]) == pytest.approx(mean["value"])
    tail = told["loss"]["es"]["value"]
    assert sum(p["tail"]["value"] for p in told["parties"]) == pytest.approx(tail)
    assert sum(s["loss_tail"]["value"] for s in told["sectors"]) == pytest.approx(tail)
    # Mean of a simulation is the sum of pd x lgd x exposure, twice (renewed): no model needed.
    assert abs(mean["value"] - 2 * told["book"]["loss_expected_pa"]) < 4 * mean["error"]
    chances = [row["tripped"]["value"] for row in told["years"]]
    assert chances == sorted(chances)
    assert told["firms"][0]["loss_tail"]["value"] >= told["firms"][-1]["loss_tail"]["value"]
    scenarios = pl.read_parquet(tmp_path / "scenarios.parquet")
    assert scenarios.height == 1500
    assert scenarios["pool_cny"].mean() == pytest.approx(told["parties"][0]["mean"]["value"])
    page = (tmp_path / "simulation.html").read_text("utf8")
    assert 'data-l="zh"' in page and "Is the pool solvent" in page
    assert json.loads((tmp_path / "simulation.json").read_text("utf8")) == told


def test_a_scheme_without_a_purse_and_in_chinese(book, tmp_path):
    rows = pl.read_csv(book).with_columns(
        loan_security=pl.lit("credit"),
        on_key_support_list=pl.lit("no"),
        monetary_tool_support=pl.lit("no"),
    )
    path = tmp_path / "book.csv"
    rows.write_csv(path)
    text = run("guangzhou-bank", path, *ON, "--out", tmp_path, "--lang", "zh")
    assert "市级风险补偿资金" in text and "标准误" in text


def test_same_seed_same_answer(book, tmp_path):
    first, second = (
        run("designed-layers", book, *ON, "--out", tmp_path, "--json") for _ in range(2)
    )
    assert first == second


def test_wrong_input_is_told(book, tmp_path):
    with pytest.raises(MissingColumn, match=r"lacks .*loan_security"):
        run("guangzhou-bank", book, *ON, "--out", tmp_path)
    with pytest.raises(InvalidInput, match="cannot be simulated"):
        run("anhui-direct", book, *ON, "--out", tmp_path)
    with pytest.raises(InvalidInput, match="years 1 or more"):
        run("designed-layers", book, "--on", "2026-06-30", "--scenarios", 1, "--out", tmp_path)


def test_size_and_share_of_a_pool(book, tmp_path):
    args = ("designed-layers", book, "--on", "2026-06-30", "--scenarios", 400, "--years", 2)
    more = ("--renew", "--target", 0.05, "--out", tmp_path, "--json")
    done = CliRunner().invoke(techflow, ["pool", "optimise", *map(str, args + more)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["giver"]["id"] == "guarantor"
    assert {p["share"] for p in told["points"]} <= {0.1, 0.2, 0.3, 0.4}  # 40 of the others
    best = told["points"][told["best"]]
    assert best["emptied"]["value"] <= 0.05
    page = (tmp_path / "frontier.html").read_text("utf8")
    assert "最优" in page and "Best:" in page


def test_shares_stay_within_the_scheme(book, tmp_path):
    """Guangzhou, bank mode: the pool bears 50 % at most (rate_max of the policy)."""
    rows = pl.read_csv(book).with_columns(
        loan_security=pl.lit("credit"),
        on_key_support_list=pl.lit("no"),
        monetary_tool_support=pl.lit("no"),
    )
    path = tmp_path / "book.csv"
    rows.write_csv(path)
    args = ("guangzhou-bank", path, "--on", "2026-06-30", "--scenarios", 100, "--out", tmp_path)
    asked = ("--share", 0.4, "--share", 0.5, "--share", 0.6, "--size", 1e7, "--json")
    done = CliRunner().invoke(techflow, ["pool", "optimise", *map(str, args + asked)])
    assert done.exit_code == 0, done.output
    assert {p["share"] for p in json.loads(done.stdout)["points"]} == {0.4, 0.5}


WITHOUT_NUMBA = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numba":
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Absent())
from techflow_service.cli import main
main()
"""


def test_without_numba_the_extra_is_named(book, tmp_path):
    args = ["pool", "simulate", "designed-layers", str(book), "--on", "2026-06-30"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA, *args, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "techflow[simulate]" in done.stderr
