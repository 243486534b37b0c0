"""Command `techflow pool file`: lists in the form an authority takes."""

import json
from pathlib import Path

import click

from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.filing.collecting import add_loans, collect_rows
from techflow_service.filing.columns import read_form
from techflow_service.filing.writing import told_sums, write_list
from techflow_service.ledger import Books


@click.command("file")
@click.argument(
    "kind",
    type=click.Choice(["claims", "relending", "discount"]),
    help="Claims for compensation, relending ledger, or claims for interest discount.",
)
@click.option("--pool", "pool_id", required=True, help="Id of the pool.")
@click.option("--since", required=True, help="First day of the period, YYYY-MM-DD.")
@click.option("--until", required=True, help="Last day of the period, itself in.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--format", "form_kind", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True,
    help="Kind of file.",
)  # fmt: skip
@click.option("--columns", type=click.Path(path_type=Path), help="Columns; ours if left out.")
@click.option("--loans", type=click.Path(path_type=Path), help="Loans by loan_id, for `loan:NAME`.")
@click.option("--tenant", default="main", show_default=True, help="Whose pools.")
@URL
@FOLDER
@LANG
@JSON
def file(
    kind: str,
    *,
    pool_id: str,
    since: str,
    until: str,
    out: Path,
    form_kind: str,
    columns: Path | None,
    loans: Path | None,
    tenant: str,
    url: str | None,
    folder: Path,
    lang: str,
    as_json: bool,
) -> None:
    """Write the list of a period from the books of a pool.

    Its totals are held against the books to the fen before anything is written; the same books give
    the same bytes. Columns are a content file with a Chinese and an English header each.
    """
    form, period = (
        read_form(kind, columns),
        (read_day(since, "--since"), read_day(until, "--until")),
    )
    books = Books.open(find_database(url, folder), tenant=tenant)
    try:
        rows = collect_rows(books, kind, pool_id, *period)
    finally:
        books.close()
    write_list(form, add_loans(rows, loans, form.loan_columns), out, lang, form_kind)
    said = {
        "zh": f"{form.zh}：{len(rows)}行，合计与账簿一致（到分），已写入 {out}",
        "en": f"{form.en}: {len(rows)} rows, totals equal the books to the fen; wrote {out}",
    }
    told = {"kind": kind, "rows_n": len(rows), "file": str(out), **told_sums(rows)}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else said[lang])
