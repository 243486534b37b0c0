"""`techflow region branches | institutions` on a made-up region with one planted branch."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, NotInForce
from techflow.economy import DEMO
from techflow_service.banking.reading import tolerance_share
from techflow_service.cli import techflow
from techflow_service.sampling import write_region

ON = date(2026, 6, 30)
ODD = "sample:bank-01-320000"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("banks") / "store"
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    mechanism = replace(DEMO, single_invoices=False, refused_n=0)
    return write_region(path, mechanism, firms_n=2_000, seed=7, loaded_at=moment).store


def run(*words):
    return CliRunner().invoke(
        techflow, ["region", *map(str, words)], catch_exceptions=False, standalone_mode=False
    )


def check_page(path):
    page = path.read_text("utf8")
    english = " ".join(re.findall(r'data-l="en"[^>]*>([^<]*)<', page))
    assert not re.search("[一-鿿]", english)
    assert "What this page cannot know" in english and "http" not in page


def test_the_planted_branch_is_found_and_noise_is_not(store, tmp_path):
    told = json.loads(
        run("branches", "--store", store, "--as-of", ON, "--out", tmp_path, "--json").output
    )
    rows = pl.read_csv(tmp_path / "branches.csv", schema_overrides={"region_code": pl.String})
    low = rows.filter(pl.col("unsecured_verdict") == "low")["branch_id"].to_list()
    assert low == [ODD]
    assert told["branches_n"] == rows.height > 100 and told["outside_n"] <= 4
    small = rows.filter(pl.col("customers_n") < 5)
    assert small.height > 50 and set(small["bad_verdict"]) == {"unknown"}
    assert told["beyond_n"] == 0 < told["above_n"], "a ratio above the tolerance may be chance"
    check_page(tmp_path / "branches.html")


def test_banks_are_ranked_with_intervals_and_bonds_count(store, tmp_path):
    told = json.loads(
        run("institutions", "--store", store, "--as-of", ON, "--out", tmp_path, "--json").output
    )
    rows = pl.read_csv(tmp_path / "institutions.csv")
    ranked = rows.drop_nulls("rank")
    assert told["ranked_n"] == ranked.height >= 15
    assert ((ranked["rank_low"] <= ranked["rank"]) & (ranked["rank"] <= ranked["rank_high"])).all()
    assert (ranked["rank_high"] - ranked["rank_low"]).mean() > 3, "noise is not told apart"
    assert rows["bonds_cny"].max() > 0
    assert (rows["efficiency"] <= rows["efficiency_high"]).all()
    check_page(tmp_path / "institutions.html")


def test_tolerance_is_the_law_of_the_day():
    assert tolerance_share(ON) == (0.03, "text")
    with pytest.raises(NotInForce):
        tolerance_share(date(2024, 1, 11))


def test_nothing_lent_yet_is_told(store, tmp_path):
    with pytest.raises(InvalidInput, match="no technology loan with a lender_id"):
        run("branches", "--store", store, "--as-of", "2019-01-31", "--out", tmp_path)
