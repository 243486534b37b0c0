"""How often one caller may ask: counted in each process, minute by minute."""

import threading
import time
from typing import Any

from django.conf import settings

MINUTE = 60.0


class Pace:
    """Counts of callers in the running minute.

    Args:
        clock: Seconds that only grow.

    Examples:
        >>> pace = Pace(clock=lambda: 70.0)
        >>> pace.wait("a", 1), pace.wait("a", 1), pace.wait("b", 1)
        (0, 50, 0)
    """

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        self._minute = -1
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def wait(self, caller: str, calls_max: int) -> int:
        """Count a call.

        Args:
            caller: Who calls.
            calls_max: Calls a minute that are let through.

        Returns:
            0 if it is let through, else seconds until the next minute.
        """
        at = self._clock()
        with self._lock:
            if int(at // MINUTE) != self._minute:
                self._minute, self._counts = int(at // MINUTE), {}
            self._counts[caller] = self._counts.get(caller, 0) + 1
            over = self._counts[caller] > calls_max
        return int(MINUTE - at % MINUTE) or 1 if over else 0


PACE = Pace()


def seconds_to_wait(request: Any) -> int:
    """Seconds the request's caller must wait; 0 for none. A key counts for itself."""
    if request.bearer:
        caller = f"key:{request.bearer.key_id}"
    elif request.membership:
        caller = f"person:{request.membership.person_id}"
    else:
        caller = f"address:{request.META.get('REMOTE_ADDR', '')}"
    return PACE.wait(caller, settings.API_CALLS_A_MINUTE)
