"""Fields by year and their growth: brute force, SciPy's optimiser, plain loops, simulation."""

import math
import tomllib
from collections import Counter
from datetime import date, timedelta
from importlib.resources import files

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from techflow.basics import InvalidInput, MissingColumn
from techflow.innovation.emerging import (
    EmergingTerms,
    count_names,
    field_window,
    flag_emerging,
    sector_overlay,
)
from techflow.innovation.fields import field_years, last_complete_year
from techflow.innovation.growth import (
    PRIOR_N,
    FieldGrowth,
    chance_above,
    field_growth,
    growth_ranks,
)

DATA = tomllib.loads((files("techflow_content.models") / "emerging_fields.toml").read_text("utf8"))
TERMS = EmergingTerms.from_data(DATA)
AS_OF, LAG, SINCE, HISTORY = date(2010, 6, 29), 18, 2000, 3


def applications(seed):
    rng = np.random.default_rng(seed)
    found = []
    for patent in range(150):
        filed = date(2000, 1, 1) + timedelta(int(rng.integers(0, 3800)))
        out = None if patent % 11 == 0 else filed + timedelta(int(rng.integers(100, 900)))
        who = rng.choice(["x", "y", "z", "u", "v"], size=rng.integers(1, 4))
        for applicant in [None] if patent % 7 == 0 else who:
            for field in rng.choice(["A", "B", "C"], size=2):
                found.append((str(patent), applicant and str(applicant), str(field), filed, out))
    found += [found[0], (None, "x", "A", date(2005, 1, 1), None), ("q", "x", "A", None, None)]
    names = ("patent_id", "applicant_id", "field", "filed_on", "published_on")
    return pl.DataFrame(found, schema=names, orient="row")


def by_brute_force(rows):
    """The definition, cell by cell."""
    seen = {
        (p, a, f, filed.year)
        for p, a, f, filed, out in rows
        if p and filed and filed <= AS_OF and (out is None or out <= AS_OF)
    }
    found = {}
    for field, year in {(f, y) for _, _, f, y in seen}:
        cell = [(p, a) for p, a, f, y in seen if (f, y) == (field, year)]
        mentions = Counter(a for _, a in cell if a)
        earlier = {a for _, a, f, y in seen if f == field and y < year}
        n, patents = sum(mentions.values()), {p for p, _ in cell}
        pairs = sum(m * (m - 1) for m in mentions.values())
        new = [a for a in mentions if a not in earlier]
        found[field, year] = (
            len(patents),
            len(mentions),
            len({p for p, a in cell if a}) / len(patents),
            len(new) / len(mentions) if mentions and year >= SINCE + HISTORY else None,
            pairs / (n * (n - 1)) if n > 1 else None,
        )
    return found


def test_field_years_by_brute_force(make, rows):
    table = applications(1)
    found = rows(
        field_years(
            make(table), as_of=AS_OF, lag_months=LAG, since_year=SINCE, history_years_n=HISTORY
        )
    )
    expected = by_brute_force(table.rows())
    assert {(r["field"], r["year_n"]) for r in found} == set(expected) and len(found) > 25
    for row in found:
        values = list(row.values())[2:-1]
        if row["year_n"] > 2007:
            assert values == [None] * 5 and row["year_reason_code"] == "year_open"
            continue
        assert row["year_reason_code"] == ("short_history" if row["year_n"] < 2003 else None)
        for got, want in zip(values, expected[row["field"], row["year_n"]], strict=True):
            assert got == (None if want is None else pytest.approx(want, abs=1e-12))


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_a_year_is_complete_when_its_last_day_is_public(as_of, lag):
    year = last_complete_year(as_of, lag_months=lag)

    def open_until(y):
        months = 12 * (y + 1) + lag
        return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)

    assert open_until(year) <= as_of < open_until(year + 1)


def test_what_is_published_later_changes_nothing():
    table = applications(2)
    late = table.filter(pl.col("published_on") > AS_OF)
    assert late.height > 5
    terms = {"as_of": AS_OF, "lag_months": LAG, "since_year": SINCE, "history_years_n": HISTORY}
    frames = [
        field_years(nw.from_native(t.lazy()), **terms).collect().to_native().sort("field", "year_n")
        for t in (table, table.join(late, on=table.columns, how="anti", nulls_equal=True))
    ]
    assert frames[0].equals(frames[1])


