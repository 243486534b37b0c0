"""Outlook, multiples and their interval: by hand, in closed form, by brute force."""

import numpy as np
import polars as pl
import pytest

from techflow.basics import InvalidInput
from techflow.market.listing import (
    ExitModel,
    constant_outlook,
    cumulative_incidence,
    expect_multiple,
    multiple_interval,
    open_outlook,
    route_multiples,
)
from techflow_service.models import read_model


def test_outlook_is_the_history_of_those_still_open_counted():
    """Without censoring the chance at an age is a count among those older."""
    numbers = np.random.default_rng(3)
    years, cause = numbers.integers(1, 9, 200).astype(float), numbers.integers(1, 4, 200)
    found = cumulative_incidence(years, cause, causes_n=3)
    outlook = open_outlook(found, np.array([2.0]), horizon_years=3.0)
    still = years > 2.0
    for k in (1, 2, 3):
        ended = still & (years <= 5.0) & (cause == k)
        assert outlook.share[0, k - 1] == pytest.approx(ended.sum() / still.sum(), abs=1e-12)
        assert outlook.years[0, k - 1] == pytest.approx((years[ended] - 2.0).mean(), abs=1e-9)
    assert outlook.left_share[0] == pytest.approx((years > 5.0).sum() / still.sum())


def test_history_of_constant_rates_gives_back_the_closed_form():
    """Competing exponential times, 40,000 of them, half of them censored at random."""
    numbers = np.random.default_rng(5)
    rates = np.array([0.05, 0.15])
    times = numbers.exponential(1.0 / rates, (40_000, 2))
    censored = numbers.uniform(0.0, 12.0, 40_000)
    years = np.minimum(times.min(axis=1), censored)
    cause = np.where(times.min(axis=1) <= censored, times.argmin(axis=1) + 1, 0)
    found = cumulative_incidence(years, cause, causes_n=2)
    seen = open_outlook(found, np.array([0.0, 2.0]), horizon_years=5.0)
    wanted = constant_outlook(rates, n=2, horizon_years=5.0)
    assert np.abs(seen.share - wanted.share).max() < 0.015
    assert np.abs(seen.years - wanted.years).max() < 0.1


def test_beyond_what_was_seen_nothing_is_said():
    found = cumulative_incidence(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 0]), causes_n=1)
    outlook = open_outlook(found, np.array([0.0, 3.0]), horizon_years=2.0)
    assert np.isnan(outlook.share[:, 0]).tolist() == [False, True]


def test_a_route_with_a_chance_and_no_multiple_leaves_the_sum_unknown():
    share = np.array([[0.2, 0.1], [0.2, 0.0]])
    found = expect_multiple(share, np.array([2.0, np.nan]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.4)


def test_interval_of_the_multiple_without_censoring_is_that_of_a_mean():
    """All end within the horizon and cost the same, so the expected multiple is a plain mean."""
    numbers = np.random.default_rng(9)
    n = 400
    brought = numbers.exponential(2.0, n)
    years, cause = np.full(n, 1.0), np.ones(n, dtype=np.int64)
    low, high = multiple_interval(
        years, cause, (np.ones(n), brought), horizon_years=2.0, causes_n=1, draws_n=400, seed=1
    )
    error = brought.std(ddof=1) / np.sqrt(n)
    assert low == pytest.approx(brought.mean() - 1.96 * error, abs=0.4 * error)
    assert high == pytest.approx(brought.mean() + 1.96 * error, abs=0.4 * error)


def test_interval_is_unknown_where_nothing_is_known_of_the_proceeds():
    years, cause = np.array([1.0, 2.0]), np.array([1, 1])
    bounds = multiple_interval(
        years,
        cause,
        (np.ones(2), np.full(2, np.nan)),
        horizon_years=2.0,
        causes_n=1,
        draws_n=10,
        seed=1,
    )
    assert np.isnan(bounds).all()


def test_multiples_on_each_engine(make, rows):
    frame = pl.DataFrame(
        {
            "route": ["listing", "listing", "write_off", "merger"],
            "invested_cny": [1e6, 1e6, 2e6, None],
            "proceeds_cny": [5e6, 1e6, 0.0, 1e6],
        }
    )
    found = {row["route"]: row for row in rows(route_multiples(make(frame)))}
    assert (found["listing"]["multiple"], found["write_off"]["multiple"]) == (3.0, 0.0)
    assert found["merger"]["multiple"] is None
    assert (found["merger"]["ends_n"], found["merger"]["known_n"]) == (1, 0)


def test_the_model_of_the_installation_reads_and_refuses_a_rate_below_nothing():
    data = read_model("exit_routes.toml")
    model = ExitModel.from_data(data)
    assert model.mark == "proposal"
    assert all(route.reference == "proposal" for route in model.routes)
    data["route"][0]["rate_pa"] = -0.1
    with pytest.raises(InvalidInput, match="rate_pa must be at least 0"):
        ExitModel.from_data(data)


def test_horizon_must_be_above_nothing():
    with pytest.raises(InvalidInput, match="above 0"):
        constant_outlook(np.array([0.1]), n=1, horizon_years=0.0)
