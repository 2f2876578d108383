"""The sealer at work: a round twice a second, a head outside the database every minute.

One thread of the process that serves, with a connection of its own. Several may run; an advisory
lock lets one at a time seal. What a round does is `seal`.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from time import monotonic

import psycopg

from joinedup.record.database import Connection
from joinedup.record.seal import Head, seal_round
from joinedup.record.seal_heads import add_head

__all__ = ["SealState", "Sealer"]

ROUND_SECONDS = 0.5
HEAD_SECONDS = 60.0
STOP_LIMIT_SECONDS = 10.0
_OPTIONS = "-c timezone=UTC -c search_path= -c jit=off"


class SealState(Enum):
    """What a sealer tells when it changes."""

    SEALING = "events are sealed"
    BEHIND = "events are not sealed: the record or the file of heads cannot be reached"


class Sealer:
    """Seals the record at `url` for as long as the context lasts, and once more at its end."""

    def __init__(self, url: str, heads: Path, tell: Callable[[SealState], None]) -> None:
        self._url, self._heads, self._tell = url, heads, tell
        self._connection: Connection | None = None
        self._state: SealState | None = None
        self._last: Head | None = None
        self._told_at = -HEAD_SECONDS
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def __enter__(self) -> "Sealer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(STOP_LIMIT_SECONDS)

    def forget(self) -> None:
        """Drop the heads of a record that was replaced; for invented places only."""
        with self._turn:
            self._heads.unlink(missing_ok=True)
            self._last = None

    def _run(self) -> None:
        while not self._ended.wait(ROUND_SECONDS):
            self._try(last=False)
        self._try(last=True)
        if self._connection is not None:
            self._connection.close()

    def _try(self, *, last: bool) -> None:
        try:
            with self._turn:
                self._step(last=last)
            state = SealState.SEALING
        except (psycopg.Error, OSError):
            if self._connection is not None:
                self._connection.close()
            self._connection, state = None, SealState.BEHIND
        if state is not self._state:
            self._state = state
            self._tell(state)

    def _step(self, *, last: bool) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, options=_OPTIONS)
        head = seal_round(self._connection)
        due = last or monotonic() - self._told_at >= HEAD_SECONDS
        if head is None or not head.position or not due:
            return
        self._told_at = monotonic()
        if head != self._last:
            add_head(self._heads, head, datetime.now(UTC))
            self._last = head
