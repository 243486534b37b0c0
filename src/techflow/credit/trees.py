"""A card of boosted trees: plain arrays, monotone where economics says so, with exact reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Floats, Frame, InvalidInput
from techflow.basics.lines import known
from techflow.basics.trees import Forest
from techflow.credit.card import Input, Terms, find_show, name_columns, read_terms
from techflow.credit.score import rate_odds, refuse_strangers
from techflow.credit.words import Words
from techflow.schema import DERIVED


@dataclass(frozen=True, slots=True)
class TreeInput(Input):
    """One input of a tree card.

    Attributes:
        codes: For a column of codes, the number each code stands for (such as the default
            rate of the sector in training); empty for a column of numbers.
        other: Number of a code that is known but was not seen in training.
    """

    codes: Mapping[str, float]
    other: float

    @property
    def value(self) -> nw.Expr:
        """The number as float64; null if unknown or not finite."""
        if not self.codes:
            return known(self.name)
        code = nw.col(self.name)
        found = (nw.when(code == key).then(nw.lit(number)) for key, number in self.codes.items())
        return nw.coalesce(*found, nw.when(~code.is_null()).then(nw.lit(self.other)))

    @classmethod
    def from_data(cls, data: Mapping[str, Any], fitted: Mapping[str, Any]) -> "TreeInput":
        """Read one feature of a recipe and what was fitted for it."""
        label = Words.from_data(data["label"]) if "label" in data else _label(data["name"])
        return cls(
            data["name"],
            label,
            int(data["sign"]),
            Words.from_data(data["why"]),
            find_show(data["show"]),
            float(fitted["typical"]),
            fitted.get("codes", {}),
            float(fitted.get("other", 0.0)),
        )


def _label(name: str) -> Words:
    column = DERIVED["profile"].column(name)
    return Words(column.zh, column.en)


@dataclass(frozen=True, slots=True)
class TreeCard(Terms):
    """A card of trees: log-odds are the sum over a forest.

    Attributes:
        sample: Id of the raw set it was fitted on and whose rows it reads.
        features: Inputs, in the order of the forest's.
        forest: The trees.
    """

    sample: str
    features: tuple[TreeInput, ...]
    forest: Forest

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns a frame must have to be scored."""
        return name_columns(self.features, self.conditions)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "TreeCard":
        """Read a card.

        Args:
            data: The parsed recipe (`card.toml`) with the parsed `fitted.json` under `fitted`.

        Raises:
            InvalidInput: A feature was not fitted, or the forest looks at none of them.
        """
        terms, fitted = read_terms(data), data["fitted"]
        forest = Forest.from_data(fitted["forest"])
        if forest.feature.max(initial=-1) >= len(data["feature"]):
            raise InvalidInput(
                f"the forest of card {data['id']} looks at input {forest.feature.max()}, "
                f"but the recipe has {len(data['feature'])}; train it again"
            )
        features = tuple(
            TreeInput.from_data(f, fitted["features"][f["name"]]) for f in data["feature"]
        )
        return cls(**terms, sample=data["fit"]["sample"], features=features, forest=forest)


def score_trees(firms: Frame, card: TreeCard, *, sums: str | None = None) -> Frame:
    """Score every row a tree card may speak about, and say why it is silent on the others.

    Args:
        firms: Rows with the features and the population columns of the card.
        card: The fitted card.
        sums: Column that already holds `card.forest.sums`; null lets the engine add up the
            trees, which takes some seconds to plan however few the rows.

    Returns:
        The same rows plus `reason_code`, `reason`, `reason_zh` (null where scored), `log_odds`
        (over the horizon), `pd` (one year, fraction; if the card has no horizon, the
        probability of its class), `score` (points, higher is safer).

    Raises:
        MissingColumn: The frame lacks a column of the card.

    Source:
        Gradient boosting with monotone constraints: Friedman (2001), Annals of Statistics 29(5);
        Ke et al. (2017), LightGBM, NeurIPS 30.
    """
    judged = refuse_strangers(firms, card, card.features)
    scored = nw.col("reason_code").is_null()
    if sums is not None:
        return rate_odds(judged.with_columns(log_odds=nw.when(scored).then(nw.col(sums))), card)
    inputs = {f"input_{f.name}": f.value for f in card.features}
    total = card.forest.expression([nw.col(name) for name in inputs])
    added = judged.with_columns(**inputs).with_columns(log_odds=nw.when(scored).then(total))
    return rate_odds(added, card).drop(list(inputs))


def read_inputs(firms: Frame, features: Sequence[Input]) -> Frame:
    """The numbers a card looks at, in its order, and nothing else."""
    return firms.select(f.value.alias(f.name) for f in features)


def tree_parts(x: Floats, card: TreeCard) -> dict[str, Floats]:
    """Log-odds each feature added to each row against the mean of the training rows.

    Args:
        x: Result of `read_inputs`, collected; shape (n, features), NaN where unknown.
        card: The card.

    Returns:
        `part_<feature>`, each of shape (n,).
    """
    found = card.forest.contributions(x)
    return {f"part_{f.name}": found[:, j] for j, f in enumerate(card.features)}
