"""Command `techflow pool stress`."""

import json
from pathlib import Path

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.flow.solvency_book import Run
from techflow_service.cli.options import LANG, read_day
from techflow_service.cli.pool_simulate import BOOK, ON, OUT, RENEW, SCHEME, SEED, YEARS
from techflow_service.cli.scheme import FROM, JSON
from techflow_service.scheme_telling import Lang
from techflow_service.schemes import settled_scheme
from techflow_service.solvency.running import Asked
from techflow_service.solvency.stress_page import render_stress, tell_stress
from techflow_service.solvency.stressing import Stress, stress_file
from techflow_service.solvency.writing import write_told


@click.command("stress")
@SCHEME
@BOOK
@ON
@YEARS
@click.option("--scenarios", "scenarios_n", default=2_000, show_default=True, help="Scenarios.")
@SEED
@RENEW
@click.option(
    "--deviations",
    type=float,
    help="What firms share in the first year, in standard deviations; below 0 is bad, as -3.",
)
@click.option("--pd-times", default=1.0, show_default=True, help="Times default probabilities.")
@click.option("--lgd-times", default=1.0, show_default=True, help="Times loss given default.")
@click.option("--sector", "sectors", multiple=True, help="Only this sector; repeat it.")
@click.option("--reverse", is_flag=True, help="Also the mildest shocks that empty the pool.")
@click.option("--chance", default=0.5, show_default=True, help="With which it is then empty.")
@OUT
@FROM
@LANG
@JSON
def stress(
    scheme_id: str,
    book: Path,
    *,
    on: str,
    years_n: int,
    scenarios_n: int,
    seed: int,
    renew: bool,
    deviations: float | None,
    pd_times: float,
    lgd_times: float,
    sectors: tuple[str, ...],
    reverse: bool,
    chance: float,
    out: Path,
    folder: Path,
    lang: Lang,
    as_json: bool,
) -> None:
    """Shock the BOOK of a pool: who bears what; with --reverse, what it takes to empty the pool.

    The same random numbers before and after. --reverse finds the least shock to all firms, to each
    sector, to default probabilities and to loss rates under which the pool fails with --chance; a
    pool without a purse fails where a cap or breaker holds. Writes stress.html (zh and en) and
    stress.json. Needs the extra `simulate`.
    """
    if deviations is None and pd_times == 1.0 and lgd_times == 1.0 and not reverse:
        raise InvalidInput(
            "say a shock (--deviations -3, --pd-times 2, --lgd-times 1.5) or --reverse"
        )
    day = read_day(on)
    scheme = settled_scheme(folder, scheme_id, day)
    asked = Asked(day, Run(years_n, scenarios_n, seed), renew, {})
    shock = Stress(deviations, pd_times, lgd_times, sectors, reverse, chance)
    with Console(stderr=True).status("simulating"):
        told = stress_file(book, scheme, asked, shock)
    write_told(told, render_stress(told), out, "stress")
    said = f"{tell_stress(told, lang)}\nwrote {out / 'stress.html'} and .json"
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else said)
