"""Command `techflow sample`: a synthetic region with a declared mechanism."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from techflow.economy import CONFIGS
from techflow_service.cli.options import JSON
from techflow_service.clock import now
from techflow_service.sampling import Sample, write_region

FIRMS_N = {"demo": 2_000, "yardstick": 100_000}


@click.command("sample")
@click.option("--store", "path", required=True, type=click.Path(path_type=Path), help="New store.")
@click.option("--firms", "firms_n", type=int, help="Firms; demo 2000, yardstick 100000.")
@click.option("--seed", default=7, show_default=True, help="Same seed, same region.")
@click.option(
    "--config", type=click.Choice(list(CONFIGS)), default="demo", show_default=True, help="Kind."
)
@click.option(
    "--technology-flow",
    "strength",
    type=click.Choice(["0", "1", "2"]),
    default="1",
    show_default=True,
    help="Planted strength of technology flow in default, log-odds per standard deviation.",
)
@click.option("--truth", type=click.Path(path_type=Path), help="Sealed truth file; by the store.")
@JSON
def sample(
    *,
    path: Path,
    firms_n: int | None,
    seed: int,
    config: str,
    strength: str,
    truth: Path | None,
    as_json: bool,
) -> None:
    """Write a synthetic region of technology firms into a store.

    Every name and id says that it is made up. It serves demonstrations, tests of recovery and
    of scale; it is never evidence about the world. What really drives each firm goes into a
    truth file outside the store.
    """
    written = write_region(
        path,
        replace(CONFIGS[config], technology_strength=float(strength)),
        firms_n=FIRMS_N[config] if firms_n is None else firms_n,
        seed=seed,
        loaded_at=now(),
        truth=truth,
        watch=_show_progress,
    )
    click.echo(json.dumps(written.as_dict()) if as_json else render_sample(written))


def render_sample(written: Sample) -> str:
    """The summary, to paste into a mail."""
    head = f"{written.note}: {written.config}, {written.firms_n:,} firms, seed {written.seed}"
    if not written.fresh:
        return f"{head}\nthe store {written.store} holds this very sample already; nothing changed"
    width = max(map(len, written.rows_n))
    return "\n".join(
        [
            head,
            *(f"  {table:<{width}}  {n:>12,}" for table, n in written.rows_n.items()),
            f"technology flow in default: {written.technology_strength:g} log-odds per sd",
            f"store: {written.store}",
            f"sealed truth: {written.truth}",
        ]
    )


def _show_progress(numbers: Iterable[int]) -> Iterable[int]:
    terminal = Console(stderr=True)
    return track(
        list(numbers),
        "sampling",
        console=terminal,
        transient=True,
        disable=not terminal.is_terminal,
    )


COMMANDS: tuple[click.Command, ...] = (sample,)
