"""`techflow credit ecl FILE`: stage, expected loss and class of each loan of a file."""

import json
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.console import Console

from techflow.credit.expected_loss import BASE
from techflow.credit.loss_stages import StageRules
from techflow_service.cli.options import JSON
from techflow_service.ecl import (
    measure_loans,
    read_matrix,
    read_scenarios,
    summarise_book,
)
from techflow_service.scoring import read_rows, write_rows

PATH = click.Path(path_type=Path)
RULES = StageRules()


@click.command("ecl")
@click.argument("file", type=PATH, help="Loans: .csv, .csv.gz or .parquet.")
@click.option("--out", required=True, type=PATH, help="Result, .parquet or .csv.")
@click.option("--migration", type=PATH, help="One-year migration matrix; else PD stays each year.")
@click.option("--scenarios", type=PATH, help="Columns name, weight, log_odds_shift, lgd_factor.")
@click.option(
    "--pd-ratio-max",
    default=RULES.pd_ratio_max,
    show_default=True,
    help="PD over PD at origination above this is a significant increase; no standard sets it.",
)
@click.option(
    "--pd-rise-min",
    default=RULES.pd_rise_min,
    show_default=True,
    help="Least rise of the PD that counts, as a fraction.",
)
@click.option("--debtor", help="Column that names the debtor: applies the 10 % rule (non-retail).")
@click.option(
    "--conversion-factor",
    type=float,
    help="Share of undrawn_cny drawn by default, where the file does not tell; no default.",
)
@click.option(
    "--prepayment-rate-pa",
    default=0.0,
    show_default=True,
    help="Share of living loans repaid in full each year (conditional prepayment rate).",
)
@click.option("--by", multiple=True, help="Column that names the book in the summary; repeatable.")
@JSON
def ecl(
    file: Path,
    *,
    out: Path,
    migration: Path | None,
    scenarios: Path | None,
    pd_ratio_max: float,
    pd_rise_min: float,
    debtor: str | None,
    conversion_factor: float | None,
    prepayment_rate_pa: float,
    by: tuple[str, ...],
    as_json: bool,
) -> None:
    """Expected credit loss and five classes of the loans in FILE: one row out per row in.

    FILE is .csv, .csv.gz or .parquet with days_overdue, pd, lgd, exposure_cny, rate_pa,
    maturity_years and, where known, in_default, pd_at_origination, repayment (bullet or
    equal_principal), undrawn_cny and conversion_factor (share of it drawn by default). Where a
    stage, loss or class is missing, its reason says why.
    """
    loans, rules = read_rows(file), StageRules(pd_ratio_max=pd_ratio_max, pd_rise_min=pd_rise_min)
    matrix = read_matrix(migration) if migration else None
    states = read_scenarios(scenarios) if scenarios else BASE
    with Console(stderr=True).status(f"measuring {loans.height:,} loans"):
        found = measure_loans(
            loans,
            rules=rules,
            matrix=matrix,
            scenarios=states,
            debtor=debtor,
            conversion_factor=conversion_factor,
            prepayment_rate_pa=prepayment_rate_pa,
        )
        book = summarise_book(found, by=by)
        write_rows(found, out)
    told = {
        "out": str(out),
        "rows_n": found.height,
        "measured_n": found["ecl_cny"].count(),
        "ecl_cny": float(found["ecl_cny"].sum()),
        "unmeasured": _count(found, "loss_reason"),
        "classes": _count(found, "class_code"),
        "assumed": _assumed(loans),
        "book": book.to_dicts(),
    }
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _render(told, by))


def _assumed(loans: pl.DataFrame) -> list[str]:
    """What the file does not tell and the result therefore takes as given."""
    words = {
        "in_default": "no column in_default: days overdue alone tell default",
        "pd_at_origination": "no column pd_at_origination: days overdue alone tell an increase",
        "repayment": "no column repayment: nothing is repaid before maturity",
    }
    return [text for name, text in words.items() if name not in loans.columns]


def _count(rows: pl.DataFrame, name: str) -> dict[str, int]:
    counted = rows.filter(pl.col(name).is_not_null())[name].value_counts(sort=True)
    return dict(counted.iter_rows())


def _render(told: dict[str, Any], by: tuple[str, ...]) -> str:
    lines = [f"{told['rows_n']:,} loans, {told['measured_n']:,} measured"]
    for row in told["book"]:
        name = " ".join(str(row[key]) for key in by)
        cover = "" if row["coverage_ratio"] is None else f" ({row['coverage_ratio']:.2%})"
        stage = row["stage"] or "undecided"
        lines.append(
            f"  {name} stage {stage}: {row['loans_n']:,} loans, "
            f"exposure {row['exposure_cny']:,.0f}, loss {row['ecl_cny']:,.0f}{cover}"
        )
    lines += [f"  not measured: {why} {n:,}" for why, n in told["unmeasured"].items()]
    lines.append("  classes: " + ", ".join(f"{name} {n:,}" for name, n in told["classes"].items()))
    lines += [f"  assumed: {text}" for text in told["assumed"]]
    return "\n".join([*lines, f"wrote {told['out']}"])
