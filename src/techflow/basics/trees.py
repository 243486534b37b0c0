"""Boosted trees as plain arrays: their sum, exact reasons, and one expression for any engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import factorial, inf
from operator import add
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics.errors import InvalidInput
from techflow.basics.frame import Floats

Integers = np.typing.NDArray[np.int64]
Booleans = np.typing.NDArray[np.bool_]
PATH_FEATURES_MAX = 8
"""Reasons need a table of 2^d rows for a path over d features."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees laid end to end; node i of all nodes is described by entry i of each array.

    Attributes:
        roots: First node of each tree, shape (trees,).
        feature: Input looked at, from 0; -1 in a leaf. Shape (nodes,), as all below.
        threshold: A number up to it, inclusive, goes left.
        unknown_left: True if an unknown number (NaN) goes left.
        left: Next node on the left; -1 in a leaf.
        right: Next node on the right; -1 in a leaf.
        value: What a leaf adds.
        cover: Training rows that reached the node.
    """

    roots: Integers
    feature: Integers
    threshold: Floats
    unknown_left: Booleans
    left: Integers
    right: Integers
    value: Floats
    cover: Floats

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[float]]) -> "Forest":
        """Read the arrays from parsed JSON.

        Raises:
            InvalidInput: Arrays differ in length, or a node leads backwards.
        """
        found = cls(**{name: np.asarray(data[name], kind) for name, kind in _KINDS.items()})
        sizes = {name: len(data[name]) for name in _KINDS if name != "roots"}
        if len(set(sizes.values())) != 1:
            raise InvalidInput(f"arrays of a forest must have one length; got {sizes}")
        inner = np.flatnonzero(found.feature >= 0)
        ahead = np.minimum(found.left, found.right)[inner] > inner
        inside = np.maximum(found.left, found.right)[inner] < found.feature.size
        if not (ahead & inside).all():
            raise InvalidInput("a node of a forest must lead to later nodes of the forest")
        return found

    def to_data(self) -> dict[str, list[Any]]:
        """The arrays as plain lists."""
        return {name: getattr(self, name).tolist() for name in _KINDS}

    def sums(self, x: Floats) -> Floats:
        """Sum over the trees.

        Args:
            x: Inputs, shape (n, inputs); NaN is unknown.

        Returns:
            Shape (n,).

        Examples:
            >>> stump = Forest.from_data({"roots": [0], "feature": [0, -1, -1],
            ...     "threshold": [1.5, 0, 0], "unknown_left": [True, False, False],
            ...     "left": [1, -1, -1], "right": [2, -1, -1], "value": [0, -1.0, 2.0],
            ...     "cover": [4, 3, 1]})
            >>> stump.sums(np.array([[1.5], [1.6], [np.nan]])).tolist()
            [-1.0, 2.0, -1.0]
        """
        total = np.zeros(x.shape[0])
        for root in self.roots:
            total += self.value[self._leaves(x, int(root))]
        return total

    def _leaves(self, x: Floats, root: int) -> Integers:
        """Leaf of one tree that each row falls into."""
        node = np.full(x.shape[0], root, dtype=np.int64)
        rows = np.arange(x.shape[0])
        while True:
            open_ = self.feature[node] >= 0
            if not open_.any():
                return node
            rows_open, at = rows[open_], node[open_]
            number = x[rows_open, self.feature[at]]
            left = np.where(np.isnan(number), self.unknown_left[at], number <= self.threshold[at])
            node[open_] = np.where(left, self.left[at], self.right[at])

    def contributions(self, x: Floats) -> Floats:
        """How much each input moved each row away from the mean of the training rows.

        Args:
            x: Inputs, shape (n, inputs); NaN is unknown.

        Returns:
            Shape (n, inputs). `mean + sum of a row = sums of the row`.

        Raises:
            InvalidInput: A path looks at more than `PATH_FEATURES_MAX` inputs.

        Source:
            Shapley values of a tree given its covers: Lundberg, Erion, Lee (2018), Consistent
            Individualized Feature Attribution for Tree Ensembles, arXiv 1802.03888; a table per
            path as in Yang (2021), Fast TreeSHAP, arXiv 2109.09847.
        """
        found = np.zeros(x.shape)
        for path in self._paths():
            table, pattern = path.shares(), np.zeros(x.shape[0], dtype=np.int64)
            for place, (feature, side) in enumerate(path.sides.items()):
                pattern |= side.holds(x[:, feature]).astype(np.int64) << place
            for place, feature in enumerate(path.sides):
                found[:, feature] += table[pattern, place]
        return found

    @property
    def mean(self) -> float:
        """Sum over the trees of the mean over the training rows."""
        leaf = self.feature < 0
        first = np.searchsorted(self.roots, np.flatnonzero(leaf), side="right") - 1
        weight = self.cover[leaf] / self.cover[self.roots[first]]
        return float((self.value[leaf] * weight).sum())

    def expression(self, inputs: Sequence[nw.Expr]) -> nw.Expr:
        """The sum over the trees on any engine.

        Args:
            inputs: float64 expressions, null where unknown.
        """
        return reduce(add, (self._branch(int(root), inputs) for root in self.roots))

    def _branch(self, node: int, inputs: Sequence[nw.Expr]) -> nw.Expr:
        if self.feature[node] < 0:
            return nw.lit(float(self.value[node]))
        number, threshold = inputs[self.feature[node]], float(self.threshold[node])
        left = self._branch(int(self.left[node]), inputs)
        right = self._branch(int(self.right[node]), inputs)
        # A comparison with null is not true, so the unknown falls through to `otherwise`.
        if self.unknown_left[node]:
            return nw.when(number > threshold).then(right).otherwise(left)
        return nw.when(number <= threshold).then(left).otherwise(right)

    def _paths(self) -> Iterator["Path"]:
        """Every way from a root to a leaf."""
        waiting = [(int(root), Path({}, 0.0)) for root in self.roots]
        while waiting:
            node, path = waiting.pop()
            if self.feature[node] < 0:
                yield Path(path.sides, float(self.value[node]))
                continue
            for child, is_left in ((self.left[node], True), (self.right[node], False)):
                waiting.append((int(child), path.narrowed(self, node, int(child), is_left)))


_KINDS: Mapping[str, Any] = {
    "roots": np.int64,
    "feature": np.int64,
    "threshold": np.float64,
    "unknown_left": np.bool_,
    "left": np.int64,
    "right": np.int64,
    "value": np.float64,
    "cover": np.float64,
}


@dataclass(frozen=True, slots=True)
class Side:
    """What a path asks of one input: above `low`, up to `high`; may it be unknown?

    `share` is the share of training rows that pass by chance.
    """

    low: float = -inf
    high: float = inf
    unknown: bool = True
    share: float = 1.0

    def holds(self, number: Floats) -> Booleans:
        """True where a number passes."""
        inside: Booleans = (number > self.low) & (number <= self.high)
        return inside | np.isneginf(number) & (self.low == -inf) | np.isnan(number) & self.unknown


@dataclass(frozen=True, slots=True)
class Path:
    """The inputs on the way to a leaf, and what the leaf adds."""

    sides: Mapping[int, Side]
    value: float

    def narrowed(self, forest: Forest, node: int, child: int, is_left: bool) -> "Path":
        """The path one step further."""
        feature, threshold = int(forest.feature[node]), float(forest.threshold[node])
        old = self.sides.get(feature, Side())
        side = Side(
            old.low if is_left else max(old.low, threshold),
            min(old.high, threshold) if is_left else old.high,
            old.unknown and bool(forest.unknown_left[node]) == is_left,
            old.share * float(forest.cover[child] / forest.cover[node]),
        )
        return Path({**self.sides, feature: side}, self.value)

    def shares(self) -> Floats:
        """What each input gets of the leaf's value, for every pattern of passing inputs.

        Returns:
            Shape (2^d, d): row k is the pattern whose bit j says that input j passes.
        """
        d = len(self.sides)
        if d > PATH_FEATURES_MAX:
            raise InvalidInput(
                f"reasons need paths over at most {PATH_FEATURES_MAX} inputs; got {d}; "
                "train with a smaller depth"
            )
        passes = (np.arange(1 << d)[:, None] >> np.arange(d) & 1).astype(np.float64)
        chance = np.array([side.share for side in self.sides.values()])
        weights = np.array([factorial(k) * factorial(d - 1 - k) / factorial(d) for k in range(d)])
        table = np.empty((1 << d, d))
        for i in range(d):
            others = _products(np.delete(passes, i, axis=1), np.delete(chance, i))
            table[:, i] = self.value * (passes[:, i] - chance[i]) * (others @ weights)
        return table


def _products(passes: Floats, chance: Floats) -> Floats:
    """Coefficients of the product over j of (chance_j + passes_j t), shape (patterns, d)."""
    found = np.zeros((passes.shape[0], chance.size + 1))
    found[:, 0] = 1.0
    for j, share in enumerate(chance):
        found[:, 1:] = found[:, 1:] * share + found[:, :-1] * passes[:, j : j + 1]
        found[:, 0] *= share
    return found
