"""Comparing two runs: what moved, why, on the terminal, as a table, as a page."""

import csv
import json
import math
from datetime import timedelta

import pytest
from tests.service.small_book import (
    EXPERT,
    KOREAN,
    LOADED,
    TRADER,
    at,
    firm,
    job_on,
    make_book,
    months,
    rows,
    statement,
)

from techflow.basics import InvalidInput
from techflow_service.assessing import (
    assess_store,
    compare_folders,
    describe_comparison,
    tell_comparison,
    write_comparison,
)

NEW = "cumcm:N1"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The book before and after: a bad year for one firm, a new firm, patents unchanged."""
    folder = tmp_path_factory.mktemp("compare")
    store = make_book(folder / "store")
    assess_store(job_on(store, folder / "before"))
    bad = statement(
        KOREAN,
        "KRW",
        operating_income_lcy=-3e6,
        net_income_lcy=-4e6,
        known_at=at(2020, 5, 1),
    )
    with store.transaction(LOADED + timedelta(days=1)) as transaction:
        transaction.add("statement", rows("statement", bad, source="restated"))
        transaction.add("firm", rows("firm", firm(NEW, name="<b>new</b>")))
        more = [row | {"sales_lcy": 2e6} for row in months(TRADER, 2, 0.0)]
        transaction.add("invoice_month", rows("invoice_month", *more, source="s2"))
    assess_store(job_on(store, folder / "after"))
    return folder


@pytest.fixture(scope="module")
def comparison(folders):
    return compare_folders(folders / "before", folders / "after")


def test_it_finds_the_firms_that_moved_and_no_others(comparison):
    found = {row["firm_id"]: row["status"] for row in comparison.firms.to_dicts()}
    assert found == {KOREAN: "moved", TRADER: "moved", NEW: "added"}
    assert comparison.counts == {"added": 1, "moved": 2}
    assert EXPERT not in found


def test_the_why_names_the_feature_with_its_value_and_the_newer_evidence(comparison):
    """Net income 0.6m -> -4m on assets of 10m: return 0.06 -> -0.4; operating 0.072 -> -0.3."""
    row = next(row for row in comparison.firms.to_dicts() if row["firm_id"] == KOREAN)
    assert row["pd_after"] > row["pd_before"]
    assert "latest evidence 2020-04-01 -> 2020-05-01" in row["why_en"]
    assert "Return on assets 0.06 -> -0.4 (+" in row["why_en"]
    assert "Operating income to assets 0.072 -> -0.3 (+" in row["why_en"]
    assert "总资产净利率 0.06 -> -0.4 (+" in row["why_zh"]


def test_the_largest_move_comes_first(comparison):
    moved = comparison.firms.filter(status="moved")
    odds = [abs(_logit(row["pd_after"]) - _logit(row["pd_before"])) for row in moved.to_dicts()]
    assert odds == sorted(odds, reverse=True)
    assert comparison.firms["firm_id"].to_list()[-1] == NEW


def _logit(pd):
    return math.log(pd / (1 - pd))


def test_what_differs_between_the_runs_is_listed(comparison):
    assert ("store", "store version 1", "store version 2") in comparison.causes
    assert len(comparison.causes) == 1


def test_changed_terms_and_cards_are_listed(folders, tmp_path):
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        for file in ("assessment.parquet", "profile.parquet", "run.json"):
            (tmp_path / name / file).write_bytes((folders / "before" / file).read_bytes())
    run = json.loads((tmp_path / "after" / "run.json").read_text("utf8"))
    run["content"]["models/korea_distress"] = "f" * 64
    next(term for term in run["terms"] if term["name"] == "lgd")["value"] = 0.4
    (tmp_path / "after" / "run.json").write_text(json.dumps(run), "utf8")
    compared = compare_folders(tmp_path / "before", tmp_path / "after")
    assert compared.firms.is_empty()
    assert ("term lgd", "0.45", "0.4") in compared.causes
    assert {name for name, _, _ in compared.causes} == {"term lgd", "content models/korea_distress"}


def test_it_is_readable_on_a_terminal_in_a_table_and_on_a_page(comparison, tmp_path):
    text = tell_comparison(comparison, width=200)
    assert text.startswith("6 firms; 1 added, 2 moved\n")
    assert "new in the book" in text
    write_comparison(comparison, tmp_path / "out")
    with (tmp_path / "out" / "compare.csv").open(encoding="utf-8-sig") as stream:
        lines = {row["firm_id"]: row for row in csv.DictReader(stream)}
    assert lines[KOREAN]["name"].startswith("'=")
    assert lines[NEW]["why_zh"] == "新进入名单"
    page = (tmp_path / "out" / "compare.html").read_text("utf8")
    assert "&lt;b&gt;new" in page and "<b>new" not in page
    assert "http" not in page
    assert describe_comparison(comparison)["counts"] == {"added": 1, "moved": 2}


def test_a_folder_that_is_no_assessment_is_named(folders, tmp_path):
    with pytest.raises(InvalidInput, match=r"run\.json"):
        compare_folders(folders / "before", tmp_path)
