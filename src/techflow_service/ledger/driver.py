"""The PostgreSQL driver: optional, loaded when a ledger is opened."""

from typing import TYPE_CHECKING, Any

from techflow.basics import InvalidInput, TechflowError

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMA = "ledger"
INSTALL = "books of pools need PostgreSQL; install it with: pip install 'techflow[ledger]'"
OPTIONS = f"-c search_path={SCHEMA} -c default_transaction_isolation=read\\ committed"


def load_driver() -> Any:
    """The module `psycopg`.

    Raises:
        InvalidInput: It is not installed.
    """
    try:
        import psycopg
    except ImportError as error:
        raise InvalidInput(INSTALL) from error
    return psycopg


def connect(url: str) -> "Connection[Any]":
    """A connection whose every statement is a transaction of its own, durable when it returns.

    Args:
        url: Where the server is: `postgresql://user@host:port/database`.

    Raises:
        InvalidInput: The driver is not installed.
        TechflowError: The server cannot be reached.
    """
    driver = load_driver()
    try:
        found: Connection[Any] = driver.connect(url, autocommit=True, options=OPTIONS)
        found.execute("SET synchronous_commit = on")
    except driver.OperationalError as error:
        raise TechflowError(
            f"the database cannot be reached ({str(error).splitlines()[0]}); start our own with "
            "`techflow db start`, or set DATABASE_URL to a server that answers"
        ) from error
    return found
