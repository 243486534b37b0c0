"""`techflow sample`: a whole store, in every state of evidence, that says what it is not."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow.basics.identifiers import CHECKERS
from techflow.economy import DEMO, YARDSTICK
from techflow.evidence import as_of
from techflow.schema import TABLES
from techflow_service.cli import techflow
from techflow_service.sampling import read_truth, write_region
from techflow_service.sampling.page import render_page
from techflow_service.store import Store, check_store

LOADED_AT = datetime(2026, 7, 1, tzinfo=UTC)
EVIDENCE = ("source_row_n", "loaded_at")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "store"
    return write_region(path, DEMO, firms_n=2_000, seed=7, loaded_at=LOADED_AT)


@pytest.fixture(scope="module")
def tables(demo):
    snapshot = Store.open(demo.store).snapshot()
    return {name: snapshot.scan(name).collect() for name in snapshot.tables()}


def test_store_is_whole(demo):
    assert not check_store(demo.store)


def test_demo_is_small(demo):
    assert sum(file.stat().st_size for file in demo.store.rglob("*.parquet")) < 60e6
    assert 200_000 <= demo.rows_n["invoice"] <= 400_000


def test_values_keep_to_the_dictionary(tables):
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            values = frame[column.name].drop_nulls()
            if column.codes:
                assert set(values.unique()) <= set(column.codes), (name, column.name)
            if column.low is not None:
                assert values.is_empty() or values.min() >= column.low, (name, column.name)
            if column.high is not None:
                assert values.is_empty() or values.max() <= column.high, (name, column.name)
            if column.check:
                wrong = [text for text in values.unique()[:200] if CHECKERS[column.check](text)]
                assert not wrong, (name, column.name, wrong[:3])


def test_keys_identify_versions(tables):
    """One row per key and day it was known, so no version hides another by chance."""
    for name, frame in tables.items():
        if "known_at" in frame.columns:
            assert not frame.select(*TABLES[name].key, "known_at").is_duplicated().any(), name


def test_everything_says_that_it_is_made_up(tables):
    firms = tables["firm"]
    assert firms["name"].str.starts_with("示例·").all()
    assert firms["name_en"].str.starts_with("Sample · ").all()
    assert firms["firm_id"].str.starts_with("sample:").all()
    assert firms["uscc"].null_count() == len(firms)
    assert tables["source"]["source_name"].str.contains("not evidence about the world").all()
    assert tables["source"]["source_name"].str.contains("非真实世界证据").all()
    assert tables["invoice"]["partner_id"].str.starts_with("sample:").all()


def test_names_and_places_fit_together(tables):
    firms = tables["firm"]
    assert firms["name"].n_unique() > 0.99 * len(firms)
    cities = firms.filter(pl.col("region_code") == "320000")["city"].unique()
    assert set(cities) == {"苏州", "南京", "无锡"}


def test_every_state_of_evidence_occurs(tables):
    firms = tables["firm"].select("firm_id", "life_stage")
    for name in ("invoice", "statement", "patent", "staff", "adverse_event"):
        have = tables[name]["firm_id"].unique().implode()
        firms = firms.with_columns(pl.col("firm_id").is_in(have).alias(name))
    traders = firms.filter("invoice")
    accounts = firms.filter(~pl.col("invoice") & pl.col("statement"))
    early = firms.filter(~pl.col("invoice") & ~pl.col("statement") & pl.col("staff"))
    bare = firms.filter(~pl.any_horizontal("invoice", "statement", "patent", "staff"))
    counts = [len(group) for group in (traders, accounts, early, bare)]
    assert min(counts) > 150, counts
    assert (early["life_stage"] == "start_up").mean() > 0.9


def test_bad_evidence_occurs(tables):
    invoices, statements = tables["invoice"], tables["statement"]
    assert 0.05 < (invoices["status"] == "void").mean() < 0.15
    assert 0.003 < (invoices["net_lcy"] < 0).mean() < 0.05
    assert invoices["number_repeated"].sum() > 100
    restated = statements.filter(pl.col("source_id").str.ends_with("statement-restated"))
    both = restated.join(statements, on=TABLES["statement"].key, suffix="_before")
    both = both.filter(pl.col("source_id_before") != pl.col("source_id"))
    assert len(restated) == len(both) > 20
    assert (both["known_at"] > both["known_at_before"]).all()
    assert (both["revenue_lcy"] < both["revenue_lcy_before"]).all()
    stopped = invoices.filter(pl.col("source_id").str.ends_with("invoice-stopped"))
    assert 0 < len(stopped) < 0.1 * len(invoices)
    assert stopped["issued_on"].max() < date(2025, 12, 31)
    refused = tables["quarantine"]
    assert len(refused) == DEMO.refused_n
    assert refused["reason_code"].n_unique() == 4


DAYS = {
    "invoice": "issued_on",
    "statement": "period_end_on",
    "patent": "filed_on",
    "loan": "drawn_on",
    "adverse_event": "event_on",
    "funding_round": "closed_on",
    "credential": "since",
    "staff": "counted_on",
}


def test_nothing_happens_before_a_firm_is_founded(tables):
    founded = tables["firm"].select("firm_id", "founded_on")
    for name, day in DAYS.items():
        rows = tables[name].join(founded, on="firm_id", how="left")
        assert (rows[day] >= rows["founded_on"]).all(), name


def test_nothing_is_known_before_its_day(tables):
    for name, day in DAYS.items():
        assert (tables[name]["known_at"].dt.date() >= tables[name][day]).all(), name
    granted = tables["patent"].filter(pl.col("granted_on").is_not_null())
    assert (granted["known_at"].dt.date() >= granted["granted_on"]).all()


def test_a_past_day_sees_loans_before_their_default(tables):
    loans = nw.from_native(tables["loan"].lazy())

    def seen(day):
        view = as_of(loans, key=TABLES["loan"].key, as_of=day)
        return view.collect(backend="polars").to_native()

    then, now = seen(date(2025, 6, 30)), seen(date(2026, 6, 30))
    fell = now.filter(pl.col("defaulted_on") > date(2025, 6, 30))
    before = fell.select("loan_id").join(then, on="loan_id")
    assert len(before) > 5
    assert before["defaulted_on"].null_count() == len(before)
    repaid = now.filter((pl.col("due_on") <= date(2026, 6, 30)) & pl.col("defaulted_on").is_null())
    assert (repaid["outstanding_lcy"] == 0).all()


def test_truth_is_outside_and_complete(demo, tables):
    assert demo.store not in demo.truth.parents
    truth, planted = read_truth(demo.truth)
    assert truth["firm_id"].to_list() == sorted(tables["firm"]["firm_id"])
    log_odds = (truth["pd"] / (1 - truth["pd"])).log()
    np.testing.assert_allclose(log_odds, truth["index"], atol=1e-9)
    values = {row["name"]: row["value"] for row in planted["parameters"]}
    assert values["technology_strength"] == 1.0
    assert np.shape(planted["sector"]) == (4, 12)
    fell = truth.filter(pl.col("defaulted_on").is_not_null())
    events = tables["adverse_event"].filter(pl.col("event") == "default")
    assert set(fell["firm_id"]) == set(events["firm_id"])
    assert fell["defaulted_next"].null_count() == len(fell)


def contents(path, drop=("loaded_at",)):
    snapshot = Store.open(path).snapshot()
    return {
        name: snapshot.scan(name).select(pl.exclude(drop)).collect() for name in snapshot.tables()
    }


def test_same_seed_same_content(demo, tmp_path):
    again = write_region(tmp_path / "s", DEMO, firms_n=2_000, seed=7, loaded_at=datetime.now(UTC))
    first, second = contents(demo.store), contents(again.store)
    assert first.keys() == second.keys()
    for name, frame in first.items():
        assert frame.equals(second[name]), name
    assert again.truth.read_bytes() == demo.truth.read_bytes()
    other = write_region(tmp_path / "o", DEMO, firms_n=50, seed=8, loaded_at=LOADED_AT)
    assert not contents(other.store)["firm"]["city"].equals(first["firm"]["city"].head(50))


@pytest.mark.parametrize("mechanism", [DEMO, YARDSTICK], ids=lambda item: item.config)
def test_smaller_sample_begins_the_larger_one(mechanism, tmp_path):
    mechanism = replace(mechanism, chunk_firms=40, refused_n=0)
    small, large = (
        contents(
            write_region(
                tmp_path / str(n), mechanism, firms_n=n, seed=3, loaded_at=LOADED_AT
            ).store,
            drop=EVIDENCE,
        )
        for n in (70, 100)
    )
    for name, frame in small.items():
        if name == "source":
            continue
        begun = large[name]
        if "firm_id" in begun.columns:
            begun = begun.filter(pl.col("firm_id") <= small["firm"]["firm_id"].max())
        order = [*TABLES[name].key, "known_at"]
        assert frame.sort(order).equals(begun.sort(order)), name


def test_rows_of_a_source_are_numbered_without_gaps(tables):
    for name, frame in tables.items():
        if "source_row_n" in frame.columns and name not in ("invoice", "quarantine"):
            numbers = frame.group_by("source_id").agg(
                pl.col("source_row_n").max(), n=pl.len(), distinct=pl.col("source_row_n").n_unique()
            )
            assert (numbers["source_row_n"] == numbers["n"]).all(), name
            assert (numbers["distinct"] == numbers["n"]).all(), name


def test_same_sample_twice_changes_nothing(tmp_path):
    words = ["sample", "--store", str(tmp_path / "s"), "--firms", "30", "--json"]
    first, second = (CliRunner().invoke(techflow, words, catch_exceptions=False) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert json.loads(first.stdout)["fresh"]
    assert json.loads(first.stdout)["rows_n"]["firm"] == 30
    assert not json.loads(second.stdout)["fresh"]
    assert Store.open(tmp_path / "s").snapshot().version == 1


def test_another_sample_under_the_same_ids_is_refused(tmp_path):
    write_region(tmp_path / "s", DEMO, firms_n=30, seed=7, loaded_at=LOADED_AT)
    planted = replace(DEMO, technology_strength=2.0)
    with pytest.raises(InvalidInput, match="another sample under the ids sample:demo-7-"):
        write_region(tmp_path / "s", planted, firms_n=30, seed=7, loaded_at=LOADED_AT)
    write_region(tmp_path / "s", planted, firms_n=30, seed=8, loaded_at=LOADED_AT)
    assert not check_store(tmp_path / "s")


@pytest.mark.parametrize(
    "words, message",
    [("file/truth.parquet", "file is not a folder"), ("folder", "must be a file")],
)
def test_a_truth_that_cannot_be_written_is_refused_at_once(tmp_path, words, message):
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder").mkdir()
    draw = {"firms_n": 30, "seed": 7, "loaded_at": LOADED_AT, "truth": tmp_path / words}
    with pytest.raises(InvalidInput, match=message):
        write_region(tmp_path / "s", DEMO, **draw)
    assert not (tmp_path / "s").exists()


def test_no_truth_no_sample(tmp_path):
    """A draft that cannot be made (a folder has its name) leaves the store as it was."""
    (tmp_path / "truth.parquet.draft").mkdir()
    draw = {"firms_n": 30, "seed": 7, "loaded_at": LOADED_AT, "truth": tmp_path / "truth.parquet"}
    with pytest.raises(OSError):
        write_region(tmp_path / "s", DEMO, **draw)
    assert Store.open(tmp_path / "s").snapshot().version == 0


@pytest.mark.soak
def test_a_million_firms_stream_in_bounded_memory(tmp_path):
    """Aim: under 120 s on two quiet cores and 3 GB."""
    script = (
        "import resource, sys; from techflow_service.cli import techflow; "
        "techflow(sys.argv[1:], standalone_mode=False); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    words = ["sample", "--store", str(tmp_path / "s"), "--config", "yardstick", "--json"]
    command = [sys.executable, "-c", script, *words, "--firms", "1000000"]
    started = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    summary, rss_kb = done.stdout.splitlines()
    assert json.loads(summary)["rows_n"]["invoice_month"] == 12_000_000
    assert int(rss_kb) < 3e6
    assert time.monotonic() - started < 120


def test_summary_says_what_it_is(tmp_path):
    words = ["sample", "--store", str(tmp_path / "s"), "--firms", "5", "--technology-flow", "2"]
    done = CliRunner().invoke(techflow, words, catch_exceptions=False)
    assert "not evidence about the world: demo, 5 firms, seed 7" in done.stdout
    assert "technology flow in default: 2 log-odds per sd" in done.stdout
    assert "sealed truth:" in done.stdout


@pytest.mark.parametrize(
    "words, message",
    [
        (["--firms", "0"], "--firms must be between 1 and"),
        (["--seed", "-1"], "--seed must be 0 or more"),
        (["--truth", "STORE/truth.parquet"], "must lie outside the store"),
    ],
)
def test_wrong_input_is_one_clear_message(tmp_path, words, message):
    store = str(tmp_path / "s")
    words = [word.replace("STORE", store) for word in words]
    done = CliRunner().invoke(techflow, ["sample", "--store", store, *words])
    assert isinstance(done.exception, InvalidInput)
    assert message in str(done.exception)
    assert not (tmp_path / "s").exists()


def test_a_store_with_real_evidence_is_refused(tmp_path):
    row = {
        "source_id": "own:1",
        "source_name": "invoices.csv",
        "importer": "csv",
        "sha256": "0" * 64,
        "rows_n": 0,
        "kept_n": 0,
        "quarantined_n": 0,
    }
    with Store.open(tmp_path / "s", create=True).transaction(LOADED_AT) as transaction:
        transaction.add("source", pl.DataFrame([row]))
    with pytest.raises(InvalidInput, match=r"holds evidence about real firms \(invoices.csv\)"):
        write_region(tmp_path / "s", DEMO, firms_n=5, seed=7, loaded_at=LOADED_AT)


def test_page_is_fresh():
    page = Path(__file__).parents[2] / "docs/economy.md"
    assert page.read_text("utf8") == render_page(), "run `make docs`"
