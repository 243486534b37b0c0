"""Pledge of unlisted equity: from the last round to what may be lent on it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.patents.pledge import (
    chaffe_discount,
    default_quantile,
    finnerty_discount,
    loan_to_value_share,
)

DISCOUNTS = ("finnerty", "chaffe")


class EquityCase(NamedTuple):
    """Pledges of shares, each field of shape (n,); NaN where unknown."""

    post_money_cny: Floats
    """Value of all equity at the last round, yuan: price per share x shares, fully diluted."""
    ownership_share: Floats
    """Pledged shares as a share of all at the round, above 0 and at most 1."""
    dilution_share: Floats
    """Shares issued since for no money, as a share of all now, 0 to below 1."""
    preference_cny: Floats
    """Liquidation preferences that are paid before the pledged shares, 0 or more."""
    preferred_share: Floats
    """Shares those may convert into, as a share of all now, 0 to below 1; 0 if they take part."""
    years_since_round: Floats
    years_to_sale: Floats
    sigma: Floats
    """Deviation of the log value of equity a year."""
    pd: Floats
    """Default probability of the borrower, above 0 and below 1."""
    correlation: Floats
    """Of the log value of equity and the health of the borrower, -1 to 1 exclusive."""


@dataclass(frozen=True, slots=True)
class EquityTerms:
    """What the lender sets."""

    confidence: float
    """Share of defaults in which the sale brings at least what the haircut leaves."""
    sale_cost_share: float
    cap_share: float
    """Cap of the loan to value."""
    rate_pa: float
    """Interest that runs until the sale."""
    discount: str
    """Discount for lack of marketability: `finnerty` or `chaffe`."""
    riskless_rate_pa: float
    """Used by `chaffe`."""


class EquityPledge(NamedTuple):
    """What a pledge of shares is worth; each of shape (n,), NaN where it cannot be said."""

    value_cny: Floats
    """At the mark of the last round, after preferences, dilution and illiquidity."""
    illiquidity_share: Floats
    haircut_share: Floats
    """Of the value; NaN where the value is 0."""
    loan_to_value_share: Floats
    loan_max_cny: Floats


def pledge_equity(case: EquityCase, terms: EquityTerms) -> EquityPledge:
    """Value, haircut and loan to value of pledged unlisted shares.

    The value of all equity is lognormal around the last round, its mean kept: no rise is lent on,
    and an old round is a wide one. The pledged shares get their part of what preferences leave,
    less the discount for lack of marketability. The haircut leaves the quantile of that, given
    that the borrower has defaulted, after costs of sale.

    Args:
        case: The pledges; a number outside its range gives NaN.
        terms: What the lender sets.

    Returns:
        One entry a pledge.

    Raises:
        InvalidInput: A term is outside its range.

    Source:
        Quantile given default of `techflow.patents.pledge`; non-participating preferred shares
        take the larger of preference and conversion: Metrick and Yasuda 2010, Venture Capital
        and the Finance of Innovation; that post-money overstates common shares: Gornall and
        Strebulaev 2020, JFE 135(1).

    Examples:
        >>> one = np.ones(1)
        >>> case = EquityCase(100 * one, 0.1 * one, 0 * one, 20 * one, 0 * one, one, one,
        ...                   1e-9 * one, 0.02 * one, 0.5 * one)
        >>> terms = EquityTerms(0.9, 0.25, 1.0, 0.0, "finnerty", 0.0)
        >>> found = pledge_equity(case, terms)
        >>> found.value_cny.round(6).tolist(), found.haircut_share.round(6).tolist()
        ([8.0], [0.25])
    """
    _check(terms)
    known = _known(case)
    years = np.where(known, case.years_since_round + case.years_to_sale, 0.0)
    spread = np.where(known, case.sigma, 0.0) * np.sqrt(years)
    worst = np.array(
        [
            default_quantile(1 - terms.confidence, float(p), float(r)) if ok else math.nan
            for p, r, ok in zip(case.pd, case.correlation, known, strict=True)
        ]
    )
    illiquid = np.array(
        [
            _discount(float(s), float(y), terms) if ok else math.nan
            for s, y, ok in zip(case.sigma, case.years_to_sale, known, strict=True)
        ]
    )
    left = 1 - illiquid
    value = np.where(known, _part(case, 1.0), math.nan) * left
    factor = np.exp(spread * worst - spread * spread / 2)
    low = _part(case, factor) * left * (1 - terms.sale_cost_share)
    haircut = np.clip(1 - low / np.where(value > 0, value, math.nan), 0.0, 1.0)
    share = loan_to_value_share(
        haircut, product_cap_share=terms.cap_share + 0 * haircut, rate_pa=terms.rate_pa
    )
    return EquityPledge(value, illiquid, haircut, share, share * value)


def _part(case: EquityCase, factor: Floats | float) -> Floats:
    """What the pledged shares get of all equity at `factor` times the last round."""
    whole = case.post_money_cny * factor
    own = case.ownership_share * (1 - case.dilution_share)
    with np.errstate(divide="ignore", invalid="ignore"):
        unconverted = own / (1 - case.preferred_share)
    after = np.maximum(whole - case.preference_cny, 0.0)
    return np.asarray(np.minimum(own * whole, unconverted * after), np.float64)


def _discount(sigma: float, years: float, terms: EquityTerms) -> float:
    if terms.discount == "finnerty":
        return finnerty_discount(sigma, years)
    return chaffe_discount(sigma, years, terms.riskless_rate_pa)


def _known(case: EquityCase) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where every number is inside its range."""
    fit = np.ones(len(case.pd), np.bool_)
    for name in ("post_money_cny", "preference_cny", "years_since_round", "years_to_sale", "sigma"):
        number = getattr(case, name)
        fit &= np.isfinite(number) & (number >= 0)
    for name in ("dilution_share", "preferred_share"):
        share = getattr(case, name)
        fit &= (share >= 0) & (share < 1)
    fit &= (case.ownership_share > 0) & (case.ownership_share <= 1)
    fit &= (case.pd > 0) & (case.pd < 1) & (np.abs(case.correlation) < 1)
    return fit


def _check(terms: EquityTerms) -> None:
    if terms.discount not in DISCOUNTS:
        raise InvalidInput(
            f"discount: expected one of {', '.join(DISCOUNTS)}; got {terms.discount}"
        )
    if not 0 < terms.confidence < 1:
        raise InvalidInput(f"confidence: expected above 0 and below 1; got {terms.confidence}")
    for name in ("sale_cost_share", "cap_share"):
        share = getattr(terms, name)
        if not 0 <= share <= 1:
            raise InvalidInput(f"{name}: expected 0 to 1; got {share}")
    if not terms.rate_pa > -1:
        raise InvalidInput(f"rate_pa: expected above -1; got {terms.rate_pa}")
