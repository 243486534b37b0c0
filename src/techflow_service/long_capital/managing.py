"""Managers from a file of cash flows and an index."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput, MissingColumn
from techflow.market.long_capital.managers import (
    Flows,
    bootstrap_weights,
    check_flows,
    quartile_of,
    tell_managers,
)
from techflow_service.scoring import read_rows

FUNDS_MIN = 3
COLUMNS = ("manager", "fund", "vintage", "day", "call_cny", "distribution_cny", "nav_cny")
MEASURES = ("tvpi", "dpi", "pme", "irr")
YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True)
class Managed:
    """Managers, funds, and the last day of the cash flows."""

    managers: pl.DataFrame
    funds: pl.DataFrame
    until: str


def assess_managers(file: Path, index: Path, *, draws_n: int, seed: int) -> Managed:
    """Measures of each manager with intervals, and of each fund beside its vintage.

    Args:
        file: Rows of cash: manager, fund, vintage, day, call_cny, distribution_cny, nav_cny (what
            is left on the last day of the file; empty before).
        index: Rows of a public index with dividends: day, level.
        draws_n: Draws of funds.
        seed: Seed.

    Raises:
        InvalidInput: A cell is out of range, or the index has no level by a day.
        MissingColumn: A column is absent.
    """
    rows, levels = _read_flows(file), _read_index(index)
    funds = rows.group_by("manager", "fund", maintain_order=True).agg(pl.col("vintage").first())
    flows = _lay_out(rows, funds, levels)
    check_flows(flows)
    told = tell_managers(flows, np.eye(len(funds)))
    vintage = funds["vintage"].to_numpy().astype(np.float64)
    made = funds.with_columns(
        *(pl.Series(name, getattr(told, name), nan_to_null=True) for name in MEASURES),
        quartile=pl.Series(quartile_of(told.pme, vintage), nan_to_null=True),
    )
    names = funds["manager"].unique(maintain_order=True).to_list()
    found = [_manager(name, funds, flows, draws_n, seed) for name in names]
    table = pl.DataFrame(found, infer_schema_length=None).sort("pme", descending=True)
    return Managed(table, made, str(rows["day"].max()))


def _manager(
    name: str, funds: pl.DataFrame, flows: Flows, draws_n: int, seed: int
) -> Mapping[str, Any]:
    members = (funds["manager"] == name).to_numpy().astype(np.float64)
    own = funds.filter(pl.col("manager") == name)
    count = own.height
    told = tell_managers(flows, members[None, :])
    row: dict[str, Any] = {"manager": name, "funds_n": count}
    row |= {"vintage_first": own["vintage"].min(), "vintage_last": own["vintage"].max()}
    row |= {part: _known(getattr(told, part)[0]) for part in MEASURES}
    ends: Mapping[str, tuple[float, float]] = {}
    if count >= FUNDS_MIN:
        drawn = tell_managers(flows, bootstrap_weights(members, draws_n=draws_n, seed=seed))
        ends = {part: _ends(getattr(drawn, part)) for part in MEASURES}
    for part in MEASURES:
        low, high = ends.get(part, (np.nan, np.nan))
        row |= {f"{part}_low": _known(low), f"{part}_high": _known(high)}
    return row | {"verdict": _verdict(row)}


def _ends(drawn: Floats) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not known.size:
        return np.nan, np.nan
    low, high = np.quantile(known, [0.05, 0.95])
    return float(low), float(high)


def _verdict(row: Mapping[str, Any]) -> str:
    if row["pme_low"] is None or row["pme_high"] is None:
        return "too_few_funds"
    if row["pme_low"] > 1.0:
        return "above_index"
    return "below_index" if row["pme_high"] < 1.0 else "not_told_apart"


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _read_flows(path: Path) -> pl.DataFrame:
    rows = read_rows(path)
    lost = [name for name in COLUMNS if name not in rows.columns]
    if lost:
        raise MissingColumn(f"{path.name} needs {', '.join(lost)}; got {', '.join(rows.columns)}")
    money = [pl.col(name).cast(pl.Float64, strict=False).alias(name) for name in COLUMNS[4:]]
    cells = rows.select(
        pl.col("manager").cast(pl.String),
        pl.col("fund").cast(pl.String),
        pl.col("vintage").cast(pl.Int64, strict=False),
        pl.col("day").cast(pl.String).str.to_date(strict=False),
        *money,
    )
    _refuse_gaps(path, rows, cells, ("manager", "fund", "vintage", "day", *COLUMNS[4:6]))
    if cells["nav_cny"].is_null().all():
        raise InvalidInput(f"{path.name}: nav_cny is empty everywhere; write 0 if nothing is left")
    return cells.sort("day")


def _read_index(path: Path) -> pl.DataFrame:
    rows = read_rows(path)
    lost = [name for name in ("day", "level") if name not in rows.columns]
    if lost:
        raise MissingColumn(f"{path.name} needs {', '.join(lost)}; got {', '.join(rows.columns)}")
    cells = rows.select(
        pl.col("day").cast(pl.String).str.to_date(strict=False),
        pl.col("level").cast(pl.Float64, strict=False),
    )
    _refuse_gaps(path, rows, cells, ("day", "level"))
    return cells.sort("day")


def _refuse_gaps(
    path: Path, rows: pl.DataFrame, cells: pl.DataFrame, names: tuple[str, ...]
) -> None:
    for name in names:
        bad = cells[name].is_null()
        if bad.any():
            row = int(bad.arg_true()[0])
            raise InvalidInput(
                f"{path.name}, row {row + 1}, column {name}: must be a number, or a day such as "
                f"2024-06-30; got {rows[name][row]!r}"
            )


def _lay_out(rows: pl.DataFrame, funds: pl.DataFrame, levels: pl.DataFrame) -> Flows:
    """Funds by days; the level of the index is the last one published by each day."""
    days = rows.select(pl.col("day").unique().sort())
    market = days.join_asof(levels, on="day", strategy="backward")["level"]
    first, last = days["day"].to_list()[0], days["day"].to_list()[-1]
    if market.null_count():
        raise InvalidInput(f"the index must begin by {first}, the first cash flow")
    early = rows.filter((pl.col("nav_cny") > 0) & (pl.col("day") < last))
    if early.height:
        raise InvalidInput(
            f"what is left must be valued on the last day of the file, {last}; fund "
            f"{early['fund'][0]} has a value of {early['day'][0]}"
        )
    place = {pair: k for k, pair in enumerate(funds.select("manager", "fund").rows())}
    at = {day: k for k, day in enumerate(days["day"].to_list())}
    calls, paid = np.zeros((len(place), len(at))), np.zeros((len(place), len(at)))
    left = np.zeros(len(place))
    for manager, fund, _, day, call, distribution, nav in rows.iter_rows():
        k = place[manager, fund]
        calls[k, at[day]] += call
        paid[k, at[day]] += distribution
        left[k] = left[k] if nav is None else nav
    years = np.array([(day - first).days / YEAR_DAYS for day in days["day"].to_list()])
    return Flows(years, calls, paid, left, market.to_numpy().astype(np.float64))
