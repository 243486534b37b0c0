"""What the machine refuses, in words a user can act on."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError

from techflow.basics import TechflowError

FULL = "{cause} while {doing}; free some space there or use another disk, then run again"
FORBIDDEN = "{cause} while {doing}; ask for access to it, or use another folder"
REMEDIES = {
    errno.ENOSPC: ("there is no room left on the disk", FULL),
    errno.EDQUOT: ("the disk quota of this user is used up", FULL),
    errno.EFBIG: ("a file grew beyond the size this system allows (ulimit -f)", FULL),
    errno.EACCES: ("permission denied", FORBIDDEN),
    errno.EPERM: ("permission denied", FORBIDDEN),
    errno.EROFS: ("the disk is read-only", FORBIDDEN),
}


@contextmanager
def explain_failures(doing: str, path: Path) -> Iterator[None]:
    """Turn a refusal by disk or system into one clear error; let everything else pass.

    Args:
        doing: What was being done, for the message: "writing table invoice".
        path: The store.

    Raises:
        TechflowError: No room, file-size limit, no permission or a read-only disk.
    """
    try:
        yield
    except (OSError, PolarsError) as error:
        if (number := system_error(error)) not in REMEDIES:
            raise
        cause, text = REMEDIES[number]
        place = getattr(error, "filename", None) or path
        raise TechflowError(
            text.format(cause=cause, doing=f"{doing} ({place})") + "; the store is as it was before"
        ) from error


def system_error(error: OSError | PolarsError) -> int:
    """The system's error number, or 0.

    Polars reports a full disk as a `ComputeError` and leaves the number in the text only.

    Args:
        error: What was raised.

    Examples:
        >>> system_error(PolarsError("IO error: File too large (os error 27)"))
        27
    """
    found = re.search(r"\(os error (\d+)\)", str(error))
    return getattr(error, "errno", None) or (int(found[1]) if found else 0)
