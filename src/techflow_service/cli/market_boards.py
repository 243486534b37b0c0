"""Command `techflow market boards`."""

import json
from pathlib import Path
from typing import Any

import click

from techflow.basics import NotInForce
from techflow.market.listing import BoardModel
from techflow_service.cli.options import JSON, read_day
from techflow_service.listing.boards import (
    board_facts,
    board_rows,
    evidence_rows,
    judge_boards,
)
from techflow_service.listing.boards_page import render_boards, summarise
from techflow_service.listing.content import read_content
from techflow_service.listing.facts import read_facts
from techflow_service.scoring import write_rows

PATH = click.Path(path_type=Path)


@click.command("boards")
@click.argument("firms", type=PATH, help="Firms, .parquet or .csv: firm_id, a column per fact.")
@click.option("--out", required=True, type=PATH, help="Folder for tables and page.")
@click.option("--on", help="Legal date, such as 2026-06-30; today if left out.")
@click.option("--evidence", type=PATH, help="Documents: firm_id, fact, value, source, known_on.")
@click.option("--rights", type=PATH, help="Core patents: firm_id, patent_id, right, is_core.")
@click.option("--supplies", type=PATH, help="Purchases: firm_id, supplier_country, amount_cny.")
@click.option("--model", type=PATH, help="Own file in the form of boards.toml.")
@JSON
def boards(
    firms: Path,
    *,
    out: Path,
    on: str | None,
    evidence: Path | None,
    rights: Path | None,
    supplies: Path | None,
    model: Path | None,
    as_json: bool,
) -> None:
    """Which boards each firm of FIRMS fits: boards.csv, technology.csv, boards.html.

    Boards are STAR, its growth tier, ChiNext and the Beijing exchange; each answers yes, no or
    unknown with what to supply, by policies that `techflow policy show` explains. A fact without a
    column is unknown. Indicators of technology, and of control over it, stand with the document
    each rests on; where a document and FIRMS disagree, the fact is unknown.
    """
    content = read_content("boards.toml", model, BoardModel.from_data)
    day = read_day(on)
    qualifying, facts = board_facts(content, day)
    if not qualifying.ids:
        raise NotInForce(f"no policy of any board is in force on {day}")
    read = read_facts(firms, facts, on=day, evidence=evidence, rights=rights, supplies=supplies)
    found = judge_boards(read, content, qualifying, facts)
    write_rows(board_rows(found), out / "boards.csv")
    write_rows(evidence_rows(found), out / "technology.csv")
    if read.refused is not None:
        write_rows(read.refused, out / "refused.csv")
    (out / "boards.html").write_text(render_boards(found), "utf8")
    told = {"out": str(out), **summarise(found)}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / "boards.json").write_text(text + "\n", "utf8")
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _sentence(told))


def _sentence(told: dict[str, Any]) -> str:
    lines = [f"{told['firms_n']:,} firms on {told['on']}"]
    lines += [
        f"  {row['en']}: yes {row['yes_n']:,}, no {row['no_n']:,}, unknown {row['unknown_n']:,} "
        f"({row['mark'] or 'not in force'})"
        for row in told["boards"]
    ]
    if told["refused_n"]:
        lines.append(f"{told['refused_n']:,} rows of evidence refused, see refused.csv")
    for name, n in told["unreadable"].items():
        lines.append(f"column {name}: {n:,} cells could not be read, taken as unknown")
    return "\n".join([*lines, f"wrote {told['out']}"])
