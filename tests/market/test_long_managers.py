"""Managers: published worked examples, pyxirr 0.10.8 (typed in), coverage of the interval."""

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.market.long_capital.managers import (
    Flows,
    bootstrap_weights,
    check_flows,
    internal_rate,
    quartile_of,
    tell_managers,
)

ONE = np.ones((1, 1))


def test_internal_rate_of_the_example_of_xirr():
    """Microsoft, XIRR function: 37.3362535 %."""
    days = np.array([0, 60, 303, 411, 456]) / 365
    net = np.array([[-10000.0, 2750, 4250, 3250, 2750]])
    assert internal_rate(net, days)[0] == pytest.approx(0.373362535, abs=2e-8)


def test_internal_rate_of_the_example_of_pypme():
    """pypme, README: 0.19495150355969598, 2015-01-01, 2015-06-12 and 2016-02-15."""
    days = np.array([0, 162, 410]) / 365
    assert internal_rate(np.array([[-10000.0, 7500, 3750]]), days)[0] == pytest.approx(
        0.19495150355969598, abs=1e-12
    )


def test_all_measures_of_one_fund_are_those_of_pyxirr():
    """pyxirr.pe: tvpi_2, dpi_2, ks_pme_2; irr of the flows with the value left."""
    flows = Flows(
        np.arange(6.0),
        np.array([[100.0, 50, 20, 0, 0, 0]]),
        np.array([[0.0, 0, 10, 80, 60, 40]]),
        np.array([35.0]),
        np.array([100.0, 112, 95, 120, 150, 142]),
    )
    told = tell_managers(flows, ONE)
    assert told.tvpi[0] == pytest.approx(1.3235294117647058, rel=1e-13)
    assert told.dpi[0] == pytest.approx(1.1176470588235294, rel=1e-13)
    assert told.pme[0] == pytest.approx(1.0260380966076283, rel=1e-13)
    assert told.irr[0] == pytest.approx(0.0874489806021177, abs=1e-12)


def test_a_fund_that_is_the_index_has_a_market_equivalent_of_one():
    rng = np.random.default_rng(2)
    market = np.exp(np.cumsum(rng.normal(0.02, 0.1, (40, 20)), axis=1))
    for level in market:
        calls = rng.uniform(0, 10, 20)
        left = calls @ (level[-1] / level)
        flows = Flows(np.arange(20.0), calls[None], np.zeros((1, 20)), np.array([left]), level)
        assert tell_managers(flows, ONE).pme[0] == pytest.approx(1.0)


def test_without_a_single_root_there_is_no_rate():
    years = np.arange(3.0)
    net = np.array([[-100.0, 230, -132], [100, 20, 3], [-100, 0, 0]])
    assert np.isnan(internal_rate(net, years)).all()


def test_interval_holds_the_truth_as_often_as_it_says_and_less_with_few_funds():
    """Funds of one manager whose expected multiple is 1.5: 90 % interval of the pooled TVPI."""
    rng, held = np.random.default_rng(5), {4: 0, 30: 0}
    for funds in held:
        for trial in range(300):
            made = rng.lognormal(np.log(1.5) - 0.125, 0.5, funds)
            nothing = np.zeros((funds, 2))
            calls = nothing + np.array([1.0, 0.0])
            flows = Flows(np.arange(2.0), calls, nothing, made, np.ones(2))
            drawn = bootstrap_weights(np.ones(funds), draws_n=200, seed=trial)
            low, high = np.quantile(tell_managers(flows, drawn).tvpi, [0.05, 0.95])
            held[funds] += low <= 1.5 <= high
    assert 0.83 <= held[30] / 300 <= 0.93, held
    assert held[4] / 300 < 0.80, "too few funds: the page says so"


def test_quartiles_are_among_the_same_vintage_only():
    values = np.array([3.0, 2.0, 1.0, 0.0, 10.0, np.nan])
    vintages = np.array([2010.0, 2010, 2010, 2010, 2011, 2010])
    assert quartile_of(values, vintages).tolist()[:4] == [1.0, 2.0, 3.0, 4.0]
    assert np.isnan(quartile_of(values, vintages)[4:]).all()


def test_flows_that_cannot_be_are_refused():
    good = Flows(np.arange(2.0), np.ones((1, 2)), np.ones((1, 2)), np.ones(1), np.ones(2))
    check_flows(good)
    for bad, words in (
        (good._replace(years=np.zeros(2)), "days"),
        (good._replace(calls=-np.ones((1, 2))), "0 or more"),
        (good._replace(market=np.zeros(2)), "index"),
    ):
        with pytest.raises(InvalidInput, match=words):
            check_flows(bad)
    with pytest.raises(InvalidInput, match="needs a fund"):
        bootstrap_weights(np.zeros(3), draws_n=1, seed=1)
