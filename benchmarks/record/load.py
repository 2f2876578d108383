"""A plain HTTP/1.1 client that repeats requests over kept connections, in threads."""

import random
import socket
import threading
import time
from collections.abc import Callable

from msgspec import Struct

__all__ = ["Load", "run"]


class Load(Struct, frozen=True):
    """What came of a run: answers, answers other than 2xx, seconds, bytes of the last answer."""

    answers: int
    refused: int
    seconds: float
    last_bytes: int


Request = Callable[[random.Random], bytes]


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 18)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def _answer(connection: socket.socket) -> tuple[int, int]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    received = len(body)
    while received < length:
        received += len(_more(connection))
    return int(head.split(b" ", 2)[1]), length


def run(port: int, request: Request, *, seconds: float, clients: int = 4) -> Load:
    """Send requests for some seconds from several connections at once."""
    end = time.monotonic() + seconds
    counts: list[tuple[int, int, int]] = []

    def client(seed: int) -> None:
        chance = random.Random(seed)
        answers = refused = size = 0
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            while time.monotonic() < end:
                connection.sendall(request(chance))
                status, size = _answer(connection)
                answers += 1
                refused += not 200 <= status < 300
        counts.append((answers, refused, size))

    started = time.monotonic()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    return Load(sum(c[0] for c in counts), sum(c[1] for c in counts), took, counts[-1][2])
