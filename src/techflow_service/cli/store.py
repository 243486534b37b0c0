"""Commands about the store: `techflow store check`, `techflow store show`."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import track

from techflow_service.cli.options import JSON
from techflow_service.store import Part, Problem, Store, check_store, describe_store

NOT_WHOLE = 1
SOURCES_SHOWN = 20
STORE = click.option(
    "--store",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the store.",
)


@click.group("store")
def store() -> None:
    """Look at a store, and prove it whole."""


@store.command("check")
@STORE
@JSON
def check(path: Path, as_json: bool) -> None:
    """Read everything again and compare it with the manifest, the dictionary and the totals.

    Exit code 0: whole. 1: not whole; one line per problem.
    """
    problems = check_store(path, watch=_show_progress)
    whole = all(problem.note for problem in problems)
    if as_json:
        found = [asdict(problem) for problem in problems]
        click.echo(json.dumps({"store": str(path), "whole": whole, "problems": found}))
    else:
        for line in _render_check(path, problems, whole):
            click.echo(line)
    if not whole:
        sys.exit(NOT_WHOLE)


@store.command("show")
@STORE
@JSON
def show(path: Path, as_json: bool) -> None:
    """Tables, rows and versions; sources, and how fresh they are."""
    summary = describe_store(Store.open(path).snapshot())
    click.echo(json.dumps(summary) if as_json else "\n".join(_render_summary(summary)))


def _show_progress(parts: Iterable[Part]) -> Iterable[Part]:
    terminal = Console(stderr=True)
    return track(
        list(parts), "checking", console=terminal, transient=True, disable=not terminal.is_terminal
    )


def _render_check(path: Path, problems: Sequence[Problem], whole: bool) -> list[str]:
    lines = [
        f"{'note' if found.note else 'problem'}: {found.where}: {found.text}" for found in problems
    ]
    wrong_n = sum(not found.note for found in problems)
    verdict = "is whole" if whole else f"is not whole: {wrong_n} problem{'s'[: wrong_n > 1]}"
    return [*lines, f"store {path} {verdict}"]


def _render_summary(summary: dict[str, Any]) -> list[str]:
    head = (
        f"store {summary['store']}, version {summary['version']}, {summary['rows_n']:,} rows, "
        f"{summary['bytes_n'] / 1e6:,.1f} MB, last loaded {_minute(summary['loaded_at'])}"
    )
    tables = [
        (item["table"], f"{item['rows_n']:,}", f"{item['parts_n']:,}", f"{item['version']}")
        for item in summary["tables"]
    ]
    sources = [
        (
            item["source_name"],
            item["importer"],
            *(f"{item[name]:,}" for name in ("rows_n", "kept_n", "quarantined_n")),
            _minute(item["known_at"]),
            _minute(item["loaded_at"]),
        )
        for item in summary["sources"]
    ]
    lines = [head, "", *_align("<>>>", [("table", "rows", "parts", "changed in"), *tables])]
    titles = ("source", "importer", "rows", "kept", "quarantined", "known until", "loaded")
    lines += ["", *_align("<<>>><<", [titles, *sources[:SOURCES_SHOWN]])]
    if older_n := len(sources[SOURCES_SHOWN:]):
        lines.append(f"and {older_n} older sources; --json lists all")
    return lines


def _minute(stamp: str | None) -> str:
    return f"{stamp[:16].replace('T', ' ')} UTC" if stamp else "never"


def _align(sides: str, rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_pad, row, sides, widths)).rstrip() for row in rows]


def _pad(cell: str, side: str, width: int) -> str:
    # A Chinese character takes two cells of a terminal.
    blanks = " " * (width - cell_len(cell))
    return cell + blanks if side == "<" else blanks + cell


COMMANDS: tuple[click.Command, ...] = (store,)
