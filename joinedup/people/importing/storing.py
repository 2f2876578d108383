"""Storing a batch of an import, here or in a process of its own.

A large import reads and checks in one process and stores in another, so that both cores work. The
two speak in frames of JSON over pipes: four bytes of length, then the text. `Elsewhere` starts it.
"""

import gc
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec import Struct

import joinedup
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Gone, Problem, Refusal, StorageFull, Unavailable
from joinedup.record import Put, commit, database

__all__ = ["Elsewhere", "Result", "store"]

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

    def store(self, puts: Sequence[Put]) -> list[Result]:
        """Store a batch there; promises and raises what `store` does."""
        self._send(_ENCODER.encode(puts))
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


def serve(frames: IO[bytes], answers: IO[bytes]) -> None:
    """Store what comes in frames until there is no more, and answer each."""
    first = _read_frame(frames)
    if first is None:
        return
    start = _STARTS.decode(first)
    database.configure(start.url, connections=1)
    try:
        while (data := _read_frame(frames)) is not None:
            try:
                answer = _Answer(store(start.permit, _PUTS.decode(data), start.detail))
            except (Unavailable, StorageFull) as failure:
                answer = _Answer(failure=str(failure), full=isinstance(failure, StorageFull))
            encoded = _ENCODER.encode(answer)
            answers.write(_LENGTH.pack(len(encoded)) + encoded)
            answers.flush()
    finally:
        database.close()


def main() -> None:
    """Serve the process that started this one."""
    # Batches leave no cycles behind; looking for them cost a tenth of the time.
    gc.set_threshold(100_000, 50, 100)
    serve(sys.stdin.buffer, sys.stdout.buffer)
