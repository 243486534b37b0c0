"""An update must equal a full assessment, whatever was corrected, and say what moved and why."""

import csv
import json
import random
from datetime import date, timedelta

import polars as pl
import pytest
from tests.service.small_book import (
    EXPERT,
    KOREAN,
    LENT,
    LOADED,
    TRADER,
    UNKNOWN,
    at,
    firm,
    job_on,
    loan,
    make_book,
    months,
    rows,
    statement,
)

from techflow.basics import InvalidInput
from techflow_service.assessing import assess_store, update_store
from techflow_service.assessing.updating import why_all

NOW = at(2021, 6, 30)
TABLES = (
    *("assessment", "profile", "series", "statements", "patents"),
    *("facts", "qualification"),
)


def correct(store, seed):
    """One transaction with a few random records: new firms, corrections, later knowledge."""
    chance = random.Random(seed)
    known = {"known_at": at(2020, chance.choice([5, 6, 7]), 15)}
    anyone = chance.choice([KOREAN, TRADER, LENT, EXPERT, UNKNOWN])
    choices = {
        "firm": [firm(f"cumcm:N{seed}", **known)],
        "statement": [statement(anyone, revenue_lcy=chance.uniform(1e6, 1e8), **known)],
        "invoice_month": [row | known for row in months(anyone, 13, chance.uniform(1e4, 1e7))],
        "loan": [
            loan(
                chance.choice(["L1", "L2", "L3", f"N{seed}"]),
                anyone,
                outstanding_lcy=chance.uniform(0, 1e6),
                defaulted_on=chance.choice([None, date(2018, 6, 1)]),
                **known,
            )
        ],
    }
    picked = chance.sample(sorted(choices), chance.randint(1, 3))
    with store.transaction(LOADED + timedelta(days=seed + 1)) as transaction:
        for table in picked:
            transaction.add(table, rows(table, *choices[table], source=f"c{seed}"))


def test_an_update_equals_a_full_assessment_after_random_corrections(tmp_path):
    store = make_book(tmp_path / "store")
    assess_store(job_on(store, tmp_path / "kept"))
    partial = 0
    for seed in range(2):
        correct(store, seed)
        update = update_store(job_on(store, tmp_path / "kept"), at=NOW)
        assert update.whole is None
        partial += update.judged_n < update.record["counts"]["firms_n"]
        assess_store(job_on(store, tmp_path / "full"))
        for name in TABLES:
            kept, full = (
                pl.read_parquet(tmp_path / folder / f"{name}.parquet")
                for folder in ("kept", "full")
            )
            assert kept.equals(full), (seed, name)
    assert partial >= 1


def test_only_the_changed_firm_is_judged_and_the_log_says_why(tmp_path):
    store, out = make_book(tmp_path / "store"), tmp_path / "out"
    assess_store(job_on(store, out))
    with store.transaction(LOADED + timedelta(days=1)) as transaction:
        changed = statement(KOREAN, "KRW", operating_income_lcy=-5e6, net_income_lcy=-6e6)
        transaction.add("statement", rows("statement", changed, source="restated"))
    update = update_store(job_on(store, out), at=NOW)
    assert (update.judged_n, update.whole) == (1, None)
    with (out / "changes.csv").open(encoding="utf8") as stream:
        log = list(csv.DictReader(stream))
    assert len(log) == update.changes_n > 0
    assert {row["firm_id"] for row in log} == {KOREAN}
    assert {row["why"] for row in log} == {"statement from restated"}
    assert {(row["version_from"], row["version_to"]) for row in log} == {("1", "2")}
    pd = next(row for row in log if row["column"] == "pd")
    assert float(pd["before"]) < float(pd["after"])

    again = update_store(job_on(store, out), at=NOW)
    assert (again.judged_n, again.changes_n) == (0, 0)
    assert len((out / "changes.csv").read_text("utf8").splitlines()) == len(log) + 1


def test_outcomes_of_like_firms_reach_every_expert_grade(tmp_path):
    """A second expert's firm whose loan was repaid: 1 - (1 - 0.75)^(1/2) = 0.5 for both."""
    store, out = make_book(tmp_path / "store"), tmp_path / "out"
    assess_store(job_on(store, out))
    new = "cumcm:N1"
    snapshot = store.snapshot()
    with store.transaction(LOADED + timedelta(days=1)) as transaction:
        transaction.add("firm", rows("firm", firm(new)))
        transaction.add("loan", rows("loan", loan("L9", new)))
        for table in ("patent", "staff", "credential"):
            same = snapshot.scan(table).collect().drop("loaded_at")
            transaction.add(table, same.with_columns(firm_id=pl.lit(new)))
    update = update_store(job_on(store, out), at=NOW)
    assert update.judged_n == 2
    table = pl.read_parquet(out / "assessment.parquet")
    for firm_id in (EXPERT, new):
        pd = table.row(by_predicate=pl.col("firm_id") == firm_id, named=True)["pd"]
        assert pd == pytest.approx(0.5, abs=1e-12)
    assert "loan outcomes of the book changed" in (out / "changes.csv").read_text("utf8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda run: run | {"as_of": "2020-05-31"}, "as of"),
        (lambda run: run | {"techflow": "0.0.1"}, "techflow"),
        (lambda run: run | {"content": {}}, "content changed"),
        (lambda run: run | {"replay": True}, "replay"),
        (lambda run: run | {"store": {"name": "other", "version": 1}}, "store other"),
        (lambda run: run | {"files": run["files"] | {"profile.parquet": "0"}}, "profile.parquet"),
    ],
)
def test_it_says_why_it_judges_everybody(book, spoil, words):
    job, record = book
    assert why_all(record, job) is None
    assert words in why_all(spoil(record), job)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    job = job_on(make_book(folder / "store"), folder / "out")
    assess_store(job)
    return job, json.loads((folder / "out" / "run.json").read_text("utf8"))


def test_a_folder_without_a_run_is_named(tmp_path, book):
    job = job_on(make_book(tmp_path / "store"), tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="techflow assess"):
        update_store(job, at=NOW)
    assert not (tmp_path / "nothing").exists()
