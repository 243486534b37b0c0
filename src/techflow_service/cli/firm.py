"""Command `techflow firm plan`."""

import json
from pathlib import Path

import click

from techflow.flow.planning import Planner
from techflow.flow.planning_asked import Need
from techflow.flow.planning_told import plan_firm
from techflow.pricing.product import PURPOSES
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.planning import (
    asked_facts,
    assessed_on,
    describe_plan,
    load_assumed,
    read_applicant,
    read_rates,
)
from techflow_service.planning_told import tell_plan
from techflow_service.planning_tools import ToolDesk
from techflow_service.policies import load_laws, titles_of
from techflow_service.products import load_products

MONEY_PURPOSES = [name for name in PURPOSES if name != "risk"]


@click.group("firm")
def firm() -> None:
    """One firm: the cheapest combination of products for what it needs."""


@firm.command("plan")
@click.option(
    "--assessment",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder made by `techflow assess`.",
)
@click.option("--firm", "firm_id", required=True, help="firm_id of the folder.")
@click.option("--amount-cny", required=True, type=float, help="Money asked for, yuan.")
@click.option("--term-months", required=True, type=int, help="For how long.")
@click.option("--purpose", required=True, metavar="P", help=f"One of {', '.join(MONEY_PURPOSES)}.")
@click.option("--project-cny", type=float, help="Cost of the project, or price of the acquisition.")
@click.option(
    "--products",
    "products_from",
    type=click.Path(path_type=Path),
    help="A folder of product folders of your own, instead of those that come along.",
)
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the folder does not know, such as post_money_cny=50000000 or cn.hnte=yes; may be "
    "repeated and goes before the folder.",
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="PRODUCT=RATE",
    help="Rate a year that was quoted for a product, such as guaranteed-loan=0.045, without its "
    "fees; may be repeated and goes before our price.",
)
@click.option("--products-max", type=int, help="Most products at once.")
@click.option("--dilution-max", type=float, help="Most of the firm given away, a share.")
@click.option("--on", help="Day of the terms, YYYY-MM-DD; day of the assessment if left out.")
@LANG
@JSON
def plan_one(
    folder: Path,
    firm_id: str,
    *,
    amount_cny: float,
    term_months: int,
    purpose: str,
    project_cny: float | None,
    products_from: Path | None,
    facts: tuple[str, ...],
    rates: tuple[str, ...],
    products_max: int | None,
    dilution_max: float | None,
    on: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Plan the money of one firm: products, cost, schedule, and what one more fact would save."""
    assumed = load_assumed()
    need = Need(
        amount_cny,
        term_months,
        purpose,
        project_cny,
        int(assumed["products_n_max"]) if products_max is None else products_max,
        assumed["dilution_share_max"] if dilution_max is None else dilution_max,
    )
    day = read_day(on) if on else assessed_on(folder)
    laws = load_laws()
    products = load_products(*(() if products_from is None else (products_from,)), policies=laws)
    applicant, name = read_applicant(folder, firm_id, facts, askable=asked_facts(products))
    quoted = read_rates(rates, products)
    tools = ToolDesk(products, laws, on=day, assumed=assumed)
    plan = plan_firm(Planner(products, day, assumed, quoted, tools, tools.lgds), applicant, need)
    if as_json:
        told = {"on": day.isoformat(), "name": name, **describe_plan(plan)}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo("\n".join(tell_plan(plan, (name, day), titles_of(laws), lang)))


COMMANDS: tuple[click.Command, ...] = (firm,)
