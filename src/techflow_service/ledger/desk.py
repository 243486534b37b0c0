"""A desk for many threads: requests that come while others are posted go together."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from techflow.basics import InvalidInput, TechflowError
from techflow_service.ledger.books import TRIES_MAX, Books, keep_trying
from techflow_service.ledger.chain import Entry
from techflow_service.ledger.claims import MOVES, Move
from techflow_service.ledger.request import Request

TOGETHER_MAX = 64
LANES = 2
"""Connections: while one group is on its way to the disk, the next is worked on."""


class _Waiting:
    """A request at the desk, and how it ended."""

    def __init__(self, request: Request, at: datetime) -> None:
        self.ask = (request, at)
        self.end: Entry | TechflowError = TechflowError(
            f"the desk broke off; send it again under the same key, key {request.key}"
        )
        self.task: tuple[Books, list[_Waiting]] | None = None
        self.called = threading.Lock()
        self.called.acquire()


class Desk:
    """Books that threads share: whoever comes first posts for all who wait.

    Each request is kept or refused by itself, under its own key, and nobody is answered before
    its entry is on the disk, as with `Books.post`.
    """

    def __init__(self, url: str, tenant: str, moves: Iterable[Move] = MOVES) -> None:
        table = tuple(moves)
        self._books = [Books(url, tenant, table) for _ in range(LANES)]
        self._free = list(self._books)
        self._waiting: deque[_Waiting] = deque()
        self._gate = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        for books in self._books:
            books.close()

    def post(self, request: Request, at: datetime) -> Entry:
        """Post one request, maybe together with others that wait; from any thread.

        Args:
            request: What is asked.
            at: Now, with zone.

        Returns:
            The entry; the first one, if the same request was posted before under its key.

        Raises:
            Refused: The books said no.
            TechflowError: The server failed. The request may have been kept: send it again under
                the same key.
        """
        mine = _Waiting(request, at)
        with self._gate:
            self._waiting.append(mine)
            if self._free:
                self._assign(self._free.pop())
        mine.called.acquire()
        if mine.task:
            self._lead(*mine.task)
        if isinstance(mine.end, Entry):
            return mine.end
        raise mine.end

    def post_surely(self, request: Request, at: datetime, tries_max: int = TRIES_MAX) -> Entry:
        """Post through failures of the server, see `Books.post_surely`.

        Args:
            request: What is asked.
            at: Now, with zone.
            tries_max: After so many failures it gives up.
        """
        return keep_trying(self.post, request, at, tries_max)

    def _lead(self, books: Books, group: list[_Waiting]) -> None:
        try:
            _post(books, group)
        finally:
            with self._gate:
                self._assign(books)
            for each in group[1:]:
                each.called.release()

    def _assign(self, books: Books) -> None:
        """Hand books to the first who waits, for all who wait for the same pool; gate held."""
        if not self._waiting:
            self._free.append(books)
            return
        pool_id = self._waiting[0].ask[0].pool_id
        same = [each for each in self._waiting if each.ask[0].pool_id == pool_id]
        group = same[:TOGETHER_MAX]
        self._waiting = deque(each for each in self._waiting if each not in group)
        group[0].task = (books, group)
        group[0].called.release()


def _post(books: Books, group: list[_Waiting]) -> None:
    ends: Sequence[Entry | TechflowError]
    try:
        ends = books.revive().post_together([each.ask for each in group])
    except TechflowError as error:
        refused = isinstance(error, InvalidInput)
        if refused and len(group) > 1:
            # One of them was refused, so none was kept: each by itself.
            for each in group:
                _post(books, [each])
            return
        if not refused:
            books.close()
        ends = [error] * len(group)
    for each, end in zip(group, ends, strict=True):
        each.end = end
