"""The connection by which a hospital's system sends its messages: MLLP over TCP.

A thread a connection, a message at a time, its answer only after its commit; so a sender that waits
for the answer, and sends again without one, loses nothing. Encryption is the reverse proxy's
(docs/decisions/0018-hl7.md): this listens on this machine alone unless told otherwise.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Refusal
from joinedup.hl7.door import Door
from joinedup.hl7.framing import Frames, framed
from joinedup.hl7.taking import take
from joinedup.hl7.trying_again import Waiting

__all__ = ["Limits", "Listener", "Told"]

_AT_ONCE_BYTES = 65_536
_LOOK_SECONDS = 0.5


class Told(Enum):
    """What a listener tells of itself; never anything of a message."""

    LISTENING = "listening"
    TOO_MANY = "a connection was refused: there are too many"
    BROKEN_FRAME = "a connection was ended: what came is no frame"
    TOO_SLOW = "a connection was ended: nothing came, or not all of a message"
    BEHIND = "what waits could not be tried again"
    UNEXPECTED = "a message ended in an error nobody expected"


class Limits(Struct, frozen=True, kw_only=True):
    """How many connections there may be, and how long one may be silent or in a message."""

    connections: int = 16
    idle_seconds: float = 600.0
    message_seconds: float = 30.0
    sweep_seconds: float = 30.0


Tell = Callable[[Told, BaseException | None], None]


class Listener:
    """Listens from `with` to its end; connections that are open then are closed."""

    def __init__(
        self,
        door: Door,
        *,
        port: int,
        address: str = "127.0.0.1",
        limits: Limits | None = None,
        tell: Tell = lambda _told, _error: None,
    ) -> None:
        self._door = door
        self._limits = limits or Limits()
        self._tell = tell
        self._waiting = Waiting(door)
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._threads = [
            threading.Thread(target=self._accept, name="hl7-accept", daemon=True),
            threading.Thread(target=self._sweep, name="hl7-sweep", daemon=True),
        ]
        try:
            self._socket = socket.create_server((address, port))
        except OSError as problem:
            raise Invalid(
                f"Nothing can listen on {address}:{port}: {problem.strerror}."
            ) from problem

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> "Listener":
        """Begin to listen."""
        self._socket.settimeout(_LOOK_SECONDS)
        for thread in self._threads:
            thread.start()
        self._tell(Told.LISTENING, None)
        return self

    def __exit__(self, *_: object) -> None:
        """End every connection; what was answered is stored, and nothing else was promised."""
        self._ended.set()
        self._socket.close()
        with self._turn:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def wait(self) -> None:
        """Wait until the process is asked to stop."""
        self._ended.wait()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                if not self._ended.is_set():
                    time.sleep(_LOOK_SECONDS)  # such as too many files open
                continue
            with self._turn:
                full = len(self._open) >= self._limits.connections
                if not full:
                    self._open.add(connection)
            if full:
                connection.close()
                self._tell(Told.TOO_MANY, None)
                continue
            threading.Thread(
                target=self._serve, args=(connection,), name="hl7-serve", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._converse(connection)
        except TimeoutError:
            self._tell(Told.TOO_SLOW, None)
        except Invalid:
            self._tell(Told.BROKEN_FRAME, None)
        except OSError:
            return  # the sender has gone; what was not answered it sends again
        except Exception as error:
            # A bug: loud, and no answer, so that the message stays with its sender.
            self._tell(Told.UNEXPECTED, error)
        finally:
            with self._turn:
                self._open.discard(connection)
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        frames, began = Frames(), time.monotonic()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not self._ended.is_set():
            connection.settimeout(self._patience(frames, began))
            if not (data := connection.recv(_AT_ONCE_BYTES)):
                return
            if frames.is_empty:
                began = time.monotonic()
            for message in frames.feed(data):
                self._answer(connection, message)
                began = time.monotonic()

    def _patience(self, frames: Frames, began: float) -> float:
        if frames.is_empty:
            return self._limits.idle_seconds
        left = began + self._limits.message_seconds - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _answer(self, connection: socket.socket, message: bytes) -> None:
        arrived = datetime.now(UTC)
        taken = take(self._door, message, arrived)
        connection.settimeout(self._limits.message_seconds)
        connection.sendall(framed(taken.acknowledgement))
        if taken.done is None:
            return
        self._waiting.add(taken.done.line)
        try:
            self._waiting.follow(taken.done.keys, arrived)
        except Refusal:
            self._tell(Told.BEHIND, None)

    def _sweep(self) -> None:
        while not self._ended.is_set():
            try:
                self._waiting.sweep(datetime.now(UTC))
            except Refusal:
                self._tell(Told.BEHIND, None)
            except Exception as error:
                self._tell(Told.UNEXPECTED, error)
            self._ended.wait(self._limits.sweep_seconds)
