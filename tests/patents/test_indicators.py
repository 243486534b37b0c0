"""Indicators of OECD STI 2013/03: fixtures worked by hand, brute force, what must always hold."""

import itertools

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from bench import patent_indicators as bench
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.indicators import (
    citation_counts,
    cohort_shares,
    grant_lag_share,
    patent_scope,
    quality_index,
)
from techflow.patents.indicators_citing import generality, originality, radicalness

CLASSES = [
    ("p", "H04N1/00"),
    ("p", "H04N1/00"),  # repeated
    ("p", "G06F3/00"),
    ("x", "A61K9/00"),
    ("y", "A61K31/00"),
    ("y", "H04N5/00"),
    ("z", "C07D1/00"),
    ("z", "C07D2/00"),
    ("z", "C07D3/00"),
    ("z", "G06F9/00"),
    ("q", None),
]
CITATIONS = [
    ("x", "p"),
    ("y", "p"),
    ("y", "p"),  # repeated
    ("z", "p"),
    ("p", "p"),  # cites itself
    ("q", "p"),  # not classified
    ("p", "y"),
    ("p", "z"),
    ("p", "q"),
    ("z", "q"),  # cites only what is not classified
]


def by_patent(found, name):
    return {row["patent_id"]: row[name] for row in found}


@pytest.fixture
def both(rows):
    """Runs an indicator of two tables on each engine; DuckDB needs one connection for both."""

    def run(indicator, cites, classes, name):
        connection = duckdb.connect()
        ducks = [
            nw.from_native(connection.from_arrow(table.to_arrow())) for table in (cites, classes)
        ]
        polars = [nw.from_native(table.lazy()) for table in (cites, classes)]
        found = [by_patent(rows(indicator(*frames)), name) for frames in (polars, ducks)]
        assert found[0].keys() == found[1].keys()
        for patent, value in found[0].items():
            assert found[1][patent] == pytest.approx(value)
        return found[0]

    return run


def tables():
    cites = pl.DataFrame(CITATIONS, schema=["citing_id", "cited_id"], orient="row")
    return cites, pl.DataFrame(CLASSES, schema=["patent_id", "symbol"], orient="row")


def test_generality_by_hand(both):
    """Cited by x (A61K 1), y (A61K 1/2, H04N 1/2), z (C07D 3/4, G06F 1/4): of three patents
    A61K 3/2, H04N 1/2, C07D 3/4, G06F 1/4; squares 9/4 + 1/4 + 9/16 + 1/16 = 25/8; over 9."""
    found = both(generality, *tables(), "generality_share")
    assert found["p"] == pytest.approx(1 - 25 / 72)
    # y and z are cited by p alone: half H04N, half G06F. q too, and by z (C07D 3/4, G06F 1/4).
    assert found["y"] == found["z"] == pytest.approx(0.5)
    assert found["q"] == pytest.approx(1 - (0.5**2 + 0.75**2 + 0.75**2) / 4)
    assert set(found) == {"p", "q", "y", "z"}  # nobody cites x


def test_originality_by_hand(both):
    """p cites y (A61K 1/2, H04N 1/2), z (C07D 3/4, G06F 1/4) and q, which has no class."""
    found = both(originality, *tables(), "originality_share")
    assert found["p"] == pytest.approx(1 - (0.25 + 0.25 + 9 / 16 + 1 / 16) / 4)
    assert found["x"] == pytest.approx(0.5)  # cites p alone
    assert set(found) == {"p", "q", "x", "y", "z"}  # z counts by p


def test_radicalness_by_hand(both):
    """Of the six symbols of y and z, p is in H04N and G06F: four lie outside."""
    found = both(radicalness, *tables(), "radicalness_share")
    assert found["p"] == pytest.approx(4 / 6)
    assert found["x"] == 1.0  # p is in H04N and G06F, x in neither
    assert found["y"] == 0.5  # of H04N and G06F y is in one
    assert found["z"] == 0.5
    assert "q" not in found  # without a class of its own


def test_counts_by_hand(make, rows):
    cites, classes = tables()
    found = by_patent(rows(citation_counts(make(cites))), "backward_citations_n")
    assert found == {"x": 1, "y": 1, "z": 2, "q": 1, "p": 3}
    scope = by_patent(rows(patent_scope(make(classes))), "scope_n")
    assert scope == {"p": 2, "x": 1, "y": 2, "z": 2}


SUBCLASSES = ["A01B", "G06F", "H04N", "C07D"]


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(SUBCLASSES), st.integers(1, 3))),
)
def test_spread_equals_the_formula_by_brute_force(edges, marks):
    symbols = {n: {f"{c}{k}/00" for m, c, k in marks if m == n} for n in range(7)}
    edges_once = {(a, b) for a, b in edges if a != b}
    cites = nw.from_native(pl.LazyFrame(edges, schema=["citing_id", "cited_id"], orient="row"))
    classes = pl.LazyFrame(
        [(m, f"{c}{k}/00") for m, c, k in marks],
        schema={"patent_id": pl.Int64, "symbol": pl.String},
        orient="row",
    )
    for indicator, side in ((generality, 1), (originality, 0)):
        name = f"{indicator.__name__}_share"
        collected = indicator(cites, nw.from_native(classes)).collect().to_native()
        found = dict(collected.select("patent_id", name).iter_rows())
        expected = {}
        for patent in range(7):
            others = [e[1 - side] for e in edges_once if e[side] == patent]
            others = [n for n in others if symbols[n]]
            if others:
                shares = [
                    sum(sum(s[:4] == c for s in symbols[n]) / len(symbols[n]) for n in others)
                    / len(others)
                    for c in SUBCLASSES
                ]
                expected[patent] = 1 - sum(share**2 for share in shares)
        assert found == pytest.approx(expected, abs=1e-12)
        assert all(0 <= value <= 1 - 1 / len(SUBCLASSES) + 1e-12 for value in found.values())


