"""Protection on borrowers: default probabilities of one room become prices of another."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.credit.term import cumulative_pd_term
from techflow.flow.loan_rows import Bound, Columns, Screen
from techflow.pricing.crmw import Legs, bootstrap_hazards, payment_schedule, value_legs
from techflow.pricing.hazard import Curve, Hazards

Valuer = Callable[..., Legs]
YEARS_MAX = 30.0
PIECE_N = 2048
"""Contracts valued at once: their tables of payments stay in the cache."""
PD_MAX = 1.0 - 1e-12
"""A cumulative PD of 1 has no hazard."""
PD = Bound("pd", "一年期违约概率", "one-year PD", 0.0, 1.0, below=True)
TERMS = (
    Bound("maturity_years", "期限", "maturity", 0.0, YEARS_MAX, above=True),
    Bound("lgd", "违约损失率", "LGD", 0.0, 1.0),
    Bound("coupon_rate_pa", "票息", "running coupon", 0.0, 10.0, default=0.0),
)
NOTIONAL = Bound("notional_cny", "名义本金", "notional", 0.0, np.inf, below=True)
QUOTE = re.compile(r"spread_(\d+(?:\.\d+)?)y_pa")


def quoted_tenors(names: Sequence[str]) -> dict[str, float]:
    """Columns of quoted spreads, by tenor.

    Examples:
        >>> quoted_tenors(["spread_5y_pa", "lgd", "spread_0.5y_pa"])
        {'spread_0.5y_pa': 0.5, 'spread_5y_pa': 5.0}
    """
    found = {name: QUOTE.fullmatch(name) for name in names}
    tenors = {name: float(match[1]) for name, match in found.items() if match}
    return dict(sorted(tenors.items(), key=lambda item: item[1]))


def firm_hazards(
    pd: Floats, *, years: float, matrix: Floats | None = None, hazard_ratio: float = 1.0
) -> Hazards:
    """Hazards from one-year PDs: the same each year, or as a migration matrix carries them on.

    Args:
        pd: One-year PD, fraction in [0, 1), shape (n,).
        years: Years needed.
        matrix: One-year migration matrix; None keeps the hazard.
        hazard_ratio: Hazards are multiplied by it: what the market asks over what it expects.

    Raises:
        InvalidInput: `hazard_ratio` is not above 0, or the matrix is none.

    Examples:
        >>> firm_hazards(np.array([0.02]), years=5.0).rates_pa.round(6)
        array([[0.020203]])
    """
    if not hazard_ratio > 0:
        raise InvalidInput(f"hazard_ratio must be above 0; got {hazard_ratio}")
    if matrix is None:
        found = Hazards.of_pd(pd[:, None])
    else:
        years_n = max(1, int(np.ceil(years)))
        term = np.minimum(cumulative_pd_term(pd, matrix, years_n=years_n), PD_MAX)
        found = Hazards.of_pd(np.maximum.accumulate(term, axis=1))
    return Hazards(found.times, found.rates_pa * hazard_ratio)


def price_protection(
    rows: Columns,
    *,
    curve: Curve,
    per_year: int = 4,
    matrix: Floats | None = None,
    hazard_ratio: float = 1.0,
    value: Valuer = value_legs,
) -> dict[str, Floats | list[str | None]]:
    """Price protection on each row's borrower.

    Args:
        rows: `maturity_years`, `lgd`, and `pd` or quoted spreads such as `spread_1y_pa`;
            `coupon_rate_pa` (0 where unknown: all is paid upfront) and `notional_cny` if known.
        curve: Riskless discount curve.
        per_year: Payments a year.
        matrix: Migration matrix for later years; only with `pd`.
        hazard_ratio: See `firm_hazards`; only with `pd`.
        value: What values the legs: `value_legs`, or its compiled form.

    Returns:
        Columns, one value per row in the same order: `protection_share`, `annuity_years`,
        `fair_spread_pa`, `upfront_share` (of notional; negative: the buyer is paid), with a
        notional `protection_cny` and `upfront_cny`; `reason_code`, `reason_zh`, `reason_en`
        where there is no price.

    Raises:
        InvalidInput: An argument is out of range, or a matrix comes with quotes.
        MissingColumn: A column is absent.
    """
    tenors = quoted_tenors([*rows])
    if tenors and (matrix is not None or hazard_ratio != 1.0):
        raise InvalidInput(
            "the file quotes spreads, which hold hazards of all years; leave out the migration "
            "matrix and the hazard ratio, or the spread columns"
        )
    quotes = [Bound(n, f"{n} 报价", f"quote {n}", 0.0, 10.0) for n in tenors]
    bounds = [*TERMS, *(quotes or [PD])]
    bounds += [NOTIONAL] if NOTIONAL.name in rows else []
    screen = Screen.of(rows, bounds)
    if tenors:
        hazards = _hazards_of_quotes(screen, tenors, curve=curve, per_year=per_year)
    else:
        years = float(np.max(screen.take("maturity_years"), initial=1.0))
        pd = screen.take("pd")
        hazards = firm_hazards(pd, years=years, matrix=matrix, hazard_ratio=hazard_ratio)
    return _price(screen, value, hazards, curve, per_year) | screen.told()


def _hazards_of_quotes(
    screen: Screen, tenors: dict[str, float], *, curve: Curve, per_year: int
) -> Hazards:
    """Hazards behind the quotes of rows without a fault; rows that have none get a fault."""
    lgd = screen.values["lgd"]
    screen.mark(
        lgd <= 0, "lgd_zero", "违约损失率为零，报价无解", "no quote explains an LGD of zero"
    )
    if not bool(screen.fine.any()):
        return Hazards(np.array([1.0]), np.zeros((0, 1)))
    spreads = np.column_stack([screen.take(name) for name in tenors])
    times, lgd = np.array(list(tenors.values())), screen.take("lgd")
    pieces = [
        bootstrap_hazards(spreads[rows], times, curve, lgd=lgd[rows], per_year=per_year).rates_pa
        for rows in _pieces(lgd.size)
    ]
    rates = np.concatenate(pieces)
    broken = np.isnan(rates).any(axis=1)
    flags = np.zeros(screen.fault.size, np.bool_)
    flags[screen.fine] = broken
    screen.mark(flags, "spread_contradictory", "各期限报价互相矛盾", "quotes contradict each other")
    return Hazards(times, rates[~broken])


def _price(
    screen: Screen, value: Valuer, hazards: Hazards, curve: Curve, per_year: int
) -> dict[str, Floats]:
    names = ["protection_share", "annuity_years", "fair_spread_pa", "upfront_share"]
    amounts = ["protection_cny", "upfront_cny"] if NOTIONAL.name in screen.values else []
    if not bool(screen.fine.any()):
        return {name: screen.place(np.zeros(0)) for name in (*names, *amounts)}
    years, lgd = screen.take("maturity_years"), screen.take("lgd")
    pieces = []
    for rows in _pieces(lgd.size):
        own = Hazards(hazards.times, hazards.rates_pa[rows])
        pieces.append(value(own, curve, payment_schedule(years[rows], per_year), lgd=lgd[rows]))
    legs = Legs(*(np.concatenate([getattr(p, n) for p in pieces]) for n in Legs.__slots__))
    upfront = legs.upfront(screen.take("coupon_rate_pa"))
    columns = [legs.protection, legs.annuity, legs.fair_spread(), upfront]
    if amounts:
        columns += [screen.take(NOTIONAL.name) * each for each in (legs.protection, upfront)]
    return {
        name: screen.place(each) for name, each in zip((*names, *amounts), columns, strict=True)
    }


def _pieces(rows_n: int) -> list[slice]:
    return [slice(first, first + PIECE_N) for first in range(0, rows_n, PIECE_N)]
