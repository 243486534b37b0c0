"""`techflow statistics` on a made-up region: what is published gives no firm away."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from tests.region.test_disclosure_control import plain_interval

from techflow.basics import InvalidInput
from techflow.economy import DEMO
from techflow.region.statistics.layout import lay_out
from techflow_service.cli import techflow
from techflow_service.models import MODELS
from techflow_service.sampling import write_region
from techflow_service.statistics.content import read_spec
from techflow_service.statistics.reading import read_periods
from techflow_service.statistics.tabling import DIMENSIONS, make_tables

ON = date(2026, 6, 30)
KEPT = ("technology_firm", "hnte", "tech_sme", "specialised_sme", "little_giant")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("statistics") / "store"
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    mechanism = replace(DEMO, single_invoices=False, refused_n=0)
    return write_region(path, mechanism, firms_n=500, seed=7, loaded_at=moment).store


@pytest.fixture(scope="module")
def spec():
    whole = read_spec()
    data = {**whole.data, "periods_n": 2}
    return replace(whole, data=data, categories={n: whole.categories[n] for n in KEPT})


@pytest.fixture(scope="module")
def made(store, spec):
    return make_tables(read_periods(store, spec, until=ON), spec)


def run(*words):
    return CliRunner().invoke(
        techflow, ["statistics", *map(str, words)], catch_exceptions=False, standalone_mode=False
    )


def test_what_is_published_defeats_the_plain_attacker(store, spec, made):
    """The published file alone, with an attacker written apart from the library."""
    now = made.internal.filter(pl.col("period_end_on") == ON)
    assert (now["balance_reason"] == "few").sum() > 5 and (now["balance_reason"] == "").sum() > 5
    loans = read_periods(store, spec, until=ON)[ON].filter(pl.col("balance_cny") > 0)
    sets = [frozenset(n for n in spec.flags if row[n]) for row in loans.iter_rows(named=True)]
    patterns = sorted(set(sets), key=sorted)
    levels = {
        d: sorted(set(made.internal.filter(pl.col("dimension") == d)["level"])) for d in DIMENSIONS
    }
    laid = lay_out(patterns, spec.categories, levels)
    public = made.public.filter(pl.col("period_end_on") == ON)
    known = {
        tuple(r[:3]): r[3]
        for r in public.select("category", "dimension", "level", "balance_cny").rows()
    }
    shown = np.array([known.get(name) is not None for name in laid.names])
    true = {
        tuple(r[:3]): r[3]
        for r in now.select("category", "dimension", "level", "balance_cny").rows()
    }
    values = np.array([true.get(name, 0.0) for name in laid.names]) / 1e6
    attacked = 0
    for name, reason in zip(
        now.select("category", "dimension", "level").rows(), now["balance_reason"], strict=True
    ):
        if reason in ("few", "dominance", "change") and name in laid.names:
            place = laid.names.index(name)
            low, high = plain_interval(laid.cells, laid.ties, values, shown, place)
            margin = 0.1 if reason != "change" else 1e-3
            assert low <= values[place] * (1 - margin) + 1e-4, name
            assert high >= values[place] * (1 + margin) - 1e-4, name
            attacked += 1
    assert attacked > 5


def test_totals_count_each_loan_once(store, spec, made):
    now = made.internal.filter((pl.col("period_end_on") == ON) & (pl.col("dimension") == "total"))
    amount = dict(now.select("category", "balance_cny").rows())
    rows = read_periods(store, spec, until=ON)[ON]
    firm = pl.any_horizontal(pl.col(n) > 0 for n in spec.categories["technology_firm"])
    assert amount["technology_firm"] == pytest.approx(rows.filter(firm)["balance_cny"].sum())
    parts = sum(amount[n] for n in ("hnte", "tech_sme", "specialised_sme"))
    assert amount["technology_firm"] < parts, "some firms hold two credentials"
    both = rows.filter((pl.col("hnte") > 0) & (pl.col("tech_sme") > 0))["balance_cny"].sum()
    assert amount["hnte & tech_sme"] == pytest.approx(both)


def test_the_command_writes_what_may_be_published(store, tmp_path):
    own = tmp_path / "own.toml"
    text = (MODELS / "statistics.toml").read_text("utf8")
    own.write_text(text.replace("periods_n = 3", "periods_n = 1"), "utf8")
    words = ("--store", store, "--as-of", ON, "--out", tmp_path, "--model", own, "--json")
    told = json.loads(run("tables", *words).output)
    public = pl.read_csv(tmp_path / "statistics.csv")
    assert told["cells_n"] == public.height and told["periods_n"] == 1
    assert not [name for name in public.columns if "reason" in name]
    hidden = public.filter("balance_withheld")
    assert hidden["balance_cny"].null_count() == hidden["rate_pa"].null_count() == hidden.height
    shown = public.filter(~pl.col("balance_withheld"))["balance_firms_n"]
    assert ((shown == 0) | (shown >= 5)).all()
    page = (tmp_path / "statistics.html").read_text("utf8")
    english = " ".join(re.findall(r'data-l="en"[^>]*>([^<]*)<', page))
    assert not re.search("[一-鿿]", english)
    assert "What this page cannot know" in english and "http" not in page


def test_wrong_input_is_told(store, tmp_path):
    with pytest.raises(InvalidInput, match="no loan that was known by 2019-12-31"):
        run("tables", "--store", store, "--as-of", "2020-01-01", "--out", tmp_path)
    wrong = tmp_path / "own.toml"
    wrong.write_text("periods_n = 2\n", "utf8")
    with pytest.raises(InvalidInput, match="needs credentials, industries"):
        run("tables", "--store", store, "--as-of", ON, "--out", tmp_path, "--model", wrong)
    wrong.write_text("periods_n = \n", "utf8")
    with pytest.raises(InvalidInput, match="is no TOML"):
        run("tables", "--store", store, "--as-of", ON, "--out", tmp_path, "--model", wrong)
