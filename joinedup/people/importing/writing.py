"""Storing what was prepared, in batches, on a thread of its own: reading goes on meanwhile.

A batch that is refused is halved until the one that cannot be stored stands alone.
"""

import queue
import threading
from collections.abc import Sequence

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Refusal, StorageFull, Unavailable
from joinedup.people.importing.report import Refusals
from joinedup.record import Put, commit

__all__ = ["Item", "Writer"]

BATCH = 500
_WAITING_BATCHES = 3


class Item(Struct, frozen=True):
    """One resource to be stored, and where it came from."""

    put: Put
    file: str
    number: int
    full_url: str = ""


class Writer:
    """Stores items in their order; `close` waits for the last. A failing record ends the import."""

    def __init__(self, permit: Permit, refusals: Refusals, detail: str) -> None:
        self._permit = permit
        self._refusals = refusals
        self._detail = detail
        self._held: list[Item] = []
        self._queue: queue.Queue[list[Item] | None] = queue.Queue(_WAITING_BATCHES)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="import-writer", daemon=True)
        self._thread.start()

    def add(self, items: Sequence[Item]) -> None:
        """Take items to be stored; raises what stopped the writer, if something did."""
        self._held.extend(items)
        while len(self._held) >= BATCH:
            self._send(self._held[:BATCH])
            self._held = self._held[BATCH:]

    def flush(self) -> None:
        """Wait until everything taken so far is stored."""
        if self._held:
            self._send(self._held)
            self._held = []
        self._queue.join()
        self._raise()

    def close(self) -> None:
        """Store what is left and end; safe to call after a failure."""
        try:
            if self._failure is None:
                self.flush()
        finally:
            self._queue.put(None)
            self._thread.join()

    def _send(self, batch: list[Item]) -> None:
        self._raise()
        self._queue.put(batch)

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            try:
                if self._failure is None:
                    self._store(batch)
            except Exception as failure:
                # Whatever it is goes to the thread that waits for us, and is raised there.
                self._failure = failure
            finally:
                self._queue.task_done()

    def _store(self, batch: Sequence[Item]) -> None:
        try:
            done = commit(
                self._permit,
                [item.put for item in batch],
                dangling="keep",
                action="import",
                detail=self._detail,
            )
        except (Unavailable, StorageFull):
            raise
        except Refusal as refusal:
            if len(batch) > 1:
                half = len(batch) // 2
                self._store(batch[:half])
                self._store(batch[half:])
                return
            item = batch[0]
            self._refusals.refuse(
                item.file,
                item.number,
                refusal.problems,
                kind=item.put.resource["resourceType"],
                full_url=item.full_url,
            )
            return
        for outcome in done.outcomes:
            kind = outcome.stored.type
            self._refusals.count(kind, "unchanged" if outcome.action == "unchanged" else "stored")
