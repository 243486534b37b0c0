"""Years of default against the stated PDs and the bivariate normal distribution."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm
from tests.portfolio.books import mixed_book

from techflow.basics import InvalidInput
from techflow.portfolio.factors import draw_factors
from techflow.portfolio.loss import draw_defaults
from techflow.portfolio.plan import Loans, plan_losses
from techflow.portfolio.years import draw_years

TERMS = np.array([0.03, 0.08, 0.2])


def drawn(loans, terms, loading, runs_n, seed=3):
    plan = plan_losses(loans, loading)
    factors = draw_factors(runs_n, loading.shape[1], seed=seed)
    stream = draw_defaults(plan, factors, seed=seed)
    return stream, draw_years(plan, terms, (factors, stream), seed=seed)


def test_each_firm_has_failed_by_each_year_as_often_as_stated():
    rng, n, runs_n = np.random.default_rng(1), 100, 40_000
    shares = np.sort(rng.random((n, 3)), axis=1)
    terms = mixed_book(n).pd[:, None] * np.column_stack([shares, np.ones(n)])
    loading = rng.uniform(0.1, 0.4, (6, 3))
    stream, years = drawn(mixed_book(n), terms, loading, runs_n)
    for year in range(4):
        seen = np.bincount(stream.firm[years <= year], minlength=n) / runs_n
        error = np.sqrt(np.maximum(terms[:, year] * (1 - terms[:, year]), 1e-9) / runs_n)
        assert (np.abs(seen - terms[:, year]) < 4.5 * error + 1e-12).all()


def test_two_firms_fail_early_together_as_the_copula_says():
    runs_n, zero = 60_000, np.zeros(2, np.int64)
    loans = Loans(np.full(2, 0.2), np.ones(2), np.ones(2), zero, zero)
    stream, years = drawn(loans, np.tile(TERMS, (2, 1)), np.array([[0.4**0.5]]), runs_n)
    scenario = np.repeat(np.arange(runs_n), np.diff(stream.since))
    joint = multivariate_normal(cov=[[1, 0.4], [0.4, 1]])
    for year, pd in enumerate(TERMS):
        both = (np.bincount(scenario[years <= year], minlength=runs_n) == 2).mean()
        wanted = joint.cdf([norm.ppf(pd)] * 2)
        assert abs(both - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / runs_n)


def test_terms_that_do_not_fit_are_refused():
    zero = np.zeros(1, np.int64)
    loans = Loans(np.full(1, 0.2), np.ones(1), np.ones(1), zero, zero)
    for terms, words in (
        (np.array([[0.3, 0.2]]), "never fall"),
        (np.array([[0.1, 0.3]]), "last year"),
        (np.array([[0.1, 0.2]] * 2), "1 rows"),
    ):
        with pytest.raises(InvalidInput, match=words):
            drawn(loans, terms, np.array([[0.4]]), 10)
