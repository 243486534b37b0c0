"""`measure op bound` as a comparison of whole numbers, with the width it needs.

Source:
    For `(top / bottom) ** (1/k) - base >= n/d` with `bottom > 0`:
    `top * d**k >= bottom * (n + base*d)**k`, all polynomials in whole units. Both sides are
    monotone transforms, so nothing is lost; the oracle in the tests is `fractions.Fraction`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm, prod

from techflow.basics import InvalidInput
from techflow.policy.measures import Measure, Poly, add, quotient, scale

Terms = tuple[tuple[int, tuple[str, ...]], ...]
"""A polynomial with whole coefficients: (coefficient, product of columns), ..."""
INT64, DECIMAL38 = 2**63 - 1, 10**38 - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right` over whole columns, defined where each guard is above zero.

    Attributes:
        left: Terms with a positive coefficient.
        right: The others, with the sign turned.
        guards: Polynomials that must be above zero: the wholes of shares, first years.
        wide: True if 64 bits do not hold it at the limits of the facts; then decimal(38, 0).
    """

    left: Terms
    right: Terms
    guards: tuple[Terms, ...]
    wide: bool


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


@lru_cache(maxsize=8192)
def whole_difference(
    measure: Measure, bound: Fraction, units: tuple[tuple[str, int], ...]
) -> Terms:
    """`difference` with whole coefficients, remembered: every firm asks the same questions.

    Args:
        measure: What is compared.
        bound: Number of law.
        units: Pairs of column and whole units per one.

    Returns:
        A polynomial with the same sign and the same roots.
    """
    return _whole(difference(measure, bound, dict(units).__getitem__))


def magnitude(terms: Terms, limit: Callable[[str], int]) -> int:
    """The most a polynomial can reach at the limits of its facts.

    Args:
        terms: The polynomial.
        limit: Greatest whole number trusted, by column.
    """
    return sum(abs(weight) * prod(limit(name) + 1 for name in product) for weight, product in terms)


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
    most = max(magnitude(side, limit) for side in (left, right, *guards))
    if most > DECIMAL38:
        raise InvalidInput(f"{measure} against {bound} needs more than 38 digits; round the bound")
    return Comparison(left, right, guards, most > INT64)
