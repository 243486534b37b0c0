"""How long a patent lasts: by law, and for as long as it pays."""

import math
from datetime import date

import numpy as np
from numpy.typing import NDArray

from techflow.basics import InvalidInput

Array = NDArray[np.float64]
DESIGN_REFORM = date(2021, 6, 1)
LEGAL_LIFE_YEARS = {"invention": 20.0, "utility_model": 10.0}
DESIGN_YEARS, OLD_DESIGN_YEARS = 15.0, 10.0


def legal_life_years(kind: str, filed: date) -> float:
    """Longest legal life of a Chinese patent from its filing date.

    Args:
        kind: `invention`, `utility_model` or `design`.
        filed: Filing date.

    Returns:
        Years from filing.

    Raises:
        InvalidInput: Another kind.

    **Source** Patent Law of the People's Republic of China (2020 amendment), Art. 42: invention
    20, utility model 10, design 15 if filed from 2021-06-01, before that 10.

    >>> legal_life_years("design", date(2021, 6, 1)), legal_life_years("design", date(2021, 5, 31))
    (15.0, 10.0)
    """
    if kind == "design":
        return DESIGN_YEARS if filed >= DESIGN_REFORM else OLD_DESIGN_YEARS
    if kind not in LEGAL_LIFE_YEARS:
        allowed = ", ".join((*LEGAL_LIFE_YEARS, "design"))
        raise InvalidInput(f"kind: expected one of {allowed}; got {kind!r}; give one of these")
    return LEGAL_LIFE_YEARS[kind]


def economic_scale_years(scale_years: Array, quality: Array, effect: float) -> Array:
    """Weibull scale of economic life, longer for better patents.

    Args:
        scale_years: Scale at average quality, years, above 0; shape (n,).
        quality: Standardised quality (0 average, 1 one deviation better); shape (n,).
        effect: Change of log scale for one deviation of quality.

    Returns:
        Scale in years, shape (n,).

    **Source** Accelerated life form; the effect itself is an assumption of the model folder.

    >>> economic_scale_years(np.array([10.0]), np.array([0.0]), 0.2).tolist()
    [10.0]
    """
    return scale_years * np.exp(effect * quality)


def expected_economic_life_years(scale_years: float, shape: float) -> float:
    """Mean economic life of a new patent, before the legal end cuts it.

    Args:
        scale_years: Weibull scale, years, above 0.
        shape: Weibull shape, above 0; above 1 the risk of lapse rises with age.

    Returns:
        Years.

    **Source** Mean of the Weibull distribution.

    >>> round(expected_economic_life_years(10, 1), 6)
    10.0
    """
    return scale_years * math.gamma(1 + 1 / shape)
