"""Efficiency of each region and year with its interval. Needs the extra `simulate`."""

from dataclasses import dataclass

import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.region.bootstrap import bootstrap_efficiency
from techflow.region.efficiency import measure_efficiency, measure_influence
from techflow_service.regions.model import RegionModel

UNITS_PER_ITEM = 3
"""Fewest units per input and output: Cooper, Seiford and Tone 2007, p. 284."""


@dataclass(frozen=True, slots=True)
class Efficiencies:
    """Rows of all years, and of each year the codes and draws, for ranks."""

    rows: pl.DataFrame
    draws: dict[int, tuple[list[str], Floats]]


def score_years(years: pl.DataFrame, model: RegionModel, *, seed: int) -> Efficiencies:
    """Efficiency of all regions and years of which all items are known.

    Args:
        years: Result of `read_years`.
        model: Its table `efficiency` says how.
        seed: Seed of the draws.

    Raises:
        InvalidInput: No year has enough regions with all items.
    """
    how = model.words["efficiency"]
    items = [*how["inputs"], *how["outputs"]]
    known = pl.all_horizontal(pl.col(name) > 0 for name in items).fill_null(False)
    found, draws = [], {}
    for year, cells in years.filter(known).partition_by("year_n", as_dict=True).items():
        if cells.height < UNITS_PER_ITEM * len(items):
            continue
        codes = cells["region_code"].to_list()
        found.append(_score_year(cells, model, seed + int(year[0])))
        draws[int(year[0])] = codes, found[-1][1]
    if not found:
        raise InvalidInput(
            f"efficiency needs a year with {UNITS_PER_ITEM * len(items)} regions that have "
            f"{', '.join(items)}"
        )
    scored = pl.concat([rows for rows, _ in found])
    keys = ["region_code", "year_n"]
    told = years.select(*keys, *items).join(scored, on=keys, how="left")
    lacking = [pl.when(~(pl.col(n) > 0).fill_null(False)).then(pl.lit(n)) for n in items]
    reason = pl.concat_str(lacking, separator=" ", ignore_nulls=True)
    unknown = pl.when(pl.col("efficiency").is_null()).then(reason).alias("lacks")
    return Efficiencies(told.with_columns(unknown).sort("year_n", "region_code"), draws)


def _score_year(cells: pl.DataFrame, model: RegionModel, seed: int) -> tuple[pl.DataFrame, Floats]:
    how = model.words["efficiency"]
    x, y = (cells.select(how[side]).to_numpy() for side in ("inputs", "outputs"))
    ways = {"returns": how["returns"], "orientation": how["orientation"]}
    found = bootstrap_efficiency(
        x, y, **ways, draws_n=how["draws_n"], level=how["level"], seed=seed
    )
    weights = measure_efficiency(x, y, **ways).peer_weights
    codes = cells["region_code"].to_list()
    peers = [
        " ".join(codes[j] for j in row.argsort()[::-1][: len(row)] if row[j] > 1e-9 and j != o)
        for o, row in enumerate(weights)
    ]
    rows = cells.select("region_code", "year_n").with_columns(
        efficiency=found.score,
        efficiency_corrected=found.corrected,
        efficiency_low=found.low,
        efficiency_high=found.high,
        peers=pl.Series(peers, dtype=pl.String),
        influence=measure_influence(x, y, **ways),
    )
    return rows, found.draws
