"""A small mail server of a test's own: it takes, refuses, is slow, hangs up, and counts."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class FakeMail:
    """Listens on a free port of this machine; `answers` says what it does at each word.

    `answers` maps a word of SMTP (`RCPT`, `DATA`, `.`) to what is said instead of "250 ok", or to
    "" for hanging up, or to a function called before the usual answer.
    """

    def __init__(self, **answers: str | Callable[[], None]) -> None:
        self.answers: dict[str, str | Callable[[], None]] = dict(answers)
        self.taken: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), client.makefile("rwb") as stream:

            def say(text: str) -> None:
                stream.write(f"{text}\r\n".encode())
                stream.flush()

            say("220 mail.example")
            for raw in stream:
                word = raw.decode().split()[0].upper() if raw.split() else ""
                if not self._usual(word, say):
                    return
                if word == "DATA":
                    letter = self._letter(stream)
                    if letter is None:
                        return
                    self.taken.append(letter)  # a server that says 250 has it, heard or not
                    if not self._usual(".", say):
                        return
                if word == "QUIT":
                    return

    def _usual(self, word: str, say: Callable[[str], None]) -> bool:
        answer = self.answers.get(word)
        if answer == "":
            return False
        if callable(answer):
            answer()
            answer = None
        if isinstance(answer, str):
            say(answer)
            return word != "DATA"
        say("354 go on" if word == "DATA" else "250 ok")
        return True

    def _letter(self, stream: object) -> str | None:
        lines = []
        for raw in stream:  # type: ignore[attr-defined]  # a file
            if raw == b".\r\n":
                return "".join(lines)
            lines.append(raw.decode())
        return None
