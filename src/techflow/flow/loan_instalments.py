"""The rate of loans repaid by equal payments: the payments follow from it, and it from them."""

from collections.abc import Callable

import numpy as np

from techflow.basics import Floats, NotConverged

STEPS_N = 100
TOLERANCE = 1e-13


def settle_rates(price: Callable[[Floats], Floats], start: Floats) -> Floats:
    """Rate at which a loan breaks even whose equal payments are reckoned at that same rate.

    Args:
        price: Break-even rates of loans whose payments are reckoned at given rates; NaN is no
            price.
        start: First guess, above -1, shape (n,).

    Returns:
        Shape (n,); NaN where there is no price.

    Raises:
        NotConverged: Rates still move after `STEPS_N` prices.

    Source:
        Fixed point. How principal is repaid moves the rate little: with the same risk each year
        not at all, so each step takes most of the error away.

    Examples:
        >>> settle_rates(lambda rate: 0.04 + 0.1 * rate, np.array([0.02])).round(9)
        array([0.04444444])
    """
    rate = start
    for _ in range(STEPS_N):
        found = price(rate)
        if not (np.abs(found - rate) > TOLERANCE * np.maximum(1.0, np.abs(rate))).any():
            return found
        rate = np.where(np.isnan(found), rate, found)
    raise NotConverged(
        f"the rate of loans by equal payments still moves after {STEPS_N} prices; "
        "give offered_rate_pa, or another repayment"
    )
