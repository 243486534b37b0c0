"""The operations of a rule as SQL text: DuckDB, PostgreSQL, Spark. Same stages, same answers."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from techflow.policy.evaluate import Dated, Detail, Judged, in_order, law_spans, lower_rules
from techflow.policy.facts import Fact
from techflow.policy.rule import Law, Rule

Dialect = Literal["duckdb", "postgres", "spark"]
INT64_MAX = 2**63 - 1


def to_sql(
    rules: Sequence[Rule],
    *,
    dialect: Dialect,
    table: str = "firms",
    keep: Sequence[str] = ("firm_id",),
    detail: Detail = "conditions",
) -> str:
    """One SELECT that judges a table of firms.

    Args:
        rules: Rules of one legal day; those used by others must be among them.
        dialect: `duckdb`, `postgres` or `spark`.
        table: Table with the facts as columns: double for money, shares and points, bigint for
            counts, boolean for flags, text for codes.
        keep: Columns of the table to pass on.
        detail: As in `evaluate`.

    Returns:
        SQL text; its columns are `keep` and those of `evaluate`.

    Raises:
        InvalidInput: Policies are circular or one is missing.
    """
    spans: list[list[Dated]] = [[(date.min, None, rule)] for rule in in_order(rules)]
    text = SqlText(dialect)
    return _select(text, lower_rules(text, spans, on="", detail=detail), table, keep)


def to_sql_by_date(
    laws: Sequence[Law],
    *,
    on: str,
    dialect: Dialect,
    table: str = "firms",
    keep: Sequence[str] = ("firm_id",),
    detail: Detail = "conditions",
) -> str:
    """One SELECT that judges each row by the law of its own day.

    Args:
        laws: Policy folders; those used by others must be among them.
        on: Date column of the table.
        dialect: As in `to_sql`.
        table: As in `to_sql`.
        keep: As in `to_sql`.
        detail: As in `evaluate`.

    Raises:
        InvalidInput: Policies are circular or one is missing.
    """
    text = SqlText(dialect)
    return _select(text, lower_rules(text, law_spans(laws), on=on, detail=detail), table, keep)


def _select(text: "SqlText", judged: Judged[str], table: str, keep: Sequence[str]) -> str:
    steps, source = [], text.column(table)
    for number, stage in enumerate(judged.stages):
        added = [f"{expression} AS {text.column(name)}" for name, expression in stage.items()]
        if added:
            steps.append(f"s{number} AS (SELECT *, {', '.join(added)} FROM {source})")  # noqa: S608 names are quoted
            source = f"s{number}"
    shown = [text.column(name) for name in keep]
    shown += [f"{expression} AS {text.column(name)}" for name, expression in judged.outputs.items()]
    with_part = "WITH " + ",\n".join(steps) + "\n" if steps else ""
    return f"{with_part}SELECT {', '.join(shown)} FROM {source}"  # noqa: S608 names are quoted


class SqlText:
    """SQL text of the algebra."""

    def __init__(self, dialect: Dialect) -> None:
        self.quote = "`" if dialect == "spark" else '"'
        self.double = "DOUBLE PRECISION" if dialect == "postgres" else "DOUBLE"

    def column(self, name: str) -> str:
        """See `Algebra.column`."""
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def fact(self, fact: Fact) -> str:
        """See `Algebra.fact`."""
        return self.column(fact.name)

    def whole(self, fact: Fact) -> str:
        """See `Algebra.whole`."""
        value = self._float(self.fact(fact))
        most = self._float(repr(fact.limit / fact.units))
        usable = f"{value} BETWEEN -{most} AND {most}"
        if fact.units == 1:
            return (
                f"CASE WHEN {usable} AND {value} = FLOOR({value}) THEN CAST({value} AS BIGINT) END"
            )
        scaled = f"{value} * {self._float(fact.units)} + {self._float(0.5)}"
        return f"CASE WHEN {usable} THEN CAST(FLOOR({scaled}) AS BIGINT) END"

    def given(self, fact: Fact) -> str:
        """See `Algebra.given`."""
        return self.negate(self.is_null(self.fact(fact)))

    def _float(self, text: object) -> str:
        return f"CAST({text} AS {self.double})"

    def number(self, value: int) -> str:
        """See `Algebra.number`."""
        return str(value) if abs(value) <= INT64_MAX else f"CAST({value} AS DECIMAL(38, 0))"

    def truth(self, value: bool) -> str:
        """See `Algebra.truth`."""
        return "TRUE" if value else "FALSE"

    def text(self, value: str) -> str:
        """See `Algebra.text`."""
        return "'" + value.replace("'", "''") + "'"

    def long(self, value: str) -> str:
        """See `Algebra.long`; in SQL a whole number is in 64 bits from the start."""
        return value

    def wide(self, value: str) -> str:
        """See `Algebra.wide`."""
        return f"CAST({value} AS DECIMAL(38, 0))"

    def compare(self, left: str, op: str, right: str) -> str:
        """See `Algebra.compare`."""
        return f"({left} {'=' if op == '==' else op} {right})"

    def add(self, parts: Sequence[str]) -> str:
        """See `Algebra.add`."""
        return f"({' + '.join(parts)})"

    def times(self, parts: Sequence[str]) -> str:
        """See `Algebra.times`."""
        return f"({' * '.join(parts)})"

    def both(self, parts: Sequence[str]) -> str:
        """See `Algebra.both`."""
        return f"({' AND '.join(parts)})"

    def either(self, parts: Sequence[str]) -> str:
        """See `Algebra.either`."""
        return f"({' OR '.join(parts)})"

    def negate(self, value: str) -> str:
        """See `Algebra.negate`."""
        return f"(NOT {value})"

    def pick(self, when: str, then: str, otherwise: str | None = None) -> str:
        """See `Algebra.pick`."""
        rest = "" if otherwise is None else f" ELSE {otherwise}"
        return f"CASE WHEN {when} THEN {then}{rest} END"

    def is_null(self, value: str) -> str:
        """See `Algebra.is_null`."""
        return f"({value} IS NULL)"

    def fill(self, value: str, number: int) -> str:
        """See `Algebra.fill`."""
        return f"COALESCE({value}, {number})"

    def greatest(self, parts: Sequence[str]) -> str:
        """See `Algebra.greatest`."""
        return parts[0] if len(parts) == 1 else f"GREATEST({', '.join(parts)})"

    def least(self, parts: Sequence[str]) -> str:
        """See `Algebra.least`."""
        return parts[0] if len(parts) == 1 else f"LEAST({', '.join(parts)})"

    def member(self, value: str, codes: Sequence[str]) -> str:
        """See `Algebra.member`."""
        return f"({value} IN ({', '.join(map(self.text, codes))}))"

    def prefixed(self, value: str, codes: Sequence[str]) -> str:
        """See `Algebra.prefixed`."""
        return self.either([f"LEFT({value}, {len(code)}) = {self.text(code)}" for code in codes])

    def from_day(self, column: str, since: date) -> str:
        """See `Algebra.from_day`."""
        return f"({self.column(column)} >= DATE '{since.isoformat()}')"

    def divide_half_up(self, value: str, divisor: int) -> str:
        """See `Algebra.divide_half_up`."""
        doubled = f"({value} * 2 + {divisor})"
        exact = self._float(f"({doubled} - {doubled} % {2 * divisor})")
        half = self._float(0.5)
        return f"CAST(FLOOR({exact} / {self._float(2 * divisor)} + {half}) AS BIGINT)"

    def decimal(self, value: str, divisor: int) -> str:
        """See `Algebra.decimal`."""
        return f"({self._float(value)} / {self._float(divisor)})"
