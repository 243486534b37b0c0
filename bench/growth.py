"""`make bench-growth`: the cards of growth on years and firms nobody trained on.

Last line: one JSON object; each figure is lower end, value, upper end, out of time. `growth_*` is
`us-growth`, `three_years_growth_*` is `us-growth-3y`, `korea_growth_*` is `korea-growth`;
`growth_rnd_gain` is the share of the mean absolute error that the R&D stock takes off.
`TECHFLOW_DATA` is the folder of the sets.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from bench.policy import say
from techflow_service.cards import read_recipe
from techflow_service.scoring import read_rows
from techflow_service.training.growth import GrowthSample, forecast_later, read_growth
from techflow_service.training.growth_error import Forecast, draw_firms, measure_forecast, quotient

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
FILES = {
    "": ("us-growth", "firm_panels/inst_innovation_1991_1999.csv"),
    "three_years_": ("us-growth-3y", "firm_panels/inst_innovation_1991_1999.csv"),
    "korea_": ("korea-growth", "korea_dart/firm_year_2015_2019.csv.gz"),
}
SHOWN = ("mae_ratio", "mae_ratio_ar1", "coverage", "r2")


def measure_growth_cards() -> dict[str, list[float]]:
    """Error against plain forecasts, and coverage, of each card on the years after."""
    found = {}
    for prefix, (card_id, file) in FILES.items():
        say(card_id)
        recipe = read_recipe(card_id)
        sample = read_growth(recipe, read_rows(DATA / file))
        forecast = forecast_later(recipe, sample, say=say)
        metrics = measure_forecast(forecast, how="", seed=recipe["seed"])
        shown = {metric["name"]: metric for metric in metrics if metric["name"] in SHOWN}
        for name, metric in shown.items():
            found[f"{prefix}growth_{name}"] = [metric["low"], metric["value"], metric["high"]]
        if not prefix:
            found["growth_rnd_gain"] = _rnd_gain(recipe, sample, forecast)
    return found


def _rnd_gain(recipe: dict[str, Any], sample: GrowthSample, full: Forecast) -> list[float]:
    """Share of the error without the R&D stock that the stock takes away, firms drawn."""
    kept = [f for f in recipe["feature"] if not f["name"].startswith("rnd_")]
    places = [i for i, f in enumerate(recipe["feature"]) if f in kept]
    less = forecast_later({**recipe, "feature": kept}, sample.only_inputs(places), say=say)
    errors = (np.abs(full.y - one.median) for one in (full, less))
    low, value, high = quotient(*errors, *draw_firms(full.firms, recipe["seed"]))
    return [1.0 - high, 1.0 - value, 1.0 - low]


if __name__ == "__main__":
    print(json.dumps(measure_growth_cards()))
