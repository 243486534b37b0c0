"""Allocation of a holder over assets, from a file of scenario returns. Needs the extra `train`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.flow.long_capital import share_in_band
from techflow.market.long_capital.limits import Limits, build_limits
from techflow.market.long_capital.spreading import Spread, spread_capital
from techflow.policy import Law
from techflow.policy.params import exact
from techflow_service.long_capital.content import read_assets, read_content
from techflow_service.policies import load_laws
from techflow_service.scoring import read_rows

PERIOD = "period"
FAMOUS = ("day", "year", "month", PERIOD)


@dataclass(frozen=True, slots=True)
class Asked:
    """File of returns, holder and what limits it, and how to draw."""

    file: Path
    holder: str
    on: date
    solvency: str | None
    capital_share_max: float | None
    held_months: float
    tail_share: float
    mean_min: float | None
    draws_n: int
    seed: int
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Allocated:
    """Ways to spread by name, assets in order, the limits with their sources, scenarios."""

    spreads: Mapping[str, Spread]
    assets: tuple[str, ...]
    limits: Limits
    sources: tuple[Mapping[str, Any], ...]
    returns: Floats
    holder: Mapping[str, Any]
    content: Mapping[str, Any]


def allocate_file(asked: Asked) -> Allocated:
    """Spread the capital of a holder.

    Raises:
        InvalidInput: The file, the holder or a limit is not as documented.
    """
    holders = read_content("holders", asked.folder)
    if asked.holder not in holders:
        raise InvalidInput(f"--holder must be one of {', '.join(holders)}; got {asked.holder!r}")
    holder, content = holders[asked.holder], read_content("assets", asked.folder)
    names, returns = read_returns(asked.file)
    sources = limit_sources(holder, asked)
    if asked.capital_share_max is not None and not holder.get("capital", False):
        raise InvalidInput("--capital is for a holder with capital rules (insurer)")
    limits = build_limits(
        read_assets(list(names), content, held_months=asked.held_months),
        at_most={row["group"]: row["most"] for row in sources if "most" in row},
        at_least={row["group"]: row["least"] for row in sources if "least" in row},
        capital_share_max=asked.capital_share_max,
    )
    spreads = spread_capital(
        returns,
        limits,
        tail_share=asked.tail_share,
        mean_min=asked.mean_min,
        draws_n=asked.draws_n,
        seed=asked.seed,
    )
    return Allocated(spreads, names, limits, sources, returns, holder, content)


def read_returns(path: Path) -> tuple[tuple[str, ...], Floats]:
    """Returns by period: one column per asset, shares.

    Args:
        path: CSV or Parquet; a column `period`, `year`, `month` or `day` only names the rows.

    Raises:
        InvalidInput: A cell is no number; names row and column.
    """
    rows = read_rows(path)
    names = tuple(name for name in rows.columns if name not in FAMOUS)
    if not names:
        raise InvalidInput(f"{path.name} needs a column per asset; got {', '.join(rows.columns)}")
    cells = rows.select(pl.col(names).cast(pl.Float64, strict=False))
    for name in names:
        bad = cells[name].is_null() | ~cells[name].is_finite()
        if bad.any():
            row = int(bad.fill_null(value=True).arg_true()[0])
            raise InvalidInput(
                f"{path.name}, row {row + 1}, column {name}: must be a return as a share, such as "
                f"0.05; got {rows[name][row]!r}"
            )
    return names, np.ascontiguousarray(cells.to_numpy(), dtype=np.float64)


def limit_sources(holder: Mapping[str, Any], asked: Asked) -> tuple[Mapping[str, Any], ...]:
    """The limits of a holder in force, each with reference and mark.

    Args:
        holder: A table of `holders.toml`.
        asked: Day and solvency ratio.

    Raises:
        InvalidInput: An insurer without a solvency ratio.
    """
    found = list(holder.get("limits", []))
    if "law" not in holder:
        return tuple(found)
    if asked.solvency is None:
        raise InvalidInput(
            "an insurer's ceiling follows from its solvency ratio: --solvency, such as 210%"
        )
    name, param = holder["law"]["policy"], holder["law"]["param"]
    law: Law = load_laws()[name]
    term = law.params.at(param, asked.on)
    try:
        solvency = exact(asked.solvency)
    except InvalidInput:
        raise InvalidInput(
            f"--solvency must be a ratio such as 210%; got {asked.solvency!r}"
        ) from None
    most = share_in_band(term, solvency)
    source = term.source
    text = f"{source.reference} / {name}, {source.since}"
    row = {"group": holder["law"]["group"], "most": float(most)}
    return (*found, {**row, "reference": text, "mark": str(source.mark)})


def allocation_rows(told: Allocated) -> pl.DataFrame:
    """One row per way and asset."""
    return pl.concat(
        pl.DataFrame(
            {
                "method": [name] * len(told.assets),
                "asset": told.assets,
                "weight_share": spread.weights,
                "weight_low_share": spread.low,
                "weight_high_share": spread.high,
                "risk_part_share": spread.parts,
            }
        )
        for name, spread in told.spreads.items()
    )


def measure_rows(told: Allocated) -> pl.DataFrame:
    """One row per way: on its own scenarios and on those it had not seen."""
    rows = [
        {
            "method": name,
            "mean_share": spread.seen.mean,
            "deviation_share": spread.seen.deviation,
            "shortfall_share": spread.seen.shortfall,
            "unseen_mean_share": spread.unseen.mean,
            "unseen_deviation_share": spread.unseen.deviation,
            "unseen_shortfall_share": spread.unseen.shortfall,
            "unseen_mean_spread": spread.unseen_error.mean,
            "unseen_shortfall_spread": spread.unseen_error.shortfall,
        }
        for name, spread in told.spreads.items()
    ]
    return pl.DataFrame(rows)
