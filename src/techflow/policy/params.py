"""Dated parameters: a number of law, its unit, the clause that set it, and how sure we are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from techflow.basics import InvalidInput, NotInForce

StepOp = Literal[">=", ">", "<=", "<"]
STEP_OPS: Mapping[str, StepOp] = {">=": ">=", ">": ">", "<=": "<=", "<": "<"}
KINDS = ("text", "unverified", "proposal")


@dataclass(frozen=True, slots=True)
class Mark:
    """How sure we are: read in the `text`, `unverified` with a confidence, or our `proposal`."""

    kind: str
    confidence: str = ""

    @property
    def rank(self) -> tuple[int, float]:
        """Greater is weaker; a decision carries the weakest mark it rests on."""
        return KINDS.index(self.kind), -float(self.confidence or 1)

    def __str__(self) -> str:
        """`text`, `unverified 0.9`, `proposal`."""
        return f"{self.kind} {self.confidence}".strip()


TEXT = Mark("text")
PROPOSAL = Mark("proposal")


def unverified(confidence: str) -> Mark:
    """The mark of something believed but not read in a published text.

    Args:
        confidence: Probability that it is right, as text: "0.95".

    Raises:
        InvalidInput: Not a number in [0, 1].
    """
    try:
        sure = float(confidence)
    except ValueError:
        sure = -1.0
    if not 0 <= sure <= 1:
        raise InvalidInput(f"confidence must be a number in [0, 1] as text; got {confidence!r}")
    return Mark("unverified", str(confidence))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number of law comes from."""

    param: str
    zh: str
    en: str
    unit: str
    reference: str
    since: date
    mark: Mark


@dataclass(frozen=True, slots=True)
class Number:
    """A number of law on a day."""

    value: Fraction
    source: Source


@dataclass(frozen=True, slots=True)
class Cut:
    """One bracket: `measure op at` gives `points`, if no bracket before it did."""

    op: StepOp
    at: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class Table:
    """Brackets on a day: the first cut that is met gives the points.

    Cuts fall for `>=` and `>`, rise for `<=` and `<`, so brackets can neither overlap nor leave
    a hole; `otherwise` is what remains, `points` are all it can give.
    """

    cuts: tuple[Cut, ...]
    otherwise: Fraction
    source: Source
    points: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        points = (*(cut.points for cut in self.cuts), self.otherwise)
        object.__setattr__(self, "points", points)


@dataclass(frozen=True, slots=True)
class Codes:
    """A list of codes on a day."""

    codes: tuple[str, ...]
    source: Source


Term = Number | Table | Codes


