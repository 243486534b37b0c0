"""Technology flow: by hand (a plain loop over the same content), and what must always hold."""

import copy
import tomllib
from importlib.resources import files
from itertools import pairwise

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.innovation import FlowModel, technology_flow

DATA = tomllib.loads((files("techflow_content.models") / "technology_flow.toml").read_text("utf8"))
MODEL = FlowModel.from_data(DATA)
NAMES = [item.name for item in MODEL.items]
COLUMNS = [*NAMES, "age_years", "revenue_cny"]
SCHEMA = dict.fromkeys(COLUMNS, pl.Float64)
DIMENSIONS = [one.name for one in MODEL.dimensions]


def frame(firms):
    return pl.DataFrame([{**dict.fromkeys(COLUMNS), **firm} for firm in firms], schema=SCHEMA)


def score(firms):
    lazy = nw.from_native(frame(firms).lazy())
    return technology_flow(lazy, model=MODEL).collect().to_native().rows(named=True)


def interpolate(x, points):
    """Straight from the definition, on the raw content."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def by_hand(firm):
    """(known weight, score if enough is known) of one firm by a loop over the content."""
    age, revenue = firm.get("age_years"), firm.get("revenue_cny")
    weights = DATA["unstaged"]
    if age is not None and revenue is not None:
        big = 1e300
        weights = next(
            stage["weights"]
            for stage in DATA["stage"]
            if age <= stage.get("age_years_max", big)
            and revenue <= stage.get("revenue_cny_max", big)
        )
    known = earned = 0.0
    for dimension in DATA["dimension"]:
        total = sum(item["weight"] for item in dimension["item"])
        for item in dimension["item"]:
            x = firm.get(item["name"])
            if x is not None:
                part = weights[dimension["name"]] * item["weight"] / total
                known += part
                earned += part * interpolate(x, item["points"])
    return known, earned / known if known else None


SPAN = {item.name: (item.points[0][0] - 1, item.points[-1][0] + 1) for item in MODEL.items}
VALUE = {name: st.none() | st.floats(*span) for name, span in SPAN.items()}
FIRM = st.fixed_dictionaries(
    {
        **VALUE,
        "age_years": st.none() | st.floats(0, 40),
        "revenue_cny": st.none() | st.floats(0, 1e9),
    }
)


@settings(max_examples=10, deadline=None)
@given(st.lists(FIRM, min_size=1, max_size=8))
def test_every_firm_equals_the_plain_loop_and_stays_in_bounds(firms):
    for firm, row in zip(firms, score(firms), strict=True):
        known, expected = by_hand(firm)
        assert row["flow_known_share"] == pytest.approx(known / 100, abs=1e-12)
        if abs(known - 100 * MODEL.known_share_min) > 1e-6:
            assert (row["flow_score"] is not None) == (known > 100 * MODEL.known_share_min)
        parts = [row[f"flow_{name}_points"] for name in DIMENSIONS]
        assert 0 <= row["flow_score_min"] <= row["flow_score_max"] + 1e-9 <= 100 + 2e-9
        if row["flow_score"] is None:
            assert row["flow_level"] is None and parts == [None] * len(parts)
            continue
        assert row["flow_score"] == pytest.approx(expected, abs=1e-9)
        assert 0 <= row["flow_score"] <= 100
        assert row["flow_score_min"] - 1e-9 <= row["flow_score"] <= row["flow_score_max"] + 1e-9
        assert sum(p for p in parts if p is not None) == pytest.approx(row["flow_score"], abs=1e-9)
        reached = [lv["name"] for lv in DATA["level"] if row["flow_score"] >= lv["score_min"]]
        assert row["flow_level"] == reached[0]


@settings(max_examples=10, deadline=None)
@given(FIRM, st.sampled_from(MODEL.items), st.data())
def test_more_of_what_is_good_never_lowers_the_score(firm, item, data):
    low, high = sorted(data.draw(st.tuples(*[st.floats(*SPAN[item.name])] * 2)))
    a, b = score([{**firm, item.name: low}, {**firm, item.name: high}])
    if item.points[-1][1] < item.points[0][1]:
        a, b = b, a
    assert a["flow_score_min"] <= b["flow_score_min"] + 1e-9
    assert a["flow_known_share"] == b["flow_known_share"]
    if a["flow_score"] is not None:
        assert a["flow_score"] <= b["flow_score"] + 1e-9


@settings(max_examples=10, deadline=None)
@given(FIRM, st.sampled_from(NAMES))
def test_an_unknown_lowers_the_evidence_and_widens_the_bounds(firm, name):
    firm = {**firm, name: SPAN[name][0] if firm[name] is None else firm[name]}
    told, hidden = score([firm, {**firm, name: None}])
    weights = DATA["unstaged"] if told["flow_stage"] is None else None
    assert hidden["flow_known_share"] <= told["flow_known_share"] + 1e-12
    if weights:
        assert hidden["flow_known_share"] < told["flow_known_share"]
    assert hidden["flow_score_min"] <= told["flow_score_min"] + 1e-9
    assert hidden["flow_score_max"] >= told["flow_score_max"] - 1e-9


def test_an_unknown_is_never_a_zero():
    """Items at their best with one unknown: still 100, where a zero would cost its weight."""
    best = {
        item.name: item.points[-1][0]
        if item.points[-1][1] >= item.points[0][1]
        else item.points[0][0]
        for item in MODEL.items
    }
    for row in score([{**best, name: None} for name in NAMES]):
        assert row["flow_score"] == pytest.approx(100) and row["flow_known_share"] < 1
        assert row["flow_level"] == "T1" and row["flow_score_min"] < 100


def test_engines_agree_and_nothing_is_dropped(make, rows):
    firms = [
        {},
        {name: SPAN[name][1] for name in NAMES},
        {"rnd_share": float("nan"), "inventions_n": float("inf"), "age_years": 3.0},
        {"rnd_share": 0.045, "rnd_staff_share": 0.2, "inventions_n": 3.0, "credentials_n": 1.0,
         "top_inventor_share": 0.35, "tech_revenue_share": 0.3, "foreign_supplier_share": 0.9,
         "age_years": 4.0, "revenue_cny": 1e6},
    ]  # fmt: skip
    numbered = frame(firms).with_row_index("row_n")
    found = rows(technology_flow(make(numbered), model=MODEL).sort("row_n"))
    local = score(firms)
    assert len(found) == len(firms)
    for one, two in zip(found, local, strict=True):
        for name, value in two.items():
            if value is None or isinstance(value, str):
                assert one[name] == value, name
            elif value == value:
                assert one[name] == pytest.approx(value, abs=1e-9), name
    nothing, everything, broken, start = found
    assert nothing["flow_score"] is None and nothing["flow_known_share"] == 0
    assert (nothing["flow_score_min"], nothing["flow_score_max"]) == (0, 100)
    assert nothing["flow_missing_en"].split("; ") == [item.en for item in MODEL.items]
    assert broken["flow_known_share"] == 0 and broken["flow_stage"] is None
    assert everything["flow_known_share"] == pytest.approx(1)
    assert everything["flow_missing_zh"] is None and everything["flow_missing_en"] is None
    assert start["flow_stage"] == "start"
    assert "Valid credentials" not in start["flow_missing_en"]
    assert start["flow_weak_en"].startswith("Share of foreign suppliers 9")
    assert "境外供应商占比 9" in start["flow_weak_zh"]
    assert "Dependence on one inventor 80" in start["flow_strong_en"]
    assert not [name for name in start if name.startswith("_")]


@pytest.mark.parametrize(
    "age, revenue, stage",
    [
        (5, 2e7, "start"),
        (5.1, 2e7, "growth"),
        (2, 2.1e7, "growth"),
        (12, 4e8, "growth"),
        (13, 0, "mature"),
        (None, 0, None),
        (3, None, None),
    ],
)
def test_stage_follows_the_bounds_of_the_content(age, revenue, stage):
    assert score([{"age_years": age, "revenue_cny": revenue}])[0]["flow_stage"] == stage


def test_content_has_ten_levels_and_calls_itself_a_proposal():
    assert [level.name for level in MODEL.levels] == [f"T{n}" for n in range(1, 11)]
    assert MODEL.mark == "proposal"
    assert all("proposal" in item.reference for item in MODEL.items)


@pytest.mark.parametrize(
    "spoil, text",
    [
        (lambda d: d["dimension"][0]["item"][0].update(points=[[0, 0], [1, 50], [2, 20]]), "way"),
        (lambda d: d["dimension"][0]["item"][0].update(points=[[0, 0], [1, 101]]), "0 to 100"),
        (lambda d: d["dimension"][0]["item"][0].update(points=[[1, 0], [0, 10]]), "must rise"),
        (lambda d: d["dimension"][0]["item"][0].update(weight=0), "above 0"),
        (lambda d: d["unstaged"].update(input=99), "add up"),
        (lambda d: d["stage"][0]["weights"].pop("team"), "team"),
        (lambda d: d["stage"][-1].update(age_years_max=50), "every firm"),
        (lambda d: d["level"].reverse(), "fall to 0"),
    ],
)
def test_broken_content_is_refused(spoil, text):
    data = copy.deepcopy(DATA)
    spoil(data)
    with pytest.raises(InvalidInput, match=text):
        FlowModel.from_data(data)


def test_a_missing_column_is_named(make):
    with pytest.raises(MissingColumn, match="rnd_share"):
        technology_flow(make({"x": [1]}), model=MODEL)
