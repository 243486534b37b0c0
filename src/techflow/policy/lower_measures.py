"""Measures lowered to comparisons of whole columns."""

from fractions import Fraction

from techflow.policy.algebra import E
from techflow.policy.exact import Comparison, Terms, compare
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
    sides = [terms_sum(sheet, side, lowered.wide) for side in (lowered.left, lowered.right)]
    tested = algebra.compare(sides[0], op, sides[1])
    zero = algebra.wide(algebra.number(0)) if lowered.wide else algebra.number(0)
    guards = [
        algebra.compare(terms_sum(sheet, guard, lowered.wide), ">", zero)
        for guard in lowered.guards
    ]
    return names, algebra.pick(algebra.both(guards), tested) if guards else tested


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


def terms_sum(sheet: Sheet[E], terms: Terms, wide: bool) -> E:
    """A polynomial as an expression over whole columns.

    Args:
        sheet: Sheet with the whole columns.
        terms: Polynomial.
        wide: True for 38 digits.
    """
    algebra = sheet.algebra
    parts = []
    for weight, names in terms:
        factors = [algebra.column(sheet.whole(name)) for name in names]
        factors = [algebra.wide(factor) for factor in factors] if wide else factors
        number = algebra.number(weight)
        weights = [algebra.wide(number) if wide else number] if weight != 1 or not factors else []
        parts.append(algebra.times([*factors, *weights]))
    return algebra.add(parts) if parts else algebra.number(0)
