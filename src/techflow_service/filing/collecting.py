"""Rows of a file from the books, and the proof that they add to the books."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput, TechflowError
from techflow.pool import list_posted_dues, roll_claims
from techflow.pool.register import MONEY
from techflow_service.imports.files import read_file
from techflow_service.ledger import Books
from techflow_service.ledger.chain import Entry
from techflow_service.ledger.durable import settle
from techflow_service.ledger.verify import read_entries

ROUTES = {"relending": "relend", "discount": "discount"}
SUMS = """SELECT route, sum(fen)::bigint FROM entry, unnest(amounts_fen) AS fen
    WHERE tenant = %s AND pool_id = %s AND happened_on BETWEEN %s AND %s GROUP BY route"""
OPEN = "SELECT FROM pool WHERE tenant = %s AND pool_id = %s"
Row = dict[str, Any]


def collect_rows(books: Books, kind: str, pool_id: str, since: date, until: date) -> list[Row]:
    """Rows of one pool and period, whose sums are those of the books.

    Args:
        books: The open books.
        kind: `claims`, `relending` or `discount`.
        pool_id: The pool.
        since: First day.
        until: Last day, itself in.

    Raises:
        InvalidInput: There is no such pool, or the period is empty.
        TechflowError: The rows do not add to the books; nothing should be filed.
    """
    if until < since:
        raise InvalidInput(f"the period must not end before it begins; got {since} to {until}")
    settle(books.connection)
    with books.connection.transaction():
        books.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if not books.connection.execute(OPEN, [books.tenant, pool_id]).fetchall():
            raise InvalidInput(f"there is no pool {pool_id}; `techflow pool post` opens one")
        asked = [books.tenant, pool_id, since, until]
        sums: dict[str, int] = dict(books.connection.execute(SUMS, asked).fetchall())
        entries = _with_detail(read_entries(books.connection, pool_id))
        if kind == "claims":
            rows, fields = roll_claims(entries, since, until), MONEY
        else:
            route = ROUTES[kind]
            rows = list_posted_dues(entries, route, since, until)
            fields = {route: "amount_fen"}
    _reconcile(rows, fields, sums)
    return rows


def add_loans(rows: list[Row], path: Path | None, wanted: list[str]) -> list[Row]:
    """The rows with columns of a file of loans, as `loan:NAME`; empty where it has no such loan.

    Args:
        rows: Rows with `loan_id`.
        path: The file; may be left out if no column of it is wanted.
        wanted: Its columns.

    Raises:
        InvalidInput: A column or the file is not there, or a loan of the rows stands in it twice.
    """
    if not wanted:
        return rows
    if path is None:
        raise InvalidInput(f"the columns {', '.join(wanted)} are of loans: give --loans FILE")
    loans = read_file(path).rows
    if absent := [name for name in ("loan_id", *wanted) if name not in loans.columns]:
        raise InvalidInput(f"{path} lacks {', '.join(absent)}; it has {', '.join(loans.columns)}")
    found = {row["loan_id"]: row for row in loans.iter_rows(named=True)}
    times = Counter(loans["loan_id"].to_list())
    if twice := sorted({row["loan_id"] for row in rows if times[row["loan_id"]] > 1}):
        raise InvalidInput(f"{path}: loan {twice[0]} stands in it twice; keep one row of each")
    none: Mapping[str, Any] = {}
    return [
        row | {f"loan:{name}": found.get(row["loan_id"], none).get(name) for name in wanted}
        for row in rows
    ]


def _with_detail(entries: Iterator[Entry]) -> Iterator[tuple[Entry, Row]]:
    for entry in entries:
        yield entry, json.loads(entry.detail)


def _reconcile(rows: list[Row], fields: Mapping[str, str], sums: Mapping[str, int]) -> None:
    for route, field in fields.items():
        listed, kept = sum(row[field] for row in rows), sums.get(route, 0)
        if listed != kept:
            raise TechflowError(
                f"{field} of the list is {listed} fen and the books have {kept} fen of {route}; "
                "do not file it: run `techflow pool verify`"
            )
