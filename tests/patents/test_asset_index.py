"""Patent Asset Index: worked by hand, and a plain loop over random portfolios, on both engines."""

import math

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.asset_index import (
    market_coverage,
    patent_asset_index,
    technology_relevance,
)

MARKETS = {"country": ["US", "CN", "DE", "XX"], "gni_usd": [20.0, 15.0, 4.0, None]}


def pair_of_tables(engine, first, second):
    """Two tables on one engine, DuckDB with one connection for both."""
    tables = [pl.DataFrame(t, strict=False) for t in (first, second)]
    if engine == "polars":
        return [nw.from_native(t.lazy()) for t in tables]
    connection = duckdb.connect()
    return [nw.from_native(connection.from_arrow(t.to_arrow())) for t in tables]


def test_relevance_by_hand(make, rows):
    families = {
        "n": list(range(9)),
        "field": ["A", "A", "A", "A", "B", "B", "A", None, "A"],
        "filing_year_n": [2010, 2010, 2010, 2010, 2010, 2010, 2011, 2010, None],
        "forward_citations_n": [0.0, 2.0, 4.0, None, 0.0, 0.0, 5.0, 3.0, 3.0],
    }
    found = rows(technology_relevance(make(families), cohort_n_min=2))
    told = {r["n"]: r["technology_relevance_ratio"] for r in found}
    # Mean of A 2010 is 2; B is never cited; A 2011 is alone; the last two have no cohort.
    assert told == {0: 0.0, 1: 1.0, 2: 2.0, **dict.fromkeys(range(3, 9))}


def test_the_mean_of_a_cohort_is_one(make, rows):
    rng = np.random.default_rng(1)
    families = {
        "field": rng.choice(["A", "B"], 200).tolist(),
        "filing_year_n": rng.integers(2000, 2003, 200).tolist(),
        "forward_citations_n": [*rng.poisson(3.0, 199).astype(float), math.nan],
    }
    found = pl.DataFrame(rows(technology_relevance(make(families), cohort_n_min=5)))
    means = found.group_by("field", "filing_year_n").agg(
        pl.col("technology_relevance_ratio").mean()
    )
    assert means.height == 6
    assert means["technology_relevance_ratio"].to_list() == pytest.approx([1.0] * 6)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_coverage_by_hand(engine, rows):
    members = {
        "family_id": ["f", "f", "f", "f", "g", "h", "h", "i", "i"],
        "country": ["US", "CN", "CN", "DE", "US", "XX", "US", "YY", "DE"],
        "state": [
            "in_force",
            "pending",
            "in_force",
            "lapsed",
            "none",
            "lapsed",
            "pending",
            "in_force",
            "in_force",
        ],
    }
    members["state"][4] = None
    tables = pair_of_tables(engine, members, MARKETS)
    found = rows(market_coverage(*tables, base="US", pending_share=0.5))
    told = {r["family_id"]: (r["market_coverage_ratio"], r["markets_unknown_n"]) for r in found}
    # f: United States and China; g: nothing; h: half of the United States; i: a country not listed.
    assert told == {"f": (1.75, 0), "g": (0.0, 0), "h": (0.5, 0), "i": (None, 1)}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_without_the_base_nothing_is_known(engine, rows):
    tables = pair_of_tables(
        engine, {"family_id": ["f"], "country": ["CN"], "state": ["in_force"]}, MARKETS
    )
    found = rows(market_coverage(*tables, base="JP", pending_share=0.5))
    assert found == [{"family_id": "f", "market_coverage_ratio": None, "markets_unknown_n": 1}]


def test_index_by_hand(make, rows):
    families = {
        "firm_id": ["a", "a", "a", "a", "b", "c", "d"],
        "technology_relevance_ratio": [2.0, 0.5, None, None, None, 3.0, 1.5],
        "market_coverage_ratio": [1.5, 1.0, 0.0, 1.0, 1.0, 0.0, math.nan],
    }
    found = {r.pop("firm_id"): list(r.values()) for r in rows(patent_asset_index(make(families)))}
    assert found == {
        "a": [4, 3, 3.5, 1.75],  # the lapsed family has no impact, the last is unknown
        "b": [1, 0, None, None],
        "c": [1, 1, 0.0, None],
        "d": [1, 0, None, None],
    }


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("seed", [1, 2])
def test_whole_index_by_a_plain_loop(engine, seed, rows):
    rng = np.random.default_rng(seed)
    countries, states = ["US", "CN", "DE"], ["in_force", "pending", "lapsed"]
    families = [
        (k, str(rng.choice(["a", "b"])), str(rng.choice(["A", "B"])), 2010, int(rng.poisson(2.0)))
        for k in range(40)
    ]
    members = [(k, str(rng.choice(countries)), str(rng.choice(states))) for k in [*range(40)] * 3]
    names = ("family_id", "firm_id", "field", "filing_year_n", "forward_citations_n")
    cited = pl.DataFrame(families, schema=names, orient="row")
    held = pl.DataFrame(members, schema=("family_id", "country", "state"), orient="row")
    one, two = pair_of_tables(engine, held, MARKETS)
    coverage = market_coverage(one, two, base="US", pending_share=0.25).collect().to_polars()
    rated, _ = pair_of_tables(engine, cited.join(coverage, on="family_id"), MARKETS)
    found = rows(patent_asset_index(technology_relevance(rated, cohort_n_min=2)))

    gni, worth = (
        dict(zip(*MARKETS.values(), strict=True)),
        dict(zip(states, (1, 0.25, 0), strict=True)),
    )
    expected = {"a": 0.0, "b": 0.0}
    for k, firm, field, _, n in families:
        peers = [c for _, _, f, _, c in families if f == field]
        best = {
            c: max(worth[s] for j, d, s in members if (j, d) == (k, c))
            for j, c, _ in members
            if j == k
        }
        covered = sum(w * gni[c] / gni["US"] for c, w in best.items())
        expected[firm] += n / (sum(peers) / len(peers)) * covered
    assert {r["firm_id"]: r["patent_asset_index"] for r in found} == pytest.approx(expected)


def test_what_is_wrong_is_named(make):
    table = make({"firm_id": ["a"]})
    with pytest.raises(MissingColumn, match="market_coverage_ratio"):
        patent_asset_index(table)
    cited = make({"field": ["A"], "filing_year_n": [2010], "forward_citations_n": [1]})
    with pytest.raises(InvalidInput, match="2 or more"):
        technology_relevance(cited, cohort_n_min=1)
    held = make({"family_id": ["f"], "country": ["US"], "state": ["pending"]})
    with pytest.raises(InvalidInput, match="pending_share"):
        market_coverage(held, make(MARKETS), base="US", pending_share=2.0)
