"""Concentration against its definition, and what must always hold of it."""

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.patents.value_portfolio import value_concentration


def firm(values):
    rows = pl.LazyFrame(
        {"firm_id": ["a"] * len(values), "value_median_cny": values},
        schema={"firm_id": pl.String, "value_median_cny": pl.Float64},
    )
    return value_concentration(nw.from_native(rows)).collect().to_native().row(0, named=True)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=20))
def test_index_is_the_sum_of_squared_shares(values):
    found = firm(values)
    assert found["patent_value_hhi_share"] == pytest.approx(
        sum((v / sum(values)) ** 2 for v in values)
    )
    assert 1 / len(values) - 1e-9 <= found["patent_value_hhi_share"]
    assert found["patent_value_hhi_share"] <= found["largest_patent_share"] + 1e-9


@pytest.mark.parametrize("values", [[None, None], [0.0, None], [0.0]])
def test_nothing_known_or_nothing_worth_has_no_share(values):
    found = firm(values)
    assert found["patents_n"] == len(values)
    assert found["largest_patent_share"] is None and found["patent_value_hhi_share"] is None


def test_unknown_values_are_counted_not_taken_as_nought():
    found = firm([2.0, None])
    assert (found["patents_n"], found["patents_valued_n"]) == (2, 1)
    assert found["largest_patent_share"] == 1
