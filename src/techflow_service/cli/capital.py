"""Commands `techflow capital return | allocate | managers | suitability`."""

import importlib
import json
from pathlib import Path
from typing import Any

import click

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON, read_day
from techflow_service.long_capital.manager_page import render_managers
from techflow_service.long_capital.managing import assess_managers
from techflow_service.long_capital.return_page import render_returns
from techflow_service.long_capital.returning import tell_returns
from techflow_service.long_capital.suiting import judge_files, render_suitability
from techflow_service.scoring import write_rows

PATH = click.Path(path_type=Path)
OUT = click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
MODEL = click.option(
    "--model", type=PATH, help="Own folder in the form of models/long_capital (files you change)."
)
SEED = click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed.")
DRAWS = click.option(
    "--draws", "draws_n", default=200, show_default=True, type=click.IntRange(2), help="Resamples."
)
SHARE = click.FloatRange(0.0, 1.0, min_open=True, max_open=True)


@click.group("capital")
def capital() -> None:
    """Long-term capital: return after tax, allocation within limits, managers, suitability."""


@capital.command("return")
@OUT
@click.option("--growth", "growth_pa", type=float, help="Yearly growth of the price, share.")
@click.option("--dividend", "dividend_pa", type=float, help="Yearly dividend, share.")
@click.option("--income-rate", type=click.FloatRange(0, 1, max_open=True), help="Income tax rate.")
@click.option(
    "--pension-rate", type=click.FloatRange(0, 1, max_open=True), help="Tax rate of a pension."
)
@MODEL
@JSON
def returns(*, out: Path, model: Path | None, as_json: bool, **moved: float | None) -> None:
    """Return after tax by holder and years held: capital_return.csv, _edges, _cost, .html.

    Exemption (paid in untaxed), deferral, tax on dividends and gains by length of holding, what an
    exemption costs the public. Rates are marked; growth is a scenario and no promise.
    """
    told = tell_returns(model, moved)
    write_rows(told.rows, out / "capital_return.csv")
    write_rows(told.edges, out / "capital_return_edges.csv")
    write_rows(told.costs, out / "capital_return_cost.csv")
    (out / "capital_return.html").write_text(render_returns(told), "utf8")
    counts = {"out": str(out), "regimes_n": len(told.lines), "edges_n": told.edges.height}
    _say(
        counts,
        f"{len(told.lines)} ways of taxing over {len(told.assumed['years'])} lengths of holding, "
        f"{told.edges.height} edges on both sides; wrote {out}",
        as_json=as_json,
    )


@capital.command("allocate")
@click.argument("file", type=PATH, help="Returns by period, a column per asset, shares.")
@OUT
@click.option("--holder", default="own", show_default=True, help="Holder of holders.toml.")
@click.option("--on", help="Day of the law, such as 2026-06-30 (default: today).")
@click.option("--solvency", help="An insurer's comprehensive solvency ratio, such as 210%.")
@click.option("--capital", "capital_share_max", type=SHARE, help="Most capital, as a share.")
@click.option(
    "--held-months", default=0.0, show_default=True, type=click.FloatRange(0), help="Months held."
)
@click.option("--tail", "tail_share", default=0.05, show_default=True, type=SHARE, help="Worst.")
@click.option("--mean", "mean_min", type=float, help="Least mean (default: that of equal weights).")
@DRAWS
@SEED
@MODEL
@JSON
def allocate(*, out: Path, on: str | None, model: Path | None, as_json: bool, **how: Any) -> None:
    """Spread capital in four ways within a holder's limits: allocation.csv, _measures, .html.

    Equal weights, least variance, least shortfall, risk parity; each with 90 % intervals and what
    it does on scenarios it had not seen. Needs the extra `train`.
    """
    try:
        running = importlib.import_module("techflow_service.long_capital.allocating")
        page = importlib.import_module("techflow_service.long_capital.allocate_page")
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[train]") from error
    asked = running.Asked(on=read_day(on), folder=model, **how)
    told = running.allocate_file(asked)
    write_rows(running.allocation_rows(told), out / "allocation.csv")
    rows = running.measure_rows(told)
    write_rows(rows, out / "allocation_measures.csv")
    (out / "allocation.html").write_text(page.render_allocation(told, asked), "utf8")
    tails = dict(rows.select("method", "unseen_shortfall_share").iter_rows())
    words = ", ".join(f"{name} {value:.1%}" for name, value in tails.items())
    _say(
        {"out": str(out), "limits": list(told.limits.names), "unseen_shortfall": tails},
        f"{len(told.assets)} assets, limits: {', '.join(told.limits.names) or 'none'}; loss in the "
        f"worst unseen scenarios: {words}; wrote {out}",
        as_json=as_json,
    )


@capital.command("managers")
@click.argument(
    "file",
    type=PATH,
    help="Rows manager, fund, vintage, day, call_cny, distribution_cny, nav_cny.",
)
@click.option("--index", required=True, type=PATH, help="Public index with dividends: day, level.")
@OUT
@click.option(
    "--draws", "draws_n", default=2000, show_default=True, type=click.IntRange(2), help="Draws."
)
@SEED
@JSON
def managers(file: Path, *, index: Path, out: Path, draws_n: int, seed: int, as_json: bool) -> None:
    """Managers over long cycles: managers.csv, manager_funds.csv and managers.html.

    TVPI, DPI, public market equivalent (Kaplan and Schoar), internal rate, each with a bootstrap
    interval over funds; quartile within the vintage. Fewer than three funds are not judged.
    """
    told = assess_managers(file, index, draws_n=draws_n, seed=seed)
    write_rows(told.managers, out / "managers.csv")
    write_rows(told.funds, out / "manager_funds.csv")
    (out / "managers.html").write_text(render_managers(told), "utf8")
    verdicts = told.managers["verdict"].to_list()
    counts = {name: verdicts.count(name) for name in sorted(set(verdicts))}
    _say(
        {"out": str(out), "until": told.until, "verdicts": counts},
        f"{len(verdicts)} managers until {told.until}: "
        f"{', '.join(f'{count} {name}' for name, count in counts.items())}; wrote {out}",
        as_json=as_json,
    )


@capital.command("suitability")
@click.argument("file", type=PATH, help="Holders, one row each.")
@click.option("--products", required=True, type=PATH, help="Products, one row each.")
@OUT
@MODEL
@JSON
def suitability(
    file: Path, *, products: Path, out: Path, model: Path | None, as_json: bool
) -> None:
    """Whom a product suits, and why not, in plain words: suitability.csv and suitability.html.

    FILE: holder_id, risk_class (1-5), horizon_months, loss_bearable_share, wealth_cny,
    cash_need_cny, amount_cny. Products: product_id, risk_level (1-5), lock_months,
    loss_tail_share. An empty cell is not known and never a yes.
    """
    judged = judge_files(file, products, model)
    write_rows(judged, out / "suitability.csv")
    (out / "suitability.html").write_text(render_suitability(judged), "utf8")
    verdicts = judged["verdict"].to_list()
    counts = {name: verdicts.count(name) for name in ("yes", "no", "unknown")}
    _say(
        {"out": str(out), **counts},
        f"{len(verdicts)} pairs: {counts['yes']} fit, {counts['no']} do not, of "
        f"{counts['unknown']} too little is known; wrote {out}",
        as_json=as_json,
    )


def _say(told: dict[str, Any], words: str, *, as_json: bool) -> None:
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words)


COMMANDS: tuple[click.Command, ...] = (capital,)
