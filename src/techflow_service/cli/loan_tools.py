"""Commands `techflow loan crmw | warrant | premium`."""

import json
from datetime import datetime
from pathlib import Path

import click
import polars as pl
from rich.console import Console
from rich.status import Status

from techflow.basics import InvalidInput
from techflow.flow.loan_warrants import EXERCISES
from techflow.pricing.hazard import Curve
from techflow.pricing.premium import PRINCIPLES, Loadings
from techflow.pricing.severity import LAWS
from techflow_service.cli.options import JSON, LANG
from techflow_service.ecl import read_matrix
from techflow_service.loan_tools import (
    insure_rows,
    protect_rows,
    read_curve,
    summarise_rows,
    warrant_rows,
)
from techflow_service.policies import load_laws
from techflow_service.scoring import read_rows, write_rows

PATH = click.Path(path_type=Path)
FILE = click.argument("file", type=PATH, help="Rows: .csv, .csv.gz or .parquet.")
OUT = click.option("--out", required=True, type=PATH, help="Result, .parquet or .csv.")
TOTALS = {
    "upfront_cny": ("首付费", "upfront_cny"),
    "warrant_cny": ("认股权价值", "warrant_cny"),
    "premium_cny": ("保费", "premium_cny"),
}
"""What is added up, Chinese and English."""
HEAD = ("{n:,}行，已计价{k:,}行", "{n:,} rows, {k:,} priced")
TOTAL = ("  {name}合计：{total:,.0f}元", "  {name} in all: {total:,.0f}")
UNPRICED = ("  未计价：{why}（{code}） {n:,}", "  not priced: {why} ({code}) {n:,}")
WROTE = ("结果：{out}", "wrote {out}")
FRACTION = click.FloatRange(-0.1, 1.0)
RATE = click.option("--rate-pa", type=FRACTION, help="Riskless rate, continuous; 0.02 is 2 %.")
MATRIX = click.option(
    "--migration", type=PATH, help="One-year migration matrix; else the PD stays each year."
)
ON = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Legal date of the policy.")


@click.command("crmw")
@FILE
@OUT
@RATE
@click.option("--curve", type=PATH, help="Table of years and rate_pa (forward), for --rate-pa.")
@click.option(
    "--per-year", default=4, show_default=True, type=click.IntRange(1), help="Payments a year."
)
@MATRIX
@click.option(
    "--hazard-ratio",
    default=1.0,
    show_default=True,
    help="Hazards times this: what a seller asks over what the PD expects.",
)
@LANG
@JSON
def crmw(
    file: Path,
    *,
    out: Path,
    rate_pa: float | None,
    curve: Path | None,
    per_year: int,
    migration: Path | None,
    hazard_ratio: float,
    lang: str,
    as_json: bool,
) -> None:
    """Price protection (CRMW) on the borrowers in FILE: fair spread and upfront.

    Needs maturity_years, lgd, and pd or quoted spreads (spread_1y_pa, spread_3y_pa, ...); takes
    coupon_rate_pa (else all is paid upfront) and notional_cny. One row out per row in, in the same
    order; where there is no price, reason_code says why.
    """
    if (rate_pa is None) == (curve is None):
        raise InvalidInput("give either --rate-pa or --curve")
    with _working("pricing protection"):
        found = protect_rows(
            read_rows(file),
            curve=read_curve(read_rows(curve)) if curve else Curve.flat(float(rate_pa or 0.0)),
            per_year=per_year,
            matrix=read_matrix(migration) if migration else None,
            hazard_ratio=hazard_ratio,
        )
    _finish(found, out, ("upfront_cny", lang), as_json=as_json)


