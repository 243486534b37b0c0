"""A backstop fund simulated from its content file."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.market.backstop.judging import (
    Estimate,
    Sized,
    break_even,
    smallest_size,
    try_hazards,
    try_sizes,
)
from techflow.market.backstop.simulation import YEAR_DAYS, Fund, World, draw_values, run_market
from techflow_service.long_capital.content import require_cells

ASKED = ("severe_fall", "tail_share", "severe_chance_max", "carry_pa", "sizes", "rises")
GROUPS = ("world", "fund", "asked")
SHOCK, SHOCK_DAYS, SHOCK_STEPS = 0.2, 200, 5


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the page tells.

    Attributes:
        sized: Each size on the same draws.
        chosen: The smallest size that meets the target, or None.
        shown: The size the hazards and the shock are told for.
        hazards: Rise of borrowing and what is left of the benefit.
        turns: Last rise that surely helps, first that surely harms.
        shock: Price after one planted fall, by day: without and with the fund.
        content: Every assumption with label and mark.
        paths_n: Paths.
        years: Horizon.
        seed: Seed.
    """

    sized: tuple[Sized, ...]
    chosen: float | None
    shown: float
    hazards: tuple[tuple[float, Estimate], ...]
    turns: tuple[float | None, float | None]
    shock: tuple[Sequence[float], Sequence[float]]
    content: Mapping[str, Any]
    paths_n: int
    years: float
    seed: int


def simulate_backstop(
    model: Path | None, moved: Mapping[str, float], *, years: float, paths_n: int, seed: int
) -> Simulated:
    """Sizes, hazards and one shock.

    Args:
        model: Own file in the form of `backstop.toml`, or None.
        moved: Assumption (`world.leverage`) -> number that replaces it.
        years: Horizon, above 0.
        paths_n: Paths.
        seed: Seed.

    Raises:
        InvalidInput: An assumption is absent, unknown or out of range.
    """
    content = _read(model, moved)
    lost = [name for name in ASKED if name not in content["asked"]]
    if lost:
        raise InvalidInput(f"the table asked of backstop.toml lacks {', '.join(lost)}")
    severe = content["asked"]["severe_fall"]["value"]
    if not 0.0 < severe < 1.0:
        raise InvalidInput(f"asked.severe_fall must be in (0, 1); got {severe}")
    values = {
        group: {name: spec["value"] for name, spec in content[group].items()} for group in GROUPS
    }
    try:
        world, asked = World(**values["world"]), values["asked"]
        fund = Fund(size=0.0, **values["fund"])
    except TypeError as error:
        raise InvalidInput(
            f"world and fund must hold the names of backstop.toml: {error}"
        ) from None
    sizes = sorted(float(size) for size in asked["sizes"])
    if not sizes or sizes[0] < 0.0 or sizes[-1] == 0.0:
        raise InvalidInput(f"sizes must be 0 or more, one above 0; got {sizes}")
    draws = draw_values(world, days=round(years * YEAR_DAYS), paths_n=paths_n, seed=seed)
    sized = try_sizes(
        draws,
        world,
        fund,
        sizes,
        severe_fall=asked["severe_fall"],
        tail_share=asked["tail_share"],
        carry=asked["carry_pa"] * years,
    )
    chosen = smallest_size(sized, severe_chance_max=asked["severe_chance_max"])
    # If no size meets the target, or none is needed, the largest tried is told.
    shown = replace(fund, size=chosen if chosen else sizes[-1])
    hazards = try_hazards(draws, world, shown, asked["rises"], severe_fall=asked["severe_fall"])
    shock = _shock(world, shown)
    told = (sized, chosen, shown.size, hazards, break_even(hazards), shock, content)
    return Simulated(*told, paths_n, years, seed)


def _shock(world: World, fund: Fund) -> tuple[list[float], list[float]]:
    """One planted fall in a market that is else still, without and with the fund."""
    still = replace(world, drift_pa=0.0, volatility_pa=0.0, jumps_pa=0.0)
    days = draw_values(still, days=SHOCK_DAYS, paths_n=2, seed=0)
    days[:SHOCK_STEPS] -= SHOCK / SHOCK_STEPS
    without, backed = (
        run_market(days, still, replace(fund, size=size)).prices[:, 0].tolist()
        for size in (0.0, fund.size)
    )
    return without, backed


def sized_rows(told: Simulated) -> pl.DataFrame:
    """One row per size: every number and its standard error."""
    rows = []
    for one in told.sized:
        row: dict[str, float] = {"size_share": one.size}
        numbers = {**one.judged._asdict(), "avoided": one.avoided, "cost": one.cost}
        for name, number in numbers.items():
            row |= {name: number.value, f"{name}_error": number.error}
        rows.append(row)
    return pl.DataFrame(rows).fill_nan(None)


def hazard_rows(told: Simulated) -> pl.DataFrame:
    """One row per rise of borrowing."""
    rows = [(rise, one.value, one.error) for rise, one in told.hazards]
    return pl.DataFrame(rows, schema=["rise_share", "avoided", "avoided_error"], orient="row")


def _read(model: Path | None, moved: Mapping[str, float]) -> dict[str, Any]:
    source = model or files("techflow_content.models") / "backstop.toml"
    try:
        content = tomllib.loads(source.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{source} is no TOML in UTF-8: {error}") from error
    lost = [group for group in GROUPS if group not in content]
    if lost:
        raise InvalidInput(
            f"{source} needs the tables {', '.join(GROUPS)}; lacks {', '.join(lost)}"
        )
    for group in GROUPS:
        for name, spec in content[group].items():
            where = f"{group}.{name} of {source}"
            require_cells(spec, where, numbers=("value",), texts=("zh", "en", "mark"))
    known = {f"{group}.{name}": content[group][name] for group in GROUPS for name in content[group]}
    for name, value in moved.items():
        if name not in known:
            raise InvalidInput(f"--set names an assumption: {', '.join(known)}; got {name!r}")
        old = known[name]["value"]
        if isinstance(old, list):
            raise InvalidInput(f"{name} is a list: change it in a file of your own (--model)")
        known[name]["value"] = round(value) if isinstance(old, int) else value
        known[name]["mark"] = "proposal"
    return content
