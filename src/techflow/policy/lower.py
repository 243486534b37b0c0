"""Truth nodes and amounts lowered to columns of a sheet."""

from collections.abc import Sequence
from fractions import Fraction

from techflow.basics import InvalidInput
from techflow.policy.algebra import Algebra, E, chain
from techflow.policy.lower_measures import meets
from techflow.policy.lower_points import base_limit, points, rate_units, rates_of, units_of
from techflow.policy.model import (
    POINTS,
    AllOf,
    Amount,
    AnswerOf,
    AnyOf,
    Choose,
    Condition,
    Flag,
    Listed,
    Op,
    Points,
    Steps,
    Truth,
)
from techflow.policy.params import Number, Table
from techflow.policy.sheet import Sheet, fact_of_kind


def truth(sheet: Sheet[E], node: Truth) -> str:
    """The column of a truth node, added with all it needs.

    Args:
        sheet: Where columns are added.
        node: The test, with its numbers.

    Raises:
        InvalidInput: It uses the answer of a policy that is not on the sheet, or a wrong fact.
    """
    key = (node.policy_id, "answer") if isinstance(node, AnswerOf) else node
    return sheet.known(key) or sheet.put(key, *_truth(sheet, node))


def _truth(sheet: Sheet[E], node: Truth) -> tuple[Sequence[str], E]:
    algebra = sheet.algebra
    match node:
        case Condition(_, measure, op, Number() as bound):
            if isinstance(measure, POINTS):
                return _reaches(sheet, measure, op, bound.value)
            return meets(sheet, measure, op, bound.value)
        case Condition(_, _, _, Steps()):
            return _meets_steps(sheet, node)
        case Flag(_, fact, _, expected):
            value = algebra.fact(fact_of_kind(sheet, fact, "flag"))
            return (), value if expected else algebra.negate(value)
        case Listed():
            return (), _listed(sheet, node)
        case AnswerOf():
            name = _answer(sheet, node)
            return (name,), algebra.column(name)
        case AllOf(_, parts) | AnyOf(_, parts):
            names = [truth(sheet, part) for part in parts]
            join = algebra.both if isinstance(node, AllOf) else algebra.either
            return names, join([algebra.column(name) for name in names])
        case Choose():
            return _choose(sheet, node)
    raise InvalidInput(f"parameters of {node} are not filled in; use Law.on(day)")


def _listed(sheet: Sheet[E], node: Listed) -> E:
    value = sheet.algebra.fact(fact_of_kind(sheet, node.fact, "code"))
    codes = node.codes.codes if not isinstance(node.codes, str) else ()
    found = (sheet.algebra.prefixed if node.prefix else sheet.algebra.member)(value, codes)
    return found if node.expected else sheet.algebra.negate(found)


def _answer(sheet: Sheet[E], node: AnswerOf) -> str:
    if node.policy_id not in sheet.answers:
        raise InvalidInput(f"{node.name} uses the answer of {node.policy_id}; evaluate it as well")
    return sheet.answers[node.policy_id]


def _choose(sheet: Sheet[E], node: Choose) -> tuple[Sequence[str], E]:
    """(when and then) or (not when and otherwise) or (then and otherwise)."""
    names = [truth(sheet, part) for part in (node.when, node.then, node.otherwise)]
    algebra = sheet.algebra
    when, then, otherwise = (algebra.column(name) for name in names)
    branches = (
        algebra.both([when, then]),
        algebra.both([algebra.negate(when), otherwise]),
        algebra.both([then, otherwise]),
    )
    return names, algebra.either(branches)


