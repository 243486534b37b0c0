"""When a posting is on the disk.

A posting's transaction ends without waiting for the disk, so that the lock on its pool is held for
the work alone. The wait comes after it, in a second transaction of the same call
(`post_and_settle`, last in `migrations`): the log of the database is one sequence, so what is on
the disk then includes the posting and everything it rests on. Nobody is told of an entry, new or
found again, before that wait. What is only read is settled here.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

SETTLE = """SELECT set_config('synchronous_commit', 'on', true),
    pg_logical_emit_message(true, 'ledger', '')"""


def settle(connection: "Connection[Any]") -> None:
    """Wait until all that is in the books now is on the disk.

    Args:
        connection: An open connection.

    Source:
        PostgreSQL documentation, Asynchronous Commit; early lock release: DeWitt and others 1984,
        Implementation techniques for main memory database systems, SIGMOD.
    """
    connection.execute(SETTLE)