def test_cohort_shares_equal_numpy(make, rows):
    rng = np.random.default_rng(5)
    drawn = [
        (n, field, year, None if rng.random() < 0.1 else float(rng.integers(0, 50)))
        for n, (field, year) in enumerate(itertools.product("ABC", [2000] * 40 + [2001] * 15))
    ]
    drawn += [(900, None, 2000, 5.0), (901, "A", None, 5.0), (902, "Z", 2000, 5.0)]
    drawn += [(903 + k, "zero", 2000, 0.0) for k in range(12)]
    drawn += [(950, "A", 2000, float("nan")), (951, "A", 2000, -1.0)]
    drawn = [(n, *rest) for n, (_, *rest) in enumerate(drawn)]
    schema = ["row_n", "field", "filing_year_n", "claims_n"]
    table = pl.DataFrame(drawn, schema=schema, orient="row")
    found = rows(cohort_shares(make(table), names=["claims_n"], cut_share=0.9, cohort_n_min=10))
    assert len(found) == len(drawn) and set(found[0]) == {*schema, "claims_n_cohort_share"}
    for row in found:
        _, field, year, value = drawn[row["row_n"]]
        mates = [
            v for _, f, y, v in drawn
            if (f, y) == (field, year) and v is not None and v >= 0
        ]  # fmt: skip
        lone = field is None or year is None or len(mates) < 10 or not max(mates)
        if lone or value is None or not value >= 0:
            assert row["claims_n_cohort_share"] is None
        else:
            cut = np.quantile(mates, 0.9)
            highest = max(min(v, cut) for v in mates)
            assert row["claims_n_cohort_share"] == pytest.approx(min(value, cut) / highest)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=30), st.floats(0.01, 1000))
def test_cohort_shares_are_bounded_ordered_and_free_of_units(values, scale):
    def shares(numbers):
        frame = pl.LazyFrame({"field": "A", "filing_year_n": 2000, "x": numbers})
        lazy = nw.from_native(frame.with_row_index("row_n"))
        found = cohort_shares(lazy, names=["x"], cut_share=0.98, cohort_n_min=2).collect()
        return found.to_native().sort("row_n")["x_cohort_share"].to_list()

    if max(values) < 1e-6:
        return
    one, two = shares(values), shares([v * scale for v in values])
    told = [(v, s) for v, s in zip(values, one, strict=True) if s is not None]
    assert all(0 <= s <= 1 for _, s in told)
    ordered = [s for _, s in sorted(told)]
    assert ordered == sorted(ordered)
    assert [s for s in one if s is not None] == pytest.approx([s for s in two if s is not None])


def test_index_is_the_mean_and_unknown_if_a_part_is(make, rows):
    table = pl.DataFrame({"row_n": [0, 1], "x": [0.2, 0.2], "y": [0.6, None]})
    found = rows(quality_index(make(table), names=["x", "y"]).sort("row_n"))
    assert found[0]["quality_index_share"] == pytest.approx(0.4)
    assert found[1]["quality_index_share"] is None


def test_grant_speed_by_hand(make, rows):
    table = pl.DataFrame(
        {
            "row_n": [0, 1, 2, 3],
            "field": ["A"] * 4,
            "filing_year_n": [2000] * 4,
            "grant_lag_days": [100.0, 400.0, 300.0, None],
        }
    )
    found = rows(grant_lag_share(make(table), cohort_n_min=3).sort("row_n"))
    speeds = [row["grant_speed_share"] for row in found]
    assert speeds[:3] == pytest.approx([0.75, 0.0, 0.25]) and speeds[3] is None


@pytest.mark.parametrize("cut", [0.0, -1.0, 1.01, float("nan")])
def test_a_cut_outside_its_range_is_refused(make, cut):
    table = make({"field": ["A"], "filing_year_n": [1], "x": [1.0]})
    with pytest.raises(InvalidInput, match="cut_share"):
        cohort_shares(table, names=["x"], cut_share=cut, cohort_n_min=1)


@pytest.mark.parametrize(
    "call",
    [
        patent_scope,
        citation_counts,
        lambda f: generality(f, f),
        lambda f: originality(f, f),
        lambda f: radicalness(f, f),
        lambda f: cohort_shares(f, names=["x"], cut_share=1.0, cohort_n_min=1),
        lambda f: quality_index(f, names=["x"]),
    ],
)
def test_a_missing_column_is_named(make, call):
    with pytest.raises(MissingColumn, match="needs the column"):
        call(make({"other": [1]}))


def test_real_patents_keep_their_rows(shared, monkeypatch):
    """Scope from the classes against the number of codes the set gives, on every patent."""
    monkeypatch.setattr(bench, "DATA", shared)
    patents, classes = bench.tables()
    found = bench.indicate(patents, classes)
    assert found.height == patents.height == found["patent_id"].n_unique()
    told = found.drop_nulls(["scope_n", "codes_n"])
    assert told.height > 0.9 * found.height
    assert (told["scope_n"] <= told["codes_n"]).all()
    for name in bench.SHARES:
        values = found[name].drop_nulls()
        assert values.len() > 0.8 * found.height
        assert values.min() >= 0 and values.max() <= 1
