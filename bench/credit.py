"""`make bench-credit`: the cards on firms and times nobody trained on. Last line: one JSON object.

Each set is fitted again for each fold. `sme_auc` needs a store, made here from the raw set.
`TECHFLOW_DATA` is the folder of the sets.
"""

import json
import os
import tempfile
from pathlib import Path

from bench.cards import measure_sme
from bench.growth import measure_growth_cards
from bench.policy import say
from bench.scorecard import measured as measure_scorecards
from techflow_service.cards import read_recipe
from techflow_service.cli import techflow
from techflow_service.scoring import read_rows
from techflow_service.store import Store
from techflow_service.training.loss import hold_out_losses, measure_losses, read_losses
from techflow_service.training.trees import measure_trees, read_tree_sample

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
CARDS = {
    "us_auc_unseen_firms": ("us-bankruptcy", "american_bankruptcy/firm_year_1999_2018.csv.gz"),
    "polish_auc": ("polish-bankruptcy", "polish_bankruptcy/5year.arff"),
    "sba_auc_out_of_time": ("sba-default", "sba_loans/sba_national_22427.csv.gz"),
}
NORMAL_95 = 1.959963984540054


def ends(metric: dict) -> list[float]:
    """Lower end, value, upper end."""
    return [metric["low"], metric["value"], metric["high"]]


def measure_cards() -> dict[str, list[float]]:
    """AUC of each card of trees on rows held out, with its interval."""
    found = {}
    for name, (card_id, file) in CARDS.items():
        say(card_id)
        recipe = read_recipe(card_id)
        sample = read_tree_sample(recipe, read_rows(DATA / file))
        found[name] = ends(measure_trees(recipe, sample, say=say)[0])
    return found


def measure_loss() -> dict[str, list[float]]:
    """Mean absolute error of the loss card over that of the mean, on loans held out."""
    recipe = read_recipe("sba-lgd")
    sample = read_losses(recipe, read_rows(DATA / CARDS["sba_auc_out_of_time"][1]))
    rate, plain = hold_out_losses(recipe, sample, say=say)
    return {"lgd_mae_ratio": ends(measure_losses(recipe, sample.y, rate, plain)[0])}


def measure_small_firms() -> dict[str, object]:
    """AUC of the card of Chinese SMEs with its DeLong interval."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/store"
        argv = ["import", "china-sme", str(DATA / "china_sme_invoices"), "--store", store]
        techflow(argv, standalone_mode=False)
        found = measure_sme(Store.open(Path(store)).snapshot())
    value, reach = found["sme_auc"], NORMAL_95 * found["sme_auc_se"]
    return {"sme_auc": [value - reach, value, min(1.0, value + reach)], "sme_p": found["sme_p"]}


if __name__ == "__main__":
    scorecards = measure_scorecards()
    found = measure_cards() | measure_loss() | measure_growth_cards() | measure_small_firms()
    print(json.dumps(found | scorecards))
