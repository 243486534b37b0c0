"""What the two cards reach on firms they never saw, from a store of the real sets."""

from pathlib import Path

import numpy as np

from techflow.credit import auc, average_precision
from techflow_service.cards import read_recipe
from techflow_service.store import Snapshot, Store
from techflow_service.training.train import forward_scores, hold_out, read_sample, read_shape
from techflow_service.training.validate import permutation_p

TEST_YEAR = 2018


def measure_sme(snapshot: Snapshot) -> dict[str, float]:
    """Nested cross-validation of `cn-sme-default`: 5 folds by firm, 20 seeds, permutation p.

    `sme_auc_se` is the DeLong error, averaged over the seeds.
    """
    recipe = read_recipe("cn-sme-default")
    sample = read_sample(recipe, snapshot, on=recipe["fit"]["as_of"])
    areas = [auc(sample.y, scores) for scores in hold_out(recipe, sample)]
    draws_n, seed = recipe["validation"]["permutations_n"], recipe["seed"]
    return {
        "sme_auc": float(np.mean([area.value for area in areas])),
        "sme_auc_se": float(np.mean([area.se for area in areas])),
        "sme_p": permutation_p(sample, read_shape(recipe), draws_n=draws_n, seed=seed),
    }


def measure_korea(snapshot: Snapshot) -> dict[str, float]:
    """`korea-distress` on the accounts of 2018, fitted on labels closed by 2019-05-01."""
    recipe = read_recipe("korea-distress")
    (test,) = (item for item in recipe["validation"]["forward"] if item["year"] == TEST_YEAR)
    tested, scores = forward_scores(recipe, snapshot, **test)
    area = auc(tested.y, scores)
    return {
        "korea_auc": area.value,
        "korea_auc_se": area.se,
        "korea_ap": average_precision(tested.y, scores),
    }


def measure_cards(store: Path) -> dict[str, float]:
    """All figures of both cards, from a store with both real sets."""
    snapshot = Store.open(store).snapshot()
    return measure_sme(snapshot) | measure_korea(snapshot)
