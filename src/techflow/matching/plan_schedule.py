"""What is paid month by month, and the rate that says it in one number."""

import numpy as np

from techflow.basics import Floats, InvalidInput

MONTHS = 12
NEWTON_STEPS_N = 50


def repaid_shares(term_months: int, *, at_end: bool) -> Floats:
    """Share of the principal repaid each month.

    Args:
        term_months: Term, >= 1.
        at_end: All at the end; otherwise equal parts month by month.

    Returns:
        Shape (term_months,), sums to 1.

    Examples:
        >>> repaid_shares(4, at_end=False).tolist(), repaid_shares(3, at_end=True).tolist()
        ([0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 1.0])
    """
    if term_months < 1:
        raise InvalidInput(f"term_months must be at least 1; got {term_months}")
    if not at_end:
        return np.full(term_months, 1.0 / term_months)
    shares = np.zeros(term_months)
    shares[-1] = 1.0
    return shares


def outstanding_shares(repaid: Floats) -> Floats:
    """Share of the principal owed during each month.

    Args:
        repaid: Share repaid at the end of each month, last axis months.

    Examples:
        >>> outstanding_shares(np.array([0.5, 0.5])).tolist()
        [1.0, 0.5]
    """
    return 1.0 - np.cumsum(repaid, axis=-1) + repaid


def all_in_rate(rate_pa: Floats, fee_share: Floats, repaid: Floats) -> Floats:
    """Rate a year, paid monthly, at which what is paid is worth what is received.

    Args:
        rate_pa: Interest and yearly fees on what is owed, shape (n,).
        fee_share: One-off fee, share of the amount, kept back on the first day, in [0, 1).
        repaid: Share repaid at the end of each month, shape (n, months).

    Returns:
        Shape (n,); equal to `rate_pa` where there is no one-off fee.

    Raises:
        InvalidInput: A fee is not in [0, 1).

    Source:
        Present value at a nominal rate compounded monthly; Newton's method from `rate_pa`, from
        which a convex falling function is approached from one side.

    Examples:
        >>> one = np.array([0.06]), np.array([0.01]), repaid_shares(12, at_end=True)[None, :]
        >>> all_in_rate(*one).round(4)  # about a year's 6 % and the 1 % kept back
        array([0.0704])
    """
    if ((fee_share < 0) | (fee_share >= 1)).any():
        raise InvalidInput(f"fee_share must be in [0, 1); got {fee_share.max()}")
    months = np.arange(1, repaid.shape[1] + 1)
    paid = repaid + outstanding_shares(repaid) * rate_pa[:, None] / MONTHS
    found = rate_pa.astype(np.float64).copy()
    for _ in range(NEWTON_STEPS_N):
        step = 1.0 + found[:, None] / MONTHS
        worth = paid * step**-months
        fall = (worth * months / step).sum(axis=1) / MONTHS
        change = (worth.sum(axis=1) - (1.0 - fee_share)) / fall
        found += change
        if (np.abs(change) < 1e-14).all():
            break
    return np.where(fee_share > 0, found, rate_pa)


def first_year_service(rate_pa: Floats, repaid: Floats, at_end: Floats) -> Floats:
    """Interest, yearly fees and instalments of the first twelve months, share of the amount.

    Args:
        rate_pa: Interest and yearly fees on what is owed, shape (n,).
        repaid: Share repaid at the end of each month, shape (n, months).
        at_end: 1 where all is repaid at the end; that is not counted, since the business the
            money is for, or another loan, repays it.

    Examples:
        >>> first_year_service(
        ...     np.array([0.06]), repaid_shares(24, at_end=True)[None, :], np.array([1.0])
        ... ).round(9)
        array([0.06])
    """
    interest: Floats = outstanding_shares(repaid)[:, :MONTHS].sum(axis=1) * rate_pa / MONTHS
    return interest + np.where(at_end > 0, 0.0, repaid[:, :MONTHS].sum(axis=1))
