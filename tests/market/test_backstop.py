"""The backstop fund: Merton's moments, a geometric series, a plain loop over one path, errors."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.market.backstop.judging import (
    avoided,
    break_even,
    estimate_tail,
    judge,
    smallest_size,
    try_hazards,
    try_sizes,
)
from techflow.market.backstop.simulation import Fund, World, draw_values, run_market

WORLD = World(0.05, 0.25, 2.0, -0.05, 0.06, 0.10, 2.5, 3.0, 0.05)
FUND = Fund(0.02, 0.15, 40, 0.1, 0.05, 15)
NOBODY = replace(WORLD, held_share=0.0)


def test_values_have_the_moments_of_merton():
    """Merton 1976: mean (mu - s^2/2) + l m, variance s^2 + l (m^2 + d^2); third by jumps."""
    made = draw_values(WORLD, days=250, paths_n=20_000, seed=1).sum(axis=0)
    mean, variance = 0.05 - 0.25**2 / 2 - 2.0 * 0.05, 0.25**2 + 2.0 * (0.05**2 + 0.06**2)
    third = 2.0 * (-(0.05**3) - 3 * 0.05 * 0.06**2)
    centred = made - made.mean()
    assert abs(made.mean() - mean) < 4 * math.sqrt(variance / 20_000)
    assert made.var() == pytest.approx(variance, rel=4 * math.sqrt(2.2 / 20_000))
    assert (centred**3).mean() == pytest.approx(third, abs=4 * math.sqrt(15 * variance**3 / 20_000))


@pytest.mark.parametrize("recovery", [Fraction(0), Fraction(1, 20), Fraction(1)])
def test_one_shock_falls_as_the_recursion_says_and_in_all_as_the_series_does(recovery):
    """Greenwood, Landier, Thesmar 2015: each round sells a = impact x share x (leverage - 1)."""
    world = World(0, 0, 0, 0, 0, 0.2, 3.0, 1.0, float(recovery))
    days = np.zeros((200, 2))
    days[0] = -0.1
    amplifier, value, price, change = Fraction(2, 5), Fraction(-1, 10), Fraction(0), Fraction(0)
    before = Fraction(0)
    for _ in range(200):
        gap = (price - before) * (1 - recovery)
        after = value + gap - amplifier * max(-change, 0)
        price, change, before = after, after - price, value
        price = price.limit_denominator(10**14)
        change = change.limit_denominator(10**14)
    found = run_market(days, world, replace(FUND, size=0.0)).end
    assert found == pytest.approx(float(price), abs=1e-9)
    if not recovery:
        assert found == pytest.approx(-0.1 / (1 - 0.4), abs=1e-9)


def one_path(values, world, fund):
    """The same market told one day and one path at a time, with plain numbers."""
    prices, value, change, cash, units, plan = [0.0], 0.0, 0.0, 0.0, 0.0, 0.0
    fall = forced = bought = worst = 0.0
    for day, move in enumerate(values):
        window = prices[max(0, day + 1 - fund.window_days) :]
        now, drop = prices[-1], 1 - math.exp(prices[-1] - max(window))
        sold = world.held_share * (world.leverage - 1) * max(-change, 0.0)
        buy = sell = 0.0
        if drop >= fund.trigger:
            buy = min(fund.daily_share * fund.size, max(fund.size + cash, 0.0))
        if buy > 0:
            plan = 0.0
        elif units > 0:
            if drop <= fund.exit_fall and plan == 0.0:
                plan = units / fund.exit_days
            sell = min(plan, units)
        else:
            plan = 0.0
        gap = (now - value) * (1 - world.recovery)
        value += move
        new = value + gap + world.impact * (buy - sell * math.exp(now) - sold)
        cash += sell * math.exp(new) - buy
        units += buy * math.exp(-new) - sell
        forced, bought, change = forced + sold, bought + buy, new - now
        worst = min(worst, cash + units * math.exp(new))
        fall = max(fall, 1 - math.exp(new - max(max(window), new)))
        prices.append(new)
    return fall, prices[-1], forced, bought, cash + units * math.exp(prices[-1]), worst


def test_the_kernel_is_the_plain_loop():
    values = draw_values(WORLD, days=250, paths_n=40, seed=3)
    paths = run_market(values, WORLD, FUND)
    assert (paths.bought > 0).sum() > 5 and ((paths.bought > 0) & (paths.open_share == 0)).any()
    for k in range(40):
        told = one_path(values[:, k].tolist(), WORLD, FUND)
        names = ("fall", "end", "forced", "bought", "gain", "worst")
        assert [getattr(paths, name)[k] for name in names] == pytest.approx(told, abs=1e-12)


def test_without_impact_the_fund_moves_nothing_and_without_money_it_is_none():
    values = draw_values(WORLD, days=100, paths_n=500, seed=4)
    still = replace(WORLD, impact=0.0)
    without, backed = (run_market(values, still, f) for f in (replace(FUND, size=0.0), FUND))
    assert (without.fall == backed.fall).all() and (without.end == backed.end).all()
    assert avoided(without, backed, severe_fall=0.2).value == 0.0
    none = judge(
        run_market(values, WORLD, replace(FUND, size=0.0)), severe_fall=0.2, tail_share=0.1
    )
    assert none.gain.value == none.bought.value == none.used.value == 0.0


def test_the_fund_never_spends_what_it_has_not():
    values = draw_values(WORLD, days=500, paths_n=1000, seed=5)
    paths = run_market(values, WORLD, FUND)
    assert (paths.gain >= -FUND.size - 1e-12).all() and (paths.worst >= -FUND.size - 1e-12).all()
    assert (paths.worst <= np.minimum(paths.gain, 0.0) + 1e-15).all()


def test_the_error_of_a_tail_holds_the_truth_as_often_as_it_says():
    """Exponential: mean above the 95 % quantile is 1 + ln 20."""
    rng, held = np.random.default_rng(6), 0
    for _ in range(400):
        found = estimate_tail(rng.exponential(size=4000), 0.05)
        held += abs(found.value - 1.0 - math.log(20.0)) <= 1.96 * found.error
    assert 0.91 <= held / 400 <= 0.98


def test_the_errors_are_those_of_runs_with_other_seeds():
    """The spread of 30 runs beside the error each run tells."""
    told = []
    for seed in range(30):
        values = draw_values(WORLD, days=100, paths_n=300, seed=seed)
        told.append(judge(run_market(values, WORLD, FUND), severe_fall=0.2, tail_share=0.1))
    for name in ("severe", "fall", "tail", "gain", "bought"):
        spread = np.std([getattr(one, name).value for one in told], ddof=1)
        mean_error = np.mean([getattr(one, name).error for one in told])
        assert 0.65 < spread / mean_error < 1.45, name


def test_sizes_share_their_draws_and_the_smallest_that_meets_the_target_is_sure():
    values = draw_values(WORLD, days=250, paths_n=1500, seed=7)
    how = {"severe_fall": 0.3, "tail_share": 0.05, "carry": 0.02}
    tried = try_sizes(values, WORLD, FUND, (0.0, 0.01, 0.05), **how)
    assert tried[0].avoided == (0.0, 0.0) and tried[0].cost == (0.0, 0.0)
    assert 0 < tried[1].avoided.value <= tried[2].avoided.value
    apart = math.hypot(tried[0].judged.severe.error, tried[2].judged.severe.error)
    assert tried[2].avoided.error < apart, "the same draws: the difference is known better"
    edge = tried[1].judged.severe.value + 1.96 * tried[1].judged.severe.error
    assert smallest_size(tried, severe_chance_max=edge + 1e-4) == 0.01
    assert smallest_size(tried, severe_chance_max=edge - 1e-4) == 0.05
    assert smallest_size(tried, severe_chance_max=0.0) is None


def test_bolder_holders_eat_the_benefit_up():
    values = draw_values(WORLD, days=250, paths_n=1500, seed=8)
    tried = try_hazards(values, WORLD, FUND, (0.0, 0.1, 1.0), severe_fall=0.3)
    benefit = [one.value for _, one in tried]
    assert benefit[0] > benefit[1] > benefit[2]
    helps, harms = break_even(tried)
    assert helps is not None and harms == 1.0 and helps < harms


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidInput, match="one fall sells the whole market"):
        replace(WORLD, leverage=10.0)
    with pytest.raises(InvalidInput, match="exit_fall"):
        replace(FUND, exit_fall=0.2)
    with pytest.raises(InvalidInput, match="daily_share"):
        replace(FUND, daily_share=0.0)
    with pytest.raises(InvalidInput, match="window_days"):
        replace(FUND, window_days=0)
    with pytest.raises(InvalidInput, match="paths_n"):
        draw_values(WORLD, days=10, paths_n=1, seed=1)
