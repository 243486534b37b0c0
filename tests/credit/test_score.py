"""Scoring: equal to a plain-Python twin on every engine, monotone, and silent with a reason."""

import math
import random
from itertools import pairwise

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.credit.firms import CARDS, firm, table

from techflow.basics import MissingColumn
from techflow.credit import score_firms


def twin(card, row):
    """What `score_firms` must say, one firm at a time, without a data frame."""
    for c in card.conditions:
        value = row.get(c.column)
        value = None if c.low is not None and not math.isfinite(value or 0.0) else value
        if value is None or not (value in c.allowed if c.low is None else value > c.low):
            return {"reason_code": c.code}
    numbers = {f.name: row.get(f.name) for f in card.features}
    known = {n: x for n, x in numbers.items() if x is not None and math.isfinite(x)}
    for name in card.required:
        if name not in known:
            return {"reason_code": f"no_{name}"}
    if len(numbers) - len(known) > card.missing_share_max * len(numbers):
        return {"reason_code": "too_little_known"}
    parts = {f.name: height(f, known.get(f.name)) for f in card.features}
    log_odds = card.intercept + sum(parts.values())
    within = 1.0 / (1.0 + math.exp(-log_odds))
    pd = 1.0 - (1.0 - within) ** (365.0 / (card.horizon_days or 365.0))
    # 600 points at odds of 50 to 1 against the event, 20 points double the odds.
    points = 600.0 + 20.0 * math.log2(math.exp(-log_odds) / 50.0)
    return {"reason_code": None, "pd": pd, "score": points, "log_odds": log_odds, "parts": parts}


def height(feature, number):
    """The effect of one number by linear interpolation, written out."""
    if number is None:
        return feature.missing
    points = feature.points
    if number <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if number <= x1:
            return y0 + (number - x0) / (x1 - x0) * (y1 - y0)
    return points[-1][1]


def odd_firms(card, n, seed):
    """Firms with numbers in, at and far beyond the points, unknown, not finite; some outside."""
    rng = random.Random(seed)
    odd = [None, 0.0, -0.0, 1e-300, 1e300, -1e300, math.inf, -math.inf, math.nan]

    def number(feature):
        low, high = feature.points[0][0], feature.points[-1][0]
        knots = [x for x, _ in feature.points]
        return rng.choice([rng.uniform(low, high), rng.uniform(low, high), *knots, *odd])

    firms = [firm(card, **{f.name: number(f) for f in card.features}) for _ in range(n)]
    for each in rng.sample(firms, n // 5):
        c = rng.choice([c for c in card.conditions if c.allowed])
        each[c.column] = rng.choice([None, "XX"])
    return firms


def test_equals_the_plain_twin_on_every_engine(card, score):
    firms = odd_firms(card, 300, seed=1)
    seen = score(card, firms)
    for row, each in zip(seen, firms, strict=True):
        expected = twin(card, each)
        assert row["reason_code"] == expected["reason_code"]
        if expected["reason_code"] is None:
            for name in ("pd", "score", "log_odds"):
                assert row[name] == pytest.approx(expected[name], rel=1e-11, abs=1e-12)
            for name, part in expected["parts"].items():
                assert row[f"part_{name}"] == pytest.approx(part, rel=1e-11, abs=1e-12)
    assert len({row["reason_code"] for row in seen}) >= 4


def test_pd_is_null_exactly_where_a_reason_is_given(card, score):
    for row in score(card, odd_firms(card, 200, seed=2)):
        silent = row["reason_code"] is not None
        assert (row["reason"] is not None) == (row["reason_zh"] is not None) == silent
        assert (row["pd"] is None) == (row["score"] is None) == silent
        assert all((row[f"part_{f.name}"] is None) == silent for f in card.features)
        assert silent or 0.0 < row["pd"] < 1.0


def test_intercept_and_contributions_are_the_log_odds(card, score):
    for row in score(card, odd_firms(card, 100, seed=3)):
        if row["pd"] is not None:
            parts = [row[f"part_{f.name}"] for f in card.features]
            assert row["log_odds"] == pytest.approx(card.intercept + sum(parts), abs=1e-12)


def test_a_typical_firm_scores_the_intercept_and_needs_no_reasons(card, score):
    (row,) = score(card, [firm(card)])
    assert row["log_odds"] == pytest.approx(card.intercept, abs=1e-8)


def test_an_unknown_feature_counts_as_typical(card, score):
    optional = next(f.name for f in card.features if f.name not in REACHED[card.id])
    known, unknown = score(card, [firm(card), firm(card, **{optional: None})])
    assert unknown["pd"] == pytest.approx(known["pd"], rel=1e-8)


REACHED = {"cn-sme-default": {"sales_12m_lcy"}, "korea-distress": {"assets_lcy"}}
"""Features that are also borders of the domain."""


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
@settings(deadline=None, max_examples=15)
@given(st.data())
def test_risk_never_runs_against_the_declared_sign(card, data):
    pairs = []
    for feature in card.features:
        low = 1.0 if feature.name in REACHED[card.id] else feature.points[0][0] - 1.0
        span = st.floats(low, feature.points[-1][0] + 1.0)
        pairs += [(feature, *sorted(pair)) for pair in data.draw(st.lists(st.tuples(span, span)))]
    firms = [firm(card, **{f.name: x}) for f, *both in pairs for x in both]
    scored = score_firms(nw.from_native(table(card, firms).lazy()), card)
    pds = scored.to_native().collect().sort("row_n")["pd"].to_list()
    for (feature, *_), low, high in zip(pairs, pds[::2], pds[1::2], strict=True):
        assert feature.sign * (high - low) >= 0.0


def test_order_and_company_of_rows_change_nothing(card):
    frame = table(card, odd_firms(card, 60, seed=4))

    def scored(rows):
        found = score_firms(nw.from_native(rows.lazy()), card).to_native().collect()
        return found.sort("row_n").select("row_n", "pd", "reason_code")

    whole = scored(frame)
    assert scored(frame.sample(fraction=1.0, shuffle=True, seed=5)).equals(whole)
    assert pl.concat([scored(frame[:17]), scored(frame[17:])]).equals(whole)


def test_a_missing_column_is_named(card):
    frame = table(card, [firm(card)]).drop(card.features[0].name)
    with pytest.raises(MissingColumn, match=card.features[0].name):
        score_firms(nw.from_native(frame.lazy()), card)
