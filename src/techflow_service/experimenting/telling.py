"""The results of an experiment as tables. Needs the extra `simulate`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from techflow.flow.experiment_draws import MEASURES, Drawn, tell_step
from techflow.flow.experimenting import CHANGES
from techflow.pool import Scheme

ALL = "all"
RANGE = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of it.

    Attributes:
        firms: One row a loan: offers before and after, and `change`.
        regions: Region codes, in the order of the sums.
        drawn: What was drawn.
        scheme: The scheme before.
        told: What was asked and on what it rests, ready for JSON.
    """

    firms: pl.DataFrame
    regions: list[str]
    drawn: Drawn
    scheme: Scheme
    told: dict[str, Any]


def step_rows(found: Found) -> pl.DataFrame:
    """Every measure by region and in all, before, after, and the difference with its interval."""
    rows = []
    for m, name in enumerate((*MEASURES, "saved_cny")):
        for r, code in enumerate((*found.regions, ALL)):
            step = _step(found.drawn, m, r if code != ALL else None)
            rows.append({"region_code": code, "measure": name, **step._asdict()})
    return pl.DataFrame(rows)


def _step(drawn: Drawn, measure: int, region: int | None) -> Any:
    if measure == len(MEASURES):
        saved = drawn.saved_cny.sum(axis=1) if region is None else drawn.saved_cny[:, region]
        return tell_step(np.zeros_like(saved), saved)
    cells = drawn.sums[:, :, measure]
    column = cells.sum(axis=2) if region is None else cells[:, :, region]
    return tell_step(column[:, 0], column[:, 1])


def party_rows(found: Found) -> pl.DataFrame:
    """What each party of the scheme bears, before, after, and the difference."""
    rows = [
        {"party": p.id, "zh": p.zh, "en": p.en}
        | tell_step(found.drawn.paid_cny[:, 0, k], found.drawn.paid_cny[:, 1, k])._asdict()
        for k, p in enumerate(found.scheme.parties)
    ]
    return pl.DataFrame(rows)


def world_range(found: Found) -> tuple[float, float]:
    """Ends of 90 % of the scenarios for the change of public claims."""
    low, high = np.quantile(found.drawn.public_step_cny, RANGE)
    return float(low), float(high)


def gain_rows(found: Found) -> pl.DataFrame:
    """How many loans become cheaper, dearer, or stay, by region."""
    counted = found.firms.group_by("region_code").agg(
        loans_n=pl.len(), **{f"{n}_n": (pl.col("change") == n).sum() for n in CHANGES}
    )
    return counted.sort("region_code")
