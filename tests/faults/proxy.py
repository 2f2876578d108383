"""A proxy that cuts connections at a chosen byte, on one way or the other.

What was let through is delivered first, up to the very byte; then both ends are reset. It stands
before the web server (a port) or before PostgreSQL (a Unix socket).
"""

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import closing, suppress

from msgspec import Struct

__all__ = ["Cut", "CuttingProxy"]

_AT_ONCE_BYTES = 65_536
_LOOK_SECONDS = 0.2
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the other end is told of a reset


class Cut(Struct, frozen=True):
    """Where a connection ends: after so many bytes of what the caller sent, or was answered."""

    answered: bool
    after_bytes: int


class CuttingProxy:
    """Listens on `listener` and passes on to `reach()`; `plan()` gives each connection its cut."""

    def __init__(
        self,
        listener: socket.socket,
        reach: Callable[[], socket.socket],
        plan: Callable[[], Cut | None],
    ) -> None:
        self._listener, self._reach, self._plan = listener, reach, plan
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.cuts = 0
        listener.listen(64)
        listener.settimeout(_LOOK_SECONDS)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def let_be(self) -> None:
        """Cut no connection that is made from now on."""
        self._plan = lambda: None

    def close(self) -> None:
        """End it and every connection it carries."""
        self._stopping.set()
        self._thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                caller, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with closing(caller):
            try:
                answerer = self._reach()
            except OSError:
                return
            with closing(answerer):
                cut = self._plan()
                left = {caller: -1, answerer: -1}
                if cut is not None:
                    left[answerer if cut.answered else caller] = cut.after_bytes
                if self._pass_on(caller, answerer, left):
                    with self._lock:
                        self.cuts += 1
                    for end in (caller, answerer):
                        with suppress(OSError):
                            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def _pass_on(
        self, caller: socket.socket, answerer: socket.socket, left: dict[socket.socket, int]
    ) -> bool:
        """Pass bytes both ways until an end closes (False) or the byte of the cut is there."""
        other = {caller: answerer, answerer: caller}
        while not self._stopping.is_set():
            ready, _, _ = select.select([caller, answerer], [], [], _LOOK_SECONDS)
            for end in ready:
                try:
                    found = end.recv(_AT_ONCE_BYTES)
                    passed = found if left[end] < 0 else found[: left[end]]
                    other[end].sendall(passed)
                except OSError:
                    return False
                if not found:
                    return False
                if left[end] >= 0:
                    left[end] -= len(passed)
                    if left[end] == 0:
                        return True
        return False
