"""Internal-ratings capital: the tables the Basel Committee prints, and SciPy's normal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.pricing.irb import WEIGHT_PER_CAPITAL, irb_capital, size_relief

norm = pytest.importorskip("scipy.stats").norm

# Basel II (June 2006) Annex 5, corporate exposures, LGD 45 %, M 2.5: turnover 50 and 5 m euros.
ANNEX_5 = {
    0.0003: (14.44, 11.30),
    0.0005: (19.65, 15.39),
    0.0010: (29.65, 23.30),
    0.0025: (49.47, 39.01),
    0.0040: (62.72, 49.49),
    0.0050: (69.61, 54.91),
    0.0075: (82.78, 65.14),
    0.0100: (92.32, 72.40),
    0.0130: (100.95, 78.77),
    0.0150: (105.59, 82.11),
    0.0200: (114.86, 88.55),
    0.0250: (122.16, 93.43),
    0.0300: (128.44, 97.58),
}
# Basel Framework CRE99, the same with LGD 40 % (Basel III).
CRE99 = {
    0.0005: (17.47, 13.69),
    0.0010: (26.36, 20.71),
    0.0025: (43.97, 34.68),
    0.0040: (55.75, 43.99),
    0.0050: (61.88, 48.81),
    0.0075: (73.58, 57.91),
    0.0100: (82.06, 64.35),
    0.0130: (89.73, 70.02),
}
PRINTED = [
    (pd, lgd, turnover, weight)
    for lgd, table in ((0.45, ANNEX_5), (0.40, CRE99))
    for pd, weights in table.items()
    for turnover, weight in zip((50.0, 5.0), weights, strict=True)
] + [(0.02, 0.45, 20.0, 97.23)]  # the vector of our rules file, section 12


def relief(turnover):
    return size_relief(np.array([turnover]), low=5.0, high=50.0, factor=0.04)


@pytest.mark.parametrize(("pd", "lgd", "turnover", "weight"), PRINTED)
def test_printed_risk_weights(pd, lgd, turnover, weight):
    """Three numbers of 2006 are one off in the last digit (SciPy's normal agrees with ours)."""
    k = irb_capital(np.array([pd]), np.array([lgd]), relief=relief(turnover))
    last = 0.0065 if lgd == 0.45 else 0.0051
    assert 100 * WEIGHT_PER_CAPITAL * k[0] == pytest.approx(weight, abs=last)


def test_the_chinese_size_adjustment_reaches_from_30_to_300_million():
    """Rules file 11.4: 0.04 x [1 - (S - 3) / 27], S in tens of millions."""
    sales = np.array([1e7, 3e7, 1.65e8, 3e8, 1e9, np.nan])
    found = size_relief(sales, low=3e7, high=3e8, factor=0.04)
    assert found == pytest.approx([0.04, 0.04, 0.02, 0.0, 0.0, 0.0], abs=1e-15)


@settings(max_examples=33, deadline=None)
@given(st.floats(1e-6, 0.999), st.floats(0.0, 1.0), st.floats(0.1, 30.0), st.floats(0.0, 0.04))
def test_against_the_formula_with_scipy(pd, lgd, maturity, lower):
    r = 0.12 * (1 - np.exp(-50 * pd)) / (1 - np.exp(-50.0)) + 0.24 * (
        1 - (1 - np.exp(-50 * pd)) / (1 - np.exp(-50.0))
    )
    r -= lower
    b = (0.11852 - 0.05478 * np.log(pd)) ** 2
    x = (1 - r) ** -0.5 * norm.ppf(pd) + (r / (1 - r)) ** 0.5 * norm.ppf(0.999)
    m = min(max(maturity, 1.0), 5.0)
    k = (lgd * norm.cdf(x) - pd * lgd) / (1 - 1.5 * b) * (1 + (m - 2.5) * b)
    found = irb_capital(np.array([pd]), np.array([lgd]), maturity_years=maturity, relief=lower)[0]
    assert found == pytest.approx(max(k, 0.0), abs=1e-12)


def test_unknown_stays_unknown_and_chunks_change_nothing():
    pd = np.linspace(0.001, 0.5, 20_001)
    pd[7] = np.nan
    whole = irb_capital(pd, np.full_like(pd, 0.4))
    assert np.isnan(whole[7]) and np.isnan(whole).sum() == 1
    parts = [irb_capital(piece, np.full_like(piece, 0.4)) for piece in np.array_split(pd, 7)]
    assert np.array_equal(np.concatenate(parts), whole, equal_nan=True)


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, 1.2])
def test_a_pd_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidInput, match=r"must be in \(0, 1\)"):
        irb_capital(np.array([0.1, wrong]), np.array([0.4, 0.4]))
