"""What a platform keeps beside its tables: its keys, and the lock of whoever serves it."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from techflow.basics import InvalidInput


class Keys(NamedTuple):
    """Drawn once for each platform, so that sessions and processes outlive a restart.

    Attributes:
        secret: Key of sessions and signatures.
        web_password: Password of the database's role of web processes.
    """

    secret: str
    web_password: str


def keys_of(folder: Path) -> Keys:
    """The keys kept in a folder, in a file for its owner alone; drawn if there are none.

    Args:
        folder: Made if missing.

    Raises:
        InvalidInput: The file holds something else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "keys.json"
    if not path.exists():
        _draw(path)
    try:
        return Keys(**json.loads(path.read_text("utf8")))
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{path} does not hold the platform's keys ({error}); put back a copy, or remove it: "
            "new keys are drawn and everyone signs in again"
        ) from error


def _draw(path: Path) -> None:
    """Written beside and linked: of two that draw at once, the first counts."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(Keys(secrets.token_urlsafe(48), secrets.token_urlsafe(24))._asdict(), file)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no second server serves it; let go at the end, however it comes.

    Args:
        folder: Of the platform.

    Raises:
        InvalidInput: Another process holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "serving").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise InvalidInput(
                f"a platform is being served from {folder.parent} already (process "
                f"{file.read().strip() or 'unknown'}); stop it, or name another folder with --db"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Refuse an address on which something listens already.

    Args:
        host: Name or address.
        port: Port.

    Raises:
        InvalidInput: It is taken, or not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise InvalidInput(
            f"cannot listen on {host}, port {port} ({error.strerror}); name a free port with --port"
        ) from error