@click.command("warrant")
@FILE
@OUT
@click.option("--rate-pa", type=FRACTION, required=True, help="Riskless rate, continuous.")
@click.option(
    "--dividend-rate-pa",
    type=FRACTION,
    default=0.0,
    show_default=True,
    help="Dividends over equity value, continuous.",
)
@click.option(
    "--exercise",
    type=click.Choice(EXERCISES),
    default=EXERCISES[0],
    show_default=True,
    help="At the end only, or at any time.",
)
@MATRIX
@click.option("--growth-years", type=float, help="Horizon of growth_* in FILE, in years.")
@click.option("--growth-share", type=float, help="Share of firms their interval holds, as 0.9.")
@click.option(
    "--required-rate-pa",
    type=FRACTION,
    help="What you ask of such equity, continuous: adds forecast_cny under growth_*.",
)
@ON
@LANG
@JSON
def warrant(
    file: Path,
    *,
    out: Path,
    rate_pa: float,
    dividend_rate_pa: float,
    exercise: str,
    migration: Path | None,
    growth_years: float | None,
    growth_share: float | None,
    required_rate_pa: float | None,
    on: datetime | None,
    lang: str,
    as_json: bool,
) -> None:
    """Value the warrants that come with the loans in FILE, and the yield each adds.

    Needs loan_cny, loan_term_months, equity_cny (last round), warrant_term_months, pd; volatility
    or growth_median, growth_low, growth_high of a card; warrant_subscription_cny or
    subscription_share (of the loan). Takes warrant_equity_share (else what is bought at
    equity_cny), exit_cost_share and warrant_exit. With --on, usual_terms tells whether the terms
    are those of practice. One row out per row in; reason_code says why there is no value.
    """
    if (growth_years is None) != (growth_share is None):
        raise InvalidInput("--growth-years and --growth-share come together")
    with _working("valuing warrants"):
        found = warrant_rows(
            read_rows(file),
            rate_pa=rate_pa,
            dividend_rate_pa=dividend_rate_pa,
            exercise=exercise,
            matrix=read_matrix(migration) if migration else None,
            card=(growth_years, growth_share) if growth_years and growth_share else None,
            required_rate_pa=required_rate_pa,
            laws=load_laws() if on else None,
            on=on.date() if on else None,
        )
    _finish(found, out, ("warrant_cny", lang), as_json=as_json)


@click.command("premium")
@FILE
@OUT
@click.option(
    "--law", type=click.Choice(LAWS), default=LAWS[0], show_default=True, help="Law of losses."
)
@click.option(
    "--principle",
    type=click.Choice(PRINCIPLES),
    default=PRINCIPLES[0],
    show_default=True,
    help="What risk is measured by.",
)
@click.option(
    "--risk-ratio",
    type=float,
    required=True,
    help="Share of the deviation charged; with quantile: cost a year of the capital up to it.",
)
@click.option(
    "--quantile-share",
    default=0.995,
    show_default=True,
    help="The quantile, for --principle quantile.",
)
@click.option("--expense-share", type=float, required=True, help="Expenses over the premium.")
@click.option("--profit-share", type=float, required=True, help="Profit over the premium.")
@click.option("--expense-cny", default=0.0, show_default=True, help="Expenses of each contract.")
@click.option("--subsidy", help="Policy that pays a subsidy, as cn.tech_insurance_subsidy.")
@ON
@LANG
@JSON
def premium(
    file: Path,
    *,
    out: Path,
    law: str,
    principle: str,
    risk_ratio: float,
    quantile_share: float,
    expense_share: float,
    profit_share: float,
    expense_cny: float,
    subsidy: str | None,
    on: datetime | None,
    lang: str,
    as_json: bool,
) -> None:
    """Price technology insurance in FILE: a year's premium in parts, and its subsidy.

    Needs claims_per_year, loss_mean_cny, loss_cv_ratio; takes deductible_cny, limit_cny (per
    claim), paid_share. With --subsidy and --on also tech_insurance_product and
    other_subsidies_cny: subsidy_cny and firm_pays_cny. One row out per row in; reason_code says why
    there is no premium.
    """
    if (subsidy is None) != (on is None):
        raise InvalidInput("--subsidy and --on come together")
    loadings = Loadings(
        principle=principle,
        risk_ratio=risk_ratio,
        quantile_share=quantile_share,
        expense_share=expense_share,
        profit_share=profit_share,
        expense_cny=expense_cny,
    )
    with _working("pricing premiums"):
        found = insure_rows(
            read_rows(file),
            law=law,
            loadings=loadings,
            laws=load_laws() if subsidy else None,
            policy_id=subsidy,
            on=on.date() if on else None,
        )
    _finish(found, out, ("premium_cny", lang), as_json=as_json)


def _working(what: str) -> Status:
    """A sign of life on a terminal."""
    return Console(stderr=True).status(what)


def _finish(found: pl.DataFrame, out: Path, shown: tuple[str, str], *, as_json: bool) -> None:
    total, lang = shown
    write_rows(found, out)
    told = {"out": str(out), **summarise_rows(found, total)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    place = ("zh", "en").index(lang)
    silent = found.filter(pl.col("reason_code").is_not_null())
    words = dict(silent.select("reason_code", f"reason_{lang}").iter_rows())
    click.echo(HEAD[place].format(n=told["rows_n"], k=told["priced_n"]))
    if told[total] is not None:
        click.echo(TOTAL[place].format(name=TOTALS[total][place], total=told[total]))
    for why, n in told["unpriced"].items():
        click.echo(UNPRICED[place].format(why=words[why], code=why, n=n))
    click.echo(WROTE[place].format(out=out))


SUBCOMMANDS: tuple[click.Command, ...] = (crmw, warrant, premium)
