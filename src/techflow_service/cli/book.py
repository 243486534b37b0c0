"""Commands `techflow book churn | allocate`: one decision over a whole book."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow_service.allocating.pictures import yuan
from techflow_service.allocating.running import Task, allocate_book, write_allocation
from techflow_service.allocating.shocking import read_shock
from techflow_service.churning import fit_curves, load_curves
from techflow_service.cli.options import JSON
from techflow_service.training.train import write_fitted

PATH = click.Path(path_type=Path)


@click.group("book")
def book() -> None:
    """Decisions over a whole book of firms: whom to lend, how much, at what rate."""


@book.command("churn")
@click.option("--from", "source", type=PATH, help="Workbook to fit the curves on, such as annex 3.")
@click.option("--out", type=PATH, help="Folder for fitted.json; without it, fitted/cn-loan-churn.")
@JSON
def churn(source: Path | None, out: Path | None, as_json: bool) -> None:
    """Show how customers leave as the rate rises; with --from, fit the curves and write them."""
    fitted = load_curves().fitted if source is None else fit_curves(source)
    if source is not None:
        path = (out or Path("fitted/cn-loan-churn")) / "fitted.json"
        write_fitted(fitted, path)
        click.echo(f"wrote {path}", err=True)
    click.echo(json.dumps(fitted, ensure_ascii=False) if as_json else _render(fitted))


def _render(fitted: Mapping[str, Any]) -> str:
    head = (
        f"{'rating':<8}{'decay':>8}{'start':>8}{'RMSE':>8}{'LOO':>8}{'LOO max':>9}{'LOO lines':>11}"
    )
    rows = [
        f"{name:<8}{one['decay']:>8.3f}{one['start_rate_pa']:>8.2%}{one['rmse_share']:>8.2%}"
        f"{one['loo_rmse_share']:>8.2%}{one['loo_max_share']:>9.2%}"
        f"{one['loo_rmse_isotonic_share']:>11.2%}"
        for name, one in fitted["ratings"].items()
    ]
    return "\n".join([fitted["form"], head, *rows])


@book.command("allocate")
@click.option("--assessment", required=True, type=PATH, help="Folder or file of an assessment.")
@click.option("--out", required=True, type=PATH, help="Folder for the results.")
@click.option("--firms", type=PATH, help="Only firms on this list: a column firm_id or 企业代号.")
@click.option("--budget-cny", type=float, help="Most that may be offered in all.")
@click.option("--tail-cny", type=float, help="Most that may be lost in the tail.")
@click.option(
    "--tail-measure",
    type=click.Choice(["es", "var", "el"]),
    help="Expected shortfall (as if left out), value at risk, or expected loss.",
)
@click.option("--amount-cny-min", type=float, help="Least loan.")
@click.option("--amount-cny-max", type=float, help="Greatest loan.")
@click.option("--rate-pa-min", type=float, help="Least rate, a fraction.")
@click.option("--rate-pa-max", type=float, help="Greatest rate, a fraction.")
@click.option("--beyond-limits", is_flag=True, help="Also lend above the limits of the assessment.")
@click.option(
    "--shock",
    "shocks",
    multiple=True,
    help="What happens then: sector=NAME:SHARE and partner=ID:SHARE take away a share of sales, "
    "sector-odds=NAME:FACTOR multiplies the odds of default. May be given several times.",
)
@click.option("--store", type=PATH, help="Store of the assessment: for shared counterparties.")
@JSON
def allocate(
    assessment: Path,
    out: Path,
    *,
    firms: Path | None,
    shocks: tuple[str, ...],
    store: Path | None,
    beyond_limits: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Decide over a book at once: to whom, how much, at what rate, for the highest expected profit.

    Customers leave as the rate rises, firms default together; a budget and a tail limit hold. A
    bound proves how far the book is from the best. Writes allocation.html (zh and en), .csv,
    .parquet and .json. What is left out is taken from models/book_allocation of the content.
    """
    read = tuple(read_shock(text) for text in shocks)
    task = Task(assessment, firms, read, store, not beyond_limits, given)
    with Console(stderr=True).status("deciding"):
        told, table = allocate_book(task)
        write_allocation(told, table, out)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _render_book(told, out))


def _render_book(told: Mapping[str, Any], out: Path) -> str:
    made, shock = told["decision"], told.get("shock")
    lines = [
        f"{made['offers_n']:,} offers to {made['firms_n']:,} firms, {yuan(made['offered_cny']).en};"
        f" expected lent {yuan(made['expected_lent_cny']).en}",
        f"expected profit {made['profit_cny']:,.0f} yuan, bound {made['bound_cny']:,.0f}, "
        f"gap {made['gap_ratio']:.1e}",
        f"tail {made['tail_used_cny']:,.0f} of {told['rules']['tail_cny']:,.0f} yuan "
        f"(every loan counted: ES {made['every_loan']['es_cny']:,.0f})",
        *(f"  {one['en']}: {one['profit_cny']:,.0f}" for one in told["strategies"]),
    ]
    if shock:
        again = shock["decision"]
        lines.append(
            f"after the shock: {shock['kept']['profit_cny']:,.0f} left as it is, "
            f"{again['profit_cny']:,.0f} decided again (bound {again['bound_cny']:,.0f}); "
            f"{shock['changes']['dropped_n']} firms leave, {shock['changes']['added_n']} enter"
        )
    lines += [f"{words['en']} / {words['zh']}" for words in told["basis"][:1]]
    return "\n".join([*lines, f"wrote {out / 'allocation.html'}, .csv, .parquet and .json"])


COMMANDS: tuple[click.Command, ...] = (book,)
