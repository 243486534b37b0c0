"""What a card is: plain frozen records read from one mapping, so a card is content, not code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import InvalidInput
from techflow.basics.lines import Points, known, line, read_points
from techflow.credit.words import Words, content_hash
from techflow.schema import DERIVED

DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Show:
    """How a number is shown in each language: what it is multiplied by, and its unit."""

    scale_zh: float
    unit_zh: str
    scale_en: float
    unit_en: str


SHOWS: Mapping[str, Show] = {
    "percent": Show(100.0, "%", 100.0, "%"),
    "times": Show(1.0, " 倍", 1.0, " times"),
    "plain": Show(1.0, "", 1.0, ""),
    "months": Show(1.0, " 个月", 1.0, " months"),
    "cny": Show(1e-4, " 万元", 1e-6, " m yuan"),
    "krw": Show(1e-8, " 亿韩元", 1e-9, " bn won"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """One number a card looks at.

    Attributes:
        name: Column.
        label: Name in both languages.
        sign: 1 if risk rises with the number, -1 if it falls, 0 if it may bend.
        why: One line of economics behind the sign.
        show: How the number is shown.
        typical: Median of the training sample.
    """

    name: str
    label: Words
    sign: int
    why: Words
    show: Show
    typical: float

    @property
    def value(self) -> nw.Expr:
        """The number as float64; null if unknown or not finite."""
        return known(self.name)


@dataclass(frozen=True, slots=True)
class Feature(Input):
    """One input of a card of lines and the log-odds it adds.

    The effect is a line through `points`, flat outside the first and the last: a number
    beyond what was seen in training counts like the most extreme one that was.

    Attributes:
        points: (number, log-odds added) in rising order of the number; zero at `typical`.
        missing: Log-odds added when the number is unknown.
    """

    points: Points
    missing: float

    @property
    def effect(self) -> nw.Expr:
        """Log-odds added by this feature; `missing` where the number is unknown."""
        return nw.coalesce(line(self.value, self.points), nw.lit(self.missing))

    @classmethod
    def from_data(cls, data: Mapping[str, Any], fitted: Mapping[str, Any]) -> "Feature":
        """Read one feature of a recipe and what was fitted for it.

        Raises:
            InvalidInput: The points do not rise, or the effect runs against the sign.
        """
        column = DERIVED["profile"].column(data["name"])
        points = _follow_sign(column.name, int(data["sign"]), fitted)
        return cls(
            column.name,
            Words(column.zh, column.en),
            int(data["sign"]),
            Words.from_data(data["why"]),
            find_show(data["show"]),
            float(fitted["typical"]),
            points,
            float(fitted["missing"]),
        )


def find_show(name: str) -> Show:
    """How a number is shown.

    Raises:
        InvalidInput: No such way.
    """
    if name not in SHOWS:
        raise InvalidInput(f"show must be one of {', '.join(SHOWS)}; got {name}")
    return SHOWS[name]


def _follow_sign(name: str, sign: int, fitted: Mapping[str, Any]) -> Points:
    points = read_points(name, fitted["points"])
    if any(sign * (right[1] - left[1]) < 0.0 for left, right in pairwise(points)):
        raise InvalidInput(f"points of {name} must follow the sign {sign}; got {points}")
    return points


@dataclass(frozen=True, slots=True)
class Condition:
    """One border of the population a card may speak about.

    Attributes:
        code: Reason code given to a firm outside.
        column: Column looked at.
        allowed: Texts accepted; empty means any text.
        low: Least number accepted, exclusive; null means any.
        reason: Why a firm outside is refused, in both languages.
    """

    code: str
    column: str
    allowed: tuple[str, ...]
    low: float | None
    reason: Words

    @property
    def holds(self) -> nw.Expr:
        """True where the firm is inside; an unknown value is outside."""
        if self.low is None:
            column = nw.col(self.column)
            inside = column.is_in(self.allowed)
        else:
            column = known(self.column)
            inside = column > self.low
        return nw.when(~column.is_null()).then(inside).otherwise(nw.lit(value=False))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Condition":
        """Read one `[[domain.condition]]`."""
        allowed = tuple(data.get("allowed", ()))
        return cls(data["code"], data["column"], allowed, data.get("above"), Words.from_data(data))


@dataclass(frozen=True, slots=True)
class Terms:
    """What every card says about itself: who it speaks about, and how it was made.

    Attributes:
        id: Stable id, such as `korea-distress`.
        label: Name in both languages.
        hash: First 16 hex digits of the SHA-256 of the whole content.
        predicts: True if the target comes after the evidence; false if the card only
            tells apart firms whose default date is unknown.
        horizon_days: Days over which the fitted odds run; null if undated.
        population: Firms it was fitted on.
        target: What it tells.
        use: What it is meant for.
        limits: What it must not be used for.
        evidence: What a firm must bring to come into the domain.
        conditions: Borders of the population.
        required: Features without which nothing is said.
        missing_share_max: Greatest share of features that may be unknown.
        fitted: The model card: sample, metrics, fingerprint, versions, command.
    """

    id: str
    label: Words
    hash: str
    predicts: bool
    horizon_days: int | None
    population: Words
    target: Words
    use: Words
    limits: Words
    evidence: Words
    conditions: tuple[Condition, ...]
    required: tuple[str, ...]
    missing_share_max: float
    fitted: Mapping[str, Any]

    @property
    def basis(self) -> str:
        """`prediction` or `classification`: what the PD may be called."""
        return "prediction" if self.predicts else "classification"


def read_terms(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Terms` from a parsed recipe with its `fitted`.

    Raises:
        InvalidInput: A feature of the recipe was not fitted.
    """
    fitted, domain = data["fitted"], data["domain"]
    absent = [f["name"] for f in data["feature"] if f["name"] not in fitted["features"]]
    if absent:
        raise InvalidInput(f"card {data['id']} was fitted without {absent}; train it again")
    return {
        "id": data["id"],
        "hash": content_hash(data),
        "predicts": bool(data["predicts"]),
        "horizon_days": data.get("horizon_days"),
        **{key: Words.from_data(data[key]) for key in _TEXTS},
        "conditions": tuple(Condition.from_data(item) for item in domain["condition"]),
        "required": tuple(domain["required"]),
        "missing_share_max": float(domain["missing_share_max"]),
        "fitted": fitted,
    }


_TEXTS = ("label", "population", "target", "use", "limits", "evidence")


def name_columns(inputs: Iterable[Input], conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Columns a frame must have to be scored."""
    names = [f.name for f in inputs] + [condition.column for condition in conditions]
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Card(Terms):
    """A card of lines: log-odds are the intercept and what each feature adds.

    Attributes:
        features: Inputs with their effects.
        intercept: Log-odds of a firm whose every number is typical.
    """

    features: tuple[Feature, ...]
    intercept: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns a frame must have to be scored."""
        return name_columns(self.features, self.conditions)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Card":
        """Read a card.

        Args:
            data: The parsed recipe (`card.toml`) with the parsed `fitted.json` under `fitted`.

        Raises:
            InvalidInput: A feature has no fitted effect, is no column of the profile, or its
                effect runs against its sign.
        """
        terms, fitted = read_terms(data), data["fitted"]["features"]
        features = tuple(Feature.from_data(f, fitted[f["name"]]) for f in data["feature"])
        return cls(**terms, features=features, intercept=float(data["fitted"]["intercept"]))
