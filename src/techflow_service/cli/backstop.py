"""Command `techflow backstop simulate`."""

import json
from pathlib import Path

import click

from techflow.basics import InvalidInput
from techflow_service.backstop.page import render_backstop
from techflow_service.backstop.running import hazard_rows, simulate_backstop, sized_rows
from techflow_service.cli.options import JSON
from techflow_service.scoring import write_rows

PATH = click.Path(path_type=Path)


@click.group("backstop")
def backstop() -> None:
    """A fund that buys when a market falls fast, against none."""


@backstop.command("simulate")
@click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
@click.option("--model", type=PATH, help="Own file in the form of backstop.toml.")
@click.option(
    "--set", "moved", multiple=True, help="NAME=NUMBER, such as world.leverage=3; repeatable."
)
@click.option(
    "--years", default=1.0, show_default=True, type=click.FloatRange(0.1, 10), help="Horizon."
)
@click.option(
    "--paths", "paths_n", default=10000, show_default=True, type=click.IntRange(100), help="Paths."
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed.")
@JSON
def simulate(
    *,
    out: Path,
    model: Path | None,
    moved: tuple[str, ...],
    years: float,
    paths_n: int,
    seed: int,
    as_json: bool,
) -> None:
    """Trigger, size, exit and moral hazard of a backstop fund: backstop_sizes.csv, _hazards, .html.

    Jumps, forced sales with price impact, and the fund's trades, on the same draws with and without
    it; each number with its standard error. No official design exists: all is a proposal.
    """
    numbers = dict(_moved(text) for text in moved)
    told = simulate_backstop(model, numbers, years=years, paths_n=paths_n, seed=seed)
    write_rows(sized_rows(told), out / "backstop_sizes.csv")
    write_rows(hazard_rows(told), out / "backstop_hazards.csv")
    (out / "backstop.html").write_text(render_backstop(told), "utf8")
    plain, shown = told.sized[0].judged.severe, next(s for s in told.sized if s.size == told.shown)
    figures = {
        "out": str(out),
        "chosen_share": told.chosen,
        "severe_without": plain._asdict(),
        "severe_with": shown.judged.severe._asdict(),
        "gain": shown.judged.gain._asdict(),
        "surely_helps_up_to": told.turns[0],
        "surely_harms_from": told.turns[1],
    }
    words = "no size meets the target; " if told.chosen is None else ""
    click.echo(
        json.dumps(figures)
        if as_json
        else f"{words}fund of {told.shown:.1%}: severe fall {shown.judged.severe.value:.1%} ± "
        f"{shown.judged.severe.error:.1%} against {plain.value:.1%} ± {plain.error:.1%} without; "
        f"the fund makes {shown.judged.gain.value:.3%} ± {shown.judged.gain.error:.3%}; wrote {out}"
    )


def _moved(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise InvalidInput(f"--set must be NAME=NUMBER; got {text!r}") from None


COMMANDS: tuple[click.Command, ...] = (backstop,)
