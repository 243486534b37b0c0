"""Five classes: the edges of the order, the debtor rule against a plain loop, each engine."""

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import MissingColumn
from techflow.credit.five_classes import CLASSES, LABELS, classify_loans

LOAN = {
    "days_overdue": 0.0,
    "stage": 1,
    "coverage_ratio": 0.01,
    "exposure_cny": 100.0,
    "debtor_id": "a",
    "elsewhere": 0.0,
}
SCHEMA = {
    "n": pl.Int64,
    "days_overdue": pl.Float64,
    "stage": pl.Int64,
    "coverage_ratio": pl.Float64,
    "exposure_cny": pl.Float64,
    "debtor_id": pl.String,
    "elsewhere": pl.Float64,
}


@pytest.fixture
def run(make, rows):
    def classified(changes, **options):
        table = [{"n": n} | LOAN | change for n, change in enumerate(changes)]
        found = rows(classify_loans(make(table, schema=SCHEMA), **options))
        return sorted(found, key=lambda row: row["n"])

    return classified


# Rules section 12: 0 normal possible; 1-90 special mention; 91-270 substandard; 271-360
# doubtful; over 360 loss.
@pytest.mark.parametrize(
    "days, floor",
    [(0, 1), (1, 2), (90, 2), (91, 3), (270, 3), (271, 4), (360, 4), (361, 5)],
)
def test_days_overdue_at_each_edge(run, days, floor):
    (row,) = run([{"days_overdue": days, "stage": 3 if days >= 90 else 1}], debtor=None)
    # At 90 days the accounting presumption of default makes the loan impaired: substandard.
    expected = 3 if days == 90 else floor
    assert row["class_n"] == expected
    assert (row["class_code"], row["class_zh"]) == (LABELS[expected][0], LABELS[expected][1].zh)
    assert "〔2023〕第1号" in row["class_clause"]
    (alone,) = run([{"days_overdue": days}])
    assert alone["class_n"] == floor


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"stage": 3, "coverage_ratio": 0.5}, "impaired"),
        ({"stage": 3, "coverage_ratio": 0.51}, "impaired_50"),
        ({"stage": 3, "coverage_ratio": 0.9}, "impaired_50"),
        ({"stage": 3, "coverage_ratio": 0.91}, "impaired_90"),
        ({"stage": 2, "coverage_ratio": 0.95}, "none"),
        ({"stage": 3, "coverage_ratio": None}, "impairment_unknown"),
        ({"stage": 3, "coverage_ratio": None, "days_overdue": 361.0}, "overdue_360"),
        ({"stage": None}, "impaired_unknown"),
        ({"days_overdue": None}, "days_overdue_unknown"),
        ({"days_overdue": -5.0}, "days_overdue_unknown"),
    ],
)
def test_impairment_and_what_is_unknown(run, change, reason):
    (row,) = run([change])
    floor, words = CLASSES[reason]
    assert (row["class_reason"], row["class_n"]) == (reason, floor)
    assert (row["class_reason_zh"], row["class_reason_en"]) == (words.zh, words.en)
    assert (row["class_clause"] is None) == (floor is None) == (row["class_code"] is None)


def test_more_than_a_tenth_of_a_debtor_drags_the_rest(run):
    bad = {"days_overdue": 100.0}
    changes = [bad | {"exposure_cny": 11.0}, {"exposure_cny": 89.0}]
    changes += [bad | {"exposure_cny": 10.0, "debtor_id": "b"}]
    changes += [{"exposure_cny": 90.0, "debtor_id": "b", "days_overdue": 5.0}]
    found = run(changes, debtor="debtor_id")
    assert [row["class_reason"] for row in found] == [
        "overdue_90", "debtor_10", "overdue_90", "overdue"
    ]  # fmt: skip
    assert [row["class_n"] for row in found] == [3, 3, 3, 2]
    assert [row["class_n"] for row in run(changes)] == [3, 1, 3, 2]


def test_an_undecided_claim_that_could_tip_the_debtor_leaves_the_rest_open(run):
    unknown = {"days_overdue": None}
    changes = [unknown | {"exposure_cny": 50.0}, {}]
    changes += [unknown | {"exposure_cny": 1.0, "debtor_id": "b"}, {"debtor_id": "b"}]
    changes += [{"debtor_id": None}, {"debtor_id": "c", "exposure_cny": None}]
    found = [row["class_reason"] for row in run(changes, debtor="debtor_id")]
    assert found == [
        "days_overdue_unknown", "debtor_unknown", "days_overdue_unknown", "none",
        "debtor_unknown", "debtor_unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "share, reason",
    [
        (0.2, "none"),
        (0.21, "all_banks_20"),
        (None, "all_banks_unknown"),
        (20.0, "all_banks_unknown"),
    ],
)
def test_a_fifth_overdue_at_all_banks(run, share, reason):
    (row,) = run([{"elsewhere": share}], all_banks_share="elsewhere")
    assert row["class_reason"] == reason


CLAIMS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from([0.0, 50.0, 100.0, 300.0]), st.integers(1, 100)
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None)
@given(CLAIMS)
def test_the_debtor_rule_equals_a_plain_loop(claims):
    table = [
        {"n": n} | LOAN | {"debtor_id": d, "days_overdue": days, "exposure_cny": float(cny)}
        for n, (d, days, cny) in enumerate(claims)
    ]
    frame = nw.from_native(pl.DataFrame(table, schema=SCHEMA).lazy())
    found = classify_loans(frame, debtor="debtor_id").collect().sort("n")["class_n"].to_list()
    own = [1 + sum(days > edge for edge in (0, 90, 270, 360)) for _, days, _ in claims]
    for (debtor, _, _), alone, seen in zip(claims, own, found, strict=True):
        mine = [(o, cny) for (d, _, cny), o in zip(claims, own, strict=True) if d == debtor]
        bad, whole = sum(cny for o, cny in mine if o >= 3), sum(cny for _, cny in mine)
        if abs(10 * bad - whole) > 0:
            assert seen == (max(alone, 3) if 10 * bad > whole else alone)


def test_a_missing_column_is_named(make):
    with pytest.raises(MissingColumn, match="coverage_ratio"):
        classify_loans(make({"days_overdue": [1.0], "stage": [1]}))
