"""The expert technology-flow grade: for firms no card may speak about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.basics.lines import Points, known, line, read_points
from techflow.credit.low_default import low_default_pd
from techflow.credit.words import Words, content_hash
from techflow.schema import DERIVED


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of technology evidence: its weight and the points (0 to 100) it earns."""

    name: str
    label: Words
    weight: float
    points: Points
    reference: str


@dataclass(frozen=True, slots=True)
class Level:
    """One expert grade: its name, the least score that earns it, and its meaning."""

    name: str
    score_min: float
    meaning: Words


@dataclass(frozen=True, slots=True)
class Expert:
    """The expert scorecard.

    Attributes:
        id: Stable id.
        label: Name in both languages.
        hash: First 16 hex digits of the SHA-256 of the content.
        mark: `proposal` until outcomes have tested it.
        limits: What it must not be used for.
        known_share_min: Least share of the weight that must be known for a grade.
        outcomes_n_min: Fewest observed firms of this grade book that support a PD.
        items: Evidence looked at.
        levels: Grades, best first; the last one starts at 0.
    """

    id: str
    label: Words
    hash: str
    mark: str
    limits: Words
    known_share_min: float
    outcomes_n_min: int
    items: tuple[Item, ...]
    levels: tuple[Level, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Expert":
        """Read `expert.toml`.

        Raises:
            InvalidInput: An item is no column of the profile, a weight is not positive, or the
                levels do not fall to 0.
        """
        items, levels = tuple(map(_item, data["item"])), tuple(map(_level, data["grade"]))
        starts = [level.score_min for level in levels]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != 0.0:
            raise InvalidInput(f"score_min must fall to 0; got {starts}")
        if any(item.weight <= 0.0 for item in items):
            raise InvalidInput(f"weights of {data['id']} must be above 0")
        return cls(
            data["id"],
            Words.from_data(data["label"]),
            content_hash(data),
            data["mark"],
            Words.from_data(data["limits"]),
            float(data["known_share_min"]),
            int(data["outcomes_n_min"]),
            items,
            levels,
        )

    def pool_pd(self, n: int, defaults_n: int, *, confidence: float) -> float | None:
        """PD of expert-graded firms from what became of such firms, or None: never borrowed.

        Args:
            n: Expert-graded firms of the user's own store, watched for one year.
            defaults_n: How many of them defaulted in it.
            confidence: As in `low_default_pd`.

        Returns:
            The low-default bound; None with fewer than `outcomes_n_min` firms.
        """
        if n < self.outcomes_n_min:
            return None
        return low_default_pd(n, defaults_n, confidence=confidence)


def _item(data: Mapping[str, Any]) -> Item:
    column = DERIVED["profile"].column(data["name"])
    points = read_points(column.name, data["points"])
    label = Words(column.zh, column.en)
    return Item(column.name, label, float(data["weight"]), points, data["reference"])


def _level(data: Mapping[str, Any]) -> Level:
    return Level(data["name"], float(data["score_min"]), Words.from_data(data))


def expert_scores(firms: Frame, expert: Expert) -> Frame:
    """Grade the technology evidence of each firm.

    Args:
        firms: One row per firm with the columns of the items.
        expert: The expert scorecard.

    Returns:
        The same rows plus `expert_score` (weighted mean of the points of what is known, 0 to
        100), `expert_grade`, and `expert_missing`, `expert_missing_zh`, `expert_missing_en`
        (items that are unknown, joined; null if none). Score and grade are null where the
        known items carry less than `known_share_min` of the weight. It is a ranking of
        evidence, not a default probability.

    Raises:
        MissingColumn: The frame lacks a column of an item.
    """
    require_columns(firms, [item.name for item in expert.items], needed_by=expert.id)
    values = [known(item.name) for item in expert.items]
    pairs = list(zip(expert.items, values, strict=True))
    weight = reduce(add, (_or_zero(v, nw.lit(item.weight)) for item, v in pairs))
    earned = reduce(add, (_or_zero(v, line(v, item.points) * item.weight) for item, v in pairs))
    total = sum(item.weight for item in expert.items)
    enough = weight >= expert.known_share_min * total

    def absent(word: Callable[[Item], str], separator: str) -> nw.Expr:
        named = [nw.when(v.is_null()).then(nw.lit(word(item))) for item, v in pairs]
        text = nw.concat_str(*named, separator=separator, ignore_nulls=True)
        return nw.when(text != "").then(text)

    scored = firms.with_columns(
        expert_score=nw.when(enough).then(earned / weight),
        expert_missing=absent(lambda item: item.name, ";"),
        expert_missing_zh=absent(lambda item: item.label.zh, "；"),
        expert_missing_en=absent(lambda item: item.label.en, "; "),
    )
    score = nw.col("expert_score")
    grades = [nw.when(score >= lv.score_min).then(nw.lit(lv.name)) for lv in expert.levels]
    return scored.with_columns(expert_grade=nw.coalesce(*grades))


def _or_zero(value: nw.Expr, amount: nw.Expr) -> nw.Expr:
    """The amount where the value is known, else zero: unknown items carry no weight."""
    return nw.when(~value.is_null()).then(amount).otherwise(nw.lit(0.0))
