"""Forward citations in a window: brute force over every pair, on both engines."""

from datetime import date, timedelta

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from techflow.basics import InvalidInput
from techflow.patents.indicators_forward import forward_citations


def pair_of_tables(engine, first, second):
    """Two tables on one engine, DuckDB with one connection for both."""
    if engine == "polars":
        return nw.from_native(first.lazy()), nw.from_native(second.lazy())
    connection = duckdb.connect()
    return tuple(nw.from_native(connection.from_arrow(t.to_arrow())) for t in (first, second))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("years_n", [1, 5])
def test_forward_citations_by_brute_force(engine, years_n, rows):
    rng, start, until = np.random.default_rng(2), date(2000, 1, 1), date(2010, 6, 1)
    days = [start + timedelta(int(d)) for d in rng.integers(0, 4000, 40)]
    edges = [
        (int(a), int(b), start + timedelta(int(d)))
        for a, b, d in zip(*rng.integers(0, 40, (2, 400)), rng.integers(0, 4000, 400), strict=True)
    ]
    edges += [edges[0], (1, 2, None)]
    published = [None if n == 7 else day for n, day in enumerate(days)]
    patents = pl.DataFrame({"patent_id": list(range(40)), "published_on": published})
    cites = pl.DataFrame(edges, schema=["citing_id", "cited_id", "citing_on"], orient="row")
    both = pair_of_tables(engine, patents, cites)
    found = rows(forward_citations(*both, years_n=years_n, until=until))
    assert len(found) == 40
    first = {}
    for a, b, day in edges:
        if day is not None:
            first[a, b] = min(day, first.get((a, b), day))
    for row in found:
        day = published[row["patent_id"]]
        end = day and date(
            day.year + years_n, day.month, min(day.day, 28) if day.month == 2 else day.day
        )
        if day is None or end > until:
            assert row["forward_citations_n"] is None
            continue
        expected = sum(
            b == row["patent_id"] and a != b and day <= cited < end
            for (a, b), cited in first.items()
        )
        assert row["forward_citations_n"] == expected
    assert any(row["forward_citations_n"] for row in found)


def test_a_window_needs_a_year(make):
    tables = (
        make({"patent_id": ["p"], "published_on": [date(2000, 1, 1)]}),
        make({"citing_id": ["x"], "cited_id": ["p"], "citing_on": [date(2001, 1, 1)]}),
    )
    with pytest.raises(InvalidInput, match="1 or more"):
        forward_citations(*tables, years_n=0, until=date(2010, 1, 1))
