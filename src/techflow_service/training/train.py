"""From a store to the fitted half of a card, with its error measured."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import auc, average_precision, brier_score, ks_distance, log_loss
from techflow_service.cards import read_recipe
from techflow_service.store import Snapshot
from techflow_service.training.fit import Fit, Shape, calibrate, fit_effects
from techflow_service.training.korea import korea_sample
from techflow_service.training.sample import Sample
from techflow_service.training.sme import sme_sample
from techflow_service.training.validate import (
    choose_shape,
    cross_validate,
    firm_interval,
    permutation_p,
)

LIBRARIES = ("techflow", "numpy", "scipy", "polars", "narwhals")
Metric = dict[str, Any]


def read_shape(recipe: Mapping[str, Any]) -> Shape:
    """How the effects of a recipe may bend; the penalty is its middle candidate."""
    fit = recipe["fit"]
    return Shape(
        signs=tuple(feature["sign"] for feature in recipe["feature"]),
        knots_n=fit["knots_n"],
        penalty=float(fit["penalties"][len(fit["penalties"]) // 2]),
        free=fit["shape"] == "free",
        event_share=fit.get("event_share"),
    )


def read_sample(recipe: Mapping[str, Any], snapshot: Snapshot, *, on: date) -> Sample:
    """The rows a recipe is fitted on, as known on a day.

    Raises:
        InvalidInput: The store holds no event for this card.
    """
    names = tuple(feature["name"] for feature in recipe["feature"])
    if recipe["fit"]["sample"] == "korea":
        sample = korea_sample(snapshot, names, on=on, horizon_days=recipe["horizon_days"])
    else:
        sample = sme_sample(snapshot, names, on=on)
    if not sample.y.any():
        raise InvalidInput(
            f"store {snapshot.path} has no event for card {recipe['id']} by {on}; "
            f"import the data it is fitted on first: {recipe['population']['en']}"
        )
    return sample


def closed(sample: Sample, days_min: int) -> Sample:
    """The rows at risk whose outcome was watched for at least so many days."""
    return sample.only(pl.col("listed") & (pl.col("observed_days") >= days_min))


def forward_scores(
    recipe: Mapping[str, Any], snapshot: Snapshot, *, year: int, on: date
) -> tuple[Sample, Floats]:
    """Log-odds of one year's accounts from a fit on labels closed by a day.

    Args:
        recipe: The card's recipe.
        snapshot: A store.
        year: Year of the accounts that are scored.
        on: The day of scoring; only labels whose whole horizon has passed are fitted on.

    Returns:
        The scored rows with the outcome known at the end of the record, and their log-odds.
    """
    known = closed(read_sample(recipe, snapshot, on=on), recipe["horizon_days"])
    fit = fit_effects(known.x, known.y, read_shape(recipe))
    full = read_sample(recipe, snapshot, on=recipe["fit"]["as_of"])
    tested = full.only(pl.col("year") == year)
    return tested, fit.log_odds(tested.x)


def train_card(card_id: str, snapshot: Snapshot) -> dict[str, Any]:
    """Fit a card and measure its error.

    Args:
        card_id: Such as `korea-distress`.
        snapshot: A store that holds the data of the recipe.

    Returns:
        The content of `fitted.json`; the same store gives the same content.

    Raises:
        InvalidInput: No such card, no event in the store, or SciPy is not installed.
    """
    recipe = read_recipe(card_id)
    sample = read_sample(recipe, snapshot, on=recipe["fit"]["as_of"])
    if "observed_days_min" in recipe["fit"]:
        sample = closed(sample, recipe["fit"]["observed_days_min"])
    shape = choose_shape(
        sample, read_shape(recipe), recipe["fit"]["penalties"], seed=recipe["seed"]
    )
    fit = calibrate(fit_effects(sample.x, sample.y, shape), sample.x, long_run_rate(sample))
    return {
        "card_id": card_id,
        "intercept": _short(fit.intercept),
        "features": _effects(sample.names, fit),
        "penalty": shape.penalty,
        "sample": describe_sample(sample),
        "metrics": measure(recipe, snapshot, sample),
        "seed": recipe["seed"],
        "libraries": {name: version(name) for name in LIBRARIES},
        "command": f"techflow credit train {card_id} --store STORE",
    }


def long_run_rate(sample: Sample) -> float:
    """Share of events: the mean over the years if there are several, else over the rows."""
    rows = sample.rows
    by = rows.group_by("year").agg(pl.col("event").mean()) if "year" in rows.columns else rows
    return float(by["event"].to_numpy().mean())


def _short(number: float) -> float:
    """Nine decimals: enough for any use, and the same on every machine."""
    return round(float(number), 9)


def _effects(names: tuple[str, ...], fit: Fit) -> dict[str, Any]:
    return {
        name: {
            "points": [[float(x), _short(y)] for x, y in zip(knots, effects, strict=True)],
            "missing": 0.0,
            "typical": typical,
        }
        for name, knots, effects, typical in zip(
            names, fit.knots, fit.effects, fit.typical, strict=True
        )
    }


def describe_sample(sample: Sample) -> dict[str, Any]:
    """Sizes and fingerprints of a sample."""
    rows = sample.rows
    years = sorted(rows["year"].unique()) if "year" in rows.columns else []
    return {
        "rows_n": rows.height,
        "firms_n": rows["firm_id"].n_unique(),
        "events_n": int(sample.y.sum()),
        "years": years,
        "long_run_rate": _short(long_run_rate(sample)),
        "missing_share": {
            name: _short(rows[name].null_count() / rows.height) for name in sample.names
        },
        "fingerprint": sample.fingerprint,
        "files": sample.file_hashes,
    }


def measure(recipe: Mapping[str, Any], snapshot: Snapshot, sample: Sample) -> list[Metric]:
    """Every metric of the model card, with its size and how it was measured."""
    plan, metrics = recipe["validation"], []
    for test in plan.get("forward", ()):
        tested, scores = forward_scores(recipe, snapshot, **test)
        how = (
            f"{test['year']}年报表，以{test['on']}前已有结果的标签拟合 / "
            f"accounts of {test['year']}, fitted on labels closed by {test['on']}"
        )
        metrics += rate_ranking(tested, [scores], how, seed=recipe["seed"])
    metrics += rate_held_out(recipe, sample)
    if draws_n := plan.get("permutations_n"):
        p = permutation_p(sample, read_shape(recipe), draws_n=draws_n, seed=recipe["seed"])
        metrics.append(
            {
                "name": "permutation_p",
                "value": p,
                "how": f"{draws_n}次置换 / {draws_n} permutations",
            }
        )
    return metrics


def rate_held_out(recipe: Mapping[str, Any], sample: Sample) -> list[Metric]:
    """Metrics of firms held out in turn, averaged over repeats."""
    plan, y = recipe["validation"], sample.y
    repeats = hold_out(recipe, sample)
    folds_n, repeats_n = plan["folds_n"], plan["repeats_n"]
    how = (
        f"按企业分{folds_n}折，{repeats_n}个随机种子，惩罚系数在折内选定 / "
        f"{folds_n} folds by firm, {repeats_n} seeds, penalty chosen inside"
    )
    found = rate_ranking(sample, repeats, how, seed=recipe["seed"])
    pds = [1.0 / (1.0 + np.exp(-scores)) for scores in repeats]
    plain = {
        "ks": _mean(ks_distance(y, scores) for scores in repeats),
        "brier": _mean(brier_score(y, pd) for pd in pds),
        "log_loss": _mean(log_loss(y, pd) for pd in pds),
    }
    return found + [{"name": name, "value": value, "how": how} for name, value in plain.items()]


def hold_out(recipe: Mapping[str, Any], sample: Sample) -> list[Floats]:
    """Log-odds of each row from fits that never saw its firm, once for each seed."""
    plan, shape, penalties = recipe["validation"], read_shape(recipe), recipe["fit"]["penalties"]
    return [
        cross_validate(
            sample, shape, penalties, folds_n=plan["folds_n"], seed=recipe["seed"] + repeat
        )
        for repeat in range(plan["repeats_n"])
    ]


def rate_ranking(sample: Sample, repeats: Sequence[Floats], how: str, *, seed: int) -> list[Metric]:
    """AUC (DeLong error) and average precision, means over repeats, with firm intervals."""
    y, first = sample.y, repeats[0]
    areas = [auc(y, scores) for scores in repeats]
    sizes = {"rows_n": y.size, "events_n": int(y.sum()), "how": how}
    ranges = [
        dict(zip(("low", "high"), firm_interval(metric, sample, first, seed=seed), strict=True))
        for metric in (_area, average_precision)
    ]
    value, se = _mean(area.value for area in areas), _mean(area.se for area in areas)
    precision = _mean(average_precision(y, scores) for scores in repeats)
    return [
        {"name": "auc", "value": value, "se": se} | ranges[0] | sizes,
        {"name": "ap", "value": precision} | ranges[1] | sizes,
    ]


def _area(y: Floats, scores: Floats) -> float:
    return auc(y, scores).value


def _mean(numbers: Iterable[float]) -> float:
    return float(np.mean(list(numbers)))


def write_fitted(fitted: Mapping[str, Any], path: Path) -> None:
    """Write `fitted.json`, replacing the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(_write_json(fitted) + "\n", "utf8")
    fresh.replace(path)


def _write_json(fitted: Mapping[str, Any]) -> str:
    """One key a line; the long arrays of a forest stay on one line each."""
    forests = {k: v for k, v in fitted.items() if isinstance(v, Mapping) and "roots" in v}
    plain = json.dumps(
        {k: v for k, v in fitted.items() if k not in forests}, ensure_ascii=False, indent=1
    )
    if not forests:
        return plain
    laid = [f' "{name}": {{\n{_write_arrays(forest)}\n }}' for name, forest in forests.items()]
    return f"{plain[:-2]},\n" + ",\n".join(laid) + "\n}"


def _write_arrays(forest: Mapping[str, Any]) -> str:
    return ",\n".join(f'  "{name}": {json.dumps(values)}' for name, values in forest.items())
