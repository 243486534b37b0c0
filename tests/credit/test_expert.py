"""The expert technology-flow grade: by hand, honest about what is unknown, no borrowed PD."""

import copy
import tomllib

import polars as pl
import pytest

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit import Expert, expert_scores, low_default_pd
from techflow_service.cards import load_expert
from techflow_service.models import MODELS

EXPERT = load_expert()
DATA = tomllib.loads((MODELS / "expert.toml").read_text("utf8"))
NAMES = [item.name for item in EXPERT.items]
WEIGHTS = {item.name: item.weight for item in EXPERT.items}
FULL = {
    "rnd_share": 0.06,  # 70 points
    "rnd_staff_share": 0.2,  # 75
    "inventions_n": 3,  # 40 + 30 * 2/4 = 55
    "patent_age_years": 3.0,  # 60
    "patent_growth_ratio": 0.5,  # 75
    "subclasses_n": 3,  # 70
    "credentials_n": 1,  # 60
    "funding_rounds_n": 0,  # 20
}
POINTS = dict(zip(FULL, (70, 75, 55, 60, 75, 70, 60, 20), strict=True))


@pytest.fixture
def grade(make, rows):
    def run(firms):
        rows_in = [{"n": n, **dict.fromkeys(NAMES), **each} for n, each in enumerate(firms)]
        schema = {"n": pl.Int64, **dict.fromkeys(NAMES, pl.Float64)}
        found = rows(expert_scores(make(pl.DataFrame(rows_in, schema=schema)), EXPERT))
        return sorted(found, key=lambda row: row["n"])

    return run


def mean(names):
    return sum(WEIGHTS[n] * POINTS[n] for n in names) / sum(WEIGHTS[n] for n in names)


def test_weighted_mean_of_what_is_known_by_hand(grade):
    some = ("rnd_share", "rnd_staff_share", "inventions_n")
    full, part = grade([FULL, {name: FULL[name] for name in some}])
    assert full["expert_score"] == pytest.approx(mean(FULL))
    assert part["expert_score"] == pytest.approx(mean(some))
    assert full["expert_missing"] is full["expert_missing_zh"] is full["expert_missing_en"] is None
    assert part["expert_missing"].split(";") == [name for name in NAMES if name not in some]
    assert "专利" in part["expert_missing_zh"] and "redentials" in part["expert_missing_en"]


def test_too_little_evidence_gets_no_grade(grade):
    patents = {"inventions_n": 50, "patent_age_years": 0.0, "subclasses_n": 9}  # 30 of 100
    nothing, little = grade([{}, patents])
    for row in (nothing, little):
        assert row["expert_score"] is None and row["expert_grade"] is None
    assert nothing["expert_missing"].split(";") == NAMES


def test_grade_is_the_best_level_reached(grade):
    shares = [n / 100 for n in range(31)]
    seen = grade(
        [{"rnd_share": s / 2, "rnd_staff_share": s, "inventions_n": 60 * s} for s in shares]
    )
    scores = [row["expert_score"] for row in seen]
    assert scores == sorted(scores) and {row["expert_grade"] for row in seen} == {
        *("X1", "X2", "X3", "X4", "X5")
    }
    for row in seen:
        reached = [level.name for level in EXPERT.levels if row["expert_score"] >= level.score_min]
        assert row["expert_grade"] == reached[0]


def test_pd_comes_from_own_outcomes_or_not_at_all():
    assert EXPERT.pool_pd(EXPERT.outcomes_n_min - 1, 0, confidence=0.9) is None
    enough = EXPERT.pool_pd(EXPERT.outcomes_n_min, 2, confidence=0.9)
    assert enough == low_default_pd(EXPERT.outcomes_n_min, 2, confidence=0.9)


def test_it_is_marked_as_a_proposal_in_both_languages():
    assert (
        EXPERT.mark == "proposal"
        and "建议值" in EXPERT.limits.zh
        and "proposals" in EXPERT.limits.en
    )
    assert all("proposal" in item.reference for item in EXPERT.items)


@pytest.mark.parametrize(
    "spoil, text",
    [
        (lambda d: d["item"][0].update(weight=0), "above 0"),
        (lambda d: d["item"][0].update(name="no_such"), "no_such"),
        (lambda d: d["grade"].reverse(), "must fall to 0"),
        (lambda d: d["grade"].pop(), "must fall to 0"),
    ],
)
def test_broken_scorecards_are_refused(spoil, text):
    data = copy.deepcopy(DATA)
    spoil(data)
    with pytest.raises(InvalidInput, match=text):
        Expert.from_data(data)


def test_a_missing_column_is_named(make):
    with pytest.raises(MissingColumn, match="rnd_share"):
        expert_scores(make({"x": [1]}), EXPERT)
