"""Commands `techflow book churn | allocate`: one decision over a whole book."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from techflow_service.churning import fit_curves, load_curves
from techflow_service.training.train import write_fitted

PATH = click.Path(path_type=Path)


@click.group("book")
def book() -> None:
    """Decisions over a whole book of firms: whom to lend, how much, at what rate."""


@book.command("churn")
@click.option("--from", "source", type=PATH, help="Workbook to fit the curves on, such as annex 3.")
@click.option("--out", type=PATH, help="Folder for fitted.json; without it, fitted/cn-loan-churn.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
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


COMMANDS: tuple[click.Command, ...] = (book,)
