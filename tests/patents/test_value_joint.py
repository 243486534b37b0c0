"""Value of a firm's patents together: the two ends exactly, closed forms, what must always hold."""

import json
import math

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents.value_joint import Marginals, joint_value
from techflow_service.cli import techflow

Z = norm.ppf(0.95)
ONE = st.tuples(st.floats(1.0, 1e6), st.floats(0.01, 1.5), st.floats(0.01, 1.5))
FIRM = st.lists(ONE, min_size=1, max_size=8)


def marginals(patents):
    """Of medians and the deviations of log value below and above them."""
    return Marginals(
        np.array([m * math.exp(-Z * below) for m, below, _ in patents]),
        np.array([m for m, _, _ in patents]),
        np.array([m * math.exp(Z * above) for m, _, above in patents]),
    )


def joint(patents, correlation, draws_n=1000, seed=1, keys=None):
    keys = np.arange(1, len(patents) + 1, dtype=np.uint64) if keys is None else keys
    return joint_value(
        marginals(patents), keys, correlation=correlation, draws_n=draws_n, seed=seed
    )


@settings(max_examples=25, deadline=None)
@given(FIRM)
def test_at_correlation_one_quantiles_add_up(patents):
    """Comonotone variables: the quantile of a sum is the sum of quantiles (Dhaene et al. 2002)."""
    found, apart = joint(patents, 1), marginals(patents)
    total = [field.sum() for field in apart]
    assert [found.low_cny, found.median_cny, found.high_cny] == pytest.approx(total, rel=2e-3)


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_at_correlation_nought_variances_add_up(n):
    """Variance of a lognormal in closed form, times the number of patents."""
    sigma, draws_n = 0.5, 20_000
    one = math.exp(sigma**2) * math.expm1(sigma**2)
    found = joint([(1.0, sigma, sigma)] * n, 0, draws_n=draws_n)
    # The square of a lognormal has a heavy tail: standard error from its fourth moment.
    fourth = math.exp(2 * sigma**2) * (
        math.exp(6 * sigma**2) - 4 * math.exp(3 * sigma**2) + 6 * math.exp(sigma**2) - 3
    )
    error = math.sqrt((n * fourth + 3 * n * (n - 1) * one**2 - (n * one) ** 2) / draws_n)
    assert abs(found.sd_cny**2 - n * one) < 5 * error
    assert found.mean_cny == pytest.approx(n * math.exp(sigma**2 / 2), rel=1e-3)


@pytest.mark.parametrize("correlation", [0.2, 0.5, 0.8])
def test_between_the_ends_the_variance_is_that_of_correlated_lognormals(correlation):
    """Cov = e^(s^2) (e^(r s^2) - 1): moments of the bivariate lognormal distribution."""
    sigma, n = 0.5, 5
    own = math.exp(sigma**2) * math.expm1(sigma**2)
    shared = math.exp(sigma**2) * math.expm1(correlation * sigma**2)
    found = joint([(1.0, sigma, sigma)] * n, correlation, draws_n=40_000)
    assert found.sd_cny**2 == pytest.approx(n * own + n * (n - 1) * shared, rel=0.05)


@settings(max_examples=25, deadline=None)
@given(FIRM, st.floats(0, 1), st.floats(0.01, 100), st.randoms())
def test_order_changes_nothing_and_money_scales(patents, correlation, times, random):
    keys = np.arange(1, len(patents) + 1, dtype=np.uint64)
    found = joint(patents, correlation, 100, keys=keys)
    order = list(range(len(patents)))
    random.shuffle(order)
    assert joint([patents[i] for i in order], correlation, 100, keys=keys[order]) == found
    more = joint([(m * times, a, b) for m, a, b in patents], correlation, 100, keys=keys)
    assert more == pytest.approx(np.array(found) * times, rel=1e-9)
    assert 0 < found.low_cny <= found.median_cny <= found.high_cny


def test_a_lone_patent_keeps_its_interval_whatever_the_correlation():
    for correlation in (0, 0.5, 1):
        low, median, high, _, _ = joint([(100.0, 0.4, 0.2)], correlation, 20_000)
        expected = [100 * math.exp(-0.4 * Z), 100, 100 * math.exp(0.2 * Z)]
        assert [low, median, high] == pytest.approx(expected, rel=0.02)


