"""California's Proposition 99: estimates as published, beside the authors' estimator in Python.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111(12), Table 1:
difference in differences -27.3, synthetic control -19.6 (packs per head and year, 1989-2000). The
data come with synthdid-py (BSD), a port of the authors' R package. Synthetic difference in
differences (-15.6 there) is not part of this project.
"""

import numpy as np
import pytest
from synthdid import load_california_prop99, panel_matrices, sc_estimate

from techflow.region.effects import compare_changes
from techflow.region.synthetic import doubt_twin, synthetic_control
from techflow_service.regions.model import read_model

CALIFORNIA, BEFORE = 38, 19


@pytest.fixture(scope="module")
def panel():
    made = panel_matrices(load_california_prop99())
    assert (made.Y.shape, made.N0, made.T0) == ((39, 31), CALIFORNIA, BEFORE)
    return np.asarray(made.Y, float)


def test_difference_in_differences_as_published(panel):
    reached = np.arange(39) == CALIFORNIA
    found = compare_changes(panel, reached, before_n=BEFORE)
    assert round(found.estimate, 1) == -27.3


def test_synthetic_control_as_published(panel):
    """The authors' solver stops early; ours fits the years before closer and tells -19.5."""
    made = synthetic_control(panel, CALIFORNIA, before_n=BEFORE)
    theirs = sc_estimate(panel, CALIFORNIA, BEFORE)
    assert round(float(theirs), 1) == -19.6, "the port reproduces the table"
    assert made.estimate == pytest.approx(-19.6, abs=0.15)
    weight = np.asarray(theirs.weights.omega)
    gap = panel[CALIFORNIA, :BEFORE] - weight @ panel[:CALIFORNIA, :BEFORE]
    assert made.fit <= np.sqrt((gap**2).mean())
    assert made.weight == pytest.approx(weight, abs=0.006)


def test_what_the_twin_is_worth(panel):
    """Abadie, Diamond and Hainmueller 2010: by 2000 about 26 packs less, a twin mostly of Utah."""
    made = synthetic_control(panel, CALIFORNIA, before_n=BEFORE)
    assert made.gaps[-1] == pytest.approx(-26.0, abs=1.0)
    names = panel_matrices(load_california_prop99()).units
    assert names[int(made.weight.argmax())] == "Utah"
    assert made.p_least == pytest.approx(1 / 39)
    terms = read_model().words["twin"]
    assert doubt_twin(made, before_n=BEFORE, terms=terms) == []
