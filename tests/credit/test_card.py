"""Cards as content: what is refused, what they may not use, and the Spark promise."""

import copy
import json
import re
import tomllib

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from sqlframe.duckdb import DuckDBSession
from tests.credit.test_explain import CARD, FIRMS

from techflow.basics import InvalidInput
from techflow.credit import Card, explain_firms, grade_firms, score_firms
from techflow.credit.explain import write_numbers
from techflow.schema import DERIVED
from techflow_service.cards import (
    card_folder,
    load_card,
    load_every_card,
    load_scale,
    read_recipe,
)


@pytest.fixture
def data():
    """A card's content that a test may spoil."""
    folder = card_folder("korea-distress")
    recipe = tomllib.loads((folder / "card.toml").read_text("utf8"))
    return {**recipe, "fitted": json.loads((folder / "fitted.json").read_text("utf8"))}


def test_content_says_what_the_card_is(card):
    for words in (card.label, card.population, card.target, card.use, card.limits, card.evidence):
        assert words.zh and words.en
    for feature in card.features:
        assert feature.why.zh and feature.why.en and feature.label.zh and feature.label.en
        assert feature.points[0][0] <= feature.typical <= feature.points[-1][0]
    assert card.fitted["sample"]["fingerprint"] and card.fitted["libraries"]["numpy"]
    names = [metric["name"] for metric in card.fitted["metrics"]]
    assert {"auc", "ap", "brier", "log_loss", "ks"} <= set(names)
    assert all("low" in metric for metric in card.fitted["metrics"] if metric["name"] == "auc")


def test_the_sme_card_classifies_and_says_so_everywhere():
    card = load_card("cn-sme-default")
    assert not card.predicts and card.basis == "classification" and card.horizon_days is None
    assert "分类" in card.use.zh and "classifies" in card.use.en
    assert "预测" in card.limits.zh and "not a forecast" in card.limits.en
    assert load_card("korea-distress").basis == "prediction"


def test_chinese_labels_hold_no_english_words():
    for card in load_every_card():
        for feature in card.features:
            for text in (feature.label.zh, feature.why.zh, feature.show.unit_zh):
                assert not re.search("[a-z]", text), f"{card.id} {feature.name}: {text}"


def test_the_banks_rating_is_never_a_feature():
    text = (card_folder("cn-sme-default") / "card.toml").read_text("utf8")
    profile = set(DERIVED["profile"].names)
    names = {feature["name"] for feature in read_recipe("cn-sme-default")["feature"]}
    assert names <= profile and "信誉评级" not in text and "rating" not in names


def test_any_change_of_content_changes_the_hash(data):
    before = Card.from_data(data).hash
    data["fitted"]["features"]["leverage_ratio"]["points"][-1][1] += 1e-9
    assert Card.from_data(data).hash != before


@pytest.mark.parametrize(
    "spoil, text",
    [
        (lambda d: d["fitted"]["features"].pop("assets_lcy"), "train it again"),
        (lambda d: d["feature"][0].update(name="no_such"), "no_such"),
        (lambda d: d["feature"][0].update(sign=-1), "must follow the sign"),
        (lambda d: d["fitted"]["features"]["leverage_ratio"]["points"].reverse(), "must rise"),
        (lambda d: d["fitted"]["features"]["leverage_ratio"].update(points=[]), "must rise"),
        (lambda d: d["feature"][0].update(show="furlongs"), "furlongs"),
    ],
)
def test_broken_cards_are_refused_by_name(data, spoil, text):
    spoilt = copy.deepcopy(data)
    spoil(spoilt)
    with pytest.raises(InvalidInput, match=text):
        Card.from_data(spoilt)


def test_unknown_and_unfitted_cards_are_named(tmp_path):
    with pytest.raises(InvalidInput, match="there are cn-sme-default, korea-distress"):
        load_card("no-such-card")
    with pytest.raises(InvalidInput, match="techflow credit train"):
        load_card("korea-distress", fitted=tmp_path / "fitted.json")


def test_spark_form_gives_the_same_and_compiles_to_spark_sql(spark):
    """The Spark form of the expressions, run on DuckDB and written out for Spark; no Java.

    A small card: cards are data, the expressions are the same.
    """
    firms = pl.DataFrame(FIRMS, schema_overrides={"country": pl.String})
    firms = firms.with_columns(n=pl.arange(len(FIRMS)), history_months=pl.lit(24.0))
    told = judged(spark(firms)).to_native()
    assert "`pd`" in told.sql(dialect="spark", optimize=False)
    expected = judged(nw.from_native(firms.lazy())).to_native().collect().rows(named=True)
    same(sorted(told.collect(), key=lambda row: row["n"]), expected)
    reasons = explain_firms(judged(spark(firms)), CARD, top_n=1).to_native()
    assert "`reason_1_zh`" in reasons.sql(dialect="spark", optimize=False)


def test_spark_form_writes_numbers_alike(spark):
    numbers = pl.DataFrame({"x": [100.0, -1234.56, 1e300, 0.0, None]})
    told = write_numbers(spark(numbers), ["x"]).to_native().collect()
    texts = ["100.0", "-1,234.6", "999,999,999.9", "0.0", None]
    assert [row["x_text"] for row in told] == texts


@pytest.fixture
def spark():
    session = DuckDBSession(conn=duckdb.connect())

    def build(frame):
        types = ", ".join(f"{name} {SPARK[kind]}" for name, kind in frame.schema.items())
        return nw.from_native(session.createDataFrame(frame.rows(), types))

    return build


SPARK = {pl.Int64: "bigint", pl.Float64: "double", pl.String: "string"}


def judged(firms):
    return grade_firms(score_firms(firms, CARD), load_scale())


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        for name, value in other.items():
            near = pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
            assert one[name] == near
