"""`techflow credit drift`: planted moves are found and named, sums are exact, nothing invented."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow_service.cards import load_card, load_scale
from techflow_service.cli import techflow
from techflow_service.scoring import read_rows, score_rows
from techflow_service.validating.measure import discriminate, horizon_pd

LOANS = "sba_loans/sba_national_22427.csv.gz"
SME = load_card("cn-sme-default")
POINTS_A_LOG_ODD = 20.0 / np.log(2.0)


def firms(seed, n=600, **moved):
    """Firms inside the card's domain; `moved` multiplies an input."""
    rng = np.random.default_rng(seed)
    numbers = {
        f.name: f.typical * np.exp(0.3 * rng.normal(size=n)) * moved.get(f.name, 1.0)
        for f in SME.features
    }
    texts = {c.column: [c.allowed[0]] * n for c in SME.conditions if c.allowed}
    return pl.DataFrame(numbers | texts).with_columns(history_months=pl.lit(30.0))


def run(tmp_path, card_id, before, after):
    for name, rows in (("b", before), ("a", after)):
        rows.write_parquet(tmp_path / f"{name}.parquet")
    files = [str(tmp_path / f"{name}.parquet") for name in ("b", "a")]
    argv = ["credit", "drift", card_id, *files, "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(techflow, argv)
    if done.exception:
        raise done.exception
    page = (tmp_path / "out" / "drift.html").read_text("utf8")
    return json.loads((tmp_path / "out" / "drift.json").read_text("utf8")), page, done.output


def mean_points(rows, card):
    return score_rows(rows, card, load_scale())["score"].mean()


def test_a_planted_move_is_the_first_reason_and_the_sum_is_exact(tmp_path):
    name = "sales_12m_lcy"
    before, after = firms(1), firms(2, **{name: 0.2})
    found, page, told = run(tmp_path, SME.id, before, after)
    first = found["shift"]["inputs"][0]
    assert (first["name"], first["direction"]) == (name, "riskier")
    assert found["inputs"][0]["name"] == name and found["inputs"][0]["p_holm"] < 1e-6
    moved = mean_points(after, SME) - mean_points(before, SME)
    assert found["shift"]["points"] == pytest.approx(moved, abs=1e-9)
    total = sum(row["points"] for row in found["shift"]["inputs"])
    assert total == pytest.approx(moved, abs=1e-9)
    assert found["shift"]["log_odds"] == pytest.approx(-moved / POINTS_A_LOG_ODD, abs=1e-9)
    assert first["label"]["zh"] in page and first["label"]["en"] in page
    assert "riskier" in told and "风险上升" in told and "http" not in page
    assert found["outcomes"] == {"known": False, "why": "no_labels"}


def test_the_same_file_twice_has_not_moved(tmp_path):
    rows = firms(3)
    found, page, _ = run(tmp_path, SME.id, rows, rows.sample(rows.height, shuffle=True, seed=1))
    assert found["score"]["value"] == pytest.approx(0.0) and found["score"]["p"] == 1.0
    assert found["shift"]["points"] == pytest.approx(0.0, abs=1e-9)
    assert [words["en"] for words in found["findings"]] == [
        "Nothing moved between the two files beyond chance"
    ]
    assert "两份数据之间未发现超出偶然的变化" in page


def test_unknown_numbers_and_strangers_are_counted(tmp_path):
    name = SME.features[1].name
    after = firms(5).with_row_index()
    after = after.with_columns(
        pl.when(pl.col("index") < 300).then(None).otherwise(pl.col(name)).alias(name),
        country=pl.when(pl.col("index") >= 540).then(pl.lit("KR")).otherwise("country"),
    )
    found, _, told = run(tmp_path, SME.id, firms(4), after)
    row = next(row for row in found["inputs"] if row["name"] == name)
    assert (row["unknown_before"], row["unknown_after"]) == (0.0, 0.5)
    outside = found["outside"]
    assert (outside["before"], outside["after"]) == (0.0, 0.1) and outside["p"] < 1e-6
    assert [reason["code"] for reason in outside["reasons"]] == ["country"]
    assert "from 0.0% to 10.0%" in told


def test_reasons_of_trees_add_up_and_outcomes_agree_with_validation(tmp_path, shared):
    rows = read_rows(shared / LOANS).filter(pl.col("MIS_Status").is_not_null())
    year = pl.col("ApprovalDate").str.slice(-4).cast(pl.Int64)
    before = rows.filter(year <= 2000).sample(1500, seed=1)
    after = rows.filter(year > 2004).sample(1500, seed=1)
    card = load_card("sba-default")
    found, _, told = run(tmp_path, card.id, before, after)
    moved = mean_points(after, card) - mean_points(before, card)
    total = sum(row["points"] for row in found["shift"]["inputs"])
    assert total == pytest.approx(moved, abs=1e-6)
    assert ("Discrimination" in told) == (found["outcomes"]["auc_change_p"] < 0.05)
    for side, table in (("before", before), ("after", after)):
        scored = score_rows(table, card, load_scale())
        y = (table["MIS_Status"] == "CHGOFF").cast(pl.Float64).to_numpy()
        power = discriminate(y, horizon_pd(scored["score"].to_numpy()))
        mine = found["outcomes"][side]
        assert mine["auc"] == pytest.approx(power["auc"])
        assert mine["auc_low"] == pytest.approx(power["auc_low"])
        assert mine["observed"] == pytest.approx(y.mean())


def test_wrong_input_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match=r"50 scored rows in each file; the file after has 20"):
        run(tmp_path, SME.id, firms(1), firms(2, n=20))
    strangers = firms(2).with_columns(country=pl.lit("KR"))
    with pytest.raises(ValueError, match=r"0 of 600; most are refused: not a Chinese firm \(600\)"):
        run(tmp_path, SME.id, firms(1), strangers)
    with pytest.raises(ValueError, match="loss rates"):
        run(tmp_path, "sba-lgd", firms(1), firms(2))
