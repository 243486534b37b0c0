"""Points lowered to the least and the most they can be."""

from fractions import Fraction
from math import lcm
from typing import Any

from techflow.basics import InvalidInput
from techflow.policy.algebra import Algebra, E, chain
from techflow.policy.lower_measures import meets
from techflow.policy.model import (
    Amount,
    BestOf,
    Case,
    Fixed,
    Given,
    Judged,
    LeastOf,
    Points,
    Steps,
    Sum,
)
from techflow.policy.params import Number, Table
from techflow.policy.rule import walk
from techflow.policy.sheet import Sheet, Span, fact_of_kind

JUDGED_UNITS = 100


def units_of(node: Points) -> int:
    """Whole units per point, enough for every number below a points node.

    Args:
        node: A points node with its numbers.
    """
    parts = [1]
    for below in walk(node):
        match below:
            case Steps(_, _, Table() as table):
                parts += [value.denominator for value in table.points]
            case Given(_, _, Number() as number) | Fixed(_, Number() as number):
                parts.append(number.value.denominator)
            case Judged(_, _, Number() as most):
                parts += [JUDGED_UNITS, most.value.denominator]
            case Sum(_, _, Number() as cap):
                parts.append(cap.value.denominator)
    return lcm(*parts)


def points(sheet: Sheet[E], node: Points, units: int) -> Span[E]:
    """The least and the most points, in whole units.

    Args:
        sheet: Where columns are added.
        node: The points node with its numbers.
        units: Whole units per point, see `units_of`.
    """
    match node:
        case Steps() | Given() | Judged() | Fixed():
            return _leaf(sheet, node, units)
    keys = [(node, units, side) for side in ("low", "high")]
    names = [sheet.known(key) for key in keys]
    if None in names:
        span = _joined(sheet, node, units)
        sides = zip(keys, (span.low, span.high), strict=True)
        names = [sheet.put(key, span.needs, side) for key, side in sides]
    low, high = (sheet.algebra.column(str(name)) for name in names)
    return Span(low, high, tuple(map(str, names)))


def _joined(sheet: Sheet[E], node: Points, units: int) -> Span[E]:
    algebra = sheet.algebra
    match node:
        case Sum(_, parts, cap):
            span = _combine(sheet, parts, units, algebra.add)
            most = algebra.number(int(cap.value * units)) if isinstance(cap, Number) else None
            if most is None:
                return span
            sides = [algebra.least([side, most]) for side in (span.low, span.high)]
            return Span(sides[0], sides[1], span.needs)
        case BestOf(_, parts):
            return _combine(sheet, parts, units, algebra.greatest)
        case LeastOf(_, parts):
            return _combine(sheet, parts, units, algebra.least)
        case Case():
            return _case(sheet, node, units)
    raise InvalidInput(f"not a points node with its numbers: {node}")


def _combine(sheet: Sheet[E], parts: tuple[Points, ...], units: int, join: Any) -> Span[E]:
    spans = [points(sheet, part, units) for part in parts]
    needs = tuple(name for span in spans for name in span.needs)
    return Span(join([span.low for span in spans]), join([span.high for span in spans]), needs)


def _case(sheet: Sheet[E], node: Case, units: int) -> Span[E]:
    algebra, name = sheet.algebra, sheet.truth(sheet, node.when)
    then, other = (points(sheet, part, units) for part in (node.then, node.otherwise))
    when = algebra.column(name)
    unless = algebra.negate(when)
    low, high = algebra.least([then.low, other.low]), algebra.greatest([then.high, other.high])
    return Span(
        algebra.pick(when, then.low, algebra.pick(unless, other.low, low)),
        algebra.pick(when, then.high, algebra.pick(unless, other.high, high)),
        (name, *then.needs, *other.needs),
    )


