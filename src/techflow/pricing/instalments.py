"""What is owed and paid when a loan is repaid: closed form, and each payment to the fen."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

REPAYMENTS = ("bullet", "equal_principal", "equal_instalment")
"""At the end; equal principal, so falling payments; equal payments of principal and interest."""
MONTHS = 12
TERM_MONTHS_MAX = 1_200
Fen = NDArray[np.int64]
PAID = ("loan", "payment_n", "month", "principal_fen", "interest_fen", "owed_fen")


def annuity_factor(rate: Floats, payments_n: Floats, last: Floats) -> Floats:
    """Present value of 1 paid at the end of each period, the last of which may be shorter.

    Args:
        rate: Interest of a whole period, above -1, shape (n,).
        payments_n: Payments, 1 or more, shape (n,).
        last: Length of the last period, share of a whole one, in (0, 1], shape (n,).

    Returns:
        `(1 - v^(n-1)) / rate + v^(n-1) / (1 + rate last)` with `v = 1 / (1 + rate)`; shape (n,).

    Source:
        Annuity in arrears (the function PMT of spreadsheets is its inverse), the last period at
        simple interest.

    Examples:
        >>> one = np.array([1.0])
        >>> payment = 10_000 / annuity_factor(np.array([0.08 / 12]), 10 * one, one)
        >>> payment.round(4)  # PMT(8%/12, 10, 10000)
        array([1037.0321])
    """
    whole, none = payments_n - 1.0, rate == 0
    grown = np.log1p(rate)
    before = np.where(none, whole, -np.expm1(-whole * grown) / np.where(none, 1.0, rate))
    return np.asarray(before + np.exp(-whole * grown) / (1.0 + rate * last))


def owed_share(rate: Floats, paid_n: int, payments_n: Floats, last: Floats) -> Floats:
    """Share of the loan still owed after some of its equal payments.

    Args:
        rate: As in `annuity_factor`.
        paid_n: Payments made.
        payments_n: Payments in all; after the last one nothing is owed.
        last: As in `annuity_factor`.

    Examples:
        >>> one = np.array([1.0])
        >>> owed_share(np.array([0.1]), 1, 2 * one, one).round(6)  # 1.1 - 1.1^2 / 2.1
        array([0.52381])
    """
    left = payments_n - paid_n
    worth = annuity_factor(rate, np.maximum(left, 1.0), last)
    return np.where(left > 0, worth / annuity_factor(rate, payments_n, last), 0.0)


def pay_back(
    amount_fen: Fen,
    rate_pa: Floats,
    term_months: Floats,
    kind: NDArray[np.int64],
    *,
    period_months: int,
) -> Mapping[str, NDArray[np.int64] | Floats]:
    """Every payment of many loans in whole fen.

    Interest is that of the balance, `rate / 12` for each month, rounded to the fen, half up. The
    last payment takes what rounding left, so principal adds up to the loan.

    Args:
        amount_fen: What is lent, above 0, shape (n,).
        rate_pa: Rate of the contract, above -1 within a period, shape (n,).
        term_months: Above 0, shape (n,).
        kind: Place in `REPAYMENTS`, shape (n,).
        period_months: Months between payments.

    Returns:
        One row for each payment, loan by loan: `loan` (place), `payment_n` from 1, `month`,
        `principal_fen`, `interest_fen`, `owed_fen` (after it).

    Raises:
        InvalidInput: A loan or a term is out of range.

    Examples:
        >>> found = pay_back(np.array([200_000]), np.array([0.1]), np.array([24.0]),
        ...                  np.array([2]), period_months=1)  # PPMT(10%/12, 1, 24, 2000) is 75.62
        >>> int(found["principal_fen"][0]), int(found["principal_fen"].sum())
        (7562, 200000)
    """
    if (amount_fen < 1).any() or not ((term_months > 0) & (term_months <= TERM_MONTHS_MAX)).all():
        raise InvalidInput(
            f"amount_fen must be 1 or more and term_months above 0, to {TERM_MONTHS_MAX:,}"
        )
    payments = np.ceil(term_months / period_months - 1e-9)
    last = term_months / period_months - (payments - 1.0)
    level = _level(amount_fen, rate_pa * period_months / MONTHS, payments, last)
    owed = amount_fen.astype(np.int64)
    paid: list[dict[str, NDArray[np.int64] | Floats]] = []
    for k in range(int(payments.max(initial=0.0))):
        months = np.minimum(float(period_months), term_months - k * period_months)
        interest = _rounded(owed * rate_pa * months / MONTHS)
        asked = (np.zeros_like(owed), _rounded(amount_fen / payments), level - interest)
        principal = np.where(k + 1 == payments, owed, np.clip(np.choose(kind, asked), 0, owed))
        owed = owed - principal
        alive = np.flatnonzero(k < payments)
        columns = (alive, np.full(alive.size, k + 1), (k * period_months + months)[alive])
        fen = (each[alive] for each in (principal, interest, owed))
        paid.append(dict(zip(PAID, (*columns, *fen), strict=True)))
    joined = {name: np.concatenate([each[name] for each in paid]) for name in PAID if paid}
    order = np.argsort(joined["loan"], kind="stable") if paid else np.zeros(0, np.int64)
    return {name: joined[name][order] if paid else np.zeros(0, np.int64) for name in PAID}


def _level(amount: Fen, rate: Floats, payments: Floats, last: Floats) -> Fen:
    """The equal payment of each loan."""
    return _rounded(amount / annuity_factor(rate, payments, last))


def _rounded(values: Floats) -> Fen:
    return np.floor(values + 0.5).astype(np.int64)