def test_slope_is_that_of_the_optimiser():
    counts = np.random.default_rng(3).poisson(6.0, (6, 5)).astype(float)
    counts[0] = [0, 0, 0, 0, 9]
    total, years = counts.sum(axis=0), np.arange(5) - 2.0
    growth = field_growth(counts)

    def plus_prior(row):
        return row + PRIOR_N * total / total.sum()

    for row, slope in zip(counts, growth.log_pa, strict=True):

        def loss(theta, row=row):
            rate = np.log(total) + theta[0] + theta[1] * years
            return (np.exp(rate) - plus_prior(row) * rate).sum()

        best = minimize(
            loss,
            [-2.0, 0.0],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
        )
        assert slope == pytest.approx(best.x[1], abs=2e-6)


def test_shrinkage_by_plain_loops():
    counts = np.random.default_rng(4).poisson([[4, 5, 6, 9], [30, 30, 20, 15], [9, 9, 9, 9]]) * 1.0
    growth = field_growth(counts)
    weights = [1 / se**2 for se in growth.se]
    mean = sum(w * b for w, b in zip(weights, growth.log_pa, strict=True)) / sum(weights)
    q = sum(w * (b - mean) ** 2 for w, b in zip(weights, growth.log_pa, strict=True))
    scale = sum(weights) - sum(w * w for w in weights) / sum(weights)
    tau2 = max(0.0, (q - 2) / scale)
    assert growth.spread == pytest.approx(math.sqrt(tau2)) and tau2 > 0.0
    again = [1 / (se**2 + tau2) for se in growth.se]
    mean = sum(w * b for w, b in zip(again, growth.log_pa, strict=True)) / sum(again)
    for b, se, shrunk, shrunk_se in zip(
        growth.log_pa, growth.se, growth.shrunk_log_pa, growth.shrunk_se, strict=True
    ):
        assert shrunk == pytest.approx((b * tau2 + mean * se**2) / (tau2 + se**2))
        assert shrunk_se == pytest.approx(1 / math.sqrt(1 / tau2 + 1 / se**2))


def test_intervals_hold_on_planted_slopes_and_small_fields_do_not_lead():
    """600 fields of 3 to 3,000 applications; true slopes normal with spread 0.1."""
    rng = np.random.default_rng(5)
    slope, size = rng.normal(0.0, 0.1, 600), np.exp(rng.uniform(np.log(0.6), np.log(600), 600))
    mean = size[:, None] * np.exp(slope[:, None] * (np.arange(5) - 2.0))
    counts = rng.poisson(mean) * 1.0
    growth = field_growth(counts)
    some = np.isfinite(growth.log_pa)
    gap = np.abs(growth.shrunk_log_pa - (slope - np.average(slope, weights=size)))[some]
    inside = (gap < 1.96 * growth.shrunk_se[some] + 0.01).mean()
    assert 0.92 < inside < 0.99
    assert growth.spread == pytest.approx(0.1, abs=0.02)
    top, raw = (
        np.argsort(-np.nan_to_num(g, nan=-9))[:20] for g in (growth.shrunk_log_pa, growth.log_pa)
    )
    assert np.median(size[top]) > 10 * np.median(size[raw])
    assert slope[top].mean() > slope[raw].mean() + 0.05


def test_dispersion_is_found():
    rng = np.random.default_rng(6)
    counts = 3.0 * rng.poisson(20.0, (400, 5))
    assert field_growth(counts).dispersion == pytest.approx(3.0, rel=0.1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 50), min_size=4, max_size=4), min_size=2, max_size=8))
def test_growth_keeps_its_bounds(table):
    counts = np.array(table, dtype=float)
    if not (counts.sum(axis=0) > 0).all():
        return
    growth = field_growth(counts)
    some = counts.sum(axis=1) > 0
    assert (np.isfinite(growth.shrunk_log_pa) == some).all()
    assert (growth.shrunk_se[some] <= growth.se[some] + 1e-12).all()
    rank, low, high = growth_ranks(growth, draws_n=200, seed=1)
    assert (low[some] <= rank[some]).all() and (rank[some] <= high[some]).all()
    assert low[some].min() == 1 and high[some].max() == some.sum()
    backwards = field_growth(counts[::-1])
    assert backwards.shrunk_log_pa[::-1][some] == pytest.approx(
        growth.shrunk_log_pa[some], abs=1e-9
    )


def test_fields_that_nothing_tells_apart_share_every_rank():
    growth = field_growth(np.full((20, 5), 10.0))
    _, low, high = growth_ranks(growth, draws_n=1000, seed=1)
    assert growth.spread == 0.0 and low.max() <= 3 and high.min() >= 18


