"""Command `techflow loan price FILE`: what each loan of a file must cost, and why."""

import json
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.flow import POOLS
from techflow.pricing import TOOLS
from techflow.pricing.instalments import REPAYMENTS
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.price_columns import Way
from techflow_service.price_schedule import list_payments
from techflow_service.price_words import explain_price, say_reason
from techflow_service.pricing import Priced, price_rows, read_tools
from techflow_service.scoring import read_rows, write_rows

PATH = click.Path(path_type=Path)


@click.command("price")
@click.argument("file", type=PATH, help="Loans: .csv, .csv.gz or .parquet.")
@click.option("--on", help="Legal date, YYYY-MM-DD; today if left out.")
@click.option("--out", required=True, type=PATH, help="Result, .parquet or .csv.")
@click.option("--tools", multiple=True, help=f"Tools, by commas: {', '.join(TOOLS)}.")
@click.option("--pool", type=click.Choice(POOLS), help="Which pool the tool pool means.")
@click.option(
    "--relending-share",
    type=float,
    help="Share of principal the central bank refinances; needed where no text gives it.",
)
@click.option(
    "--capital",
    type=click.Choice(["standardised", "irb"]),
    default="standardised",
    show_default=True,
    help="How capital is measured.",
)
@click.option(
    "--pay-every-months",
    type=click.Choice(["1", "3", "6", "12"]),
    default="12",
    show_default=True,
    help="Months between payments of interest and principal.",
)
@click.option(
    "--repayment",
    type=click.Choice(REPAYMENTS),
    default="bullet",
    show_default=True,
    help="How loans are repaid that do not say so in the column repayment.",
)
@click.option(
    "--schedule",
    type=PATH,
    help="Also write every payment of every priced loan, to the fen, .parquet or .csv.",
)
@click.option("--explain", metavar="FIRM", help="Show one firm's price on one screen.")
@LANG
@JSON
def price(
    file: Path,
    *,
    on: str | None,
    out: Path,
    tools: tuple[str, ...],
    pool: str | None,
    relending_share: float | None,
    capital: str,
    pay_every_months: str,
    repayment: str,
    schedule: Path | None,
    explain: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Price the loans in FILE: one row out per row in, same order, every part a column.

    FILE has pd and amount_cny; where known firm_id, lgd, sales_cny, term_months (else 12),
    repayment (bullet, equal_principal or equal_instalment, else --repayment), offered_rate_pa,
    use_TOOL (yes or no) and quotes of one's own such as guarantee_share, crmw_spread_rate_pa or
    warrant_cny. security (patent, equity or receivable) with pledge_value_cny (patents) or
    security_value_cny and advance_share lowers the loss. A result of `techflow loan warrant` is
    taken as it is: its reasons become warrant_reason_code. A loan without a price says why in
    reason_code. Tools are granted as if the firm qualifies: `techflow policy evaluate` says
    whether it does.
    """
    way = Way(
        on=read_day(on),
        tools=read_tools(tools),
        pool=pool,
        relending_share=relending_share,
        irb=capital == "irb",
        period_months=int(pay_every_months),
        repayment=repayment,
    )
    loans = read_rows(file)
    with Console(stderr=True).status(f"pricing {loans.height:,} loans"):
        priced = price_rows(loans, way)
    shown = explain_price(priced, _find(priced.rows, explain), lang) if explain else None
    write_rows(priced.rows, out)
    if schedule is not None:
        write_rows(list_payments(priced), schedule)
    told = _tell(priced, out)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        click.echo(shown or _render(told, lang))


def _find(rows: pl.DataFrame, firm: str) -> dict[str, Any]:
    if "firm_id" not in rows.columns:
        raise InvalidInput("--explain needs the column firm_id in the file")
    found = rows.filter(pl.col("firm_id").cast(pl.String) == firm)
    if found.is_empty():
        raise InvalidInput(f"no firm {firm} in the file; --explain takes a firm_id of it")
    return found.row(0, named=True)


def _tell(priced: Priced, out: Path) -> dict[str, Any]:
    rows = priced.rows
    counted = rows.filter(pl.col("reason_code").is_not_null())["reason_code"].value_counts()
    numbers = {
        name: {"value": n.value, "mark": n.mark, "reference": n.reference, "since": n.since}
        for name, n in priced.numbers.items()
        if n.value == n.value
    }
    middle = {
        name: rows[name].median()
        for name in ("rate_pa", "all_in_rate_pa", "raroc_rate_pa", "public_rate_pa")
    }
    return {
        "out": str(out),
        "on": priced.way.on,
        "tools": priced.way.tools,
        "rows_n": rows.height,
        "priced_n": rows["rate_pa"].count(),
        "not_priced": dict(sorted(counted.iter_rows())),
        "median": middle,
        "numbers": numbers,
    }


def _render(told: dict[str, Any], lang: str) -> str:
    words = {
        "rate_pa": ("保本利率", "break-even rate"),
        "all_in_rate_pa": ("企业综合成本", "all-in cost to the firm"),
        "public_rate_pa": ("公共支出", "public purse"),
    }
    place = ("zh", "en").index(lang)
    head = ("{n:,}笔贷款，已计价{k:,}笔", "{n:,} loans, {k:,} priced")[place]
    lines = [head.format(n=told["rows_n"], k=told["priced_n"])]
    if told["priced_n"]:
        middle = ("中位数", "median")[place]
        lines += [f"  {middle} {w[place]} {told['median'][name]:.3%}" for name, w in words.items()]
    lines += [f"  {say_reason(why, lang)}: {n:,}" for why, n in told["not_priced"].items()]
    return "\n".join([*lines, ("结果：", "wrote ")[place] + told["out"]])
