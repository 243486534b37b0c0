"""Command `techflow credit equity-pledge`."""

import json
from datetime import datetime
from pathlib import Path

import click

from techflow_service.cli.options import JSON
from techflow_service.scoring import read_rows, write_rows
from techflow_service.valuing.equity import equity_rows

PATH = click.Path(path_type=Path)


@click.command("equity-pledge")
@click.argument("file", type=PATH, help="Pledges of shares, .csv, .csv.gz or .parquet.")
@click.option("--out", required=True, type=PATH, help="Result, .parquet or .csv.")
@click.option("--as-of", "at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day.")
@JSON
def equity_pledge(file: Path, *, out: Path, at: datetime, as_json: bool) -> None:
    """Value, haircut and loan to value of pledged unlisted shares, one row out per row in.

    FILE has pd, closed_on of the last round, and post_money_cny with ownership_share or
    price_per_share_cny with shares_n and pledged_shares_n; where known sigma, years_to_sale,
    dilution_share, preference_cny, preferred_share, correlation, own_shares (true if the borrower
    issued them). Every term is a proposal.
    """
    rows = equity_rows(read_rows(file), at=at.date())
    write_rows(rows, out)
    counts = {"out": str(out), "rows_n": rows.height, "known_n": rows["loan_max_cny"].count()}
    words = f"{rows.height:,} rows, loan_max_cny known in {counts['known_n']:,}; wrote {out}"
    click.echo(json.dumps(counts) if as_json else words)
