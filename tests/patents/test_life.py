from datetime import date, timedelta

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import MissingColumn
from techflow.patents.life import calendar_years, patent_life

ROWS = pl.DataFrame(
    [
        # Guidelines for Patent Examination (CNIPA), part V, chapter 9, 2.1: filed 1999-09-06, a
        # utility model ends on 2009-09-06.
        ("utility", date(1999, 9, 6), date(2009, 9, 6)),
        # Patent Law 2020, article 42, by hand.
        ("invention", date(2004, 2, 29), date(2024, 2, 29)),
        ("utility", date(2004, 2, 29), date(2014, 2, 28)),
        ("design", date(2021, 5, 31), date(2031, 5, 31)),
        ("design", date(2021, 6, 1), date(2036, 6, 1)),
        ("plant", date(2021, 6, 1), None),
        ("invention", None, None),
        (None, date(2021, 6, 1), None),
    ],
    schema={"patent_kind": pl.String, "filed_on": pl.Date, "expected": pl.Date},
    orient="row",
)


def life(rows, on, engine):
    if engine == "polars":
        return patent_life(nw.from_native(rows.lazy()), on=on).to_native().collect()
    with duckdb.connect() as connection:
        relation = connection.from_arrow(rows.with_row_index("n").to_arrow())
        out = patent_life(nw.from_native(relation), on=on).to_native().pl()
        return out.sort("n").drop("n")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_terms_end_as_the_law_says(engine):
    out = life(ROWS, date(2020, 1, 1), engine)
    assert out["term_ends_on"].to_list() == ROWS["expected"].to_list()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("on", "inside"),
    [("1999-09-05", False), ("1999-09-06", True), ("2009-09-05", True), ("2009-09-06", False)],
)
def test_in_term_holds_from_filing_to_the_day_before_the_end(engine, on, inside):
    assert life(ROWS.head(1), date.fromisoformat(on), engine)["in_term"].to_list() == [inside]
    unknown = life(ROWS.tail(3), date.fromisoformat(on), engine)["in_term"].to_list()
    assert True not in unknown


def test_missing_column_is_named():
    with pytest.raises(MissingColumn, match="filed_on"):
        patent_life(nw.from_native(ROWS.lazy().drop("filed_on")), on=date(2020, 1, 1))


@given(st.dates(date(1985, 4, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_anniversaries_are_whole_years_and_later_days_are_more(first, years):
    leap_day = (first.month, first.day) == (2, 29)
    later = first.replace(year=first.year + years, day=28 if leap_day else first.day)
    row = pl.LazyFrame({"a": [first], "b": [later], "c": [later + timedelta(days=1)]})
    exact = calendar_years(nw.col("a"), nw.col("b")), calendar_years(nw.col("a"), nw.col("c"))
    found = nw.from_native(row).select(b=exact[0], c=exact[1]).collect()
    assert found["b"][0] == pytest.approx(years - leap_day / 366, abs=1e-12)
    assert found["b"][0] < found["c"][0] <= found["b"][0] + 2 / 366 + 1e-12