def test_wider_with_correlation():
    sds = [joint([(1.0, 0.5, 0.5)] * 10, c).sd_cny for c in (0, 0.25, 0.5, 0.75, 1)]
    assert sds == sorted(sds)


@pytest.mark.parametrize(("name", "value"), [("correlation", 1.1), ("draws_n", 5)])
def test_parameters_out_of_range_are_named(name, value):
    good = {"correlation": 0.5, "draws_n": 50, "seed": 1}
    with pytest.raises(InvalidInput, match=name):
        joint_value(marginals([(1, 1, 1)]), np.ones(1, np.uint64), **(good | {name: value}))


def test_a_patent_without_interval_is_refused():
    wrong = Marginals(np.array([0.0]), np.array([1.0]), np.array([2.0]))
    with pytest.raises(InvalidInput, match="low"):
        joint_value(wrong, np.ones(1, np.uint64), correlation=0, draws_n=50, seed=1)


ROWS = [
    # firm, patent, low, median, high
    ("a", "1", 50.0, 100.0, 200.0),
    ("a", "2", 150.0, 300.0, 600.0),
    ("a", "3", None, None, None),
    ("b", "4", 0.0, 0.0, 0.0),
    ("c", "5", None, None, None),
    ("d", "6", 1.0, 2.0, 3.0),
    ("d", "6", 1.0, 2.0, 3.0),
    (None, "7", 1.0, 2.0, 3.0),
    ("e", "8", 3.0, 2.0, 1.0),
]


def run(folder, rows, *more):
    names = ("firm_id", "patent_id", "value_low_cny", "value_median_cny", "value_high_cny")
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(folder / "v.parquet")
    words = ["patents", "portfolio", str(folder / "v.parquet"), "--out", str(folder / "o.parquet")]
    done = CliRunner().invoke(techflow, [*words, "--json", *more], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output), pl.read_parquet(folder / "o.parquet")


def test_one_row_for_each_firm_with_a_value_or_a_reason(tmp_path):
    counts, found = run(tmp_path, ROWS, "--correlation", "1")
    assert found["firm_id"].to_list() == ["a", "b", "c", "d", "e", None]
    assert (counts["firms_n"], counts["known_n"]) == (6, 2)
    assert found["portfolio_reason_code"].to_list() == [
        None,
        None,
        "no_value",
        "repeated_patent",
        "no_value",
        "no_firm",
    ]
    told = found["portfolio_reason_code"].is_not_null().to_list()
    assert found["portfolio_reason"].is_not_null().to_list() == told
    assert found["portfolio_reason_zh"].drop_nulls().str.contains("[一-鿿]").all()
    first = found.row(0, named=True)
    assert (first["patents_n"], first["patents_valued_n"]) == (3, 2)
    assert first["value_median_sum_cny"] == 400 and first["largest_patent_share"] == 0.75
    assert first["patent_value_hhi_share"] == pytest.approx(0.75**2 + 0.25**2)
    assert first["portfolio_median_cny"] == pytest.approx(400, rel=1e-3)
    assert first["portfolio_low_cny"] == pytest.approx(200, rel=2e-3)
    assert first["diversification_share"] == pytest.approx(0, abs=2e-3)
    assert found["portfolio_high_cny"][1] == 0 and found["diversification_share"][1] is None


def test_less_correlation_narrows_and_the_default_is_a_proposal(tmp_path):
    shares = []
    for correlation in ("0", "0.5", "1"):
        _, found = run(tmp_path, ROWS[:2], "--correlation", correlation)
        shares.append(found["diversification_share"][0])
        assert found["portfolio_mark"].to_list() == ["given"]
    assert shares == sorted(shares, reverse=True) and shares[0] > 0.1
    _, found = run(tmp_path, ROWS[:2])
    assert found["portfolio_mark"].to_list() == ["proposal"]


def test_order_of_rows_changes_nothing(tmp_path):
    _, found = run(tmp_path, ROWS)
    assert run(tmp_path, ROWS[::-1])[1].equals(found)


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(MissingColumn, match="reconciled_low_cny"):
        run(tmp_path, ROWS, "--value", "reconciled")
