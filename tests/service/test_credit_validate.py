"""`techflow credit validate`: figures, warnings first, both languages, wrong input."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow_service.cards import load_card, load_scale
from techflow_service.cli import techflow
from techflow_service.scoring import card_inputs, read_rows, score_rows
from techflow_service.validating.measure import horizon_pd, validate_card
from techflow_service.validating.page import render

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


def test_each_input_has_its_sensitivity(report):
    page, figures, _ = report
    card, found = load_card("sba-default"), figures["sensitivity"]
    told = {row["name"]: row for row in found["inputs"]}
    assert set(told) == {f.name for f in card.features}
    values = [row["importance"]["value"] for row in found["inputs"]]
    assert values == sorted(values, reverse=True) and values[0] > 0.01
    for row in found["inputs"]:
        ends = row["importance"]
        assert ends["low"] <= ends["value"] <= ends["high"]
        assert row["label"]["zh"] in page
    assert found["auc"] == pytest.approx(figures["discrimination"]["auc"], abs=1e-9)
    assert found["pd"] == pytest.approx(figures["calibration"]["expected_rate"], abs=1e-9)
    assert told["industry"]["shocks"]["plus_sd"] is None
    for zh, en in (("输入敏感性", "Sensitivity to each input"), ("设为缺失", "Unknown")):
        assert zh in page and en in page


def test_an_unknown_input_is_the_forest_asked_without_it(report):
    _, figures, rows = report
    card = load_card("sba-default")
    found = {row["name"]: row for row in figures["sensitivity"]["inputs"]}
    labels = rows["MIS_Status"].is_in(["CHGOFF", "P I F"]).fill_null(value=False)
    x = card_inputs(rows, card)[labels.to_numpy()]
    plain = [f.name for f in card.features if not f.codes]
    place = [f.name for f in card.features].index(plain[0])
    x[:, place] = np.nan
    log_odds = card.forest.sums(x)
    pd = 1.0 / (1.0 + np.exp(-log_odds))
    assert found[plain[0]]["shocks"]["unknown"]["pd"] == pytest.approx(pd.mean(), abs=1e-12)


def test_a_required_input_made_unknown_is_refused():
    card, rng = load_card("cn-sme-default"), np.random.default_rng(6)
    numbers = {f.name: rng.uniform(f.points[0][0], f.points[-1][0], 400) for f in card.features}
    rows = pl.DataFrame(numbers).with_columns(
        country=pl.lit("CN"),
        history_months=pl.lit(24.0),
        trade_currency=pl.lit("CNY"),
        event=pl.Series((rng.random(400) < 0.3).astype(float)),
    )
    found = validate_card(rows, card, load_scale(), say=lambda _: None)
    told = {row["name"]: row for row in found["sensitivity"]["inputs"]}
    assert told["sales_12m_lcy"]["shocks"]["unknown"] is None
    assert told["void_share"]["shocks"]["unknown"] is not None
    assert "拒绝评分" in render(found)
