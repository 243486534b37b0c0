"""`measure op bound` as a comparison of whole numbers, with the width it needs.

Source:
    For `(top / bottom) ** (1/k) - base >= n/d` with `bottom > 0`:
    `top * d**k >= bottom * (n + base*d)**k`, all polynomials in whole units. Both sides are
    monotone transforms, so nothing is lost; the oracle in the tests is `fractions.Fraction`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm, prod
from typing import Literal

from techflow.basics import InvalidInput
from techflow.policy.measures import Measure, Poly, add, quotient, scale

Terms = tuple[tuple[int, tuple[str, ...]], ...]
"""A polynomial with whole coefficients: (coefficient, product of columns), ..."""
DOUBLE, INT64, DECIMAL38 = 2**53, 2**63 - 1, 10**38 - 1
Width = Literal["double", "long", "wide"]
"""What holds every value and partial sum exactly: float64, 64 bits, or 38 digits."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right` over whole columns, defined where each guard is above zero.

    Attributes:
        left: Terms with a positive coefficient.
        right: The others, with the sign turned.
        guards: Polynomials that must be above zero: the wholes of shares, first years.
        width: The narrowest that holds both sides at the limits of the facts.
    """

    left: Terms
    right: Terms
    guards: tuple[Terms, ...]
    width: Width


def _whole(poly: Poly) -> Terms:
    """A polynomial times the least number that makes its coefficients whole."""
    if not poly:
        return ()
    factor = lcm(*(weight.denominator for weight in poly.values()))
    whole = {product: int(weight * factor) for product, weight in poly.items()}
    common = gcd(*whole.values())
    return tuple(sorted((weight // common, product) for product, weight in whole.items()))


def split(poly: Poly) -> tuple[Terms, Terms]:
    """Positive terms, and negative terms with the sign turned.

    Args:
        poly: Any polynomial.
    """
    terms = _whole(poly)
    left = tuple(term for term in terms if term[0] > 0)
    return left, tuple((-weight, product) for weight, product in terms if weight < 0)


def difference(measure: Measure, bound: Fraction, units: Callable[[str], int]) -> Poly:
    """The polynomial that has the sign of `measure - bound` wherever the guards hold.

    Args:
        measure: What is compared.
        bound: Number of law.
        units: Whole units per one, by column.

    Raises:
        InvalidInput: A growth bound of -100 % or less, where powers lose the sign.
    """
    ratio = quotient(measure, units)
    goal = bound + ratio.base
    if ratio.power > 1 and goal <= 0:
        raise InvalidInput(f"a bound on growth must be above -100 %; got {bound}")
    return add(ratio.top, scale(ratio.bottom, -(goal**ratio.power)))


def whole_difference(measure: Measure, bound: Fraction, units: Callable[[str], int]) -> Terms:
    """`difference` with whole coefficients.

    Args:
        measure: What is compared.
        bound: Number of law.
        units: Whole units per one, by column.

    Returns:
        A polynomial with the same sign and the same roots.
    """
    return _whole(difference(measure, bound, units))


def magnitude(terms: Terms, limit: Callable[[str], int]) -> int:
    """The most a polynomial can reach at the limits of its facts.

    Args:
        terms: The polynomial.
        limit: Greatest whole number trusted, by column.
    """
    return sum(abs(weight) * prod(limit(name) + 1 for name in product) for weight, product in terms)


def width_of(most: int) -> Width:
    """The narrowest width that holds whole numbers up to `most`.

    Args:
        most: From `magnitude`.
    """
    return "double" if most <= DOUBLE else "long" if most <= INT64 else "wide"


def compare(
    measure: Measure, bound: Fraction, units: Callable[[str], int], limit: Callable[[str], int]
) -> Comparison:
    """Lower `measure ? bound` to whole numbers.

    Args:
        measure: What is compared.
        bound: Number of law.
        units: Whole units per one, by column.
        limit: Greatest whole number trusted, by column.

    Raises:
        InvalidInput: The bound is too fine even for 38 digits.
    """
    left, right = split(difference(measure, bound, units))
    guards = tuple(_whole(guard) for guard in quotient(measure, units).guards)
    sides, wholes = ([magnitude(p, limit) for p in part] for part in ((left, right), guards))
    if max(*sides, *wholes) > DECIMAL38:
        raise InvalidInput(f"{measure} against {bound} needs more than 38 digits; round the bound")
    return Comparison(left, right, guards, width_of(max(sides)))
