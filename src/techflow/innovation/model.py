"""What the technology flow looks at, how much each part weighs, and where its levels start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from techflow.basics import InvalidInput
from techflow.basics.lines import Points, read_points


@dataclass(frozen=True, slots=True)
class FlowItem:
    """One piece of evidence: its column, its part of the dimension, the points it earns."""

    name: str
    zh: str
    en: str
    share: float
    points: Points
    reference: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """Evidence of one sort; the shares of its items add up to 1."""

    name: str
    zh: str
    en: str
    items: tuple[FlowItem, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a firm's life: its bounds (None is no bound) and weights that add up to 100."""

    name: str
    zh: str
    en: str
    age_years_max: float | None
    revenue_cny_max: float | None
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FlowLevel:
    """One level: its name, the least score that earns it, its meaning."""

    name: str
    zh: str
    en: str
    score_min: float


@dataclass(frozen=True, slots=True)
class FlowModel:
    """The technology-flow model.

    Attributes:
        id: Stable id.
        mark: `proposal` until outcomes have tested it.
        known_share_min: Least share of the weight that must be known for a score, 0 to 1.
        strong_points: Items with at least so many points are named as strengths.
        weak_points: Items with at most so many points are named as weaknesses.
        dimensions: Evidence looked at.
        stages: In order; a firm is in the first whose bounds it keeps. The last has none.
        unstaged: Weights of a firm whose age or revenue is unknown.
        levels: Best first; the last one starts at 0.
    """

    id: str
    mark: str
    known_share_min: float
    strong_points: float
    weak_points: float
    dimensions: tuple[Dimension, ...]
    stages: tuple[Stage, ...]
    unstaged: Mapping[str, float]
    levels: tuple[FlowLevel, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "FlowModel":
        """Read `technology_flow.toml`.

        Args:
            data: The parsed file.

        Raises:
            InvalidInput: Points leave 0 to 100 or turn, weights do not fit the dimensions or do
                not add up to 100, the last stage has a bound, or levels do not fall to 0.
        """
        dimensions = tuple(map(_dimension, data["dimension"]))
        names = [one.name for one in dimensions]
        stages = tuple(_stage(each, names) for each in data["stage"])
        if stages[-1].age_years_max is not None or stages[-1].revenue_cny_max is not None:
            raise InvalidInput(f"the last stage must take every firm; {stages[-1].name} has bounds")
        return cls(
            data["id"],
            data["mark"],
            float(data["known_share_min"]),
            float(data["strong_points"]),
            float(data["weak_points"]),
            dimensions,
            stages,
            _weights("unstaged", data["unstaged"], names),
            _levels(data["level"]),
        )

    @property
    def items(self) -> tuple[FlowItem, ...]:
        """Every item of every dimension, in order."""
        return tuple(item for dimension in self.dimensions for item in dimension.items)


def _dimension(data: Mapping[str, Any]) -> Dimension:
    total = sum(float(item["weight"]) for item in data["item"])
    if any(float(item["weight"]) <= 0.0 for item in data["item"]):
        raise InvalidInput(f"weights of items of {data['name']} must be above 0")
    items = tuple(_item(item, total) for item in data["item"])
    return Dimension(data["name"], data["zh"], data["en"], items)


def _item(data: Mapping[str, Any], total: float) -> FlowItem:
    name, zh, en = data["name"], data["zh"], data["en"]
    points = _points(name, data["points"])
    return FlowItem(name, zh, en, float(data["weight"]) / total, points, data["reference"])


def _points(name: str, data: Iterable[tuple[float, float]]) -> Points:
    points = read_points(name, data)
    steps = [right[1] - left[1] for left, right in pairwise(points)]
    one_way = all(step >= 0.0 for step in steps) or all(step <= 0.0 for step in steps)
    if len(points) < 2 or not one_way:
        raise InvalidInput(
            f"points of {name}: two or more, one way (rising or falling); got {points}"
        )
    if not all(0.0 <= y <= 100.0 for _, y in points):
        raise InvalidInput(f"points of {name} must be in 0 to 100; got {points}")
    return points


def _stage(data: Mapping[str, Any], names: list[str]) -> Stage:
    return Stage(
        data["name"],
        data["zh"],
        data["en"],
        data.get("age_years_max"),
        data.get("revenue_cny_max"),
        _weights(data["name"], data["weights"], names),
    )


def _weights(name: str, data: Mapping[str, float], names: list[str]) -> dict[str, float]:
    fits = sorted(data) == sorted(names) and all(weight >= 0.0 for weight in data.values())
    if not fits or abs(sum(data.values()) - 100.0) > 1e-9:
        raise InvalidInput(
            f"weights of {name} must be 0 or more, add up to 100 and name {names}; got {dict(data)}"
        )
    return {key: float(data[key]) for key in names}


def _levels(data: Iterable[Mapping[str, Any]]) -> tuple[FlowLevel, ...]:
    levels = tuple(FlowLevel(d["name"], d["zh"], d["en"], float(d["score_min"])) for d in data)
    starts = [level.score_min for level in levels]
    if starts != sorted(set(starts), reverse=True) or starts[-1] != 0.0:
        raise InvalidInput(f"score_min must fall to 0; got {starts}")
    return levels
