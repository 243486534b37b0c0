"""Plans of a book: for the need declared or computed, never invented; told in both languages."""

import json
import re
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from tests.service.small_book import (
    EXPERT,
    KOREAN,
    LENT,
    LOADED,
    TRADER,
    UNKNOWN,
    at,
    job_on,
    make_book,
    read_firms,
    rows,
)

from techflow.flow.planning_need import AMOUNT, MONTHS, PROJECT, PURPOSE, find_need
from techflow.schema import DERIVED
from techflow_service.assessing import assess_store
from techflow_service.cli import techflow
from techflow_service.planning_firms import read_applicants, read_assessed

ASSUMED = {"products_n_max": 3, "dilution_share_max": 0.25}
BOOKS = {"need_basis": "turnover", "need_lcy": 500.9, "own_funds_lcy": 120.0}


@pytest.mark.parametrize(
    ("stated", "known", "amount", "lack"),
    [
        ({}, BOOKS, 380.0, None),
        ({}, BOOKS | {"debt_outstanding_lcy": 80.0}, 300.0, None),
        ({}, BOOKS | {"own_funds_lcy": -50.0}, 500.0, None),  # a loss is no need for more
        ({}, BOOKS | {"own_funds_lcy": 500.5}, None, "need_covered"),
        ({}, BOOKS | {"need_lcy": None}, None, "need_unknown"),
        ({}, BOOKS | {"need_basis": "sales_share"}, None, "need_unknown"),
        ({AMOUNT: 9e5, MONTHS: 24, PURPOSE: "rnd"}, BOOKS, 9e5, None),
        ({MONTHS: 24, PURPOSE: "rnd"}, BOOKS, 380.0, None),
        ({AMOUNT: 9e5, MONTHS: 24, PURPOSE: None}, BOOKS, None, "need_incomplete"),
        ({AMOUNT: 9e5, MONTHS: 24, PURPOSE: "yacht"}, BOOKS, None, "need_impossible"),
        ({AMOUNT: -9e5, MONTHS: 24, PURPOSE: "rnd"}, BOOKS, None, "need_impossible"),
        ({AMOUNT: 9e5, MONTHS: 0, PURPOSE: "rnd"}, BOOKS, None, "need_impossible"),
        ({AMOUNT: 9e5, MONTHS: 9, PURPOSE: "rnd", PROJECT: 1e5}, BOOKS, None, "need_impossible"),
    ],
)
def test_a_need_is_declared_or_computed_and_else_asked_for(stated, known, amount, lack):
    found = find_need(stated, known, ASSUMED)
    assert (found.need and found.need.amount_cny, found.lack) == (amount, lack)
    assert bool(found.facts) is (lack not in (None, "need_covered"))


def declared(firm_id, on, **facts):
    columns = {AMOUNT: "stated_cny", MONTHS: "stated_n", PURPOSE: "stated_code"}
    known = {"firm_id": firm_id, "declared_on": on, "known_at": at(on.year, on.month, on.day)}
    return [known | {"fact": name, columns[name]: value} for name, value in facts.items()]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    store = make_book(folder / "store")
    asked = {AMOUNT: 4e5, MONTHS: 12, PURPOSE: "working_capital"}
    facts = [
        *declared(TRADER, date(2019, 9, 1), **(asked | {AMOUNT: 9e5})),
        *declared(TRADER, date(2020, 5, 1), **asked),
        *declared(TRADER, date(2020, 7, 15), **{AMOUNT: 7e6}),  # after the day
        *declared(EXPERT, date(2020, 5, 1), **{AMOUNT: 3e5}),
    ]
    with store.transaction(LOADED) as transaction:
        transaction.add("declaration", rows("declaration", *facts, source="s2"))
    assess_store(job_on(store, folder / "out"))
    return folder / "out"


def test_the_plan_of_each_firm(book):
    frame = pl.read_parquet(book / "plan.parquet")
    assert frame.columns == list(DERIVED["plan"].names)
    found = {row["firm_id"]: row for row in frame.to_dicts()}
    assert KOREAN not in found
    statuses = {firm: row["plan_status_code"] for firm, row in found.items()}
    assert statuses[EXPERT] == "need_incomplete" and statuses[UNKNOWN] == "need_unknown"
    assert found[TRADER]["amount_cny"] == 4e5 and found[TRADER]["need_basis_code"] == "declared"
    known = read_firms(book)[LENT] | pl.read_parquet(book / "profile.parquet").filter(
        firm_id=LENT
    ).row(0, named=True)
    lacked = known["need_lcy"] - known["own_funds_lcy"] - (known["debt_outstanding_lcy"] or 0.0)
    assert found[LENT]["need_basis_code"] == "turnover"
    assert found[LENT]["amount_cny"] == pytest.approx(lacked, abs=1.0)


def test_a_plan_of_the_book_is_the_plan_of_the_command(book):
    """Priced among all firms at once, and alone by `techflow firm plan`."""
    row = pl.read_parquet(book / "plan.parquet").filter(firm_id=TRADER).row(0, named=True)
    asked = ["--amount-cny", "400000", "--term-months", "12", "--purpose", "working_capital"]
    words = ["firm", "plan", "--assessment", str(book), "--firm", TRADER, *asked, "--json"]
    done = CliRunner().invoke(techflow, words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (row["plan_status_code"] == "planned") is told["possible"]
    assert row["plan_cost_cny"] == (
        None if told["cost_cny_pa"] is None else pytest.approx(told["cost_cny_pa"], rel=1e-9)
    )


def test_each_language_holds_its_own_words(book):
    for row in pl.read_parquet(book / "plan.parquet").to_dicts():
        assert not re.search(r"[一-鿿]", row["plan_en"]), row["plan_en"]
        words = re.findall(r"[A-Za-z]{3,}", row["plan_zh"])
        assert not words, row["plan_zh"]


def test_firms_are_read_at_once_as_one_by_one(book):
    ids = list(read_firms(book))
    on = date(2020, 6, 30)
    together = read_applicants(book, read_assessed(book, ids), on=on)
    assert set(together) == {*ids} - {KOREAN}
    for firm, found in together.items():
        assert read_applicants(book, read_assessed(book, [firm]), on=on)[firm] == found
