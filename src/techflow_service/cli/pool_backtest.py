"""Command `techflow pool backtest`."""

import json
from pathlib import Path

import click
from rich.console import Console

from techflow.flow.solvency_book import Run
from techflow_service.cli.options import LANG, read_day
from techflow_service.cli.pool_simulate import FILE, ON, OUT, SCHEME, SEED
from techflow_service.cli.scheme import FROM, JSON
from techflow_service.scheme_telling import Lang
from techflow_service.schemes import settled_scheme
from techflow_service.solvency.backtest_page import backtest_words, render_backtest
from techflow_service.solvency.backtesting import backtest_file
from techflow_service.solvency.running import Asked
from techflow_service.solvency.writing import write_told


@click.command("backtest")
@SCHEME
@click.argument("loans", type=FILE, help="Raw rows of the set sba-loans, .csv or .csv.gz.")
@ON
@click.option("--until", default=2004, show_default=True, help="Last year that is known.")
@click.option("--years", "years_n", default=7, show_default=True, help="Years forecast.")
@click.option("--scenarios", "scenarios_n", default=10_000, show_default=True, help="Scenarios.")
@SEED
@click.option("--asset-correlation", type=float, help="Instead of the content's.")
@OUT
@FROM
@LANG
@JSON
def backtest(
    scheme_id: str,
    loans: Path,
    *,
    on: str,
    until: int,
    years_n: int,
    scenarios_n: int,
    seed: int,
    asset_correlation: float | None,
    out: Path,
    folder: Path,
    lang: Lang,
    as_json: bool,
) -> None:
    """Forecast a guarantor's payments from what was known, and hold it against what was paid.

    The guarantee is that of each loan; the scheme of --on tells what its shares would cost. An
    illustration with its misses. Writes backtest.html (zh and en) and backtest.json.
    """
    day = read_day(on)
    scheme = settled_scheme(folder, scheme_id, day)
    own = {"asset_correlation": asset_correlation}
    asked = Asked(day, Run(years_n, scenarios_n, seed), False, own)
    with Console(stderr=True).status("simulating"):
        told = backtest_file(loans, scheme, asked, until=until)
    write_told(told, render_backtest(told), out, "backtest")
    words = backtest_words(told)
    said = f"{words.zh if lang == 'zh' else words.en}\nwrote {out / 'backtest.html'} and .json"
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else said)
