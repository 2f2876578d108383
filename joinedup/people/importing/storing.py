"""Storing a batch of an import, here or in a process of its own.

A large import reads and checks in one process and stores in another, so that both cores work; while
PostgreSQL writes one batch, the other process derives the rows of the next. The two speak in frames
of JSON over pipes: four bytes of length, then the text. `Elsewhere` starts it.
"""

import gc
import os
import queue
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec import Struct

import joinedup
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Gone, Problem, Refusal, StorageFull, Unavailable
from joinedup.record import Put, commit, database
from joinedup.record.prepare import derive_ahead

__all__ = ["MOST_SENT", "Elsewhere", "Result", "store"]

MOST_SENT = 2
_SWITCH_SECONDS = 0.0005
_LENGTH = struct.Struct(">I")


class Result(Struct, frozen=True):
    """What became of one resource of a batch; `problems` only of a refused one."""

    result: Literal["stored", "unchanged", "refused"]
    problems: tuple[Problem, ...] = ()


class _Start(Struct, frozen=True):
    url: str
    permit: Permit
    detail: str


class _Answer(Struct, frozen=True):
    results: list[Result] = []
    failure: str = ""
    full: bool = False


_ENCODER = msgspec.json.Encoder(decimal_format="number")
_STARTS = msgspec.json.Decoder(_Start)
_PUTS = msgspec.json.Decoder(list[Put], float_hook=Decimal)
_ANSWERS = msgspec.json.Decoder(_Answer)


def store(permit: Permit, puts: Sequence[Put], detail: str) -> list[Result]:
    """Store a batch and return what became of each, in order.

    What was deleted here is set aside and refused (`Gone`); a batch refused for anything else is
    halved until the one that cannot be stored stands alone. Raises `Unavailable` or `StorageFull`
    when the record fails.
    """
    if not puts:
        return []
    try:
        done = commit(permit, puts, dangling="keep", action="import", detail=detail)
    except (Unavailable, StorageFull):
        raise
    except Gone as refusal:
        return _store_others(permit, puts, detail, refusal)
    except Refusal as refusal:
        if len(puts) == 1:
            return [Result("refused", refusal.problems)]
        half = len(puts) // 2
        return [*store(permit, puts[:half], detail), *store(permit, puts[half:], detail)]
    return [
        Result("unchanged" if outcome.action == "unchanged" else "stored")
        for outcome in done.outcomes
    ]


def _store_others(permit: Permit, puts: Sequence[Put], detail: str, gone: Gone) -> list[Result]:
    """Store what is not gone, and return the results of all in their order."""
    refused = dict(zip(gone.references, gone.problems, strict=True))
    names = [f"{put.resource['resourceType']}/{put.resource['id']}" for put in puts]
    rest = [put for put, name in zip(puts, names, strict=True) if name not in refused]
    results = iter(store(permit, rest, detail))
    return [
        Result("refused", (refused[name],)) if name in refused else next(results) for name in names
    ]


class Elsewhere:
    """A process of our own that stores what it is sent, on a connection of its own."""

    def __init__(self, permit: Permit, detail: str) -> None:
        root = str(Path(joinedup.__file__).parent.parent)
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": root},
        )
        self._send(_ENCODER.encode(_Start(database.address(), permit, detail)))

    def send(self, puts: Sequence[Put]) -> None:
        """Send a batch to be stored after those before it; `results` tells what became of it.

        At most `MOST_SENT` may be without their results: more would fill the pipes.
        """
        self._send(_ENCODER.encode(puts))

    def results(self) -> list[Result]:
        """Return what became of the oldest batch sent; promises and raises what `store` does."""
        assert self._process.stdout is not None, "made with a pipe"
        data = _read_frame(self._process.stdout)
        if data is None:
            raise Unavailable("The process that stores the import ended. Import again to go on.")
        answer = _ANSWERS.decode(data)
        if answer.failure:
            raise (StorageFull if answer.full else Unavailable)(answer.failure)
        return answer.results

    def close(self) -> None:
        """End the process; it has nothing left to do."""
        self._process.communicate()

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None, "made with a pipe"
        try:
            self._process.stdin.write(_LENGTH.pack(len(data)) + data)
            self._process.stdin.flush()
        except BrokenPipeError:
            # The missing answer says so to whoever waits for it.
            return


def _read_frame(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


class _Storer:
    """Stores the batches it is given in their order, on a thread, and writes the answers."""

    def __init__(self, start: _Start, answers: IO[bytes]) -> None:
        self._start = start
        self._answers = answers
        self._failure: _Answer | None = None
        self._queue: queue.Queue[list[Put] | None] = queue.Queue(1)
        self._thread = threading.Thread(target=self._run, name="import-storer")
        self.found_new = True
        """Whether the batch stored last held anything new; a repeated import holds nothing."""
        self._thread.start()

    def add(self, puts: list[Put]) -> None:
        """Take a batch, when the one before it is being stored."""
        self._queue.put(puts)

    def close(self) -> None:
        """Wait for the last answer."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._answer_all()
        except BaseException:
            # A bug: loud, and the end of the process; whoever waits is told that it ended.
            traceback.print_exc()
            os._exit(1)

    def _answer_all(self) -> None:
        while (puts := self._queue.get()) is not None:
            encoded = _ENCODER.encode(self._answer(puts))
            with suppress(BrokenPipeError):
                self._answers.write(_LENGTH.pack(len(encoded)) + encoded)
                self._answers.flush()

    def _answer(self, puts: list[Put]) -> _Answer:
        """Store a batch; after a failure nothing that was sent behind it is stored."""
        if self._failure is None:
            try:
                results = store(self._start.permit, puts, self._start.detail)
                self.found_new = any(each.result == "stored" for each in results)
                return _Answer(results)
            except (Unavailable, StorageFull) as failure:
                self._failure = _Answer(failure=str(failure), full=isinstance(failure, StorageFull))
        return self._failure


def serve(frames: IO[bytes], answers: IO[bytes]) -> None:
    """Store what comes in frames until there is no more, and answer each in turn."""
    first = _read_frame(frames)
    if first is None:
        return
    start = _STARTS.decode(first)
    database.configure(start.url, connections=1)
    storer = _Storer(start, answers)
    try:
        while (data := _read_frame(frames)) is not None:
            puts = _PUTS.decode(data)
            storer.add([_ahead(put) for put in puts] if storer.found_new else puts)
    finally:
        storer.close()
        database.close()


def _ahead(put: Put) -> Put:
    return Put(put.resource, put.source, derive_ahead(put.resource))


def main() -> None:
    """Serve the process that started this one."""
    # Batches leave no cycles behind; looking for them cost a tenth of the time.
    gc.set_threshold(100_000, 50, 100)
    # The thread that talks to PostgreSQL must not wait long for the one that derives.
    sys.setswitchinterval(_SWITCH_SECONDS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
