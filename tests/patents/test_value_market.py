"""Regressions against SciPy's optimiser; a planted effect; the published coefficient."""

import os
from pathlib import Path

import numpy as np
import pytest
from bench.patents_value import market_value, published_regression
from scipy.optimize import minimize

from techflow.basics import InvalidInput
from techflow.patents.market import dummies, hedonic_design, least_squares, poisson_regression

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data")) / "firm_panels"


def test_poisson_equals_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(500), rng.standard_normal((500, 2))])
    count = rng.poisson(np.exp(design @ [0.5, 0.3, -0.2])).astype(float)
    best = minimize(lambda b: np.sum(np.exp(design @ b) - count * (design @ b)), np.zeros(3))
    assert poisson_regression(design, count) == pytest.approx(best.x, abs=1e-4)


@pytest.mark.parametrize("effect", [0.0, 1.0, 2.0])
def test_a_planted_effect_is_recovered(effect):
    rng = np.random.default_rng(2)
    capital, research = rng.lognormal(2, 1, 4000), rng.lognormal(1, 1, 4000)
    patents = rng.poisson(5, 4000).astype(float)
    cites = rng.poisson(3 * patents).astype(float)
    parts = np.column_stack([*hedonic_design(capital, research, patents, cites)[:3], np.ones(4000)])
    target = parts @ [0.3, 0.1, effect, 0.2] + rng.standard_normal(4000) * 0.5
    assert least_squares(parts, target)[2] == pytest.approx(effect, abs=0.05)


def test_no_patent_and_no_research_is_nought_not_a_crash():
    nought = np.zeros(1)
    found = hedonic_design(np.ones(1), nought, nought, nought)
    assert [part[0] for part in found] == [0, 0, 0, 1]


def test_each_row_has_one_code():
    assert (dummies(np.array([4, 2, 4, 9])).sum(axis=1) == 1).all()


def test_negative_counts_are_refused():
    with pytest.raises(InvalidInput, match="count"):
        poisson_regression(np.ones((1, 1)), np.array([-1.0]))


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the firm panels")
def test_coefficient_of_aghion_and_others():
    # AER 103(1), Table 1, Poisson without R&D stock: about 0.010; the sets' own definition 0.0097.
    assert published_regression(DATA) == pytest.approx(0.0097, abs=5e-5)


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the firm panels")
def test_market_value_is_told_out_of_sample():
    assert 0 < market_value(DATA) < 1
