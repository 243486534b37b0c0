"""From charged-off loans to the fitted card of loss rates, with its error measured."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.basics.trees import Forest
from techflow.credit.loss import loss_rates
from techflow_service.rawsets import find_set, read_layout
from techflow_service.training.boosting import Coder, Growth, grow_forest
from techflow_service.training.sample import Sample
from techflow_service.training.trees import TreeSample, describe_features
from techflow_service.training.validate import grouped_folds

Progress = Callable[[str], None]


def read_losses(recipe: Mapping[str, Any], raw: pl.DataFrame) -> TreeSample:
    """Charged-off loans with the share of the disbursed amount that was lost, 0 to 1.

    Raises:
        InvalidInput: The file lacks a column, or has too few losses.
    """
    needed = ("ChgOffPrinGr", "DisbursementGross", "MIS_Status")
    if absent := [name for name in needed if name not in raw.columns]:
        raise InvalidInput(f"the file lacks {', '.join(absent)}; a loss rate needs all of {needed}")
    layout = find_set(recipe["fit"]["sample"])
    rows = layout.features(nw.from_native(read_layout(raw, layout).lazy())).to_native().collect()
    money = (pl.col(name).cast(pl.Float64, strict=False) for name in needed[:2])
    lost, drawn = money
    rate = pl.when(pl.col("MIS_Status") == "CHGOFF", drawn > 0.0).then(
        (lost / drawn).clip(0.0, 1.0)
    )
    kept = rows.sort("file_row_n").with_columns(raw.select(event=rate, period=layout.period))
    kept = kept.filter(pl.col("event").is_not_null())
    if kept.height < 500:
        raise InvalidInput(f"a card of losses needs 500 charged-off loans; got {kept.height}")
    names = tuple(feature["name"] for feature in recipe["feature"])
    coded = tuple(name for name in names if kept[name].dtype == pl.String)
    return TreeSample(Sample(kept, names, {}), coded)


def fit_losses(
    recipe: Mapping[str, Any], found: TreeSample, used: Any, *, seed: int
) -> tuple[Floats, dict[str, Coder], Forest, Forest]:
    """Inputs of every row and both forests, from the rows of `used`."""
    x, coders = found.inputs(used, seed=seed)
    growth, y = Growth.from_data(recipe), found.y
    all_lost = (y >= recipe["fit"]["total_loss_min"]).astype(np.float64)
    total = grow_forest(x[used], all_lost[used], growth, seed=seed)
    some = used & (all_lost == 0.0)
    partial = grow_forest(x[some], y[some], growth, seed=seed, objective="regression")
    return x, coders, total, partial


def hold_out_losses(
    recipe: Mapping[str, Any], found: TreeSample, *, say: Progress
) -> tuple[Floats, Floats]:
    """Loss rates of loans never seen, and the mean of the loans that were."""
    y, seed = found.y, int(recipe["seed"])
    folds_n = recipe["validation"]["folds_n"]
    fold = grouped_folds(found.sample.groups, (y > 0.5).astype(float), folds_n=folds_n, seed=seed)
    rate, plain = np.empty(y.size), np.empty(y.size)
    for k in range(folds_n):
        say(f"held-out fit {k + 1} of {folds_n}")
        x, _, total, partial = fit_losses(recipe, found, fold != k, seed=seed)
        rate[fold == k] = loss_rates(x[fold == k], total, partial)
        plain[fold == k] = y[fold != k].mean()
    return rate, plain


def train_losses(
    recipe: Mapping[str, Any], raw: pl.DataFrame, *, say: Progress = lambda _: None
) -> dict[str, Any]:
    """Fit a card of losses and measure its error on loans held out.

    Returns:
        The content of `fitted.json`; the same rows give the same content.

    Raises:
        InvalidInput: The file is of another set, or LightGBM is missing.
    """
    found, seed = read_losses(recipe, raw), int(recipe["seed"])
    every = np.ones(found.y.size, dtype=np.bool_)
    say("fitting")
    x, coders, total, partial = fit_losses(recipe, found, every, seed=seed)
    rate, plain = hold_out_losses(recipe, found, say=say)
    tail = (1.0 - recipe["fit"]["interval_share"]) / 2.0
    below, above = np.quantile(found.y - rate, [tail, 1.0 - tail])
    return {
        "card_id": recipe["id"],
        "features": describe_features(found, x, coders),
        "total": total.to_data(),
        "partial": partial.to_data(),
        "interval": {"below": float(below), "above": float(above)},
        "sample": {
            "rows_n": int(found.y.size),
            "firms_n": int(found.y.size),
            "events_n": int((found.y >= recipe["fit"]["total_loss_min"]).sum()),
        },
        "metrics": measure_losses(recipe, found.y, rate, plain),
        "seed": seed,
        "libraries": {name: version(name) for name in ("techflow", "numpy", "lightgbm", "polars")},
        "command": f"techflow credit train {recipe['id']} --from FILE",
    }


def measure_losses(
    recipe: Mapping[str, Any], y: Floats, rate: Floats, plain: Floats
) -> list[dict[str, Any]]:
    """Mean absolute error over that of the mean (bootstrap interval), and what is explained."""
    rng = np.random.default_rng(recipe["seed"])
    own, mean = np.abs(y - rate), np.abs(y - plain)
    draws = rng.integers(0, y.size, (500, y.size))
    low, high = np.quantile(own[draws].mean(axis=1) / mean[draws].mean(axis=1), [0.025, 0.975])
    folds_n = recipe["validation"]["folds_n"]
    how = f"按贷款分{folds_n}折 / {folds_n} folds by loan"
    explained = 1.0 - ((y - rate) ** 2).sum() / ((y - plain) ** 2).sum()
    span = {"low": float(low), "high": float(high)}
    return [
        {"name": "mae_ratio", "value": float(own.mean() / mean.mean()), "how": how} | span,
        {"name": "r2", "value": float(explained), "how": how},
        {"name": "mean_loss", "value": float(y.mean()), "how": how},
    ]
