"""Evaluation score of a patent: legal, technical and economic value, weighted for a scene."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

PARTS = ("legal", "technical", "economic")
NEUTRAL_POINTS = 50.0


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what it is measured by, and the points of each measure."""

    name: str
    part: str
    weight: float
    column: str
    points: Sequence[tuple[float, float]]
    """(measure, points 0 to 100), measures rising; straight lines between, level outside."""
    least: float
    most: float
    """Measures outside these are not believed."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class EvaluationTerms:
    """Indicators and weights of one scene."""

    indicators: Sequence[Indicator]
    part_weight: Mapping[str, float]
    kinds: Sequence[str]
    known_share_min: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any], scene: str) -> "EvaluationTerms":
        """Read the content file, weights of `scene`.

        Raises:
            InvalidInput: There is no such scene.
        """
        if scene not in data["scene"]:
            allowed = ", ".join(data["scene"])
            raise InvalidInput(f"scene: expected one of {allowed}; got {scene}; give one of these")
        indicators = [
            Indicator(**{"most": float("inf"), **row, "points": [tuple(p) for p in row["points"]]})
            for row in data["indicator"]
        ]
        return cls(indicators, data["scene"][scene], data["kinds"], data["known_share_min"])


def evaluate_patents(frame: Frame, terms: EvaluationTerms) -> Frame:
    """Score patents, and say what raises and lowers each score.

    Args:
        frame: Patents with `kind` and the columns of the indicators, null where unknown.
        terms: Indicators and weights.

    Returns:
        The same rows plus, for each indicator, `<name>_indicator_points` (0 to 100, null where
        unknown);
        `legal_score`, `technical_score`, `economic_score` (0 to 100: mean of the known
        indicators by weight, null where too little is known), `evaluation_score` (0 to 100, null
        unless all three are known), `evaluation_known_share` (of all weight, 0 to 1),
        `evaluation_reason_code` (null where scored), `raised_by` and `lowered_by` (name of the
        indicator that moves the score furthest from 50 points, null where none does).

    Raises:
        MissingColumn: A column is absent.

    Source:
        Structure of GB/T 42748-2023 (three parts, fourteen indicators, weights by scene); points
        and weights are of the content file, not of the standard.

    Examples:
        >>> import polars as pl
        >>> one = [Indicator(p, p, 1, p, [(0, 0), (9, 90)], 0, 9, p, p) for p in PARTS]
        >>> terms = EvaluationTerms(one, dict.fromkeys(PARTS, 1.0), ["invention"], 0.5)
        >>> row = {"kind": ["invention"], "legal": [3.0], "technical": [6.0], "economic": [9.0]}
        >>> found = evaluate_patents(nw.from_native(pl.LazyFrame(row)), terms).collect()
        >>> found["evaluation_score"][0], found["raised_by"][0]
        (60.0, 'economic')
    """
    columns = ("kind", *(i.column for i in terms.indicators))
    require_columns(frame, columns, needed_by="evaluate_patents")
    rated = frame.with_columns(
        **{points_name(i): _points(i, nw.col("kind").is_in(terms.kinds)) for i in terms.indicators}
    )
    parts = rated.with_columns(**{f"{part}_score": _part(part, terms) for part in PARTS})
    share = {part: terms.part_weight[part] / sum(terms.part_weight.values()) for part in PARTS}
    score = reduce(add, (share[part] * nw.col(f"{part}_score") for part in PARTS))
    known = reduce(add, (share[part] * _known_share(part, terms) for part in PARTS))
    scored = parts.with_columns(
        evaluation_score=score, evaluation_known_share=known, evaluation_reason_code=_reason(terms)
    )
    return _name_moves(scored, terms, share)


def points_name(indicator: Indicator) -> str:
    """Column of the points of an indicator."""
    return f"{indicator.name}_indicator_points"


def _points(indicator: Indicator, taken: nw.Expr) -> nw.Expr:
    x, first = nw.col(indicator.column).cast(nw.Float64), indicator.points[0]
    found: nw.Expr = nw.lit(float(first[1]))
    for (x0, y0), (x1, y1) in zip(indicator.points, indicator.points[1:], strict=False):
        line = y0 + (x - x0) * ((y1 - y0) / (x1 - x0))
        found = nw.when(x >= x1).then(nw.lit(float(y1))).when(x > x0).then(line).otherwise(found)
    believed = taken & x.is_finite() & (x >= indicator.least) & (x <= indicator.most)
    return nw.when(believed).then(found)


def _of(part: str, terms: EvaluationTerms) -> list[Indicator]:
    return [i for i in terms.indicators if i.part == part]


def _known_share(part: str, terms: EvaluationTerms) -> nw.Expr:
    own = _of(part, terms)
    known = (i.weight * (~nw.col(points_name(i)).is_null()).cast(nw.Float64) for i in own)
    return reduce(add, known) / sum(i.weight for i in own)


def _part(part: str, terms: EvaluationTerms) -> nw.Expr:
    own, known = _of(part, terms), _known_share(part, terms)
    points = reduce(add, (i.weight * nw.col(points_name(i)).fill_null(0.0) for i in own))
    mean = points / sum(i.weight for i in own) / known
    return nw.when((known >= terms.known_share_min) & (known > 0)).then(mean)


def _reason(terms: EvaluationTerms) -> nw.Expr:
    kind = nw.col("kind")
    stranger = kind.is_null() | ~kind.is_in(terms.kinds)
    tests = {f"{p}_too_little_known": nw.col(f"{p}_score").is_null() for p in PARTS}
    answers = {"kind_not_evaluated": stranger, **tests}
    return nw.coalesce(*(nw.when(test).then(nw.lit(code)) for code, test in answers.items()))


def _name_moves(scored: Frame, terms: EvaluationTerms, share: Mapping[str, float]) -> Frame:
    """Add `raised_by` and `lowered_by`."""
    totals = {part: sum(i.weight for i in _of(part, terms)) for part in PARTS}
    moves = {
        i.name: (nw.col(points_name(i)) - NEUTRAL_POINTS)
        * (share[i.part] * i.weight / totals[i.part])
        for i in terms.indicators
    }
    # The extremes are columns for a moment: as expressions they would be worked out for each name.
    ends = scored.with_columns(
        move_most=nw.max_horizontal(*moves.values()), move_least=nw.min_horizontal(*moves.values())
    )
    most, least = nw.col("move_most"), nw.col("move_least")
    known = ~nw.col("evaluation_score").is_null()
    named = ends.with_columns(
        raised_by=_named(moves, most, known & (most > 0)),
        lowered_by=_named(moves, least, known & (least < 0)),
    )
    return named.drop("move_most", "move_least")


def _named(moves: Mapping[str, nw.Expr], end: nw.Expr, holds: nw.Expr) -> nw.Expr:
    found = (nw.when(holds & (move == end)).then(nw.lit(n)) for n, move in moves.items())
    return nw.coalesce(*found)
