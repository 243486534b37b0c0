"""From firm-years to the fitted card of growth, tested on the years after and on firms unseen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import fit_margins, widen_interval
from techflow.credit.card import Condition
from techflow.profile import growth_ahead
from techflow_service.rawsets import find_set, read_layout
from techflow_service.training.boosting import Growth, grow_forest
from techflow_service.training.growth_error import Forecast, measure_forecast
from techflow_service.training.sample import Sample
from techflow_service.training.trees import LIBRARIES, Rows, TreeSample, describe_features
from techflow_service.training.validate import grouped_folds

Progress = Callable[[str], None]
ROWS_MIN = 500
LAST = "sales_growth_log"
"""Column of last year's growth, which the plain forecasts use."""
Fitted = tuple[Mapping[str, Any], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class GrowthSample:
    """Firm-years whose growth is known.

    Attributes:
        found: Rows with the growth that followed as `event`.
        x: Inputs, shape (n, features), NaN where unknown.
        last: Growth of the year itself carried on over the horizon, shape (n,), NaN where unknown.
        period: Year of each row, shape (n,).
        followed_share: Share of the firm-years with `horizon_years` to run whose growth is known.
    """

    found: TreeSample
    x: Floats
    last: Floats
    period: Floats
    followed_share: float

    @property
    def y(self) -> Floats:
        """Log growth over the horizon, shape (n,)."""
        return self.found.y

    def only_inputs(self, places: Sequence[int]) -> "GrowthSample":
        """The same rows with some of the inputs, by their places."""
        return replace(self, x=self.x[:, list(places)])


def read_growth(recipe: Mapping[str, Any], raw: pl.DataFrame) -> GrowthSample:
    """The firm-years of a file inside the card's domain whose growth is on record.

    Raises:
        InvalidInput: The file is of another set or has too few firm-years.
    """
    layout, ahead = find_set(recipe["fit"]["sample"]), int(recipe["fit"]["horizon_years"])
    facts = layout.features(nw.from_native(read_layout(raw, layout).lazy()))
    followed = growth_ahead(facts, horizon_years=ahead)
    # The domain borders the year known, not what came of it: firms that shrank out of it stay.
    borders = [Condition.from_data(item).holds for item in recipe["domain"]["condition"]]
    inside = followed.with_columns(inside=nw.all_horizontal(*borders, ignore_nulls=False))
    rows: pl.DataFrame = inside.to_native().collect().sort("file_row_n")
    could = rows.filter(pl.col("year") <= pl.col("year").max() - ahead).filter("inside")
    known = pl.col("growth_ahead_log").is_finite().fill_null(value=False)
    kept = could.filter(known).rename({"growth_ahead_log": "event"})
    if kept.height < ROWS_MIN:
        raise InvalidInput(
            f"card {recipe['id']} needs {ROWS_MIN} firm-years with sales {ahead} years later; "
            f"got {kept.height}"
        )
    names = tuple(feature["name"] for feature in recipe["feature"])
    sample = Sample(kept, names, {})
    last = kept[LAST].fill_null(float("nan")).to_numpy() * ahead
    share = kept.height / could.height
    finite = np.where(np.isfinite(sample.x), sample.x, np.nan)
    return GrowthSample(TreeSample(sample, ()), finite, last, kept["year"].to_numpy(), share)


def fit_growth(recipe: Mapping[str, Any], sample: GrowthSample, used: Rows) -> Fitted:
    """Three forests from the rows of `used`, and the margins from folds of their firms."""
    at, share = np.flatnonzero(used), recipe["fit"]["interval_share"]
    x, y = sample.x[at], sample.y[at]
    firms = [sample.found.sample.groups[i] for i in at]
    fold = grouped_folds(
        firms, np.zeros(y.size), folds_n=recipe["fit"]["margin_folds_n"], seed=recipe["seed"]
    )
    ends = np.empty((2, y.size))
    for k in range(int(fold.max()) + 1):
        inner, out = fold != k, fold == k
        for place, name in enumerate(("low", "high")):
            forest = _grow(recipe, x[inner], y[inner], name)
            ends[place, out] = forest.sums(x[out])
    forests = {name: _grow(recipe, x, y, name) for name in ("low", "median", "high")}
    return forests, fit_margins(y, ends[0], ends[1], share=share)


def _grow(recipe: Mapping[str, Any], x: Floats, y: Floats, name: str) -> Any:
    tail = (1.0 - recipe["fit"]["interval_share"]) / 2.0
    level = {"low": tail, "median": 0.5, "high": 1.0 - tail}[name]
    growth, seed = Growth.from_data(recipe), recipe["seed"]
    return grow_forest(x, y, growth, seed=seed, objective="quantile", level=level)


def _forecast(recipe: Mapping[str, Any], sample: GrowthSample, train: Rows, test: Rows) -> Forecast:
    """What the card and the plain forecasts say of the rows of `test`."""
    forests, (below, above) = fit_growth(recipe, sample, train)
    sums = (forests[name].sums(sample.x[test]) for name in ("median", "low", "high"))
    median, low, high = widen_interval(*sums, below=below, above=above)
    firms = np.asarray(sample.found.sample.groups)
    said = (median, low, high)
    return Forecast.against_plain(sample.y, sample.last, firms, train=train, test=test, said=said)


def forecast_later(
    recipe: Mapping[str, Any], sample: GrowthSample, *, say: Progress = lambda _: None
) -> Forecast:
    """Forecasts of each test year from the growth that was known by its end."""
    ahead, parts = int(recipe["fit"]["horizon_years"]), []
    for year in recipe["validation"]["test"]:
        say(f"forecast from {year}")
        train, test = sample.period + ahead <= year, sample.period == year
        parts.append(_forecast(recipe, sample, train, test))
    return Forecast.join(parts)


def forecast_unseen(
    recipe: Mapping[str, Any], sample: GrowthSample, *, say: Progress = lambda _: None
) -> Forecast:
    """Forecasts of each firm from the other firms, all years together."""
    firms, folds_n = sample.found.sample.groups, recipe["validation"]["folds_n"]
    fold = grouped_folds(firms, np.zeros(sample.y.size), folds_n=folds_n, seed=recipe["seed"])
    parts = []
    for k in range(folds_n):
        say(f"held-out fit {k + 1} of {folds_n}")
        parts.append(_forecast(recipe, sample, fold != k, fold == k))
    return Forecast.join(parts)


def measure_growth(
    recipe: Mapping[str, Any], sample: GrowthSample, *, say: Progress = lambda _: None
) -> list[dict[str, Any]]:
    """Errors out of time, then on firms unseen; intervals by drawing firms."""
    plan, seed = recipe["validation"], int(recipe["seed"])
    years, folds_n = ", ".join(map(str, plan["test"])), plan["folds_n"]
    how = f"时间外样本，预测自{years} / out of time, forecast from {years}"
    unseen = f"按企业分{folds_n}折 / {folds_n} folds by firm"
    followed = {"name": "followed_share", "value": sample.followed_share}
    return [
        *measure_forecast(forecast_later(recipe, sample, say=say), how=how, seed=seed),
        *measure_forecast(
            forecast_unseen(recipe, sample, say=say), how=unseen, seed=seed, suffix="_unseen"
        ),
        followed | {"how": "有后续数据的企业年份 / firm-years whose later sales are on record"},
    ]


def train_growth(
    recipe: Mapping[str, Any], raw: pl.DataFrame, *, say: Progress = lambda _: None
) -> dict[str, Any]:
    """Fit a card of growth on every year and measure it on years and firms held out.

    Returns:
        The content of `fitted.json`; the same rows give the same content.

    Raises:
        InvalidInput: The file is of another set, or LightGBM is missing.
    """
    sample = read_growth(recipe, raw)
    say("fitting")
    forests, (below, above) = fit_growth(recipe, sample, np.ones(sample.y.size, dtype=np.bool_))
    rows = sample.found.sample.rows
    return {
        "card_id": recipe["id"],
        "features": describe_features(sample.found, sample.x, {}),
        **{name: forest.to_data() for name, forest in forests.items()},
        "interval": {"below": below, "above": above},
        "sample": {
            "rows_n": rows.height,
            "firms_n": rows["firm_id"].n_unique(),
            "fingerprint": sample.found.sample.fingerprint,
        },
        "metrics": measure_growth(recipe, sample, say=say),
        "seed": recipe["seed"],
        "libraries": {name: version(name) for name in LIBRARIES},
        "command": f"techflow credit train {recipe['id']} --from FILE",
    }
