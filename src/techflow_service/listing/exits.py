"""The history of a book of holdings, and what its open ones may still bring."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats
from techflow.market.listing import (
    ExitModel,
    Incidence,
    Outlook,
    constant_outlook,
    cumulative_incidence,
    expect_multiple,
    incidence_interval,
    multiple_interval,
    open_outlook,
    route_multiples,
)
from techflow_service.listing.positions import read_positions

HISTORY, PROPOSAL = "history", "proposal"


@dataclass(frozen=True, slots=True)
class ExitTask:
    """What was asked.

    Attributes:
        horizon_years: How far to look.
        as_of: Last day whose knowledge counts.
        model: Routes and proposals.
        draws_n: Histories drawn for the interval of the multiple; 0 for none.
        seed: Seed of the draws.
    """

    horizon_years: float
    as_of: date
    model: ExitModel
    draws_n: int = 400
    seed: int = 7


@dataclass(frozen=True, slots=True)
class ExitsFound:
    """What was found.

    Attributes:
        task: What was asked.
        positions: Holdings that can be used, with `years`, `cause`, `entry_years`.
        refused: Rows that cannot, with the reason.
        found: Cumulative incidence by route; None if no holding can be used.
        routes: One row per route.
        curve: One row per time and route.
        open_rows: One row per open holding.
        multiple: Expected multiple of a new holding within the horizon, with its interval.
        basis: `history` or `proposal`.
    """

    task: ExitTask
    positions: pl.DataFrame
    refused: pl.DataFrame
    found: Incidence
    routes: pl.DataFrame
    curve: pl.DataFrame
    open_rows: pl.DataFrame
    multiple: tuple[float, float, float]
    basis: str

    @property
    def ends_n(self) -> int:
        """Holdings that ended."""
        return int((self.positions["cause"] > 0).sum())


def look_at_exits(path: Path, task: ExitTask) -> ExitsFound:
    """Read a book and look at its exits.

    Args:
        path: As in `read_positions`.
        task: What is asked.

    Raises:
        InvalidInput: No row can be used.
        MissingColumn: A column is absent.
    """
    positions, refused = read_positions(path, task.model, as_of=task.as_of)
    years, cause = positions["years"].to_numpy(), positions["cause"].to_numpy()
    found = cumulative_incidence(
        years,
        cause,
        causes_n=len(task.model.routes),
        entry_years=positions["entry_years"].to_numpy(),
    )
    enough = int((cause > 0).sum()) >= task.model.ends_n_min
    basis = HISTORY if enough and found.seen_years >= task.horizon_years else PROPOSAL
    routes = _routes(positions, found, task, basis)
    return ExitsFound(
        task,
        positions,
        refused,
        found,
        routes,
        _curve(found, task.model),
        _open_rows(positions, found, routes, task, basis),
        _multiple(positions, routes, task, basis),
        basis,
    )


def _routes(positions: pl.DataFrame, found: Incidence, task: ExitTask, basis: str) -> pl.DataFrame:
    """One row per route: what the history holds and what is read from it or proposed."""
    ended = positions.filter(pl.col("cause") > 0)
    known: pl.DataFrame = route_multiples(nw.from_native(ended.lazy())).to_native().collect()
    horizon = np.array([task.horizon_years])
    _, share, error = found.at(horizon)
    low, high = incidence_interval(share[0], error[0])
    outlook = _outlook(found, np.array([0.0]), task, basis)
    model = task.model
    frame = pl.DataFrame(
        {
            "route": model.names,
            "route_zh": [route.label["zh"] for route in model.routes],
            "route_en": [route.label["en"] for route in model.routes],
            "seen_share": share[0],
            "seen_share_low": low,
            "seen_share_high": high,
            "share": outlook.share[0],
            "mean_years": outlook.years[0],
            "proposed_multiple": model.multiples,
        }
    ).fill_nan(None)
    joined = frame.join(known, on="route", how="left", maintain_order="left").with_columns(
        pl.col("ends_n", "known_n").fill_null(0)
    )
    shown = pl.col("multiple") if basis == HISTORY else pl.col("proposed_multiple")
    return joined.with_columns(
        seen_multiple=pl.col("multiple"),
        multiple=shown,
        basis=pl.lit(basis if basis == HISTORY else model.mark),
    ).drop("proposed_multiple")


def _outlook(found: Incidence, age_years: Floats, task: ExitTask, basis: str) -> Outlook:
    if basis == HISTORY:
        return open_outlook(found, age_years, horizon_years=task.horizon_years)
    return constant_outlook(task.model.rates_pa, n=age_years.size, horizon_years=task.horizon_years)


def _multiple(
    positions: pl.DataFrame, routes: pl.DataFrame, task: ExitTask, basis: str
) -> tuple[float, float, float]:
    """Expected multiple of a new holding, with its interval if it comes from the history."""
    share, multiples = (routes[name].cast(pl.Float64).to_numpy() for name in ("share", "multiple"))
    middle = float(expect_multiple(share[None, :], multiples)[0])
    if basis != HISTORY or not task.draws_n:
        return middle, float("nan"), float("nan")
    low, high = multiple_interval(
        positions["years"].to_numpy(),
        positions["cause"].to_numpy(),
        (
            positions["invested_cny"].cast(pl.Float64).to_numpy(),
            positions["proceeds_cny"].cast(pl.Float64).to_numpy(),
        ),
        entry_years=positions["entry_years"].to_numpy(),
        horizon_years=task.horizon_years,
        causes_n=len(task.model.routes),
        draws_n=task.draws_n,
        seed=task.seed,
    )
    return middle, low, high


def _curve(found: Incidence, model: ExitModel) -> pl.DataFrame:
    low, high = incidence_interval(found.share, found.share_se)
    parts = [
        pl.DataFrame(
            {
                "route": [name] * found.years.size,
                "years": found.years,
                "at_risk_n": found.at_risk_n.astype(np.int64),
                "ends_n": found.ends_n[:, place].astype(np.int64),
                "share": found.share[:, place],
                "share_low": low[:, place],
                "share_high": high[:, place],
            }
        )
        for place, name in enumerate(model.names)
    ]
    return pl.concat(parts).fill_nan(None)


def _open_rows(
    positions: pl.DataFrame, found: Incidence, routes: pl.DataFrame, task: ExitTask, basis: str
) -> pl.DataFrame:
    """Each open holding: its chances by route, what it may bring and when."""
    still = positions.filter(pl.col("cause") == 0)
    outlook = _outlook(found, still["years"].to_numpy(), task, basis)
    multiples = routes["multiple"].cast(pl.Float64).to_numpy()
    expected = expect_multiple(outlook.share, multiples)
    gone = outlook.share.sum(axis=1)
    timed = np.where(outlook.share > 0.0, outlook.share * outlook.years, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(gone > 0.0, timed / gone, np.nan)
    mean[np.isnan(gone)] = np.nan
    shares = {
        f"{name}_share": outlook.share[:, place] for place, name in enumerate(task.model.names)
    }
    told: dict[str, Any] = {
        **shares,
        "open_share": outlook.left_share,
        "expected_cny": expected * still["invested_cny"].cast(pl.Float64).to_numpy(),
        "expected_years": mean,
    }
    return (
        still.select("position_id", "firm_id", "invested_on", "invested_cny", held_years="years")
        .with_columns(**{name: pl.Series(name, values) for name, values in told.items()})
        .fill_nan(None)
        .with_columns(basis=pl.lit(basis if basis == HISTORY else task.model.mark))
    )
