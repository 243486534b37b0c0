"""The numerics of a tree card: LightGBM with signs held, turned into plain arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.trees import Forest


@dataclass(frozen=True, slots=True)
class Growth:
    """How a forest is grown; names follow a recipe's `[fit]`.

    Attributes:
        signs: 1, -1 or 0 for each input: the way the sum may move with it.
        rounds_n: Trees.
        learning_rate: Share of each tree's step that is taken.
        leaves_n: Most leaves of a tree.
        depth_max: Most splits on a path.
        leaf_rows_min: Fewest rows in a leaf.
        feature_share: Share of inputs each tree may look at.
        row_share: Share of rows each tree is grown on.
        penalty: Ridge on leaf values.
    """

    signs: tuple[int, ...]
    rounds_n: int
    learning_rate: float
    leaves_n: int
    depth_max: int
    leaf_rows_min: int
    feature_share: float
    row_share: float
    penalty: float

    @classmethod
    def from_data(cls, recipe: Mapping[str, Any]) -> "Growth":
        """Read `[fit]` of a recipe."""
        fit = recipe["fit"]
        numbers = {name: fit[name] for name in cls.__slots__ if name != "signs"}
        return cls(signs=tuple(int(f["sign"]) for f in recipe["feature"]), **numbers)


def grow_forest(
    x: Floats,
    y: Floats,
    growth: Growth,
    *,
    seed: int,
    objective: str = "binary",
    level: float = 0.5,
) -> Forest:
    """Grow a forest whose sum is the log-odds (or, for `regression`, the mean).

    Args:
        x: Inputs, shape (n, p); NaN is unknown.
        y: Target, shape (n,): 1 event, 0 none, or any number for `regression`.
        growth: How it is grown.
        seed: Of the draws of rows and inputs. One thread: the same seed gives the same forest.
        objective: `binary`, `regression`, `quantile`, or `poisson` (sum is the log of the mean).
        level: Which quantile, in (0, 1).

    Raises:
        InvalidInput: LightGBM is not installed.
    """
    booster = boost(x, y, growth, seed=seed, objective=objective, level=level)
    return forest_of(booster.dump_model())


def boost(
    x: Floats, y: Floats, growth: Growth, *, seed: int, objective: str, level: float = 0.5
) -> Any:
    """The booster as LightGBM leaves it."""
    lightgbm = _find_lightgbm()
    options = {
        "objective": objective,
        "alpha": level,
        "verbose": -1,
        "num_threads": 1,
        "deterministic": True,
        "seed": seed,
        "learning_rate": growth.learning_rate,
        "num_leaves": growth.leaves_n,
        "max_depth": growth.depth_max,
        "min_data_in_leaf": growth.leaf_rows_min,
        "feature_fraction": growth.feature_share,
        "bagging_fraction": growth.row_share,
        "bagging_freq": 1,
        "lambda_l2": growth.penalty,
        **_held_signs(growth.signs, objective),
    }
    return lightgbm.train(options, lightgbm.Dataset(x, y), growth.rounds_n)


def _held_signs(signs: Sequence[int], objective: str) -> dict[str, Any]:
    if objective != "quantile":
        return {
            "monotone_constraints": list(signs),
            "monotone_constraints_method": "intermediate",
        }
    if any(signs):
        raise InvalidInput(f"LightGBM cannot hold signs in quantiles; set them to 0, not {signs}")
    return {}


def _find_lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise InvalidInput(
            "training trees needs LightGBM, which is not installed; "
            "run pip install 'techflow[train]'"
        ) from error
    return lightgbm


def forest_of(model: Mapping[str, Any]) -> Forest:
    """The trees of a dumped LightGBM model as arrays.

    Args:
        model: Result of `Booster.dump_model()`, numeric splits only.
    """
    rows: dict[str, list[Any]] = {name: [] for name in _NODE}
    roots = []
    for tree in model["tree_info"]:
        roots.append(len(rows["feature"]))
        _lay_down(tree["tree_structure"], rows)
    return Forest.from_data({"roots": roots, **rows})


_NODE = ("feature", "threshold", "unknown_left", "left", "right", "value", "cover")


def _lay_down(node: Mapping[str, Any], rows: dict[str, list[Any]]) -> int:
    """Append a node and all below it; returns its place."""
    place = len(rows["feature"])
    inner = "split_feature" in node
    entry = _split(node) if inner else (-1, 0.0, False, -1, -1, node["leaf_value"], _rows(node))
    for name, value in zip(_NODE, entry, strict=True):
        rows[name].append(value)
    if inner:
        rows["left"][place] = _lay_down(node["left_child"], rows)
        rows["right"][place] = _lay_down(node["right_child"], rows)
    return place


def _split(node: Mapping[str, Any]) -> tuple[Any, ...]:
    # Without unknown numbers in training LightGBM reads an unknown number as zero.
    as_zero = node["missing_type"] == "None"
    unknown_left = node["threshold"] >= 0.0 if as_zero else node["default_left"]
    place = (node["split_feature"], node["threshold"], bool(unknown_left))
    return (*place, -1, -1, 0.0, node["internal_count"])


def _rows(leaf: Mapping[str, Any]) -> int:
    return int(leaf.get("leaf_count", 1))


@dataclass(frozen=True, slots=True)
class Coder:
    """What number stands for each code of a column of codes.

    Attributes:
        numbers: Code -> shrunken event rate.
        other: Event rate of all rows.
    """

    numbers: Mapping[str, float]
    other: float

    def read(self, codes: Sequence[str | None]) -> Floats:
        """The numbers of codes; NaN for null."""
        return np.array(
            [np.nan if code is None else self.numbers.get(code, self.other) for code in codes]
        )


CODE_ROWS = 50.0
"""Rows of the mean mixed into the rate of each code."""
INNER_FOLDS_N = 5


def fit_codes(codes: Sequence[str | None], y: Floats) -> Coder:
    """Event rate of each code, shrunk towards the mean by `CODE_ROWS` rows.

    Source:
        Micci-Barreca (2001), SIGKDD Explorations 3(1).
    """
    mean, found = float(y.mean()), {}
    names = np.array([code or "" for code in codes])
    for code in np.unique(names[names != ""]):
        at = names == code
        rate = (y[at].sum() + CODE_ROWS * mean) / (at.sum() + CODE_ROWS)
        found[str(code)] = float(f"{rate:.6g}")
    return Coder(found, float(f"{mean:.6g}"))


def code_own_rows(codes: Sequence[str | None], y: Floats, *, seed: int) -> Floats:
    """Numbers of the training rows themselves, each from the other folds.

    A row that helped to make its own number would give its outcome away.
    """
    found = np.empty(len(codes))
    listed = np.array(codes, dtype=object)
    for train, test in _folds(len(codes), seed):
        found[test] = fit_codes(list(listed[train]), y[train]).read(list(listed[test]))
    return found


def _folds(rows_n: int, seed: int) -> Iterator[tuple[Any, Any]]:
    fold = np.random.default_rng(seed).integers(0, INNER_FOLDS_N, rows_n)
    for k in range(INNER_FOLDS_N):
        yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)
