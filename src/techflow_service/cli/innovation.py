"""Commands `techflow innovation fields | flow`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON
from techflow_service.innovating.fields import Columns, Fields, overlay_rows, rank_fields
from techflow_service.innovating.fields_page import render_fields
from techflow_service.innovating.flow import describe_columns, load_flow_model, score_firms
from techflow_service.scoring import read_rows, write_rows

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("innovation")
def innovation() -> None:
    """Innovation: technology flow of firms, fields of technology that emerge."""


@innovation.command("flow")
@click.argument(
    "file",
    required=False,
    type=click.Path(path_type=Path),
    help="Firms, .csv, .csv.gz or .parquet.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Result, .parquet or .csv.")
@click.option("--as-of", "at", type=DAY, help="Score only what was known on this day.")
@click.option(
    "--known", default="known_on", show_default=True, help="Column with the day, for --as-of."
)
@click.option("--show", is_flag=True, help="List the columns the model looks at, and stop.")
@JSON
def flow(
    file: Path | None,
    *,
    out: Path | None,
    at: datetime | None,
    known: str,
    show: bool,
    as_json: bool,
) -> None:
    """Technology flow of the firms of FILE: one row out per row in, in the same order.

    A column that is not in the file is unknown for every firm: it lowers what is known, never the
    score. With --as-of the file may hold a firm on several days: a row known later has no score,
    and flow_latest marks the last one known. A ranking of evidence and a proposal, no default
    probability.
    """
    model = load_flow_model()
    if show:
        _show(describe_columns(model), as_json=as_json)
        return
    if file is None or out is None:
        raise InvalidInput("innovation flow needs FILE and --out, or --show")
    scored = score_firms(read_rows(file), model, as_of=at.date() if at else None, known_in=known)
    write_rows(scored.rows, out)
    counts = {
        "out": str(out),
        "rows_n": scored.rows.height,
        "scored_n": scored.rows["flow_score"].count(),
        "absent": list(scored.absent),
        "unreadable_n": scored.unreadable_n,
    }
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(f"{counts['rows_n']:,} rows, {counts['scored_n']:,} scored; wrote {out}")
    if scored.absent:
        click.echo(
            f"not in the file, so unknown / 文件没有，按未知处理: {', '.join(scored.absent)}"
        )
    if scored.unreadable_n:
        click.echo(f"{scored.unreadable_n:,} cells are no number: unknown / 非数值，按未知处理")


def _show(columns: pl.DataFrame, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(columns.to_dicts(), ensure_ascii=False))
        return
    for name, zh, en, dimension_zh, dimension_en, _ in columns.rows():
        click.echo(f"{name:24}{zh} / {en} ({dimension_zh} / {dimension_en})")


@innovation.command("fields")
@click.argument(
    "file", type=click.Path(path_type=Path), help="Applications, .csv, .csv.gz or .parquet."
)
@click.option("--field", required=True, help="Column with the field: a code, or several by `;`.")
@click.option(
    "--as-of", "at", required=True, type=DAY, help="What was published later is not seen."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for tables and page."
)
@click.option("--length", type=click.IntRange(1), help="Keep so many characters of a code.")
@click.option("--patent", default="patent_id", show_default=True, help="Column with the patent.")
@click.option("--applicant", default="applicant_id", show_default=True, help="Its applicant.")
@click.option("--filed", default="filed_on", show_default=True, help="Filing date, YYYY-MM-DD.")
@click.option("--published", default="published_on", show_default=True, help="Publication date.")
@click.option(
    "--lag-months", type=click.IntRange(0), help="Months from filing to publication (default 18)."
)
@click.option("--sectors", type=click.Path(path_type=Path), help="Links: field, sector, share.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Seed of ranks.")
@JSON
def fields(
    file: Path,
    *,
    at: datetime,
    out: Path,
    lag_months: int | None,
    sectors: Path | None,
    seed: int,
    as_json: bool,
    **columns: Any,
) -> None:
    """Fields of FILE by growth: fields.csv, field_years.csv and fields.html (zh and en).

    Growth is beside all fields over five complete years, shrunk so that small fields do not lead by
    chance, with the 90 % interval of the rank. Years that are not public yet are null. What emerges
    is a proposal; with --sectors also sectors.csv, which is informational.
    """
    named = Columns(**columns)
    found = rank_fields(read_rows(file), named, as_of=at.date(), lag_months=lag_months, seed=seed)
    write_rows(found.fields, out / "fields.csv")
    write_rows(found.years, out / "field_years.csv")
    if sectors:
        write_rows(overlay_rows(found, read_rows(sectors)), out / "sectors.csv")
    page = render_fields(found, as_of=at.date().isoformat(), field=named.field)
    (out / "fields.html").write_text(page, "utf8")
    _tell(found, out, as_json=as_json)


def _tell(found: Fields, out: Path, *, as_json: bool) -> None:
    counts = {
        "out": str(out),
        "fields_n": found.fields.height,
        "emerging_n": int(found.fields["emerging"].sum()),
        "until_year": found.until_year,
        "absent": list(found.absent),
    }
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(
        f"{counts['fields_n']:,} fields to {found.until_year}, {counts['emerging_n']} emerge; "
        f"wrote {out / 'fields.html'}, fields.csv, field_years.csv"
    )
    if found.absent:
        click.echo(f"not in the file, so unknown / 文件没有，按未知处理: {', '.join(found.absent)}")


COMMANDS: tuple[click.Command, ...] = (innovation,)
