"""Handing what was prepared to the record, in batches, on a thread: reading goes on meanwhile."""

import queue
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.people.importing.report import Refusals
from joinedup.people.importing.storing import MOST_SENT, Elsewhere, Result, store
from joinedup.record import Put

__all__ = ["Item", "Writer"]

BATCH = 500
_WAITING_BATCHES = 3


class Item(Struct, frozen=True):
    """One resource to be stored, and where it came from.

    `kept` is its type where it waits for people to say whose it is; then `put` keeps it.
    """

    put: Put
    file: str
    number: int
    full_url: str = ""
    kept: str = ""


class Writer:
    """Stores items in their order; `flush` waits for the last. A failing record ends the import.

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
        """Wait until everything taken so far is stored; raises what stopped the writer."""
        if self._held:
            self._send(self._held)
            self._held = []
        self._queue.join()
        self._raise()

    def close(self) -> None:
        """End; what was not flushed is not stored."""
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
        sent: deque[list[Item]] = deque()
        while True:
            # With nothing more to send just now, what was sent is waited for.
            if sent and (len(sent) == MOST_SENT or self._queue.empty()):
                self._take_results(sent.popleft())
                continue
            if (batch := self._queue.get()) is None:
                return
            if self._send_off(batch):
                sent.append(batch)
            else:
                self._take_results(batch)

    def _send_off(self, batch: list[Item]) -> bool:
        """Send a batch to the other process, if there is one; its results come later."""
        if self._process is None or self._failure is not None:
            return False
        try:
            self._process.send([item.put for item in batch])
        except Exception as failure:
            self._failure = failure
        return self._failure is None

    def _take_results(self, batch: list[Item]) -> None:
        try:
            if self._failure is None:
                for item, done in zip(batch, self._results(batch), strict=True):
                    self._settle(item, done)
        except Exception as failure:
            # Whatever it is goes to the thread that waits for us, and is raised there.
            self._failure = failure
        finally:
            self._queue.task_done()

    def _results(self, batch: Sequence[Item]) -> list[Result]:
        if self._process:
            return self._process.results()
        return store(self._permit, [item.put for item in batch], self._detail)

    def _settle(self, item: Item, done: Result) -> None:
        kind = item.kept or item.put.resource["resourceType"]
        if done.result == "refused":
            self._refusals.refuse(
                item.file, item.number, done.problems, kind=kind, full_url=item.full_url
            )
        else:
            self._refusals.count(kind, "kept" if item.kept else done.result)