def _meets_steps(sheet: Sheet[E], node: Condition) -> tuple[list[str], E]:
    """A bound that depends on another measure; agreeing branches decide without it."""
    algebra, steps = sheet.algebra, node.bound
    if not isinstance(steps, Steps) or not isinstance(steps.table, Table):
        raise InvalidInput(f"parameters of {node.name} are not filled in; use Law.on(day)")
    if isinstance(node.measure, POINTS):
        raise InvalidInput(f"{node.name}: points cannot have a bound by steps")
    cuts = [meets(sheet, steps.measure, cut.op, cut.at) for cut in steps.table.cuts]
    tests = [meets(sheet, node.measure, node.op, points) for points in steps.table.points]
    needs = [name for names, _ in (*cuts, *tests) for name in names]
    answers = [test for _, test in tests]
    branches = zip((cut for _, cut in cuts), answers, strict=False)
    by_step = chain(algebra, branches, answers[-1])
    yes, no = algebra.both(answers), algebra.negate(algebra.either(answers))
    agreed = algebra.pick(yes, algebra.truth(True), algebra.pick(no, algebra.truth(False)))
    return needs, algebra.pick(algebra.is_null(cuts[0][1]), agreed, by_step)


def _reaches(sheet: Sheet[E], node: Points, op: Op, bound: Fraction) -> tuple[Sequence[str], E]:
    """`points op bound`: decided as soon as the least or the most they can be decides."""
    algebra, units = sheet.algebra, units_of(node)
    span = points(sheet, node, units)
    goal = bound * units
    low, high = (_scaled(algebra, side, goal) for side in (span.low, span.high))
    yes_side, no_side = (low, high) if op in (">=", ">") else (high, low)
    target = algebra.number(goal.numerator)
    if op == "==":
        return span.needs, _equals(algebra, low, high, target)
    yes = algebra.compare(yes_side, op, target)
    no = algebra.negate(algebra.compare(no_side, op, target))
    decided = algebra.pick(no, algebra.truth(False))
    return span.needs, algebra.pick(yes, algebra.truth(True), decided)


def _equals(algebra: Algebra[E], low: E, high: E, target: E) -> E:
    same = [algebra.compare(side, "==", target) for side in (low, high)]
    out = [algebra.compare(low, ">", target), algebra.compare(high, "<", target)]
    decided = algebra.pick(algebra.either(out), algebra.truth(False))
    return algebra.pick(algebra.both(same), algebra.truth(True), decided)


def _scaled(algebra: Algebra[E], value: E, goal: Fraction) -> E:
    if goal.denominator == 1:
        return value
    return algebra.times([value, algebra.number(goal.denominator)])


def amount_fen(sheet: Sheet[E], node: Amount) -> tuple[list[str], E]:
    """Base times rate in fen, half up, at most the cap; null where not known.

    Args:
        sheet: Where columns are added.
        node: The amount.
    """
    algebra, units = sheet.algebra, rate_units(node)
    rates, name = [points(sheet, rate, units) for rate in rates_of(node)], sheet.whole(node.base)
    base = algebra.long(algebra.column(name))
    checks = [
        *(algebra.compare(rate.low, "==", rate.high) for rate in rates),
        algebra.compare(base, ">=", algebra.number(0)),
        algebra.compare(base, "<=", algebra.number(base_limit(node))),
    ]
    held = algebra.pick(algebra.both(checks), base)
    product = _product(algebra, node, held, [rate.low for rate in rates])
    fen = algebra.divide_half_up(product, units)
    needs = [name, *(need for rate in rates for need in rate.needs)]
    if node.cap is None:
        return needs, fen
    if 100 % units_of(node.cap):
        raise InvalidInput(f"the cap of {node.name} must be whole fen")
    cap = points(sheet, node.cap, 100)
    capped = algebra.pick(algebra.compare(fen, ">", cap.low), cap.low, fen)
    known = algebra.compare(cap.low, "==", cap.high)
    return [*needs, *cap.needs], algebra.pick(known, capped)


def _product(algebra: Algebra[E], node: Amount, held: E, rates: Sequence[E]) -> E:
    """Base times rate; above the split, the rest times the other rate."""
    if not isinstance(node.split, Number):
        return algebra.times([held, rates[0]])
    fen = int(node.split.value * 100)
    higher = algebra.compare(held, ">", algebra.number(fen))
    under = algebra.pick(higher, algebra.number(fen), held)
    over = algebra.pick(higher, algebra.add([held, algebra.number(-fen)]), algebra.number(0))
    return algebra.add([algebra.times([under, rates[0]]), algebra.times([over, rates[1]])])
