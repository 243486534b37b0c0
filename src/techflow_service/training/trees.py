"""From raw rows to the fitted half of a tree card, with its error measured."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import auc, average_precision, brier_score
from techflow_service.rawsets import RawSet, find_set, read_layout
from techflow_service.training.boosting import (
    Coder,
    Growth,
    code_own_rows,
    fit_codes,
    grow_forest,
)
from techflow_service.training.sample import Sample
from techflow_service.training.validate import Folds, firm_interval, grouped_folds

LIBRARIES = ("techflow", "numpy", "lightgbm", "polars", "narwhals")
Rows = np.typing.NDArray[np.bool_]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TreeSample:
    """Labelled rows of a raw set.

    Attributes:
        sample: `firm_id`, `event`, `period`, the features; codes are text.
        coded: Features that are codes.
    """

    sample: Sample
    coded: tuple[str, ...]

    @property
    def y(self) -> Floats:
        """1 event, 0 none, shape (n,)."""
        return self.sample.y

    def inputs(self, fit: Rows, *, seed: int) -> tuple[Floats, dict[str, Coder]]:
        """Numbers of every row, with codes read as learned from the rows of `fit` alone."""
        columns, coders = [], {}
        for name in self.sample.names:
            column = self.sample.rows[name]
            if name not in self.coded:
                filled = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
                columns.append(np.where(np.isfinite(filled), filled, np.nan))
                continue
            codes = column.to_list()
            own = [code for code, used in zip(codes, fit, strict=True) if used]
            coders[name] = fit_codes(own, self.y[fit])
            numbers = coders[name].read(codes)
            numbers[fit] = code_own_rows(own, self.y[fit], seed=seed)
            columns.append(numbers)
        return np.column_stack(columns), coders


def read_tree_sample(recipe: Mapping[str, Any], raw: pl.DataFrame) -> TreeSample:
    """The labelled rows of a file, each different row once.

    Raises:
        InvalidInput: The file is of another set, or holds no event.
    """
    layout = find_set(recipe["fit"]["sample"])
    features = layout.features(nw.from_native(read_layout(raw, layout).lazy()))
    rows = features.to_native().collect().sort("file_row_n")
    names = tuple(feature["name"] for feature in recipe["feature"])
    labels = _read_labels(raw, layout)
    kept = rows.with_columns(labels).filter(pl.col("event").is_not_null())
    # Rows that repeat would sit on both sides of a split.
    different = kept.unique(["firm_id", *names] if layout.firm else names, maintain_order=True)
    sample = Sample(different, names, {})
    if not 0 < sample.y.sum() < sample.y.size:
        raise InvalidInput(
            f"the file has {sample.y.sum():.0f} events in {sample.y.size} labelled rows of "
            f"{layout.id}; a card is fitted on both events and non-events"
        )
    return TreeSample(sample, tuple(n for n in names if different[n].dtype == pl.String))


def _read_labels(raw: pl.DataFrame, layout: RawSet) -> pl.DataFrame:
    try:
        return raw.select(event=layout.outcome, period=layout.period)
    except pl.exceptions.ColumnNotFoundError as error:
        raise InvalidInput(
            f"the file has no label column of {layout.id} ({error}); train on rows with labels"
        ) from error


def fit_rows(recipe: Mapping[str, Any], found: TreeSample) -> Rows:
    """True for the rows a recipe is fitted on: all, or the periods it names."""
    fit, period = recipe["fit"], found.sample.rows["period"]
    inside = pl.Series([True]).new_from_index(0, period.len())
    if "since" in fit:
        inside &= period.is_between(fit["since"], fit["until"]).fill_null(value=False)
    return inside.to_numpy()


def hold_out_rows(
    recipe: Mapping[str, Any], found: TreeSample, *, seed: int
) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows to fit on and rows to test on, after the recipe's `[validation]`."""
    plan = recipe["validation"]
    if plan["split"] == "period":
        test = found.sample.rows["period"].is_in(plan["test"]).fill_null(value=False).to_numpy()
        yield fit_rows(recipe, found), test
        return
    fold = _fold(plan, found, seed=seed)
    for k in range(plan["folds_n"]):
        yield fold != k, fold == k


def _fold(plan: Mapping[str, Any], found: TreeSample, *, seed: int) -> Folds:
    return grouped_folds(found.sample.groups, found.y, folds_n=plan["folds_n"], seed=seed)


