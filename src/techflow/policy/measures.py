"""What a firm has, as exact rational functions of its facts.

A measure is written as a record (`Share("rnd_y0_cny", "revenue_y0_cny")`) and lowered to a
`Quotient` of polynomials with rational coefficients, so that `measure op bound` becomes a
comparison of integers: no division, no root, no rounding.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from techflow.basics import InvalidInput

Poly = Mapping[tuple[str, ...], Fraction]
"""Product of columns -> coefficient; the empty product is the constant."""

ONE: Poly = {(): Fraction(1)}


@dataclass(frozen=True, slots=True)
class Plus:
    """The sum of several measures."""

    parts: "tuple[Measure, ...]"


@dataclass(frozen=True, slots=True)
class Excess:
    """`left` minus `right`."""

    left: "Measure"
    right: "Measure"


@dataclass(frozen=True, slots=True)
class Share:
    """`part / whole`; unknown unless `whole` is above zero (a share of nothing is undefined)."""

    part: "Measure"
    whole: "Measure"


@dataclass(frozen=True, slots=True)
class Total:
    """An annual fact summed over the last `years` fiscal years."""

    fact: str
    years: int


@dataclass(frozen=True, slots=True)
class Mean:
    """An annual fact averaged over the last `years` fiscal years."""

    fact: str
    years: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Compound annual growth over `years` fiscal years: exponent 1 / (years - 1).

    Three fiscal years hold two intervals: `(y0 / y2) ** (1/2) - 1`. Unknown unless the first
    year is above zero.
    """

    fact: str
    years: int


@dataclass(frozen=True, slots=True)
class MeanGrowth:
    """The arithmetic mean of the yearly growth rates over `years` fiscal years."""

    fact: str
    years: int


Measure = str | Plus | Excess | Share | Total | Mean | Growth | MeanGrowth
WINDOWS = (Total, Mean, Growth, MeanGrowth)


@lru_cache(maxsize=1024)
def year_column(fact: str, year: int) -> str:
    """The column that holds an annual fact `year` fiscal years before the last.

    Args:
        fact: Name of the annual fact, unit last.
        year: 0 for the last fiscal year, 1 for the one before.

    Examples:
        >>> year_column("revenue_cny", 2)
        'revenue_y2_cny'
    """
    stem, unit = fact.rsplit("_", 1)
    return f"{stem}_y{year}_{unit}"


def years_of(measure: Total | Mean | Growth | MeanGrowth) -> list[str]:
    """The columns of a window, last fiscal year first.

    Args:
        measure: A measure over several fiscal years.
    """
    return [year_column(measure.fact, year) for year in range(measure.years)]


@lru_cache(maxsize=4096)
def columns_of(measure: Measure) -> tuple[str, ...]:
    """The fact columns a measure reads, in the order of the text.

    Args:
        measure: Any measure.
    """
    match measure:
        case str():
            return (measure,)
        case Plus(parts):
            return tuple(name for part in parts for name in columns_of(part))
        case Share(left, right) | Excess(left, right):
            return columns_of(left) + columns_of(right)
        case Growth():
            names = years_of(measure)
            return (names[0], names[-1])
    return tuple(years_of(measure))


@dataclass(frozen=True, slots=True)
class Quotient:
    """`(top / bottom) ** (1 / power) - base`, defined where every guard is above zero."""

    top: Poly
    bottom: Poly
    guards: tuple[Poly, ...] = ()
    power: int = 1
    base: int = 0


def add(left: Poly, right: Poly) -> Poly:
    """Sum of two polynomials; terms that cancel are gone.

    Args:
        left: One.
        right: The other.
    """
    terms = dict(left)
    for product, weight in right.items():
        terms[product] = terms.get(product, Fraction(0)) + weight
    return {product: weight for product, weight in terms.items() if weight}


def times(left: Poly, right: Poly) -> Poly:
    """Product of two polynomials.

    Args:
        left: One.
        right: The other.
    """
    out: Poly = {}
    for a, x in left.items():
        for b, y in right.items():
            out = add(out, {tuple(sorted(a + b)): x * y})
    return out


def scale(poly: Poly, factor: Fraction) -> Poly:
    """A polynomial times a number.

    Args:
        poly: Any.
        factor: The number.
    """
    return times(poly, {(): factor})


Scale = Callable[[str], int]
"""Column -> how many whole units make one (100 for yuan held in fen)."""


def quotient(measure: Measure, units: Scale) -> Quotient:
    """Lower a measure to polynomials over whole units.

    Args:
        measure: What to lower.
        units: Whole units per one, by column.

    Returns:
        The quotient whose value is the measure.

    Raises:
        InvalidInput: A growth rate is nested in another measure, which has no exact form.
    """
    match measure:
        case str():
            return Quotient({(measure,): Fraction(1, units(measure))}, ONE)
        case Plus(parts):
            return _sum([_plain(part, units) for part in parts])
        case Total():
            return _sum([quotient(name, units) for name in years_of(measure)])
        case Mean(_, years):
            whole = _sum([quotient(name, units) for name in years_of(measure)])
            return Quotient(whole.top, scale(whole.bottom, Fraction(years)))
        case Excess(left, right):
            minus = _plain(right, units)
            negative = Quotient(scale(minus.top, Fraction(-1)), minus.bottom, minus.guards)
            return _sum([_plain(left, units), negative])
        case Share(part, whole):
            return _divide(_plain(part, units), _plain(whole, units))
        case Growth(_, years):
            names = years_of(measure)
            rise = _divide(quotient(names[0], units), quotient(names[-1], units))
            return Quotient(rise.top, rise.bottom, rise.guards, years - 1, 1)
        case MeanGrowth():
            return _mean_growth(measure, units)


def _plain(measure: Measure, units: Scale) -> Quotient:
    """A quotient without a root, fit to be part of another."""
    inner = quotient(measure, units)
    if inner.power != 1:
        raise InvalidInput(f"a growth rate cannot be part of another measure; got {measure}")
    return inner


def _sum(parts: list[Quotient]) -> Quotient:
    out = parts[0]
    for part in parts[1:]:
        if part.bottom == out.bottom:
            out = Quotient(add(out.top, part.top), out.bottom, out.guards + part.guards)
            continue
        top = add(times(out.top, part.bottom), times(part.top, out.bottom))
        out = Quotient(top, times(out.bottom, part.bottom), out.guards + part.guards)
    return out


def _divide(part: Quotient, whole: Quotient) -> Quotient:
    """A share; its whole must be above zero, so the sign of the bottom is known."""
    guards = (*part.guards, *whole.guards, whole.top)
    return Quotient(times(part.top, whole.bottom), times(part.bottom, whole.top), guards)


def _mean_growth(measure: MeanGrowth, units: Scale) -> Quotient:
    names = years_of(measure)
    rises = [
        _divide(quotient(now, units), quotient(before, units)) for now, before in pairwise(names)
    ]
    whole = _sum(rises)
    intervals = Fraction(len(rises))
    mean = Quotient(whole.top, scale(whole.bottom, intervals), whole.guards)
    return _sum([mean, Quotient({(): Fraction(-1)}, ONE)])