def exact(value: Any) -> Fraction:
    """A number as written in `params.toml`, exactly.

    Args:
        value: int, Decimal, or text: "4%", "0.04", "1/3". A float is read by its shortest
            decimal text, so 0.05 means five hundredths.

    Raises:
        InvalidInput: Not a number.

    Examples:
        >>> exact("12.5%"), exact(0.05)
        (Fraction(1, 8), Fraction(1, 20))
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInput(f"a number of law must be a number or text such as '4%'; got {value!r}")
    text = str(value).strip()
    try:
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(f"a number of law must be a number; got {value!r}") from None


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a parameter, from `since` until `until` or the next row."""

    term: Term
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of one policy: name -> rows, oldest first; and when each was checked."""

    rows: Mapping[str, tuple[Row, ...]]
    checked_on: Mapping[str, date]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Params":
        """Build from the parsed `params.toml` of a policy folder.

        Args:
            data: Name -> zh, en, unit, checked_on, (op), values; each of the values has since,
                reference, status, and one of value, steps (with otherwise) or codes.

        Raises:
            InvalidInput: A key is missing or a number cannot be read; names the parameter.
        """
        rows = {name: _rows(name, spec) for name, spec in data.items()}
        return cls(rows, {name: spec["checked_on"] for name, spec in data.items()})

    def at(self, name: str, on: date) -> Term:
        """The value of a parameter in force on a day.

        Args:
            name: Parameter.
            on: Legal date.

        Raises:
            InvalidInput: There is no such parameter.
            NotInForce: It has no value on that day. A silent zero would look lawful.
        """
        if name not in self.rows:
            raise InvalidInput(f"no parameter {name} in params.toml; it has {sorted(self.rows)}")
        started = [row for row in self.rows[name] if row.since <= on]
        if not started or (started[-1].until and on >= started[-1].until):
            first = self.rows[name][0].since
            raise NotInForce(f"parameter {name} has no value on {on}; its first is of {first}")
        return started[-1].term

    def dates(self) -> set[date]:
        """Every day on which some parameter changes."""
        ends = {row.until for rows in self.rows.values() for row in rows if row.until}
        return ends | {row.since for rows in self.rows.values() for row in rows}


def _rows(name: str, spec: Mapping[str, Any]) -> tuple[Row, ...]:
    if not isinstance(spec, Mapping):
        raise InvalidInput(f"{name} must be a table [{name}] with zh, en, unit, ...; got {spec!r}")
    absent = {"zh", "en", "unit", "checked_on", "values"} - spec.keys()
    if absent or not spec["values"]:
        raise InvalidInput(f"parameter {name} lacks {', '.join(sorted(absent)) or 'values'}")
    if not isinstance(spec["values"], list | tuple) or not all(
        isinstance(row, Mapping) for row in spec["values"]
    ):
        raise InvalidInput(f"parameter {name}: values must be a list of {{ since = ..., ... }}")
    _check_day(name, "checked_on", spec["checked_on"])
    return tuple(sorted((_row(name, spec, row) for row in spec["values"]), key=lambda r: r.since))


def _row(name: str, spec: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    for key in ("since", "until"):
        if key in row:
            _check_day(name, key, row[key])
    try:
        return Row(_term(name, spec, row), row["since"], row.get("until"))
    except InvalidInput as error:
        known = f"parameter {name}" in str(error)
        raise error if known else InvalidInput(f"parameter {name}: {error}") from None


def _check_day(name: str, key: str, value: Any) -> None:
    # A datetime is a date to Python, but not to a comparison.
    if type(value) is not date:
        raise InvalidInput(
            f"parameter {name}: {key} must be a day without quotes, such as 2024-04-30; "
            f"got {value!r}"
        )


def _term(name: str, spec: Mapping[str, Any], row: Mapping[str, Any]) -> Term:
    absent = {"since", "reference", "status"} - row.keys()
    if absent or not str(row["reference"]).strip():
        what = ", ".join(sorted(absent)) or "its reference: name document and clause"
        raise InvalidInput(f"a value of parameter {name} lacks {what}")
    texts = (name, spec["zh"], spec["en"], spec["unit"])
    source = Source(*texts, row["reference"], row["since"], parse_mark(row["status"], name))
    if "value" in row:
        return Number(exact(row["value"]), source)
    if "codes" in row:
        return Codes(tuple(row["codes"]), source)
    if "steps" not in row or "otherwise" not in row or "op" not in spec:
        raise InvalidInput(f"parameter {name} needs value, codes, or steps + otherwise + op")
    steps = row["steps"]
    if not isinstance(steps, list | tuple) or any(
        not isinstance(s, list | tuple) or len(s) != 2 for s in steps
    ):
        raise InvalidInput(f"parameter {name}: steps must be pairs [number, points]; got {steps!r}")
    cuts = tuple(_cut(name, spec["op"], at, points) for at, points in steps)
    return Table(cuts, exact(row["otherwise"]), source)


def _cut(name: str, op: str, at: Any, points: Any) -> Cut:
    """A bracket; text such as "> 0" carries its own operator."""
    if isinstance(at, str) and at[:1] in ("<", ">"):
        op, _, at = at.partition(" ")
    return Cut(_step_op(name, op), exact(at), exact(points))


def parse_mark(status: str, where: str) -> Mark:
    """A mark from its text: `text`, `proposal`, `unverified 0.9`.

    Args:
        status: The text.
        where: Who has it, for the message.

    Raises:
        InvalidInput: None of the three.
    """
    kind, _, confidence = status.partition(" ")
    if kind == "unverified":
        return unverified(confidence)
    if kind not in KINDS or confidence:
        raise InvalidInput(f"{where}: status is text, proposal or 'unverified 0.9'; got {status!r}")
    return Mark(kind)


def _step_op(name: str, op: str) -> StepOp:
    if op not in STEP_OPS:
        raise InvalidInput(f"parameter {name}: op is one of {sorted(STEP_OPS)}; got {op!r}")
    return STEP_OPS[op]
