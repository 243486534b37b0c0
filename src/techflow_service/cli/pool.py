"""Commands `techflow pool post | verify | balance`: the books of a pool."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from techflow.basics import InvalidInput
from techflow_service.cli.database import FOLDER, URL, find_database
from techflow_service.cli.options import JSON
from techflow_service.cli.pool_backtest import backtest
from techflow_service.cli.pool_due import due
from techflow_service.cli.pool_file import file
from techflow_service.cli.pool_optimise import optimise
from techflow_service.cli.pool_simulate import simulate
from techflow_service.cli.pool_split import split
from techflow_service.cli.pool_stress import stress
from techflow_service.clock import now
from techflow_service.ledger import Books, Entry, Proof, Refused, Request, answer, balances, verify
from techflow_service.ledger.reading import in_groups, read_requests

NOT_WHOLE = 1
TENANT = click.option(
    "--tenant", default="main", show_default=True, help="Whose pools and request keys."
)


@click.group("pool")
def pool() -> None:
    """Compensation pools: books to the last fen."""


@pool.command("post")
@click.argument(
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON Lines, one request each.",
)
@TENANT
@URL
@FOLDER
def post(file: Path, *, tenant: str, url: str | None, folder: Path) -> None:
    """Post the requests of a file, JSON Lines; print one answer a line.

    Each line is all or nothing. The first refusal ends it; lines before it are kept. Run the same
    file again after repairing it: a request already posted gives its first answer.
    """
    books = Books.open(find_database(url, folder), tenant=tenant)
    try:
        for group in in_groups(read_requests(file)):
            for entry in _posted(books, file, group):
                click.echo(json.dumps(answer(entry), ensure_ascii=False))
    finally:
        books.close()


def _posted(books: Books, file: Path, group: Sequence[tuple[int, Request]]) -> Iterator[Entry]:
    """All at once; if one is refused, which takes back all, each by itself up to that one."""
    at = now()
    try:
        yield from books.post_together([(request, at) for _, request in group])
        return
    except Refused:
        pass
    for number, request in group:
        try:
            yield books.post(request, at)
        except Refused as error:
            raise InvalidInput(f"{file}, line {number}: {error.code}: {error}") from error


@pool.command("verify")
@click.option("--pool", "pool_id", help="Only this pool.")
@click.option(
    "--head",
    nargs=2,
    type=(int, str),
    metavar="N HASH",
    help="Number and hash of an entry noted before (with --pool).",
)
@TENANT
@URL
@FOLDER
@JSON
def verify_pools(
    *,
    pool_id: str | None,
    head: tuple[int, str] | None,
    tenant: str,
    url: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Replay from zero: every hash, balance, cap and move.

    Exit code 0: whole. 1: not whole; one line per fault.
    """
    if head and not pool_id:
        raise InvalidInput("--head needs --pool: the hash is one pool's")
    books = Books.open(find_database(url, folder), tenant=tenant)
    try:
        chosen = None if pool_id is None else [pool_id]
        heads = {pool_id: head} if head and pool_id else None
        proofs = verify(books.connection, tenant=tenant, pools=chosen, heads=heads)
    finally:
        books.close()
    click.echo(json.dumps([_told(proof) for proof in proofs]) if as_json else _lines(proofs))
    if any(proof.faults for proof in proofs):
        sys.exit(NOT_WHOLE)


@pool.command("balance")
@click.argument("pool_id", metavar="POOL", help="Id of the pool.")
@TENANT
@URL
@FOLDER
@JSON
def balance(pool_id: str, *, tenant: str, url: str | None, folder: Path, as_json: bool) -> None:
    """Money of a pool by account and party, in fen, and the use of its caps."""
    books = Books.open(find_database(url, folder), tenant=tenant)
    try:
        found = balances(books.connection, tenant, pool_id)
    finally:
        books.close()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"pool {pool_id}: {found['entries_n']} entries, head {found['head_hash']}")
    for row in found["accounts_fen"]:
        click.echo(f"  {row['kind']:<10} {row['party']:<20} {row['fen']:>20,}")
    for row in found["caps"]:
        used = f"{row['used_fen']:,} of {row['limit_fen']:,}"
        click.echo(f"  cap {row['scope']} {row['subject']}: {used} fen")


def _told(proof: Proof) -> dict[str, object]:
    return proof._asdict() | {"faults": [fault._asdict() for fault in proof.faults]}


def _lines(proofs: list[Proof]) -> str:
    lines = []
    for proof in proofs:
        lines += [
            f"fault: {proof.pool_id} entry {fault.entry_n}: {fault.code} {fault.detail}"
            for fault in proof.faults
        ]
        verdict = "is whole" if not proof.faults else f"is not whole: {len(proof.faults)} faults"
        lines.append(
            f"pool {proof.pool_id} {verdict}; {proof.entries_n} entries, head {proof.head_hash}"
        )
    return "\n".join(lines) or "no pool"


for command in (split, simulate, stress, optimise, backtest, due, file):
    pool.add_command(command)
COMMANDS: tuple[click.Command, ...] = (pool,)
