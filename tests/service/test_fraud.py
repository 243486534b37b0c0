"""`techflow fraud scan` on a synthetic region with planted rings, and on a record that is blind."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
from bench.fraud_review import first_seen, review_rings, ring_sales, sum_reviews
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow.economy import DEMO
from techflow_service.cli import techflow
from techflow_service.sampling import read_truth, write_region
from techflow_service.store import Store
from techflow_service.suspecting.content import load_signs
from techflow_service.suspecting.page import NAMES
from techflow_service.suspecting.scanning import scan_tables

AS_OF = "2026-06-30"


def run(*words):
    return CliRunner().invoke(techflow, ["fraud", "scan", *map(str, words)])


def read_csv(path):
    return list(csv.DictReader(path.read_text("utf8").splitlines()))


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fraud")
    mechanism = replace(
        DEMO,
        chunk_firms=400,
        ring_share=0.1,
        ring_spread_max=0.01,
        ring_size_max=3,
        ring_days_max=9,
    )
    loaded_at = datetime(2026, 7, 1, tzinfo=UTC)
    written = write_region(folder / "s", mechanism, firms_n=400, seed=7, loaded_at=loaded_at)
    done = run("--store", folder / "s", "--as-of", AS_OF, "--out", folder / "o", "--capacity", 9)
    assert done.exit_code == 0, done.output
    return folder, read_truth(written.truth)[0]


def test_tight_rings_are_the_first_cases_with_their_circles_as_evidence(region):
    folder, truth = region
    told = json.loads((folder / "o/cases.json").read_text("utf8"))
    members = set(truth.filter(pl.col("ring_id").is_not_null())["firm_id"])
    assert len(told["cases"]) == 9 and told["circles_n"] > 0
    assert {case["firm_id"] for case in told["cases"]} <= members
    for row in told["cases"][0]["evidence"]:
        if row["kind"] == "cycle":
            assert {row["seller_id"], row["buyer_id"]} <= members


def test_every_sign_of_a_case_has_its_sentences_and_its_number(region):
    folder, _ = region
    out = folder / "o"
    firms = {row["firm_id"]: row for row in read_csv(out / "firms.csv")}
    rows = read_csv(out / "cases.csv")
    for row in rows:
        assert float(row["value"]) == float(firms[row["firm_id"]][row["number"]])
        assert float(row["value"]) >= float(row["limit"])
        assert row["zh"] and row["en"] and "{" not in row["zh"] + row["en"]
    page = (folder / "o/fraud.html").read_text("utf8")
    assert all(row["zh"] in page and row["en"] in page for row in rows)
    assert "no finding of fraud" in page and "不是舞弊认定" in page


def test_every_sign_has_a_short_name_and_its_mark():
    signs = load_signs(date(2026, 6, 30))
    assert {sign.name for sign in signs.signs} == set(NAMES)
    assert signs.status == "proposal"


def test_a_record_that_cannot_show_circles_says_unknown(region):
    folder, _ = region
    snapshot = Store.open(folder / "s").snapshot()
    tables = {name: snapshot.scan(name).collect() for name in ("firm", "invoice", "relationship")}
    # Sellers and buyers coded apart, as in the contest set: nobody is seen on both sides.
    coded = pl.format("{}-{}", "direction", "partner_id")
    tables["invoice"] = tables["invoice"].with_columns(partner_id=coded)
    tables["relationship"] = tables["relationship"].clear()
    scan = scan_tables(tables, date(2026, 6, 30), load_signs(date(2026, 6, 30)))
    blind = ("cycle_share", "mutual_share", "same_day_trip_share", "linked_sales_share")
    assert all(scan.firms[name].count() == 0 for name in blind)
    assert scan.counts["sees_circles_n"] == 0


def test_reviews_count_rings_once_and_delay_from_their_first_day():
    firms = pl.DataFrame({"firm_id": ["a", "b", "c", "d"], "case_n": [1, 2, 3, None]})
    truth = pl.DataFrame(
        {
            "firm_id": ["a", "b", "c", "d"],
            "ring_id": ["r", "r", None, "s"],
            "ring_since": [date(2026, 1, 1)] * 2 + [None, date(2026, 1, 1)],
            "ring_honest": [False, False, True, False],
        }
    )
    found = sum_reviews([review_rings(firms, truth, 3)])
    assert found["ring_recall_at_capacity"][1] == 1 / 2
    assert found["ring_precision"][1] == found["member_recall"][1] == 2 / 3
    assert found["honest_share"][1] == 1 / 3
    seen = first_seen({date(2026, 3, 2): firms, date(2026, 6, 1): firms}, truth, 1)
    row = {one["ring_id"]: one["seen_on"] for one in seen.iter_rows(named=True)}
    assert row == {"r": date(2026, 3, 2), "s": None}
    line = {"direction": "sale", "status": "valid", "firm_id": "a", "partner_id": "b"}
    days = [date(2026, 2, 1), date(2026, 4, 1)]
    invoices = pl.DataFrame([line | {"issued_on": day, "net_lcy": 5.0} for day in days])
    assert ring_sales(invoices, truth, seen) == {"ring_sales_cny": 10.0, "unseen_sales_cny": 5.0}
    with pytest.raises(InvalidInput, match="at least 1 case; got 0"):
        review_rings(firms, truth, 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--capacity", 0), "--capacity must be at least 1; got 0"), ((), "has no firms")],
)
def test_wrong_input_is_one_clear_message(tmp_path, words, message):
    Store.open(tmp_path / "s", create=True)
    done = run("--store", tmp_path / "s", "--as-of", AS_OF, "--out", tmp_path / "o", *words)
    assert isinstance(done.exception, InvalidInput)
    assert message in str(done.exception)
