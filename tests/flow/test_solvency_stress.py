"""Shocks to a pool: closed forms of Vasicek, and reverse stress solved by hand."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from tests.flow.test_solvency import even_book, rules_of, with_purse
from tests.pool.demo import demo

from techflow.basics import InvalidInput
from techflow.flow.solvency_book import Run, World, renew_book
from techflow.flow.solvency_draws import draw_worlds
from techflow.flow.solvency_stress import Played, Shock, fails, mildest_shock, simulate_stress

N, PD, RHO = 20_000, 0.02, 0.15
WORLD = World(np.array([[RHO**0.5, 0.0], [0.0, RHO**0.5]]), 0.4)


def rate(deviations, pd=PD):
    """Vasicek (2002): default rate of an endless book, given its factor."""
    return ndtr((ndtri(pd) - RHO**0.5 * deviations) / (1 - RHO) ** 0.5)


def played(scheme, *, sectors=1, years_n=1, scenarios_n=200):
    book = even_book(N, PD)
    half = np.arange(N) % sectors
    book = book._replace(sector=half, group=half)
    if years_n > 1:
        book = renew_book(book, years_n)
    return Played(book, rules_of(scheme, book, years_n), WORLD, Run(years_n, scenarios_n, 3), 0)


def test_losses_given_a_shock_are_those_of_the_closed_form():
    for shock, wanted in (
        (Shock(-3.0), rate(-3.0)),
        (Shock(-1.0, pd_times=2.0), rate(-1.0, 2 * PD)),
        (Shock(0.0, lgd_times=0.5), rate(0.0) / 2),
    ):
        out = simulate_stress(played(demo()), shock)
        found = out.paid_fen.sum(axis=(1, 2)) / 10_000 / N
        assert abs(found.mean() - wanted) < 5 * found.std() / 200**0.5 + 1e-9


def test_a_shock_to_one_sector_leaves_the_other_as_it_was():
    own, none = played(demo(), sectors=2), Shock()
    before, after = simulate_stress(own, none), simulate_stress(own, Shock(-3.0, sectors=(1,)))
    assert (before.sector_fen[:, 0] == after.sector_fen[:, 0]).all()
    found = after.sector_fen[:, 1, 0].mean() / 10_000 / (N / 2)
    assert found == pytest.approx(rate(-3.0), rel=0.01)


def test_later_years_follow_as_far_as_factors_remember():
    """Factor -3, memory 0.4: the next year's factor has mean -1.2 and variance 1 - 0.16."""
    own = played(demo(), years_n=2, scenarios_n=400)
    out = simulate_stress(own, Shock(-3.0))
    second = draw_worlds(WORLD, own.run)[:, 1] - 0.4 * draw_worlds(WORLD, own.run)[:, 0]
    wanted = rate(second[:, 0] - 1.2).mean()
    found = out.paid_fen[:, 1].sum(axis=1) / 10_000 / N
    assert found.mean() == pytest.approx(wanted, rel=0.02)


def test_the_mildest_shock_solved_by_hand():
    """The pool bears 30 of 100; its purse holds the claims of the closed form at -2.5 or PD x 3."""
    for make, most, wanted, share in (
        (lambda size: Shock(-size), 8.0, 2.5, rate(-2.5)),
        (lambda size: Shock(0.0, pd_times=size), 20.0, 3.0, rate(0.0, 3 * PD)),
    ):
        own = played(with_purse(round(30 * N * share)), scenarios_n=100)
        found = mildest_shock(own, make, most=most, chance=0.5, least=0.0)
        assert found == pytest.approx(wanted, abs=0.06)


def test_no_shock_needed_and_no_shock_enough():
    def make(size):
        return Shock(-size)

    assert mildest_shock(played(with_purse(0)), make, most=8.0, chance=0.5) == 0.0
    rich = played(with_purse(30 * N), scenarios_n=50)
    assert mildest_shock(rich, make, most=8.0, chance=0.5) is None


def test_a_pool_without_a_purse_fails_where_its_caps_hold():
    own = played(demo(), scenarios_n=50)
    assert not fails(own, simulate_stress(own, Shock(-8.0))).any()


@pytest.mark.parametrize(
    ("shock", "said"),
    [
        (Shock(-9.0), "deviations must be in"),
        (Shock(pd_times=-1.0), "pd_times"),
        (Shock(-1.0, sectors=(7,)), "no loan is in the sectors"),
    ],
)
def test_wrong_shocks_are_told(shock, said):
    with pytest.raises(InvalidInput, match=said):
        simulate_stress(played(demo(), scenarios_n=10), shock)
