"""`techflow credit validate`: figures, warnings first, both languages, wrong input."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow_service.cards import load_card, load_scale
from techflow_service.cli import techflow
from techflow_service.scoring import read_rows, score_rows
from techflow_service.validating.measure import horizon_pd

LOANS = "sba_loans/sba_national_22427.csv.gz"


@pytest.fixture(scope="module")
def report(request, tmp_path_factory):
    """The report on 3,000 loans, and its figures."""
    folder = tmp_path_factory.mktemp("validation")
    rows = read_rows(request.getfixturevalue("shared") / LOANS).sample(3000, seed=1)
    source = folder / "in.parquet"
    rows.write_parquet(source)
    argv = ["credit", "validate", "sba-default", str(source), "--out", str(folder / "out")]
    done = CliRunner().invoke(techflow, argv)
    assert done.exit_code == 0, done.output
    page = (folder / "out" / "validation.html").read_text("utf8")
    return page, json.loads((folder / "out" / "validation.json").read_text("utf8")), rows


def test_use_and_limits_come_before_any_figure(report):
    page, _, _ = report
    for zh, en in (("用途与限制", "Use and limits"), ("何时不可使用", "When not to use it")):
        assert page.index(zh) < page.index("AUC") and page.index(en) < page.index("AUC")
    assert "http" not in page.replace("http-equiv", "")


def test_leaks_are_named_and_not_used(report):
    _, figures, _ = report
    assert {leak["column"] for leak in figures["leaks"]} == {"Term", "ChgOffDate", "ChgOffPrinGr"}
    assert not any(leak["used"] for leak in figures["leaks"])


def test_inputs_that_moved_are_named_most_first(report):
    page, figures, rows = report
    moved = figures["characteristics"]
    assert [m["value"] for m in moved] == sorted((m["value"] for m in moved), reverse=True)
    # The low-document programme ended: many of the loans of 1997, none of 2004.
    early = rows.filter(pl.col("ApprovalDate").str.ends_with("1997"))["LowDoc"] == "Y"
    late = rows.filter(pl.col("ApprovalDate").str.ends_with("2004"))["LowDoc"] == "Y"
    assert early.mean() > 0.1 > late.mean()
    assert "low_document_share" in {m["name"] for m in moved}
    assert moved[0]["label"]["zh"] in page


def test_figures_agree_with_scoring(report):
    _, figures, rows = report
    scored = score_rows(rows, load_card("sba-default"), load_scale())
    # The card has no horizon, so the probability of its class is the PD.
    assert np.abs(horizon_pd(scored["score"].to_numpy()) - scored["pd"].to_numpy()).max() < 1e-9
    y = rows["MIS_Status"] == "CHGOFF"
    assert figures["events_n"] == y.sum()
    assert sum(grade["rows_n"] for grade in figures["grades"]) == figures["scored_n"]
    assert figures["calibration"]["observed_rate"] == pytest.approx(
        y.sum() / rows["MIS_Status"].count()
    )


def test_wrong_input_says_what_to_do(tmp_path, shared):
    rows = read_rows(shared / LOANS).head(50)
    for name, table, said in (
        ("nolabel", rows.drop("MIS_Status"), "no label column"),
        ("few", rows.head(5), "10 events"),
    ):
        source = tmp_path / f"{name}.parquet"
        table.write_parquet(source)
        argv = ["credit", "validate", "sba-default", str(source), "--out", str(tmp_path / "o")]
        assert said in str(CliRunner().invoke(techflow, argv).exception)
    argv = ["credit", "validate", "sba-lgd", "x.csv", "--out", str(tmp_path)]
    assert "loss rates" in str(CliRunner().invoke(techflow, argv).exception)


def test_a_card_of_lines_takes_features_with_an_event(tmp_path):
    card, rng = load_card("cn-sme-default"), np.random.default_rng(3)
    rows = pl.DataFrame(
        {f.name: f.typical * rng.uniform(0.2, 2.0, 300) for f in card.features}
        | {c.column: [c.allowed[0] if c.allowed else 1e9] * 300 for c in card.conditions}
        | {"event": (rng.random(300) < 0.3).astype(float)}
    )
    source = tmp_path / "in.parquet"
    rows.write_parquet(source)
    argv = ["credit", "validate", card.id, str(source), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(techflow, argv)
    assert done.exit_code == 0, done.exception
    assert "AUC" in done.output
