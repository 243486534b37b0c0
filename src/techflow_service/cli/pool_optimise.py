"""Command `techflow pool optimise`."""

import json
import math
from pathlib import Path

import click
from rich.console import Console

from techflow.flow.solvency_book import Run
from techflow_service.cli.options import LANG, read_day
from techflow_service.cli.pool_simulate import BOOK, ON, OUT, RENEW, SCHEME, SEED, YEARS
from techflow_service.cli.scheme import FROM, JSON
from techflow_service.scheme_telling import Lang
from techflow_service.schemes import settled_scheme
from techflow_service.solvency.frontier_page import best_words, render_frontier
from techflow_service.solvency.optimising import Sought, optimise_file
from techflow_service.solvency.running import Asked
from techflow_service.solvency.writing import write_told


@click.command("optimise")
@SCHEME
@BOOK
@ON
@YEARS
@click.option("--scenarios", "scenarios_n", default=4_000, show_default=True, help="Scenarios.")
@SEED
@RENEW
@click.option("--size", "sizes_cny", type=float, multiple=True, help="A size to try; repeat it.")
@click.option("--share", "shares", type=float, multiple=True, help="A share to try; repeat it.")
@click.option("--target", type=float, help="Greatest chance to empty within the years.")
@click.option("--giver-rate-pa", type=float, help="Expected loss a year the lender will bear.")
@click.option("--budget", type=float, help="Most that it may cost the public.")
@OUT
@FROM
@LANG
@JSON
def optimise(
    scheme_id: str,
    book: Path,
    *,
    on: str,
    years_n: int,
    scenarios_n: int,
    seed: int,
    renew: bool,
    sizes_cny: tuple[float, ...],
    shares: tuple[float, ...],
    target: float | None,
    giver_rate_pa: float | None,
    budget: float | None,
    out: Path,
    folder: Path,
    lang: Lang,
    as_json: bool,
) -> None:
    """Find size and share of the pool: credit created against public cost, under a solvency target.

    Every size with every share over the same defaults (common random numbers); the frontier is the
    upper hull of those that keep the target. Writes frontier.html (zh and en) and frontier.json.
    """
    day = read_day(on)
    scheme = settled_scheme(folder, scheme_id, day)
    own = {"emptied_share_max": target, "bank_loss_rate_pa_max": giver_rate_pa}
    asked = Asked(day, Run(years_n, scenarios_n, seed), renew, own)
    sought = Sought(sizes_cny, shares, math.inf if budget is None else budget)
    with Console(stderr=True).status("searching"):
        told = optimise_file(book, scheme, asked, sought)
    write_told(told, render_frontier(told), out, "frontier")
    words = best_words(told)
    said = f"{words.zh if lang == 'zh' else words.en}\nwrote {out / 'frontier.html'} and .json"
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else said)
