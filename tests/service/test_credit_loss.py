"""Loss rates: two parts by hand, one row out per row in, better than the mean on loans held out."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow.basics.trees import Forest
from techflow.credit import LossCard, loss_rates
from techflow_service.cards import load_card, read_recipe
from techflow_service.cli import techflow
from techflow_service.scoring import read_rows, score_losses
from techflow_service.training.loss import read_losses, train_losses

FILE = "sba_loans/sba_national_22427.csv.gz"


def leaf(value):
    """A forest of one leaf."""
    none = {"threshold": [0.0], "unknown_left": [False], "left": [-1], "right": [-1]}
    return Forest.from_data({"roots": [0], "feature": [-1], "value": [value], "cover": [1]} | none)


def test_two_parts_by_hand():
    # A chance of 1/4 to lose all (log-odds -log 3), else 0.4: 0.25 + 0.75 * 0.4.
    rates = loss_rates(np.zeros((2, 1)), leaf(-np.log(3.0)), leaf(0.4))
    assert rates.tolist() == pytest.approx([0.55, 0.55])


@pytest.fixture(scope="module")
def raw(request):
    return read_rows(request.getfixturevalue("shared") / FILE)


def test_the_rate_is_what_was_lost_of_what_was_drawn(raw):
    found = read_losses(read_recipe("sba-lgd"), raw)
    first = raw.filter(pl.col("MIS_Status") == "CHGOFF").row(0, named=True)
    expected = min(1.0, float(first["ChgOffPrinGr"]) / float(first["DisbursementGross"]))
    assert found.y[0] == pytest.approx(expected)
    assert found.y.size == (raw["MIS_Status"] == "CHGOFF").sum()


def test_one_row_out_for_each_row_in_and_labels_change_nothing(raw):
    rows = raw.head(300)
    later = ("MIS_Status", "ChgOffPrinGr", "ChgOffDate", "DisbursementGross", "Term")
    card = load_card("sba-lgd")
    found = score_losses(rows, card)
    assert found.equals(score_losses(rows.with_columns(pl.lit("").alias(n) for n in later), card))
    assert found.height == 300 and (found["lgd_low"] <= found["lgd"]).all()
    assert (found["lgd"] <= found["lgd_high"]).all() and found["lgd_high"].max() <= 1.0


def test_no_amount_no_answer(raw):
    rows = raw.head(2).with_columns(GrAppv=pl.Series(["0", "60000"]))
    found = score_losses(rows, load_card("sba-lgd"))
    assert found["lgd"].is_null().to_list() == [True, False]
    assert found["reason_code"].to_list() == ["no_amount", None]


def test_training_repeats_and_beats_the_mean(raw):
    recipe = read_recipe("sba-lgd")
    first = train_losses(recipe, raw)
    assert first["metrics"][0]["high"] < 1.0
    committed = load_card("sba-lgd").fitted
    assert first["metrics"][0]["value"] == pytest.approx(committed["metrics"][0]["value"], abs=1e-6)


def test_a_file_without_losses_is_refused(raw):
    with pytest.raises(InvalidInput, match="lacks ChgOffPrinGr"):
        read_losses(read_recipe("sba-lgd"), raw.drop("ChgOffPrinGr"))
    with pytest.raises(InvalidInput, match="500 charged-off"):
        read_losses(read_recipe("sba-lgd"), raw.head(100))


def test_an_interval_turned_round_is_refused():
    card = load_card("sba-lgd")
    fitted = json.loads(json.dumps(dict(card.fitted))) | {"interval": {"below": 0.1, "above": 0.2}}
    with pytest.raises(InvalidInput, match="must hold the loss rate"):
        LossCard.from_data(read_recipe("sba-lgd") | {"fitted": fitted})


def test_the_command(tmp_path, raw):
    source, out = tmp_path / "in.csv", tmp_path / "out.parquet"
    raw.head(20).write_csv(source)
    argv = ["credit", "score", "sba-lgd", str(source), "--out", str(out)]
    done = CliRunner().invoke(techflow, argv)
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(out).height == 20
