"""A scorecard elsewhere: as SQL, as plain Python, as expressions on any engine."""

from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.credit.dialects import DOUBLES, NOT_A_NUMBER
from techflow.credit.scorecard import FACTOR, OFFSET, BinPoints, Scorecard


def scorecard_sql(card: Scorecard, table: str, *, dialect: str) -> str:
    """A query that adds `points` and `pd` to a table.

    Points are exact, so every database gives the same ones.

    Args:
        card: The card.
        table: Name of a table, or a query in parentheses, with the features as numbers.
        dialect: `duckdb`, `postgres` or `spark`.

    Raises:
        InvalidInput: Another dialect.

    Examples:
        >>> card = Scorecard(500.0, (BinPoints("age", (2.0,), (), (0.0, 20.0, -5.0)),))
        >>> "CASE WHEN" in scorecard_sql(card, "firms", dialect="duckdb")
        True
    """
    if dialect not in DOUBLES:
        raise InvalidInput(f"dialect must be one of {', '.join(DOUBLES)}; got {dialect}")
    terms = [_number(card.base, dialect), *(_case(f, dialect) for f in card.features)]
    points, factor = "\n    + ".join(terms), _number(FACTOR, dialect)
    odds = f"EXP((points - {_number(OFFSET, dialect)}) / {factor})"
    one = _number(1.0, dialect)
    return (
        f"SELECT scored.*, {one} / ({one} + {odds}) AS pd\n"
        f"FROM (SELECT source.*,\n    {points} AS points\nFROM {table} AS source) AS scored"
    )


def _number(value: float, dialect: str) -> str:
    return f"CAST('{value!r}' AS {DOUBLES[dialect]})"


def _case(f: BinPoints, dialect: str) -> str:
    """Points of one feature."""
    quote = "`" if dialect == "spark" else '"'
    name = f"{quote}{f.name.replace(quote, quote * 2)}{quote}"
    unknown = f"{name} IS NULL OR {NOT_A_NUMBER[dialect].format(name)}"
    special = [(f"{name} = {_number(number, dialect)}", points) for number, points in _special(f)]
    ranges = [(f"{name} < {_number(edge, dialect)}", points) for edge, points in _ranges(f)]
    tests = [(unknown, f.points[-1]), *special, *ranges]
    whens = " ".join(f"WHEN {test} THEN {_number(points, dialect)}" for test, points in tests)
    return f"CASE {whens} ELSE {_number(f.points[len(f.edges)], dialect)} END"


def _special(f: BinPoints) -> list[tuple[float, float]]:
    """(special number, its points)."""
    return list(zip(f.special, f.points[len(f.edges) + 1 : -1], strict=True))


def _ranges(f: BinPoints) -> list[tuple[float, float]]:
    """(edge, points below it), rising; the last bin has no edge."""
    return list(zip(f.edges, f.points[: len(f.edges)], strict=True))


def scorecard_python(card: Scorecard) -> str:
    """Source of a Python module with `score(row) -> (points, pd)` that needs nothing but Python.

    Args:
        card: The card.

    Examples:
        >>> scope = {}
        >>> exec(scorecard_python(Scorecard(600.0, ())), scope)
        >>> scope["score"]({})[0]
        600.0
    """
    features = [(f.name, f.edges, f.special, f.points) for f in card.features]
    return (
        '"""Points and probability of one row. Made from a scorecard; do not edit."""\n\n'
        "from bisect import bisect_right\nfrom math import exp\n\n"
        f"BASE = {card.base!r}\nFACTOR = {FACTOR!r}\nOFFSET = {OFFSET!r}\n"
        f"FEATURES = {features!r}\n\n\n"
        "def score(row):\n"
        '    """(points, pd) of a mapping from feature to number; absent or None is unknown."""\n'
        "    points = BASE\n"
        "    for name, edges, special, own in FEATURES:\n"
        "        value = row.get(name)\n"
        "        if value is None or value != value:\n"
        "            points += own[-1]\n"
        "        elif value in special:\n"
        "            points += own[len(edges) + 1 + special.index(value)]\n"
        "        else:\n"
        "            points += own[bisect_right(edges, value)]\n"
        "    return points, 1.0 / (1.0 + exp((points - OFFSET) / FACTOR))\n"
    )


def score_bins(rows: Frame, card: Scorecard) -> Frame:
    """Score rows on any engine.

    Args:
        rows: Rows with the features of the card; null and NaN are unknown.
        card: The card.

    Returns:
        The same rows plus `points` and `pd`.

    Raises:
        MissingColumn: A feature is no column.
    """
    require_columns(rows, (f.name for f in card.features), needed_by="score_bins")
    points = reduce(add, (_points(f) for f in card.features), nw.lit(card.base))
    odds = ((nw.col("points") - OFFSET) / FACTOR).exp()
    return rows.with_columns(points=points).with_columns(pd=1.0 / (odds + 1.0))


def _points(f: BinPoints) -> nw.Expr:
    number = nw.col(f.name).cast(nw.Float64)
    value = nw.when(~number.is_nan()).then(number)
    ranges = [nw.when(value < edge).then(nw.lit(points)) for edge, points in _ranges(f)]
    special = [nw.when(value == x).then(nw.lit(points)) for x, points in _special(f)]
    last = nw.when(~value.is_null()).then(nw.lit(f.points[len(f.edges)]))
    return nw.coalesce(*special, *ranges, last, nw.lit(f.points[-1]))
