"""Projects and patient money: limits to the fen, and the best of HiGHS and of plain enumeration."""

from dataclasses import replace
from itertools import product as every

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from techflow.basics import InvalidInput
from techflow.matching.project_reasons import PROJECT_REASONS, explain_projects
from techflow.matching.projects import ProjectMarket, fund_projects, within_limits

FEN = 100
CNY = st.integers(1, 40)


@st.composite
def markets(draw, scale=1_000_003):
    """Up to three providers and four projects; amounts odd so that nothing is round."""
    providers_n, projects_n = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    pairs = [(i, p) for i in range(providers_n) for p in range(projects_n) if draw(st.booleans())]

    def some(n, low=1):
        return np.array([draw(st.integers(low, 40)) for _ in range(n)], dtype=np.int64) * scale

    need = some(projects_n)
    share = np.array([draw(st.sampled_from([0.0, 0.5, 1.0])) for _ in range(projects_n)])
    cap = some(len(pairs))
    ticket = cap // 3 * np.array([draw(st.integers(0, 1)) for _ in pairs], dtype=np.int64)
    provider, project = (np.array([pair[k] for pair in pairs], dtype=np.int64) for k in (0, 1))
    rate = np.array([draw(st.integers(0, 9)) / 100 for _ in pairs])
    equity = np.array([draw(st.booleans()) for _ in pairs], dtype=bool)
    return ProjectMarket(
        provider, project, rate, cap, ticket, equity, some(providers_n), some(providers_n, 0),
        need, (need * share).astype(np.int64),
    )  # fmt: skip


def by_enumeration(market):
    """Best gain over every choice of projects and tickets, each a linear programme of SciPy."""
    arcs_n, projects_n = market.provider.size, market.need_fen.size
    best = 0.0
    if not arcs_n:
        return best
    sized = np.flatnonzero(market.ticket_fen > 0)
    for opened in every([0, 1], repeat=projects_n):
        for used in every([0, 1], repeat=sized.size):
            on = np.array(opened)[market.project]
            on[sized] &= np.array(used, dtype=np.int64)
            rows, limit = [], []
            for i in range(market.available_fen.size):
                own = (market.provider == i).astype(float)
                rows += [own, own * market.equity]
                limit += [market.available_fen[i], market.equity_room_fen[i]]
            for p in range(projects_n):
                own = (market.project == p).astype(float)
                rows += [own, -own]
                limit += [market.need_fen[p], -market.minimum_fen[p] * opened[p]]
            bounds = np.column_stack([market.ticket_fen * on, market.cap_fen * on])
            found = linprog(-market.gain_rate_pa, np.array(rows), np.array(limit), bounds=bounds)
            if found.status == 0:
                best = max(best, -found.fun / FEN)
    return best


@settings(deadline=None, max_examples=12)
@given(markets())
def test_no_limit_is_exceeded_and_the_gain_is_the_best_of_all_choices(market):
    found = fund_projects(market)
    assert within_limits(market, found.amount_fen)
    assert found.total_cny <= found.bound_cny and found.gap_share <= 1e-5
    if (market.ticket_fen > 0).sum() + market.need_fen.size <= 6:
        assert found.total_cny == pytest.approx(by_enumeration(market), rel=2e-6, abs=0.05)
    assert set(explain_projects(market, found).code) <= set(PROJECT_REASONS)


@settings(deadline=None, max_examples=10)
@given(markets(), st.integers(1, 3), st.data())
def test_a_wider_set_is_never_worse(market, times, data):
    before = fund_projects(market)
    name = data.draw(st.sampled_from(["cap_fen", "available_fen", "equity_room_fen", "need_fen"]))
    wider = replace(market, **{name: getattr(market, name) * times})
    less = replace(market, minimum_fen=market.minimum_fen // 2)
    fewer = np.arange(market.provider.size) % 2 == 0
    part = {
        key: getattr(market, key)[fewer]
        for key in ("provider", "project", "gain_rate_pa", "cap_fen", "ticket_fen", "equity")
    }
    slack = 2e-6 * before.bound_cny + 1e-6
    assert fund_projects(wider).total_cny >= before.total_cny - slack
    assert fund_projects(less).total_cny >= before.total_cny - slack
    assert fund_projects(replace(market, **part)).total_cny <= before.total_cny + slack


def one_project(cap, minimum, room=10**13, available=10**13):
    """Two providers with the same cap and one project of 1,000,000,000.00 yuan."""
    two = np.array([0, 1])
    return ProjectMarket(
        two, 0 * two, np.array([0.03, 0.02]), np.full(2, cap), 0 * two, np.array([True, False]),
        np.full(2, available), np.full(2, room), np.array([10**11]), np.array([minimum]),
    )  # fmt: skip


def test_the_minimum_is_met_to_the_fen_or_nothing_is_given():
    cap = 3 * 10**10 + 1
    exact = fund_projects(one_project(cap, 2 * cap))
    assert exact.amount_fen.tolist() == [cap, cap]
    # One fen out of 600 million yuan is far below the solver's tolerance.
    short = fund_projects(one_project(cap, 2 * cap + 1))
    assert short.amount_fen.tolist() == [0, 0] and short.total_cny == 0.0


def test_one_fen_less_of_the_ceiling_on_equity_is_one_fen_less_of_the_ticket():
    for room in (5 * 10**9, 5 * 10**9 - 1, 0):
        found = fund_projects(one_project(10**10, 0, room=room))
        assert found.amount_fen.tolist() == [room, 10**10]
        assert found.equity_price.round(12).tolist() == [0.03, 0.0]


def test_reasons_by_hand():
    found = fund_projects(one_project(3 * 10**10, 7 * 10**10))
    told = explain_projects(one_project(3 * 10**10, 7 * 10**10), found)
    assert told.code == ["out_of_reach"] and told.reach_fen.tolist() == [6 * 10**10]
    market = one_project(10**11, 0)
    told = explain_projects(market, fund_projects(market))
    assert told.code == ["ahead"] and (told.arc[0], told.rival_arc[0]) == (0, 1)


def test_wrong_numbers_are_refused():
    market = one_project(10, 0)
    with pytest.raises(InvalidInput, match="available_fen must be 0 or more; got -5"):
        fund_projects(replace(market, available_fen=np.array([-5, 1])))
    with pytest.raises(InvalidInput, match="minimum must not exceed its need"):
        fund_projects(replace(market, minimum_fen=np.array([10**12])))
    with pytest.raises(InvalidInput, match="leave out pairs that lose"):
        fund_projects(replace(market, gain_rate_pa=np.array([0.1, np.nan])))