def cross_fit(
    recipe: Mapping[str, Any], found: TreeSample, *, seed: int, say: Progress = lambda _: None
) -> Floats:
    """Log-odds of each tested row from forests that never saw it; NaN elsewhere."""
    scores = np.full(found.y.size, np.nan)
    for place, (train, test) in enumerate(hold_out_rows(recipe, found, seed=seed), 1):
        say(f"held-out fit {place}")
        x, _ = found.inputs(train, seed=seed)
        forest = grow_forest(x[train], found.y[train], Growth.from_data(recipe), seed=seed)
        scores[test] = forest.sums(x[test])
    return scores


def train_trees(
    recipe: Mapping[str, Any], raw: pl.DataFrame, *, say: Progress = lambda _: None
) -> dict[str, Any]:
    """Fit a tree card and measure its error.

    Args:
        recipe: The parsed `card.toml`.
        raw: Raw rows with labels.
        say: Told what is being done.

    Returns:
        The content of `fitted.json`; the same rows give the same content.

    Raises:
        InvalidInput: The file is of another set or holds no event, or LightGBM is missing.
    """
    found = read_tree_sample(recipe, raw)
    used, seed = fit_rows(recipe, found), int(recipe["seed"])
    say("fitting")
    x, coders = found.inputs(used, seed=seed)
    forest = grow_forest(x[used], found.y[used], Growth.from_data(recipe), seed=seed)
    rows = found.sample.rows.filter(used)
    return {
        "card_id": recipe["id"],
        "features": describe_features(found, x[used], coders),
        "forest": forest.to_data(),
        "sample": {
            "rows_n": rows.height,
            "firms_n": rows["firm_id"].n_unique(),
            "events_n": int(rows["event"].sum()),
            "fingerprint": Sample(rows, found.sample.names, {}).fingerprint
            if not found.coded
            else None,
        },
        "metrics": measure_trees(recipe, found, say=say),
        "seed": seed,
        "libraries": {name: version(name) for name in LIBRARIES},
        "command": f"techflow credit train {recipe['id']} --from FILE",
    }


def describe_features(
    found: TreeSample, x: Floats, coders: Mapping[str, Coder]
) -> dict[str, dict[str, Any]]:
    """Typical number of each feature, and what its codes stand for."""
    described: dict[str, dict[str, Any]] = {}
    for j, name in enumerate(found.sample.names):
        described[name] = {"typical": float(f"{np.nanmedian(x[:, j]):.6g}")}
        if name in coders:
            described[name] |= {"codes": coders[name].numbers, "other": coders[name].other}
    return described


def measure_trees(
    recipe: Mapping[str, Any], found: TreeSample, *, say: Progress = lambda _: None
) -> list[dict[str, Any]]:
    """AUC with its interval by firm, average precision and Brier score of held-out rows."""
    plan, seed = recipe["validation"], int(recipe["seed"])
    repeats = [
        cross_fit(recipe, found, seed=seed + k, say=say) for k in range(plan.get("repeats_n", 1))
    ]
    tested = np.isfinite(repeats[0])
    sample = found.sample.only(pl.Series(tested))
    how, y = _how(plan), sample.y
    areas = [auc(y, scores[tested]) for scores in repeats]
    low, high = firm_interval(_area, sample, repeats[0][tested], draws_n=200, seed=seed)
    size = {"rows_n": int(y.size), "events_n": int(y.sum()), "how": how}
    value, se = float(np.mean([a.value for a in areas])), float(np.mean([a.se for a in areas]))
    chance = [1.0 / (1.0 + np.exp(-scores[tested])) for scores in repeats]
    return [
        {"name": "auc", "value": value, "se": se, "low": low, "high": high} | size,
        {"name": "ap", "value": _mean(average_precision(y, s[tested]) for s in repeats)} | size,
        {"name": "brier", "value": _mean(brier_score(y, p) for p in chance)} | size,
        {"name": "mean_pd_over_rate", "value": _mean(p.mean() / y.mean() for p in chance)} | size,
    ]


def _mean(numbers: Iterator[Any]) -> float:
    return float(np.mean([float(number) for number in numbers]))


def _area(y: Floats, scores: Floats) -> float:
    return auc(y, scores).value


def _how(plan: Mapping[str, Any]) -> str:
    if plan["split"] == "period":
        years = ", ".join(map(str, plan["test"]))
        return f"时间外样本 {years} / out of time, {years}"
    folds_n, repeats_n = plan["folds_n"], plan["repeats_n"]
    return (
        f"按企业分{folds_n}折，{repeats_n}个随机种子 / {folds_n} folds by firm, {repeats_n} seeds"
    )
