"""What is missing, by how much: the smallest change of each fact that turns a no into a yes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from techflow.policy.changes import Change, Held, find_change
from techflow.policy.decision import Tested
from techflow.policy.measures import columns_of
from techflow.policy.model import POINTS, AllOf, AnyOf, Choose, Condition, Flag, Listed, Steps
from techflow.policy.params import Mark, Number

Kind = Literal["raise", "lower", "obtain", "end", "list", "supply", "policy", "any", "score"]
TEXT = Mark("text")


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to change.

    Attributes:
        kind: `raise` or `lower` a number, `obtain` or `end` a status, get on a `list`, `supply`
            a fact, qualify under another `policy`, do `any` of the options, reach a `score`.
        name: Name of the test, or of the item of a score.
        facts: The fact to change, or those to supply.
        value: What the firm has of the fact (or its points), exact.
        target: What it needs.
        shortfall: How much is missing, in the fact's unit.
        reference: Clause.
        mark: How sure we are of it.
        effort: For ordering: the shortfall over the target, one for a status, zero for evidence.
        options: For `any`, each way with its own gaps, least effort first.
        steps: For `score`, the cheapest steps that reach the mark.
        points: For a score and its steps, points before and after.
        above: For a score, True if the target itself is not enough.
        wanted: The test to meet, with its number; None where the fact may turn out either way.
    """

    kind: Kind
    name: str
    facts: tuple[str, ...] = ()
    value: Fraction | None = None
    target: Fraction | None = None
    shortfall: Fraction | None = None
    reference: str = ""
    mark: Mark = TEXT
    effort: float = 0.0
    options: tuple[tuple["Gap", ...], ...] = ()
    steps: tuple["Gap", ...] = ()
    points: tuple[Fraction, Fraction] | None = None
    above: bool = False
    wanted: Condition | Flag | Listed | None = None


def number_gap(
    wanted: Condition,
    held: Held,
    change: Change | None,
    points: tuple[Fraction, Fraction] | None = None,
) -> Gap:
    """The gap of a number.

    Args:
        wanted: What is tested.
        held: The firm's facts.
        change: From `find_change`.
        points: For a step of a score, points before and after.
    """
    bound: Any = wanted.bound
    source = bound.source
    clause = (source.reference, source.mark)
    if change is None:
        columns = columns_of(wanted.measure)
        missing = held.unknown(columns) or columns
        asked = (None, bound.value, None)
        return Gap("supply", wanted.name, missing, *asked, *clause, points=points, wanted=wanted)
    fact, goal, units = change.fact, change.goal, change.units
    shift = goal - change.have
    kind: Kind = "raise" if shift > 0 else "lower"
    amounts = (held.values[fact], Fraction(goal, units), Fraction(abs(shift), units))
    effort = change.effort
    return Gap(kind, wanted.name, (fact,), *amounts, *clause, effort, points=points, wanted=wanted)


def gaps_for(tested: Tested, held: Held, score: Any) -> tuple[Gap, ...]:
    """What must change for a test to hold; empty if it does.

    Args:
        tested: The test.
        held: The firm's facts.
        score: Plans the points tests of one conjunction: (tests, facts) -> gaps.
    """
    if tested.ok:
        return ()
    node = tested.node
    match node:
        case Condition(_, measure):
            if isinstance(measure, POINTS):
                return tuple(score((tested,), held))
            return (_condition_gap(tested, held),)
        case Flag() | Listed():
            return (_status_gap(tested, held),)
        case AllOf():
            return _all_gaps(tested, held, score)
        case AnyOf():
            return _any_gaps(tested, tested.parts, held, score)
        case Choose():
            return _choose_gaps(tested, held, score)
    return (Gap("policy", node.name, (node.policy_id,), reference=node.clause, effort=1.0),)


def _all_gaps(tested: Tested, held: Held, score: Any) -> tuple[Gap, ...]:
    """Points tests of one conjunction are planned together: they share a table."""
    open_parts = [part for part in tested.parts if not part.ok]
    scored = tuple(part for part in open_parts if part.scored is not None)
    rest = [gaps_for(part, held, score) for part in open_parts if part.scored is None]
    return (*(gap for gaps in rest for gap in gaps), *(score(scored, held) if scored else ()))


def _any_gaps(tested: Tested, parts: Sequence[Tested], held: Held, score: Any) -> tuple[Gap, ...]:
    ways = sorted((gaps_for(part, held, score) for part in parts), key=total_effort)
    clause = getattr(tested.node, "clause", "")
    if len(ways) == 1:
        return ways[0]
    return (
        Gap("any", tested.name, reference=clause, effort=total_effort(ways[0]), options=(*ways,)),
    )


def _choose_gaps(tested: Tested, held: Held, score: Any) -> tuple[Gap, ...]:
    """The branch that applies; if that is unknown, the facts that decide it first.

    Where one branch holds already, those facts are all there is to ask for.
    """
    when, then, otherwise = tested.parts
    if when.ok is not None:
        return gaps_for(then if when.ok else otherwise, held, score)
    if then.ok or otherwise.ok:
        return _asked(when, held, score)
    return (*_asked(when, held, score), *_any_gaps(tested, (then, otherwise), held, score))


def _asked(tested: Tested, held: Held, score: Any) -> tuple[Gap, ...]:
    """The unknown facts that decide a case, whichever way they turn out."""
    unknown = [part for part in tested.parts if part.ok is None]
    if unknown:
        return tuple(gap for part in unknown for gap in _asked(part, held, score))
    return tuple(replace(gap, wanted=None) for gap in gaps_for(tested, held, score))


def _condition_gap(tested: Tested, held: Held) -> Gap:
    node = tested.node
    if not isinstance(node, Condition) or isinstance(node.measure, POINTS):
        raise TypeError("a points test has a plan, not a number gap")
    if tested.bound is None:
        names = columns_of(node.measure)
        names += columns_of(node.bound.measure) if isinstance(node.bound, Steps) else ()
        return Gap("supply", node.name, held.unknown(names) or names)
    wanted = node if tested.bound is node.bound else _wanted(node, tested.bound, held)
    return number_gap(wanted, held, find_change(wanted, held) if tested.reading else None)


def _wanted(node: Condition, bound: Number, held: Held) -> Condition:
    """A test whose bound depends on another measure, with the bound of this firm."""
    return held.memo.of(("bound", bound.value), node, lambda: replace(node, bound=bound))


def _status_gap(tested: Tested, held: Held) -> Gap:
    """A status to obtain or end, a list to be on; if unknown, the fact to supply."""
    node = tested.node
    if isinstance(node, Flag):
        clause, mark = f"{held.document} {node.clause}".strip(), node.mark
        kind: Kind = "obtain" if node.expected else "end"
    elif isinstance(node, Listed) and not isinstance(node.codes, str):
        clause, mark, kind = node.codes.source.reference, node.codes.source.mark, "list"
    else:
        raise TypeError(f"not a status: {node}")
    effort = 1.0 if tested.ok is False else 0.0
    shown: Kind = "supply" if tested.ok is None else kind
    words = {"reference": clause, "mark": mark, "wanted": node}
    return Gap(shown, node.name, (node.fact,), effort=effort, **words)  # type: ignore[arg-type]


def total_effort(gaps: Sequence[Gap]) -> float:
    """The effort of doing several things.

    Args:
        gaps: What is to be done.
    """
    return math.fsum(gap.effort for gap in gaps)
