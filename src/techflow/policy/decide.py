"""Judge one firm: every test and every item of a score, with value and bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from techflow.basics import InvalidInput
from techflow.policy.decision import Decision, Scored, Tested
from techflow.policy.evaluate import in_order
from techflow.policy.lower_points import base_limit, leaf_points, rates_of
from techflow.policy.memo import Memo
from techflow.policy.model import (
    POINTS,
    AllOf,
    Amount,
    AnswerOf,
    AnyOf,
    BestOf,
    Case,
    Choose,
    Condition,
    Fixed,
    Flag,
    Given,
    Judged,
    LeastOf,
    Listed,
    Outcome,
    Points,
    Steps,
    Sum,
    Truth,
    Value,
)
from techflow.policy.params import Codes, Number, Table
from techflow.policy.rule import Rule
from techflow.policy.twin import (
    COMPARE,
    Known,
    Reading,
    every,
    measure_of,
    read_firm,
    some,
    total,
    unusable,
)


def decide(firm: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, Decision]:
    """Judge one firm by several rules.

    Args:
        firm: Fact name -> value; what is left out is unknown.
        rules: Rules of one legal day; those used by others must be among them.

    Returns:
        Policy id -> decision.

    Raises:
        InvalidInput: A value has the wrong type for its fact, or policies are circular.
    """
    answers: dict[str, bool | None] = {}
    decisions = {}
    known = Known(firm)
    for rule in in_order(rules):
        decision = _decide(firm, known.of(rule.facts), rule, answers)
        answers[rule.policy_id] = decision.answer
        decisions[rule.policy_id] = decision
    return decisions


def decide_one(
    firm: Mapping[str, Any], rule: Rule, *, answers: Mapping[str, bool | None] | None = None
) -> Decision:
    """Judge one firm by one rule.

    Args:
        firm: Fact name -> value; what is left out is unknown.
        rule: The rule.
        answers: Answers of the policies it uses.

    Raises:
        InvalidInput: A value has the wrong type for its fact, or an answer it uses is missing.
    """
    return _decide(firm, read_firm(firm, rule.facts), rule, answers or {})


def _decide(
    firm: Mapping[str, Any],
    facts: Mapping[str, Any],
    rule: Rule,
    answers: Mapping[str, bool | None],
) -> Decision:
    case = Firm(facts, answers, rule.memo)
    tested = case.test(rule.test) if rule.test else None
    answer = tested.ok if tested else True
    bad = unusable(firm, facts)
    reason = "" if answer is not None else "unusable" if bad else "undecided"
    outcomes = {out.name: case.outcome(out, answer) for out in rule.outcomes}
    return Decision(rule, answer, reason, tested, outcomes, facts, bad)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm under judgement: its exact facts, the answers of other policies, the rule's memo."""

    facts: Mapping[str, Any]
    answers: Mapping[str, bool | None]
    memo: Memo

    def test(self, node: Truth) -> Tested:
        """The answer of one test and of its parts.

        Args:
            node: A truth node with its numbers.
        """
        match node:
            case AllOf(_, parts):
                tested = tuple([self.test(part) for part in parts])
                return Tested(node, every([part.ok for part in tested]), parts=tested)
            case AnyOf(_, parts):
                tested = tuple([self.test(part) for part in parts])
                return Tested(node, some([part.ok for part in tested]), parts=tested)
            case Flag(_, fact, _, expected):
                value = self.facts[fact]
                return Tested(node, None if value is None else value == expected)
            case Condition():
                return self._condition(node)
            case Listed():
                return Tested(node, self._listed(node))
            case Choose(_, when, then, otherwise):
                tested = (self.test(when), self.test(then), self.test(otherwise))
                return Tested(node, _chosen(*(part.ok for part in tested)), parts=tested)
            case AnswerOf(_, policy_id):
                if policy_id not in self.answers:
                    raise InvalidInput(f"{node.name} uses the answer of {policy_id}; decide it too")
                return Tested(node, self.answers[policy_id])

    def _condition(self, node: Condition) -> Tested:
        if isinstance(node.measure, POINTS):
            return self._points_condition(node)
        reading = measure_of(self.facts, node.measure)
        if isinstance(node.bound, Steps):
            return self._stepped(node, reading)
        bound = _filled(node.bound)
        ok = None if reading is None else reading.meets(node.op, bound.value)
        return Tested(node, ok, reading, None, bound)

    def _points_condition(self, node: Condition) -> Tested:
        scored, bound = self.score(node.measure), _filled(node.bound)  # type: ignore[arg-type]
        ends = {COMPARE[node.op](end, bound.value) for end in (scored.low, scored.high)}
        ok = ends.pop() if len(ends) == 1 else None
        if node.op == "==" and scored.low != scored.high:
            ok = None if scored.low <= bound.value <= scored.high else False
        return Tested(node, ok, None, scored, bound)

    def _stepped(self, node: Condition, reading: Reading | None) -> Tested:
        """A bound by steps: unknown steps still decide if every bound says the same."""
        steps = node.bound
        table = _table(steps) if isinstance(steps, Steps) else None
        if table is None or reading is None:
            return Tested(node, None, reading)
        scored = self.score(steps)  # type: ignore[arg-type]
        if scored.reading is not None:
            bound = Number(scored.low, table.source)
            return Tested(node, reading.meets(node.op, bound.value), reading, None, bound)
        met = {reading.meets(node.op, points) for points in table.points}
        return Tested(node, met.pop() if len(met) == 1 else None, reading)

    def _listed(self, node: Listed) -> bool | None:
        value, codes = self.facts[node.fact], node.codes
        if value is None or not isinstance(codes, Codes):
            return None
        found = value.startswith(codes.codes) if node.prefix else value in codes.codes
        return bool(found) == node.expected

    def score(self, node: Points) -> Scored:
        """Points and the parts they come from.

        Args:
            node: A points node with its numbers.
        """
        match node:
            case Sum(_, parts) | BestOf(_, parts) | LeastOf(_, parts):
                return self._joined(node, tuple(self.score(part) for part in parts))
            case Case(_, when, then, otherwise):
                held = self.test(when).ok
                branches = (then, otherwise) if held is None else (then if held else otherwise,)
                chosen = tuple(self.score(branch) for branch in branches)
                low, high = min(s.low for s in chosen), max(s.high for s in chosen)
                return Scored(node, low, high, None, chosen)
        return self._leaf(node)

    def _joined(self, node: Sum | BestOf | LeastOf, parts: tuple[Scored, ...]) -> Scored:
        low = high = self._join(node, [part.low for part in parts])
        if any(part.low is not part.high for part in parts):
            high = self._join(node, [part.high for part in parts])
        return Scored(node, low, high, None, parts)

    def _join(self, node: Sum | BestOf | LeastOf, ends: Sequence[Fraction]) -> Fraction:
        if not isinstance(node, Sum):
            return max(ends) if isinstance(node, BestOf) else min(ends)
        added = total(ends)
        return min(added, node.cap.value) if isinstance(node.cap, Number) else added

    def _leaf(self, node: Steps | Given | Judged | Fixed) -> Scored:
        got, reading, tested = None, None, None
        match node:
            case Steps(_, measure, Table() as table):
                reading = measure_of(self.facts, measure)
                got = None if reading is None else _step(table, reading)
            case Given(_, when, _):
                tested = self.test(when)
                got = None if tested.ok is None else leaf_points(node)[tested.ok]
            case Judged(_, fact, Number(most)):
                value = self.facts[fact]
                got = value if value is not None and 0 <= value <= most else None
            case Fixed(_, Number(points)):
                got = points
        values = leaf_points(node) if got is None else (got,)
        return Scored(node, min(values), max(values), reading, tested=tested)

    def outcome(self, node: Outcome, answer: bool | None) -> float | str | None:
        """The value of one outcome.

        Args:
            node: The outcome with its numbers.
            answer: What the policy says of the firm.
        """
        if isinstance(node, Amount):
            return self._amount(node, answer)
        value = self.score(node.points).value
        if value is None or not node.labels:
            return None if value is None else float(value)
        return self.memo.of("codes", node, lambda: _codes(node)).get(value)

    def _amount(self, node: Amount, answer: bool | None) -> float | None:
        if not answer:
            return None if answer is None else 0.0
        base, rates = self.facts[node.base], [self.score(rate).value for rate in rates_of(node)]
        most = self.memo.of("limit", node, lambda: base_limit(node))
        if base is None or None in rates or not 0 <= base * 100 <= most:
            return None
        split = node.split.value if isinstance(node.split, Number) else base
        slices = (min(base, split), max(base - split, Fraction(0)))
        product = sum(part * rate for part, rate in zip(slices, rates, strict=False) if rate)
        fen = (product * 100 + Fraction(1, 2)).__floor__()
        if node.cap is None:
            return float(fen) / 100
        cap = self.score(node.cap).value
        return None if cap is None else float(min(fen, cap * 100)) / 100


def _codes(node: Value) -> dict[Fraction, str]:
    return {Fraction(number): code for number, code in node.labels}


def _chosen(when: bool | None, then: bool | None, otherwise: bool | None) -> bool | None:
    if when is None:
        return then if then == otherwise else None
    return then if when else otherwise


def _step(table: Table, reading: Reading) -> Fraction:
    for cut in table.cuts:
        if reading.meets(cut.op, cut.at):
            return cut.points
    return table.otherwise


def _filled(bound: Any) -> Number:
    if not isinstance(bound, Number):
        raise InvalidInput(f"a bound is still the parameter {bound!r}; use Law.on(day)")
    return bound


def _table(steps: Steps) -> Table:
    if not isinstance(steps.table, Table):
        raise InvalidInput(f"a table is still the parameter {steps.table!r}; use Law.on(day)")
    return steps.table
