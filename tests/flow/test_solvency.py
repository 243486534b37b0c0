"""A scheme inside the simulation, against closed forms, hand-worked cases and the plain split."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binom
from tests.pool.books import schemes
from tests.pool.demo import demo, number

from techflow.basics import InvalidInput
from techflow.flow.solvency import replays, simulate_pool
from techflow.flow.solvency_book import NEVER, Book, Run, Variant, World, renew_book
from techflow.flow.solvency_draws import draw_worlds, skip_caps, year_seeds
from techflow.flow.solvency_figures import chance, fair_fees, party_risks, party_tail, year_rows
from techflow.pool import NO_CAP, Loans, build_rules, split_stream_plain
from techflow.portfolio.analytic import vasicek_quantile
from techflow.portfolio.loss import simulate_losses
from techflow.portfolio.plan import Loans as Firms
from techflow.portfolio.plan import plan_losses
from techflow.portfolio.recovery import LgdModel

ALONE = World(np.zeros((1, 1)), 0.0)


def even_book(n, pd, *, loan_cny=100.0, shares=(300_000, 500_000, 200_000), term_years=1):
    """Loans that are all alike, each of its own firm; all is lost in default."""
    zero, one = np.zeros(n, np.int64), np.ones(n)
    key = np.column_stack([zero, np.arange(n), zero, zero])
    split = Loans(np.tile(shares, (n, 1)), np.full((n, 3), NO_CAP), key, zero, zero + 1)
    filed = np.full(n, round(loan_cny * 100))
    years = zero + term_years
    return Book(split, filed, np.arange(n), pd * one, one, loan_cny * one, zero, zero, years)


def rules_of(scheme, book, years_n=1):
    return build_rules(scheme, book.split, book.filed_fen, years_n=years_n)


def with_purse(cny, **more):
    fund = {"source": "city", "party": "pool", "amount": number(cny, "cny")}
    return demo(funding=[fund | {k: number(v, "cny") for k, v in more.items()}])


def test_binomial_losses_without_correlation():
    """Closed form: losses of like firms without a common factor are binomial (SciPy)."""
    n, pd, runs = 50, 0.04, 40_000
    book = even_book(n, pd)
    out = simulate_pool(book, rules_of(demo(), book), ALONE, Run(1, runs, 3), watched=0)
    counts = np.bincount(out.claims_n, minlength=n + 1)
    wanted = binom.pmf(np.arange(n + 1), n, pd)
    error = np.sqrt(wanted * (1 - wanted) / runs)
    assert np.all(np.abs(counts / runs - wanted) < 4.5 * error + 1e-12)
    assert (out.paid_fen[:, 0] == out.claims_n[:, None] * np.array([3000, 5000, 2000])).all()


@pytest.mark.parametrize("claims_paid", [0, 1, 3])
def test_chance_to_empty_is_the_binomial_tail(claims_paid):
    """The pool bears 30 yuan a claim: a purse for k claims is empty at the claim k + 1."""
    n, pd, runs = 60, 0.03, 40_000
    book = even_book(n, pd)
    rules = rules_of(with_purse(30 * claims_paid), book)
    out = simulate_pool(book, rules, ALONE, Run(1, runs, 5), watched=0)
    found = chance(out.emptied_year < NEVER)
    assert abs(found.value - binom.sf(claims_paid, n, pd)) < 4 * found.error


def test_hazard_over_years():
    """Alive for three years with a hazard of pd each: geometric, and nobody defaults twice."""
    n, pd, runs = 40, 0.1, 20_000
    book = even_book(n, pd, term_years=3)
    out = simulate_pool(book, rules_of(demo(), book, 3), ALONE, Run(3, runs, 7), watched=0)
    by_year = out.paid_fen.sum(axis=2) / 10_000
    for year in range(3):
        wanted = n * pd * (1 - pd) ** year
        assert abs(by_year[:, year].mean() - wanted) < 4 * by_year[:, year].std() / runs**0.5
    counts = np.bincount(out.claims_n, minlength=n + 1) / runs
    wanted = binom.pmf(np.arange(n + 1), n, 1 - (1 - pd) ** 3)
    assert np.abs(counts - wanted).max() < 0.015


def test_large_book_tends_to_vasicek():
    """Vasicek (2002): quantile of the default rate of an endless book, seen at every party."""
    n, pd, rho, runs = 20_000, 0.02, 0.15, 20_000
    book = even_book(n, pd)
    world = World(np.array([[rho**0.5]]), 0.0)
    out = simulate_pool(book, rules_of(demo(), book), world, Run(1, runs, 11), watched=0)
    _, each = party_risks(out, level=0.99)
    limit = vasicek_quantile(0.99, pd=pd, correlation=rho) * n * 100
    for share, risk in zip((0.3, 0.5, 0.2), each, strict=True):
        assert abs(risk.var_cny.value - share * limit) < 4 * risk.var_cny.error + 0.002 * limit


def test_factors_remember_the_year_before():
    """Correlation of the yearly index, read back from the default rates of an endless book."""
    n, pd, rho, a, runs = 5_000, 0.1, 0.3, 0.6, 4_000
    book = renew_book(even_book(n, pd), 2)
    world = World(np.array([[rho**0.5]]), a)
    out = simulate_pool(book, rules_of(demo(), book, 2), world, Run(2, runs, 13), watched=0)
    rates = (out.paid_fen.sum(axis=2) / 10_000 / n).clip(1e-4, 1 - 1e-4)
    index = (ndtri(pd) - np.sqrt(1 - rho) * ndtri(rates)) / np.sqrt(rho)
    found = np.corrcoef(index.T)[0, 1]
    assert abs(found - a) < 4 * (1 - a**2) / runs**0.5
    assert abs(ndtr(index[:, 1]).mean() - 0.5) < 0.02


def test_hand_worked_years():
    """All three loans default in year 1 (pd 1): the purse of 40 pays 30, then 10, then nothing."""
    book = even_book(3, 1.0)
    rules = rules_of(with_purse(40, a_year=25), book, 2)
    out = simulate_pool(book, rules, ALONE, Run(2, 16, 1), watched=0)
    # What the purse lacks (20 and 30) spills to the guarantor: 3 x 50 + 50; the bank has 3 x 20.
    assert (out.paid_fen[:, 0] == [4_000, 20_000, 6_000]).all()
    assert (out.paid_fen[:, 1] == 0).all()
    assert (out.emptied_year == 0).all()
    rows = year_rows(out, rules, watched=0)
    assert [row["purse"][3] for row in rows] == [0.0, 25.0]


def test_loans_of_one_firm_default_together():
    book = even_book(6, 0.5)._replace(firm=np.array([0, 0, 0, 1, 1, 1]))
    out = simulate_pool(book, rules_of(demo(), book), ALONE, Run(1, 400, 1), watched=0)
    assert set(out.claims_n.tolist()) == {0, 3, 6}


def test_breaker_by_year():
    """Losses may be 2 % of 100 loans filed: the third claim trips it (`with_claim`)."""
    n, pd, runs = 100, 0.02, 20_000
    rule = {"scope": "scheme", "rate": number("2%"), "stops": ["pool"]}
    book = even_book(n, pd)
    rules = rules_of(demo(breaker=[rule]), book)
    out = simulate_pool(book, rules, ALONE, Run(1, runs, 17), watched=0)
    found = chance(out.tripped_year < NEVER)
    assert abs(found.value - binom.sf(2, n, pd)) < 4 * found.error
    assert (out.paid_fen[:, 0, 0] == np.minimum(out.claims_n, 2) * 3_000).all()


@st.composite
def worlds(draw):
    """A scheme of any kind over a small book of unlike loans."""
    scheme, n = draw(schemes()), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    key = np.column_stack([np.zeros(n, np.int64), *rng.integers(0, 3, (3, n))])
    shares = np.diff(np.sort(rng.integers(0, 10**6, (n, 2))), prepend=0, append=10**6)
    limit = np.full((n, 3), NO_CAP)
    limit[:, 0] = rng.integers(0, 5_000, n)
    cohort, ead = rng.integers(0, 3, n), rng.uniform(0, 300, n)
    book = Book(
        Loans(shares, limit, key, cohort, rng.integers(0, 2, n)),
        (ead * 100).astype(np.int64),
        key[:, 1].copy(),
        rng.uniform(0, 1, n),
        rng.uniform(0, 1, n),
        ead,
        rng.integers(0, 2, n),
        rng.integers(0, 2, n),
        rng.integers(1, 4, n),
    )
    world = World(np.array([[0.4, 0.2], [0.1, 0.5]]), 0.3, 0.5, 0.4)
    return scheme, book, world


@settings(max_examples=10, deadline=None)
@given(worlds(), st.integers(0, 10**6))
def test_parties_add_to_the_loss_in_every_scenario(found, seed):
    scheme, book, world = found
    rules, run = rules_of(scheme, book, 3), Run(3, 40, seed)
    out = simulate_pool(book, rules, world, run, watched=1)
    assert (out.paid_fen >= 0).all()
    assert (out.paid_fen.sum(axis=(1, 2)) == out.sector_fen[:, :, 0].sum(axis=1)).all()
    assert (out.paid_fen[:, :, 1].sum(axis=1) == out.sector_fen[:, :, 1].sum(axis=1)).all()
    ((events, flows),) = replays(book, rules, world, run, np.array([7]))
    plain = split_stream_plain(book.split, events, rules)
    assert (plain.paid_fen == flows.paid_fen).all()
    for year in range(3):
        assert (plain.paid_fen[events.year == year].sum(axis=0) == out.paid_fen[7, year]).all()
    assert events.amount_fen.sum() == out.paid_fen[7].sum()
    assert (np.diff(events.year) >= 0).all()
    kept = [(c, int(y)) for e, y in enumerate(events.year) for c in plain.cause[e].tolist()]
    caps_n = len(rules.cap_at)
    for bound, year in enumerate(out.bound_year[7].tolist()):
        code = 2 + bound if bound < caps_n else 1000 + bound - caps_n
        assert year == min([y for c, y in kept if c == code], default=NEVER)


def test_parts_of_a_run_and_threads_change_nothing():
    book = renew_book(even_book(200, 0.05), 2)
    rules = rules_of(with_purse(200), book, 2)
    world = World(np.array([[0.35]]), 0.4, 0.6, 0.3)
    whole = simulate_pool(book, rules, world, Run(2, 300, 1), watched=0)
    threads_n = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        part = simulate_pool(book, rules, world, Run(2, 263, 1, first=37), watched=0)
    finally:
        numba.set_num_threads(threads_n)
    for one, other in zip(whole, part, strict=True):
        assert (one[37:] == other).all()
    assert (
        draw_worlds(world, Run(2, 5, 1, first=8)) == draw_worlds(world, Run(2, 13, 1))[8:]
    ).all()


def test_defaults_are_those_of_the_book_without_a_scheme():
    """One year: losses are those of `simulate_losses`, within half a fen for each claim."""
    book = even_book(300, 0.05)._replace(lgd=np.full(300, 0.5))
    world = World(np.array([[0.35]]), 0.0, 0.6, 0.3)
    out = simulate_pool(book, rules_of(demo(), book), world, Run(1, 200, 1), watched=0)
    rows = Firms(book.pd, book.ead_cny, book.lgd, book.group, book.sector)
    plan = plan_losses(rows, world.loading, lgd_model=LgdModel(0.6, 0.3))
    factors = draw_worlds(world, Run(1, 200, 1))[:, 0]
    losses = simulate_losses(plan, factors, seed=year_seeds(1, 1)[0])[:, 0]
    gap = np.abs(out.paid_fen.sum(axis=(1, 2)) / 100 - losses)
    assert (gap <= 0.005 * out.claims_n + 1e-9).all() and losses.std() > 0


def test_given_factors_replace_the_drawn():
    """Vasicek: with the factor at -2 an endless book defaults at Phi((G(pd) + 2 a) / b)."""
    n, pd, rho = 40_000, 0.02, 0.15
    book, world = even_book(n, pd), World(np.array([[rho**0.5]]), 0.0)
    factors = np.full((50, 1, 1), -2.0)
    out = simulate_pool(
        book, rules_of(demo(), book), world, Run(1, 50, 1), watched=0, factors=factors
    )
    wanted = ndtr((ndtri(pd) + 2 * rho**0.5) / (1 - rho) ** 0.5)
    assert abs(out.claims_n.mean() / n - wanted) < 5 * (wanted * (1 - wanted) / n / 50) ** 0.5
    with pytest.raises(InvalidInput, match="factors: expected shape"):
        simulate_pool(
            book, rules_of(demo(), book), world, Run(2, 50, 1), watched=0, factors=factors
        )


def test_each_firm_has_the_same_place_at_the_purse():
    """All ten default and the purse holds three claims: by lot, each firm is paid in 3 of 10."""
    book, runs = even_book(10, 1.0), 6_000
    rules, run = rules_of(with_purse(90), book), Run(1, runs, 4)
    paid = np.zeros(10)
    for events, flows in replays(book, rules, ALONE, run, np.arange(runs)):
        paid += np.bincount(events.loan, flows.paid_fen[:, 0] > 0, minlength=10)
    assert np.abs(paid / runs - 0.3).max() < 4.5 * (0.3 * 0.7 / runs) ** 0.5


def test_caps_that_no_claims_can_reach_are_left_out():
    """The pool bears 30 at most of each loan of a firm's three: never 91, but maybe 80."""
    book = even_book(9, 0.5)._replace(firm=np.arange(9) // 3)
    key = book.split.key.copy()
    key[:, 1] = book.firm
    limit = book.split.limit_fen.copy()
    limit[:, 0] = 3_000
    split = book.split._replace(key=key, limit_fen=limit)
    book = book._replace(split=split)
    kept = np.ones(9, bool)
    for cny, left_out in ((100, True), (91, True), (80, False)):
        cap = {"party": "pool", "scope": "firm", "amount": number(cny, "cny")}
        rules = rules_of(demo(cap=[cap]), book)
        looked = skip_caps(Variant(split, rules, kept), book.ead_cny)
        assert (looked.cap_party[0] == -1) == left_out


def test_a_bigger_purse_never_empties_sooner():
    """With common random numbers, scenario by scenario."""
    book = renew_book(even_book(300, 0.03), 3)
    world, run = World(np.array([[0.4]]), 0.4), Run(3, 500, 2)
    before = None
    for cny in (0, 60, 150, 300, 900):
        scheme = with_purse(cny, a_year=30)
        out = simulate_pool(book, rules_of(scheme, book, 3), world, run, watched=0)
        if before is not None:
            assert (out.emptied_year >= before.emptied_year).all()
            assert (out.paid_fen[:, :, 0].sum(axis=1) >= before.paid_fen[:, :, 0].sum(axis=1)).all()
        before = out


def test_figures_add_up():
    book = even_book(500, 0.03)
    world = World(np.array([[0.4]]), 0.0)
    out = simulate_pool(book, rules_of(with_purse(300), book), world, Run(1, 5_000, 3), watched=0)
    whole, each = party_risks(out, level=0.99)
    assert sum(r.mean_cny.value for r in each) == pytest.approx(whole.mean_cny.value)
    tails = party_tail(out, level=0.99)
    assert sum(t.value for t in tails) == pytest.approx(whole.es_cny.value)
    fees = fair_fees(each, exposure_cny=50_000.0, capital_rate_pa=0.06, years_n=1)
    assert fees[2]["expected"].value == pytest.approx(0.2 * 0.03, rel=0.1)  # share times pd
    assert fees[2]["with_capital"].value > fees[2]["expected"].value


def test_wrong_input_is_told():
    book = even_book(3, 0.1)
    rules = rules_of(demo(), book)
    for wrong, said in (
        (book._replace(pd=np.array([0.1, np.nan, 2.0])), "pd must be known"),
        (book._replace(lgd=np.ones(2)), "one row a loan"),
        (book._replace(term_years=np.zeros(3, np.int64)), "term_years"),
        (book._replace(ead_cny=np.full(3, 1e11)), "ead_cny must be known"),
    ):
        with pytest.raises(InvalidInput, match=said):
            simulate_pool(wrong, rules, ALONE, Run(1, 10, 1), watched=0)
    with pytest.raises(InvalidInput, match="persistence"):
        simulate_pool(book, rules, World(np.zeros((1, 1)), 1.0), Run(1, 10, 1), watched=0)
