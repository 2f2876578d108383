"""Handing what was prepared to the record, in batches, on a thread: reading goes on meanwhile."""

import queue
import threading
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.people.importing.report import Refusals
from joinedup.people.importing.storing import Elsewhere, Result, store
from joinedup.record import Put

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
    """Stores items in their order; `close` waits for the last. A failing record ends the import.

    With `elsewhere` a process of its own does the storing.
    """

    def __init__(self, permit: Permit, refusals: Refusals, detail: str, *, elsewhere: bool) -> None:
        self._permit = permit
        self._refusals = refusals
        self._detail = detail
        self._held: list[Item] = []
        self._queue: queue.Queue[list[Item] | None] = queue.Queue(_WAITING_BATCHES)
        self._failure: Exception | None = None
        self._process = Elsewhere(permit, detail) if elsewhere else None
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
        """Store what is left and end; after a failure, only end."""
        try:
            if self._failure is None:
                self.flush()
        finally:
            self._queue.put(None)
            self._thread.join()
            if self._process:
                with suppress(BrokenPipeError):
                    self._process.close()

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
        puts = [item.put for item in batch]
        if self._process:
            results = self._process.store(puts)
        else:
            results = store(self._permit, puts, self._detail)
        for item, done in zip(batch, results, strict=True):
            self._settle(item, done)

    def _settle(self, item: Item, done: Result) -> None:
        kind = item.put.resource["resourceType"]
        if done.result == "refused":
            self._refusals.refuse(
                item.file, item.number, done.problems, kind=kind, full_url=item.full_url
            )
        else:
            self._refusals.count(kind, done.result)
