"""Measures lowered to comparisons of whole columns."""

from fractions import Fraction
from math import gcd

from techflow.policy.algebra import Algebra, E
from techflow.policy.exact import Comparison, Terms, Width, compare, magnitude, width_of
from techflow.policy.measures import Measure
from techflow.policy.sheet import Sheet


def meets(sheet: Sheet[E], measure: Measure, op: str, bound: Fraction) -> tuple[list[str], E]:
    """`measure op bound` in whole numbers.

    Args:
        sheet: Where columns are added.
        measure: What is compared.
        op: `>=`, `>`, `<=`, `<` or `==`.
        bound: Number of law.

    Returns:
        The columns it needs, and the test: null where a fact is missing or a whole is not
        above zero.
    """
    lowered = _lowered(sheet, measure, bound)
    names = [sheet.whole(name) for name in columns_in(lowered)]
    algebra = sheet.algebra
    sides = [terms_sum(sheet, side, lowered.width) for side in (lowered.left, lowered.right)]
    tested = algebra.compare(sides[0], op, sides[1])
    guards = [_positive(sheet, guard) for guard in lowered.guards]
    return names, algebra.pick(algebra.both(guards), tested) if guards else tested


def _positive(sheet: Sheet[E], guard: Terms) -> E:
    width = width_of(_magnitude(sheet, guard))
    zero = _number(sheet.algebra, 0, width)
    return sheet.algebra.compare(terms_sum(sheet, guard, width), ">", zero)


def _magnitude(sheet: Sheet[E], terms: Terms) -> int:
    return magnitude(terms, lambda name: sheet.facts[name].limit)


def _lowered(sheet: Sheet[E], measure: Measure, bound: Fraction) -> Comparison:
    facts = sheet.facts
    return compare(measure, bound, lambda name: facts[name].units, lambda name: facts[name].limit)


def columns_in(lowered: Comparison) -> list[str]:
    """The fact columns of a comparison, each once.

    Args:
        lowered: The comparison.
    """
    sides = (lowered.left, lowered.right, *lowered.guards)
    return list(dict.fromkeys(name for side in sides for _, names in side for name in names))


def terms_sum(sheet: Sheet[E], terms: Terms, width: Width) -> E:
    """A polynomial as an expression over whole columns.

    What the weights have in common is multiplied once, after the sum; a sum that float64 holds
    is cast once, not by its parts.

    Args:
        sheet: Sheet with the whole columns.
        terms: Polynomial.
        width: What the value is held in.
    """
    algebra = sheet.algebra
    if not any(names for _, names in terms):
        return _number(algebra, sum(weight for weight, _ in terms), width)
    common = gcd(*(weight for weight, _ in terms))
    inner = tuple((weight // common, names) for weight, names in terms)
    narrow = width_of(_magnitude(sheet, inner)) == "double"
    each: Width = "double" if narrow else width
    total = algebra.add([_product(sheet, weight, names, each) for weight, names in inner])
    total = _held(algebra, total, width) if narrow else total
    return total if common == 1 else algebra.times([total, _number(algebra, common, width)])


def _product(sheet: Sheet[E], weight: int, names: tuple[str, ...], width: Width) -> E:
    algebra = sheet.algebra
    factors = [_held(algebra, algebra.column(sheet.whole(name)), width) for name in names]
    weights = [_number(algebra, weight, width)] if weight != 1 or not factors else []
    return algebra.times([*factors, *weights])


def _held(algebra: Algebra[E], value: E, width: Width) -> E:
    if width == "double":
        return value
    return algebra.wide(algebra.long(value)) if width == "wide" else algebra.long(value)


def _number(algebra: Algebra[E], value: int, width: Width) -> E:
    number = algebra.number(value)
    return algebra.wide(number) if width == "wide" else number
