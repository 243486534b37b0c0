"""Instruments of `make bench-technology-flow`: the definition; planted effects are recovered."""

import numpy as np
import polars as pl
import pytest
from bench import emerging_fields, field_overlay
from bench import technology_flow as bench

from techflow.credit import auc


def pair_scores(events, scores):
    """psi of every (event, other) pair: 1 above, 1/2 tied, 0 below."""
    hit, miss = scores[events == 1], scores[events == 0]
    return (hit[:, None] > miss) + 0.5 * (hit[:, None] == miss)


def test_paired_error_equals_the_covariances_of_delong():
    """DeLong et al. (1988), (5) and (6): S10 and S01 from all pairs, contrast (1, -1)."""
    rng = np.random.default_rng(1)
    y = (rng.random(80) < 0.3).astype(float)
    a, b = np.round(rng.normal(y), 1), np.round(rng.normal(0.5 * y), 1)
    grids = [pair_scores(y, s) for s in (a, b)]
    s10 = np.cov([grid.mean(axis=1) for grid in grids])
    s01 = np.cov([grid.mean(axis=0) for grid in grids])
    contrast = np.array([1.0, -1.0])
    m, n = grids[0].shape
    variance = contrast @ (s10 / m + s01 / n) @ contrast
    value, se = bench.paired_delong(y, a, b)
    assert value == pytest.approx(auc(y, a).value - auc(y, b).value)
    assert se == pytest.approx(np.sqrt(variance))


@pytest.mark.parametrize("effect, found", [(0.0, False), (1.0, True), (2.0, True)])
def test_a_planted_effect_is_found_and_none_is_not(effect, found, monkeypatch):
    monkeypatch.setattr(bench, "PARTITIONS_N", 1)
    monkeypatch.setattr(bench, "DRAWS_N", 100)
    rng = np.random.default_rng(11)
    ratio, tech = rng.normal(size=(2, 600))
    chance = 1 / (1 + np.exp(-(ratio + effect * tech)))
    table = pl.DataFrame(
        {
            "firm": [f"f{n // 2}" for n in range(600)],
            "ratio": ratio,
            "tech": np.where(rng.random(600) < 0.2, np.nan, tech),
            "event": rng.random(600) < chance,
        }
    )
    seen = bench.gain(table, ["ratio"], ["tech"], "event", "x")
    for learner in bench.LEARNERS:
        assert (seen[f"x_{learner}_gain_low"] > 0) is found
        assert (seen[f"x_{learner}_gain_firms_low"] > 0) is found


def test_patents_after_the_rating_do_not_show(shared, monkeypatch):
    monkeypatch.setattr(bench, "DATA", shared)
    rows, _ = bench.ratings()
    whole = bench.with_patents(rows)
    early = bench.with_patents(rows.with_columns(rated_on=pl.date(1975, 1, 1)))
    assert whole["patents_log"].is_not_null().any()
    assert early["patents_log"].is_null().all() and early["claims_mean_n"].is_null().all()
    assert whole.height == early.height == rows.height


def test_names_in_korea_are_known_of_survivors_only(shared, monkeypatch):
    """The leak the page reports: whoever has an English name was listed to the end."""
    monkeypatch.setattr(bench, "DATA", shared)
    rows = bench.korea_years()
    assert rows.filter("distressed").height > 0
    assert rows.filter(pl.col("distressed") & pl.col("name_known")).height == 0


def test_growth_of_fields_is_that_of_the_year_before(shared, monkeypatch):
    """A grant on or after the last day of the year before the rating must change nothing."""
    for module in (bench, emerging_fields):
        monkeypatch.setattr(module, "DATA", shared)
    whole = emerging_fields.applications()
    early = whole.filter(pl.col("filed_on") <= pl.date(2009, 12, 31))
    monkeypatch.setattr(emerging_fields, "applications", lambda: early)
    known = field_overlay.growth_by_year([2010])
    monkeypatch.setattr(emerging_fields, "applications", lambda: whole)
    assert known.sort("field").equals(field_overlay.growth_by_year([2010]).sort("field"))
    assert known.height > 100
