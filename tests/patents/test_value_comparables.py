"""Patents priced by sales: scipy's line as the oracle, blanks, and what is refused."""

import json
import math

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from scipy.stats import linregress

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow
from techflow_service.valuing.comparables import price_rows

X = np.array([1.0, 2.0, 3.0, 5.0, 8.0, 9.0])
PRICES = np.exp(np.array([11.0, 11.9, 12.2, 13.1, 15.2, 15.0]))
SALES = pl.DataFrame({"price_cny": PRICES, "claims_n": X})


def test_median_and_deviation_are_those_of_a_line():
    found = price_rows(pl.DataFrame({"claims_n": [4.0, 20.0]}), SALES)
    line = linregress(X, np.log(PRICES))
    squares = ((X - X.mean()) ** 2).sum()
    s = line.stderr * math.sqrt(squares)
    for row, at in zip(found.rows(named=True), (4.0, 20.0), strict=True):
        expected = math.exp(line.intercept + at * line.slope)
        error = s * math.sqrt(1 + 1 / 6 + (at - X.mean()) ** 2 / squares)
        assert row["market_value_cny"] == pytest.approx(expected)
        assert row["market_sigma"] == pytest.approx(error)
        assert row["market_comparables_n"] == 6


def test_blanks_are_left_out_and_leave_a_patent_without_a_price():
    more = pl.concat([SALES, pl.DataFrame({"price_cny": [None, 1e9], "claims_n": [4.0, None]})])
    patents = pl.DataFrame({"claims_n": [4.0, None]})
    found = price_rows(patents, more)
    assert found.head(1).equals(price_rows(patents, SALES).head(1))
    assert found.row(1) == (None, None, None, None)


def test_what_the_file_says_itself_is_kept():
    patents = pl.DataFrame({"claims_n": ["4", "4"], "market_value_cny": ["77", None]})
    found = price_rows(patents, SALES)
    assert found["market_value_cny"][0] == 77 and found["market_sigma"][0] is None
    assert found["market_sigma"][1] > 0 and found["market_comparables_n"][1] == 6


def test_wrong_sales_are_named():
    patents = pl.DataFrame({"claims_n": [4.0]})
    with pytest.raises(MissingColumn, match="ipc_n"):
        price_rows(patents, SALES.with_columns(ipc_n=1.0))
    with pytest.raises(MissingColumn, match="price_cny"):
        price_rows(patents, SALES.drop("price_cny"))
    with pytest.raises(InvalidInput, match="more than 2"):
        price_rows(patents, SALES.head(2))
    with pytest.raises(InvalidInput, match="above 0"):
        price_rows(patents, SALES.with_columns(price_cny=pl.lit(0.0)))


def test_the_command_weighs_the_market_beside_income(tmp_path):
    SALES.write_csv(tmp_path / "sales.csv")
    (tmp_path / "p.csv").write_text(
        "patent_id,kind,filed_on,revenue_cny,royalty_rate,claims_n\n"
        "a,invention,2020-01-01,1000000,0.05,4\nb,invention,2020-01-01,,,4\n"
    )
    words = ["patents", "value", str(tmp_path / "p.csv"), "--out", str(tmp_path / "o.parquet")]
    words += ["--as-of", "2026-01-01", "--json", "--comparables", str(tmp_path / "sales.csv")]
    done = CliRunner().invoke(techflow, words, catch_exceptions=False)
    assert json.loads(done.output)["known_n"] == 2
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found["methods_n"].to_list() == [2, 1]
    line = linregress(X, np.log(PRICES))
    expected = math.exp(line.intercept + 4 * line.slope)
    assert found["reconciled_median_cny"][1] == pytest.approx(expected)
