"""A whole card as one SQL query: DuckDB, PostgreSQL, Spark."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from techflow.basics import InvalidInput
from techflow.basics.trees import Forest
from techflow.credit.card import Card, Feature, Input
from techflow.credit.card_data import Exported, card_data, nested_trees
from techflow.credit.dialects import DOUBLES
from techflow.credit.growth import GrowthCard
from techflow.credit.loss import LossCard
from techflow.credit.score import LN2, LN_GOOD_ODDS, POINTS_AT_ODDS, POINTS_TO_DOUBLE
from techflow.credit.trees import TreeCard, TreeInput

TREES_A_STEP_N = 50
"""Trees added up in one step, so that no expression is deeper than engines allow."""
TINY = 1e-290
"""PostgreSQL refuses a product that is too small for a double instead of giving 0."""
Step = tuple[str, Mapping[str, str]]
"""Name of a step, and the columns it adds."""


def card_sql(
    card: Exported,
    *,
    table: str,
    dialect: str,
    keep: Sequence[str] = ("firm_id",),
) -> str:
    """One SELECT that scores a table as the card does.

    Sums are added up in the card's own order, so that log-odds are the same to the last bit;
    the PD differs by what `EXP` and `POWER` of the engine differ.

    Args:
        card: The card.
        table: Table with the card's features as numbers, and the columns of its domain.
        dialect: `duckdb`, `postgres` or `spark`.
        keep: Columns of the table to pass on.

    Returns:
        SQL text; its columns are `keep`, `reason_code`, `reason`, `reason_zh`, then `log_odds`,
        `pd`, `score` (loss rates: `lgd`, `lgd_low`, `lgd_high`; growth: `growth_median`,
        `growth_low`, `growth_high`), null where a reason is
        given.

    Raises:
        InvalidInput: Another dialect.
    """
    if dialect not in DOUBLES:
        raise InvalidInput(f"dialect must be one of {', '.join(DOUBLES)}; got {dialect}")
    text = _Text(dialect)
    refusals = card_data(card)["refusals"]
    kept = {name: text.name(name) for name in keep}
    why = {
        name: _words(text, refusals, key) for name, key in (("reason", "en"), ("reason_zh", "zh"))
    }
    shown = {"reason_code": "reason_code"} | why | _results(text, card)
    given = ("given", kept | _inputs(text, card, refusals))
    # Else PostgreSQL copies a step into the next one and takes ten times as long.
    fence = "" if dialect == "spark" else "MATERIALIZED "
    steps, before = [], text.name(table)
    for name, added in (given, _judged(text, refusals, len(card.features)), *_sums(text, card)):
        every = "" if name == "given" else "*, "
        steps.append(f"{name} AS {fence}(SELECT {every}{_listed(text, added)}\nFROM {before})")
        before = name
    made = "Made by techflow credit export; do not edit."
    return (
        f"-- {card.id} ({card.hash}). {made}\nWITH "
        + ",\n".join(steps)
        + f"\nSELECT {_listed(text, kept | shown)}\nFROM {before}\n"
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """How a dialect writes names and values."""

    dialect: str

    def name(self, name: str) -> str:
        """A quoted name."""
        mark = "`" if self.dialect == "spark" else '"'
        return f"{mark}{name.replace(mark, mark * 2)}{mark}"

    def text(self, words: str) -> str:
        """A quoted text."""
        if self.dialect == "spark":
            plain = words.replace("\\", "\\\\").replace("'", "\\'")
        else:
            plain = words.replace("'", "''")
        return f"'{plain}'"

    def number(self, value: float) -> str:
        """A literal that is a double, not a decimal."""
        digits = repr(float(value))
        if self.dialect == "postgres":
            return f"'{digits}'::float8"
        if self.dialect == "spark":
            return f"{digits}D"
        return digits if "e" in digits else f"{digits}e0"

    def known(self, name: str) -> str:
        """The column as a double; null if unknown or not finite (NaN is above all numbers)."""
        double = DOUBLES[self.dialect]
        number, end = f"CAST({self.name(name)} AS {double})", f"CAST('Infinity' AS {double})"
        return f"CASE WHEN ABS({number}) < {end} THEN {number} END"


def _listed(text: _Text, columns: Mapping[str, str]) -> str:
    """Expressions with their names."""
    return ",\n  ".join(f"{value} AS {text.name(name)}" for name, value in columns.items())


def _inputs(text: _Text, card: Exported, refusals: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """x0, x1, ... are what the card looks at; c0, c1, ... what its borders look at."""
    found = {f"x{j}": _value(text, f) for j, f in enumerate(card.features)}
    for j, test in enumerate(refusals):
        if "column" in test:
            named = text.name(test["column"])
            found[f"c{j}"] = named if "allowed" in test else text.known(test["column"])
        elif "required" in test:
            found[f"c{j}"] = next(
                _value(text, f) for f in card.features if f.name == test["required"]
            )
    return found


def _value(text: _Text, f: Input) -> str:
    """The number of one input; null if unknown."""
    if not (isinstance(f, TreeInput) and f.codes):
        return text.known(f.name)
    whens = [f"WHEN {text.text(code)} THEN {text.number(x)}" for code, x in f.codes.items()]
    named, other = text.name(f.name), text.number(f.other)
    return f"CASE WHEN {named} IS NOT NULL THEN CASE {named} {' '.join(whens)} ELSE {other} END END"


def _judged(text: _Text, refusals: Sequence[Mapping[str, Any]], inputs_n: int) -> Step:
    """Why a row is refused: the first test that holds."""
    whens = [
        f"WHEN {_outside(text, j, test, inputs_n)} THEN {text.text(test['code'])}"
        for j, test in enumerate(refusals)
    ]
    return "judged", {"reason_code": f"CASE {' '.join(whens)} END"}


def _outside(text: _Text, place: int, test: Mapping[str, Any], inputs_n: int) -> str:
    column = f"c{place}"
    if "allowed" in test:
        texts = ", ".join(map(text.text, test["allowed"]))
        return f"{column} IS NULL" + (f" OR {column} NOT IN ({texts})" if texts else "")
    if "above" in test:
        return f"{column} IS NULL OR {column} <= {text.number(test['above'])}"
    if "required" in test:
        return f"{column} IS NULL"
    unknown = " + ".join(f"CASE WHEN x{j} IS NULL THEN 1 ELSE 0 END" for j in range(inputs_n))
    return f"{unknown} > {text.number(test['unknown_n_max'])}"


def _words(text: _Text, refusals: Sequence[Mapping[str, Any]], key: str) -> str:
    whens = [f"WHEN {text.text(t['code'])} THEN {text.text(t[key])}" for t in refusals]
    return f"CASE reason_code {' '.join(whens)} END"


def _sums(text: _Text, card: Exported) -> Iterator[Step]:
    """Steps that add up what the inputs add, then the log-odds where the card speaks."""
    if isinstance(card, Card):
        lines = [_line(text, f, f"x{j}") for j, f in enumerate(card.features)]
        yield "lines", {"total": "\n + ".join([text.number(card.intercept), *lines])}
        last = "total"
    elif isinstance(card, GrowthCard):
        yield from _growth(text, card)
        return
    elif isinstance(card, TreeCard):
        last = yield from _forest(text, card.forest, "total")
    else:
        last = yield from _forest(text, card.total, "total")
        part = yield from _forest(text, card.partial, "part")
        one, zero = text.number(1.0), text.number(0.0)
        yield (
            "parts",
            {
                "chance": f"{one} / ({one} + EXP(-{last}))",
                "share": f"LEAST(GREATEST({part}, {zero}), {one})",
            },
        )
        last = f"chance + ({one} - chance) * share"
    yield "found", {"answer": f"CASE WHEN reason_code IS NULL THEN {last} END"}


def _growth(text: _Text, card: GrowthCard) -> Iterator[Step]:
    """Steps of a median and the ends of its interval."""
    median = yield from _forest(text, card.median, "median")
    low = yield from _forest(text, card.low, "low")
    high = yield from _forest(text, card.high, "high")
    ends = {
        "answer": median,
        "low_end": f"LEAST({low} - ({text.number(card.below)}), {median})",
        "high_end": f"GREATEST({high} + ({text.number(card.above)}), {median})",
    }
    yield (
        "found",
        {name: f"CASE WHEN reason_code IS NULL THEN {end} END" for name, end in ends.items()},
    )


def _forest(text: _Text, forest: Forest, name: str) -> Generator[Step, None, str]:
    """Steps that add up a forest, some trees at a time; returns the column of the sum."""
    trees, before = nested_trees(forest), ""
    if text.dialect == "spark":
        # A sum of many CASE is more code than Spark can make; elements of an array are not.
        every = ",\n ".join(_tree(text, tree) for tree in trees)
        added = f"AGGREGATE(ARRAY(\n {every}), {text.number(0.0)}, (a, b) -> a + b)"
        yield f"step_{name}", {name: added}
        return name
    for step, first in enumerate(range(0, len(trees), TREES_A_STEP_N)):
        terms = [_tree(text, tree) for tree in trees[first : first + TREES_A_STEP_N]]
        total = f"{name}_{step}"
        yield f"step_{total}", {total: "\n + ".join([before, *terms] if before else terms)}
        before = total
    return before


def _line(text: _Text, f: Feature, value: str) -> str:
    """What one input of a card of lines adds."""
    terms = [text.number(f.points[0][1])]
    for (x0, y0), (x1, y1) in pairwise(f.points):
        above, slope = f"{value} - {text.number(x0)}", (y1 - y0) / (x1 - x0)
        inside = f"LEAST(GREATEST({above}, {text.number(0.0)}), {text.number(x1 - x0)})"
        product = f"{inside} * {text.number(slope)}"
        if text.dialect == "postgres":
            product = f"CASE WHEN {inside} > {text.number(TINY)} THEN {product} ELSE 0 END"
        terms.append(product)
    return f"CASE WHEN {value} IS NULL THEN {text.number(f.missing)} ELSE {' + '.join(terms)} END"


def _tree(text: _Text, node: Any) -> str:
    """One tree of `nested_trees` as CASE; an unknown number passes no test."""
    if not isinstance(node, list):
        return text.number(node)
    place, threshold, unknown_left, left, right = node
    sign, first, other = (">", right, left) if unknown_left else ("<=", left, right)
    test = f"x{place} {sign} {text.number(threshold)}"
    return f"CASE WHEN {test} THEN {_tree(text, first)} ELSE {_tree(text, other)} END"


def _results(text: _Text, card: Exported) -> dict[str, str]:
    """What is shown of the answer."""
    one, zero = text.number(1.0), text.number(0.0)
    if isinstance(card, LossCard):
        ends = {"lgd_low": card.below, "lgd_high": card.above}
        return {"lgd": "answer"} | {
            name: f"CASE WHEN answer IS NOT NULL THEN "
            f"LEAST(GREATEST(answer + {text.number(end)}, {zero}), {one}) END"
            for name, end in ends.items()
        }
    if isinstance(card, GrowthCard):
        return {"growth_median": "answer", "growth_low": "low_end", "growth_high": "high_end"}
    years = card_data(card)["horizon_years"]
    points = (
        f"{text.number(POINTS_AT_ODDS)} - (answer + {text.number(LN_GOOD_ODDS)})"
        f" * {text.number(POINTS_TO_DOUBLE / LN2)}"
    )
    pd = f"{one} - POWER(EXP(answer) + {one}, {text.number(-1.0 / years)})"
    return {"log_odds": "answer", "pd": pd, "score": points}