def test_ranks_of_two_fields_are_those_of_scipy():
    growth = field_growth(np.array([[10.0, 10, 14, 20], [30, 26, 28, 30], [20, 22, 20, 14]]))
    two = FieldGrowth(
        *(a[:2] for a in (growth.log_pa, growth.se, growth.shrunk_log_pa, growth.shrunk_se)),
        0.0,
        1.0,
        0.1,
    )
    gap = two.shrunk_log_pa[0] - two.shrunk_log_pa[1]
    ahead = norm.cdf(gap / np.hypot(*two.shrunk_se))
    assert 0.5 < ahead < 0.95
    rank, low, high = growth_ranks(two, draws_n=4000, seed=1)
    assert rank.tolist() == [1, 2] and low.tolist() == [1, 1] and high.tolist() == [2, 2]


def test_chance_is_that_of_scipy():
    growth = field_growth(
        np.random.default_rng(7).poisson([[9, 9, 30], [30, 20, 9], [9, 9, 9]]) * 1.0
    )
    expected = norm.sf(0.05, growth.shrunk_log_pa, growth.shrunk_se)
    assert chance_above(growth, 0.05) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([[1.0, 2.0]], "three years"),
        ([[1.0, -1.0, 2.0]], "0 or more"),
        ([[1.0, 0.0, 2.0]], "each year"),
    ],
)
def test_wrong_counts(counts, words):
    with pytest.raises(InvalidInput, match=words):
        field_growth(np.array(counts))


def test_a_window_by_hand(make, rows):
    cells = {
        "field": ["a", "a", "a", "b", "b"],
        "year_n": [2019, 2020, 2022, 2022, 2023],
        "applications_n": [9, 1, 3, 2, None],
        "entrant_share": [0.9, 1.0, 0.5, None, None],
        "applicant_hhi_share": [0.9, None, 0.25, None, None],
    }
    found = rows(field_window(make(cells), until_year=2022, years_n=3))
    told = {r.pop("field"): list(r.values()) for r in found}
    assert told == {"a": [4, 1, 0, 3, 0.625, 0.25], "b": [2, 0, 0, 2, None, None]}
    assert count_names(2) == ["applications_0_n", "applications_1_n"]


def test_three_answers(make, rows):
    fields = {
        "n": [0, 1, 2, 3, 4, 5],
        "applications_n": [20, 19, 500, 20, 20, 20],
        "growth_chance": [0.95, 0.99, 0.99, 0.9, 0.99, math.nan],
        "entrant_share": [0.3, 0.5, None, None, 0.4, 0.4],
        "applicant_hhi_share": [0.25, 0.1, 0.1, 0.1, 0.26, 0.1],
    }
    found = {r["n"]: r["emerging"] for r in rows(flag_emerging(make(fields), TERMS))}
    assert found == {0: True, 1: False, 2: None, 3: False, 4: False, 5: None}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_sector_by_hand_and_no_factor(engine, rows):
    fields = {
        "field": ["a", "b", "c"],
        "applications_n": [30, 10, 5],
        "growth_log_pa": [0.1, -0.1, None],
        "growth_se": [0.02, 0.06, 0.1],
    }
    links = {
        "field": ["a", "b", "b", "c"],
        "sector": ["s", "s", "t", "u"],
        "share": [1.0, 0.5, 0.5, 1.0],
    }
    tables = [pl.DataFrame(t) for t in (fields, links)]
    if engine == "polars":
        both = [nw.from_native(t.lazy()) for t in tables]
    else:
        connection = duckdb.connect()
        both = [nw.from_native(connection.from_arrow(t.to_arrow())) for t in tables]
    found = {r["sector"]: r for r in rows(sector_overlay(*both, basis=DATA["overlay"]["basis"]))}
    assert set(found) == {"s", "t"} and all(r["pd_factor"] is None for r in found.values())
    assert found["s"]["growth_log_pa"] == pytest.approx((30 * 0.1 - 5 * 0.1) / 35)
    assert found["s"]["growth_se"] == pytest.approx(math.hypot(30 * 0.02, 5 * 0.06) / 35)
    assert [found[s]["growth_rank_n"] for s in "st"] == [1, 2]
    assert found["t"]["overlay_basis"] == "informational"


def test_what_is_missing_or_wrong_is_named(make):
    with pytest.raises(MissingColumn, match="filed_on"):
        field_years(
            make(
                {"patent_id": ["1"], "applicant_id": ["1"], "field": ["A"], "published_on": [AS_OF]}
            ),
            as_of=AS_OF,
            lag_months=18,
            since_year=2000,
            history_years_n=1,
        )
    with pytest.raises(InvalidInput, match="lag_months"):
        last_complete_year(AS_OF, lag_months=-1)
    with pytest.raises(InvalidInput, match="hhi_share_max"):
        EmergingTerms.from_data({**DATA, "hhi_share_max": 25})
