"""Command `techflow market match`."""

import importlib
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow_service.cli.market_boards import boards
from techflow_service.cli.market_exit import exits
from techflow_service.cli.market_proceeds import proceeds
from techflow_service.cli.market_projects import projects
from techflow_service.cli.options import JSON
from techflow_service.scoring import write_rows

TABLE = click.Path(path_type=Path)


@click.group("market")
def market() -> None:
    """The market: firms and products, projects and patient money."""


@market.command("match")
@click.argument("firms", type=TABLE, help="Firms, .csv, .csv.gz or .parquet.")
@click.argument("products", type=TABLE, help="Products.")
@click.argument("arcs", required=False, type=TABLE, help="Pairs of firm and product.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the result."
)
@click.option(
    "--method",
    default="best",
    show_default=True,
    type=click.Choice(["best", "stable", "fair"]),
    help="Greatest total; no pair that would rather leave; or that with a fair share of places.",
)
@click.option(
    "--group",
    default="region",
    show_default=True,
    help="Column of FIRMS whose values have their share of each product's places, for fair.",
)
@JSON
def match(
    firms: Path,
    products: Path,
    arcs: Path | None,
    *,
    out: Path,
    method: str,
    group: str,
    as_json: bool,
) -> None:
    """Match FIRMS to PRODUCTS under quotas: firms.csv, products.csv and summary.json.

    FIRMS needs firm_id; PRODUCTS product_id, provider and places_n (firms it takes) or capacity_cny
    (yuan it lends). A product may be limited by sectors, regions, stages (values of the firm's
    sector, region, stage, split by `;`), amount_min_cny and amount_max_cny; either side by
    gain_min_cny, the least gain it accepts (0).

    ARCS needs firm_id, product_id, firm_gain_cny and provider_gain_cny, what each side gains beside
    having nothing; amount_cny if not the firm's. Without ARCS all pairs are weighed: the firm gains
    amount_cny x (rate_max_pa - rate_pa), the provider amount_cny x (rate_pa - break_even_rate_pa +
    relief_rate_pa).

    Each firm has one row, in the same order, with its product and why this rather than the next
    best. The summary has the total, a bound that no matching exceeds, and the gap. Needs the extra
    `simulate`.
    """
    console = Console(stderr=True)
    with console.status("reading") as status:
        found = _matching().match_files(
            (firms, products, arcs), method=method, group_by=group, watch=status.update
        )
    write_rows(found.firms, out / "firms.csv")
    write_rows(found.products, out / "products.csv")
    text = json.dumps(found.summary, ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", "utf8")
    told = {"out": str(out), **found.summary}
    click.echo(json.dumps(told) if as_json else _sentence(told))


@market.command("add")
@click.argument("firms", type=TABLE, help="Firms that are there, as for match.")
@click.argument("products", type=TABLE, help="Products, with places_n.")
@click.argument("new", type=TABLE, help="Firms that come, with the same columns.")
@click.option("--arcs", type=TABLE, help="Pairs of all firms and products, as for match.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the result."
)
@JSON
def add(
    *, firms: Path, products: Path, new: Path, arcs: Path | None, out: Path, as_json: bool
) -> None:
    """Let NEW firms into a matched market: what they get, who gives way, and why.

    The best matching of FIRMS is found first; each new firm then needs one pass of exchanges. The
    result is proved best like that of `match`: firms.csv has the product before, the product after
    and the reason of each firm.
    """
    console = Console(stderr=True)
    with console.status("reading") as status:
        found = _matching().add_files((firms, products, arcs), new, watch=status.update)
    write_rows(found.firms, out / "firms.csv")
    write_rows(found.products, out / "products.csv")
    told = {"out": str(out), **found.summary}
    if as_json:
        click.echo(json.dumps(told))
        return
    for row in found.firms.tail(found.summary["new_n"]).iter_rows(named=True):
        click.echo(f"{row['firm_id']}: {row['product_id'] or 'no product'}. {row['reason_en']}")
    for row in found.firms.filter("moved").iter_rows(named=True):
        click.echo(
            f"{row['firm_id']} moves from {row['product_before_id']} to "
            f"{row['product_id'] or 'no product'}"
        )
    click.echo(_sentence(told))


def _matching() -> Any:
    # Its kernels need an extra that a core installation does not have.
    try:
        return importlib.import_module("techflow_service.matching.market")
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error}; install techflow[simulate]") from error


def _sentence(told: dict[str, Any]) -> str:
    return (
        f"{told['matched_n']:,} of {told['firms_n']:,} firms matched to {told['products_n']:,} "
        f"products; total {told['total_cny']:,.2f} yuan, bound {told['bound_cny']:,.2f}, "
        f"gap {told['gap_share']:.2e}; wrote {told['out']}"
    )


market.add_command(boards)
market.add_command(exits)
market.add_command(proceeds)
market.add_command(projects)

COMMANDS: tuple[click.Command, ...] = (market,)
