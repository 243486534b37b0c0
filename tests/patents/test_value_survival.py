from datetime import date

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.patents import expected_economic_life_years, legal_life_years
from techflow.patents.survival import economic_scale_years


def test_legal_life_of_the_patent_law():
    filed = date(2020, 1, 1)
    assert [legal_life_years(k, filed) for k in ("invention", "utility_model", "design")] == [
        20.0,
        10.0,
        10.0,
    ]
    with pytest.raises(InvalidInput, match="trademark"):
        legal_life_years("trademark", filed)


def test_better_patents_last_longer():
    found = economic_scale_years(np.full(3, 8.0), np.array([-1.0, 0, 1]), 0.2)
    assert (np.diff(found) > 0).all() and found[1] == 8


def test_mean_life_equals_the_mean_of_draws():
    draws = 9 * np.random.default_rng(1).weibull(1.4, 400_000)
    assert expected_economic_life_years(9, 1.4) == pytest.approx(draws.mean(), rel=0.01)
