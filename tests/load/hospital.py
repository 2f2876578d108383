"""A hospital's system that sends: one connection, a message at a time, and what it was answered."""

import socket
import time

from joinedup.hl7.framing import Frames, framed

__all__ = ["Sender", "send_until_answered"]

ANSWER_SECONDS = 15.0


class Sender:
    """One connection to a listener."""

    def __init__(self, port: int, *, seconds: float = ANSWER_SECONDS) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._frames = Frames()

    def send(self, message: bytes) -> str:
        """Send a message and return MSA-1; OSError where the connection ends without an answer."""
        return self.raw(framed(message))

    def raw(self, data: bytes) -> str:
        """Send bytes as they are and return MSA-1 of the next answer."""
        self._socket.sendall(data)
        return self.answer()

    def write(self, data: bytes) -> None:
        """Send bytes and wait for nothing."""
        self._socket.sendall(data)

    def answer(self) -> str:
        """Return MSA-1 of the next answer."""
        while True:
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("the listener ended the connection")
            for found in self._frames.feed(data):
                return found.split(b"\r")[1].split(b"|")[1].decode()

    def ended(self) -> bool:
        """Whether the listener ended the connection."""
        try:
            return self._socket.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


def send_until_answered(port: int, message: bytes, *, limit_seconds: float = 60.0) -> str:
    """Send a message, again and on new connections, until it is answered other than AR."""
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        sender: Sender | None = None
        try:
            sender = Sender(port)
            code = sender.send(message)
            if code != "AR":
                return code
        except OSError:
            time.sleep(0.05)
        finally:
            if sender:
                sender.close()
    raise AssertionError("no answer")
