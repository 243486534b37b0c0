"""Migrations: numbered SQL files, each run once, each kept as it was run."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from techflow.basics import InvalidInput, TechflowError
from techflow_service.ledger.driver import SCHEMA

if TYPE_CHECKING:
    from psycopg import Connection

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_302_611
NAME = re.compile(r"(\d{4})_[a-z_]+\.sql")


class Migration(NamedTuple):
    """One step of the books' structure."""

    number: int
    name: str
    sha256: str
    sql: str


def read_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All steps in order.

    Args:
        folder: Files like `0001_tables.sql`.

    Raises:
        InvalidInput: A name is none, or the numbers are not 1, 2, 3, ...
    """
    steps: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        found = NAME.fullmatch(path.name)
        if not found or int(found[1]) != len(steps) + 1:
            raise InvalidInput(
                f"migrations are numbered 0001_name.sql, 0002_name.sql, ...; got {path.name} as "
                f"number {len(steps) + 1}"
            )
        text = path.read_text("utf8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        steps.append(Migration(len(steps) + 1, path.name, digest, text))
    return tuple(steps)


def migrate(connection: "Connection[Any]", steps: tuple[Migration, ...] | None = None) -> int:
    """Bring the books to the newest structure; all steps of it, or none.

    Args:
        connection: An open connection.
        steps: The steps; those that come along if left out.

    Returns:
        How many steps were run.

    Raises:
        TechflowError: A step that was run is another one now, or the books are newer.
    """
    steps = read_migrations() if steps is None else steps
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, "
            "sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        run = connection.execute("SELECT number, name, sha256 FROM migration ORDER BY number")
        done = run.fetchall()
        _compare(done, steps)
        for step in steps[len(done) :]:
            connection.execute(step.sql.encode())
            connection.execute(
                "INSERT INTO migration (number, name, sha256) VALUES (%s, %s, %s)", step[:3]
            )
    return len(steps) - len(done)


def _compare(done: list[tuple[int, str, str]], steps: tuple[Migration, ...]) -> None:
    if len(done) > len(steps):
        raise TechflowError(
            f"the books have {len(done)} migrations, this techflow knows {len(steps)}; "
            "use the newer techflow that wrote them"
        )
    for (number, name, sha256), step in zip(done, steps, strict=False):
        if (number, name, sha256) != step[:3]:
            raise TechflowError(
                f"migration {name} was run with sha256 {sha256}; {step.name} has {step.sha256} "
                "now; bring the file back, and write a new migration for a change"
            )