def _leaf(sheet: Sheet[E], node: Steps | Given | Judged | Fixed, units: int) -> Span[E]:
    """A leaf is one nullable column; unknown counts as its least and its most."""
    key = (node, units)
    values = [int(value * units) for value in leaf_points(node)]
    name = sheet.known(key) or sheet.put(key, *_leaf_column(sheet, node, units))
    column = sheet.algebra.column(name)
    low, high = (sheet.algebra.fill(column, side(values)) for side in (min, max))
    return Span(low, high, (name,))


def leaf_points(node: Steps | Given | Judged | Fixed) -> tuple[Fraction, ...]:
    """The points a leaf can give, or for judged points their range.

    Args:
        node: A leaf with its numbers.
    """
    match node:
        case Steps(_, _, Table() as table):
            return table.points
        case Given(_, _, Number() as number) | Judged(_, _, Number() as number):
            return Fraction(0), number.value
        case Fixed(_, Number() as number):
            return (number.value,)
    raise InvalidInput(f"parameters of {node.name} are not filled in; use Law.on(day)")


def _leaf_column(sheet: Sheet[E], node: Any, units: int) -> tuple[list[str], E]:
    algebra = sheet.algebra
    values = [algebra.number(int(value * units)) for value in leaf_points(node)]
    match node:
        case Steps(_, measure, Table() as table):
            cuts = [meets(sheet, measure, cut.op, cut.at) for cut in table.cuts]
            tests = [test for _, test in cuts]
            by_cut = chain(algebra, zip(tests, values, strict=False), values[-1])
            known = algebra.negate(algebra.is_null(tests[0]))
            return [name for names, _ in cuts for name in names], algebra.pick(known, by_cut)
        case Given(_, when, _):
            name = sheet.truth(sheet, when)
            test = algebra.column(name)
            return [name], chain_known(algebra, test, values[1], values[0])
        case Judged(_, fact, _):
            return _judged(sheet, fact, values[1], units)
    return [], values[0]


def chain_known(algebra: Algebra[E], test: E, yes: E, no: E) -> E:
    """`yes` or `no`, null where the test is unknown.

    Args:
        algebra: Where the expressions live.
        test: Truth.
        yes: Value if true.
        no: Value if false.
    """
    return algebra.pick(test, yes, algebra.pick(algebra.negate(test), no))


def _judged(sheet: Sheet[E], fact: str, most: E, units: int) -> tuple[list[str], E]:
    algebra, name = sheet.algebra, sheet.whole(fact_of_kind(sheet, fact, "points").name)
    factor = algebra.number(units // JUDGED_UNITS)
    value = algebra.times([algebra.long(algebra.column(name)), factor])
    zero = algebra.number(0)
    valid = [algebra.compare(value, ">=", zero), algebra.compare(value, "<=", most)]
    return [name], algebra.pick(algebra.both(valid), value)


def most_points(node: Points) -> Fraction:
    """An upper bound of the points a node can give.

    Args:
        node: A points node with its numbers.
    """
    leaves = [below for below in walk(node) if isinstance(below, Steps | Given | Judged | Fixed)]
    return sum((max(map(abs, leaf_points(leaf))) for leaf in leaves), Fraction(0))


def rates_of(node: Amount) -> tuple[Points, ...]:
    """The rate of an amount, and the rate above its split if it has one.

    Args:
        node: An amount with its numbers.
    """
    return (node.rate,) if node.rate_above is None else (node.rate, node.rate_above)


def rate_units(node: Amount) -> int:
    """Whole units per one, enough for every rate of an amount.

    Args:
        node: An amount with its numbers.
    """
    return lcm(*(units_of(rate) for rate in rates_of(node)))


def base_limit(node: Amount) -> int:
    """The greatest base in fen whose product with any rate fits 64 bits; beyond it null.

    Args:
        node: An amount with its numbers.
    """
    most = max(most_points(rate) for rate in rates_of(node))
    return int(2**61 // max(1, int(most * rate_units(node))))
