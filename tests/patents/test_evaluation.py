"""Evaluation score: a patent worked by hand, both engines, and what must always hold."""

import json

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.evaluation import PARTS, EvaluationTerms, evaluate_patents
from techflow_service.cli import techflow
from techflow_service.valuing.evaluation import evaluate_rows, read_evaluation

DATA = read_evaluation()
TERMS = EvaluationTerms.from_data(DATA, "finance")
COLUMNS = [i.column for i in TERMS.indicators]
FULL = {
    "kind": "invention",
    "invalidation_survived_n": 1,
    "independent_claims_n": 4,
    "detectability_points": 70,
    "independence_from_rights_points": 50,
    "forward_citations_n": 4,
    "hard_to_replace_points": 40,
    "ipc_subclasses_n": 3,
    "technical_independence_points": 60,
    "technology_readiness_level": 7,
    "field_growth_rate_pa": 0.1,
    "legal_life_left_years": 6.5,
    "competition_points": 30,
    "revenue_cny": 5.5e6,
    "operating_conditions_points": 80,
}
ROWS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["invention", "utility_model", "design", None]),
        **{name: st.none() | st.floats(-1e3, 1e9) for name in COLUMNS},
    }
)


def one(**changes):
    rows = pl.DataFrame([FULL | changes], infer_schema_length=None)
    return evaluate_rows(rows, scene="finance").row(0, named=True)


def test_a_patent_worked_by_hand():
    found = one()
    legal = 0.30 * 80 + 0.30 * 60 + 0.20 * 70 + 0.20 * 50
    technical = 0.25 * 50 + 0.15 * 40 + 0.15 * 80 + 0.10 * 60 + 0.20 * 85 + 0.15 * 70
    economic = 0.30 * 55 + 0.20 * 30 + 0.30 * 55 + 0.20 * 80
    assert [found[f"{p}_score"] for p in PARTS] == pytest.approx([legal, technical, economic])
    total = 0.35 * legal + 0.25 * technical + 0.40 * economic
    assert found["evaluation_score"] == pytest.approx(total)
    assert found["evaluation_known_share"] == pytest.approx(1)
    # Furthest from 50: stability 0.35 x 0.30 x 30 points, competition 0.40 x 0.20 x -20.
    assert found["evaluation_reason"] == (
        "raised by stability of the right (80 points); lowered by competitive position (30 points)"
    )
    assert found["evaluation_reason_zh"] == (
        "加分最多：权利稳定性（80 分）；减分最多：竞争态势（30 分）"
    )
    assert found["evaluation_official"] is False


def test_weights_of_the_content_sum_to_the_whole():
    for part in PARTS:
        assert sum(i.weight for i in TERMS.indicators if i.part == part) == 100
    assert {sum(weights.values()) for weights in DATA["scene"].values()} == {100}
    assert [sum(i.part == part for i in TERMS.indicators) for part in PARTS] == [4, 6, 4]


def test_an_unknown_indicator_is_not_nought():
    found = one(detectability_points=None)
    assert found["legal_score"] == pytest.approx((30 * 80 + 30 * 60 + 20 * 50) / 80)
    assert found["evaluation_known_share"] == pytest.approx(1 - 0.35 * 0.20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "design"}, "kind_not_evaluated"),
        ({"kind": None}, "kind_not_evaluated"),
        (dict.fromkeys(COLUMNS[:2]), "legal_too_little_known"),
        (dict.fromkeys(COLUMNS[4:8]), "technical_too_little_known"),
        ({"legal_life_left_years": None, "revenue_cny": -1}, "economic_too_little_known"),
    ],
)
def test_what_cannot_be_scored_says_why(changes, code):
    found = one(**changes)
    assert found["evaluation_score"] is None
    assert found["evaluation_reason_code"] == code
    assert found["evaluation_reason"] == DATA["reason"][code]["en"]
    assert found["evaluation_reason_zh"] == DATA["reason"][code]["zh"]


def test_measures_that_cannot_be_are_not_believed():
    assert one(detectability_points=101)["detectability_indicator_points"] is None
    assert one(technology_readiness_level=0)["maturity_indicator_points"] is None
    assert one(revenue_cny=float("nan"))["market_use_indicator_points"] is None


@settings(max_examples=10, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_scores_stay_in_their_range_and_each_row_has_one_or_a_reason(rows):
    schema = {"kind": pl.String, **dict.fromkeys(COLUMNS, pl.Float64)}
    found = evaluate_rows(pl.DataFrame(rows, schema=schema), scene="management")
    assert found["kind"].to_list() == [row["kind"] for row in rows]
    for row in found.rows(named=True):
        score = row["evaluation_score"]
        assert (score is None) == (row["evaluation_reason_code"] is not None)
        assert score is None or -1e-9 <= score <= 100 + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(COLUMNS), st.floats(0.001, 3))
def test_a_better_measure_never_lowers_the_score(name, step):
    better = one(**{name: FULL[name] + min(step, 2)})["evaluation_score"]
    assert better is None or better >= one()["evaluation_score"] - 1e-9


def test_engines_agree():
    rows = pl.DataFrame([FULL, FULL | {"kind": "design"}, FULL | {"revenue_cny": None}])
    expected = evaluate_patents(nw.from_native(rows.lazy()), TERMS).to_native().collect()
    with duckdb.connect() as connection:
        relation = connection.from_arrow(rows.with_row_index("n").to_arrow())
        found = evaluate_patents(nw.from_native(relation), TERMS).to_native().pl().sort("n")
    for name in ("evaluation_score", "evaluation_known_share"):
        assert found[name].to_list() == pytest.approx(expected[name].to_list())
    for name in ("evaluation_reason_code", "raised_by", "lowered_by"):
        assert found[name].to_list() == expected[name].to_list()


def test_the_command_writes_one_row_for_each(tmp_path):
    pl.DataFrame([FULL, FULL | {"kind": "poem"}]).write_csv(tmp_path / "in.csv")
    words = ["evaluate", tmp_path / "in.csv", "--out", tmp_path / "out.parquet", "--json"]
    done = CliRunner().invoke(techflow, ["patents", *map(str, words)], catch_exceptions=False)
    assert json.loads(done.output.splitlines()[-1])["known_n"] == 1
    assert pl.read_parquet(tmp_path / "out.parquet")["kind"].to_list() == ["invention", "poem"]


def test_wrong_files_and_scenes_are_named():
    with pytest.raises(MissingColumn, match="forward_citations_n"):
        evaluate_rows(pl.DataFrame({"kind": ["invention"]}), scene="finance")
    with pytest.raises(InvalidInput, match="licensing"):
        EvaluationTerms.from_data(DATA, "poetry")
