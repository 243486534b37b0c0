"""Loss given default of a loan on collateral: the part covered loses less, down to a floor."""

import numpy as np

from techflow.basics import Floats

SECURED = ("patent", "equity", "receivable")
"""What may secure a loan here."""


def covered_share(value: Floats, advance_share: Floats, amount: Floats) -> Floats:
    """Share of a loan that its collateral covers after the haircut.

    Args:
        value: Value of the collateral, 0 or more, any currency, shape (n,); NaN is unknown.
        advance_share: What the haircut leaves of it, in [0, 1], shape (n,).
        amount: The loan, above 0, same currency, shape (n,).

    Returns:
        `min(1, value x advance / amount)`; NaN where a number is unknown.

    Examples:
        >>> covered_share(np.array([2e6, 9e6]), np.array([0.6, 0.6]), np.array([3e6, 3e6])).tolist()
        [0.4, 1.0]
    """
    known = np.where(amount > 0, amount, np.nan)
    return np.asarray(np.minimum(1.0, value * advance_share / known))


def secured_lgd(lgd: Floats, covered: Floats, *, covered_lgd: Floats, lgd_min: Floats) -> Floats:
    """Loss given default after collateral.

    Args:
        lgd: Of the loan without collateral, fraction in [0, 1], shape (n,).
        covered: Share covered, in [0, 1], from `covered_share`; NaN counts as not covered.
        covered_lgd: Loss on the part covered; no more than `lgd` counts.
        lgd_min: Collateral takes the loss no lower.

    Returns:
        `lgd - covered x (lgd - covered_lgd)`, at least `lgd_min` and at most `lgd`; more collateral
        never raises it.

    Source:
        Basel Framework CRE32.11 (foundation approach, partly secured exposures); floors as in
        CRE32.16.

    Examples:
        >>> one = np.ones(3)
        >>> secured_lgd(0.4 * one, np.array([0.0, 0.5, 1.0]), covered_lgd=0.2 * one,
        ...             lgd_min=0.25 * one).round(9).tolist()
        [0.4, 0.3, 0.25]
    """
    gain = np.maximum(lgd - covered_lgd, 0.0) * np.nan_to_num(covered, nan=0.0)
    return np.asarray(np.minimum(np.maximum(lgd - gain, lgd_min), lgd))
