"""Where messages go: a mail server by SMTP with TLS, or files in a folder.

Each says how it ended. Between the words "here it comes" and the server's answer nobody can know;
`about_to` is asked just before, and is where that is written down.
"""

import os
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum
from html import escape
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from joinedup.jobs.rules.words import Message

__all__ = ["FileBox", "MailServer", "Outcome", "Post", "as_email"]

TIMEOUT_SECONDS = 20.0
Security = Literal["tls", "starttls", "none"]


class Outcome(Enum):
    """How handing over a message ended."""

    SENT = "sent"
    LATER = "try later"
    DOWN = "the server cannot be reached: try later, and the others too"
    REFUSED = "the address or the message was refused for good"
    IN_DOUBT = "nobody knows whether it went"
    STOPPED = "another process moved it meanwhile"


class Post(Protocol):
    """Takes a message to where it goes; `about_to` False means that it must not."""

    def hand_over(self, message: Message, at: datetime, about_to: Callable[[], bool]) -> Outcome:
        """Send it and say how that ended; raises nothing for a post that is down."""
        ...


def as_email(message: Message, sender: str, at: datetime) -> EmailMessage:
    """Return a message as an e-mail; its Message-ID is the same at every try."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = message.address
    made["Subject"] = message.subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text)
    return made


class FileBox:
    """A folder that takes every kind of message as a file, once each: demo, tests, print room.

    A file has the message's own name, so that writing it again changes nothing.
    """

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    def hand_over(self, message: Message, at: datetime, about_to: Callable[[], bool]) -> Outcome:
        """Write the file unless it is there; LATER where the folder takes none."""
        ending, data = self._file(message, at)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self._folder / f".{message.id}.{os.getpid()}"
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._folder / f"{message.id}.{ending}")
        except OSError:
            return Outcome.DOWN
        return Outcome.SENT

    def _file(self, message: Message, at: datetime) -> tuple[str, bytes]:
        if message.kind == "email":
            return "eml", as_email(message, self._sender, at).as_bytes()
        if message.kind == "letter":
            return "html", _letter(message).encode()
        return "txt", f"To: {message.address}\n\n{message.text}\n".encode()


_POINTS = {"large-print": 24, "easy-read": 20}


def _letter(message: Message) -> str:
    """Return a letter to print: large print is 24 point, in a plain face, never in columns."""
    points = _POINTS.get(message.format, 16)
    lines = "".join(f"<p>{escape(part)}</p>" for part in message.text.strip().split("\n\n"))
    home = "<br>".join(escape(line) for line in message.address.split("\n"))
    style = f"body{{font:{points}pt/1.5 Arial,sans-serif;margin:25mm}}h1{{font-size:{points}pt}}"
    return (
        f'<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8"><title>{escape(message.subject)}'
        f"</title><style>{style}</style><address>{home}</address>"
        f"<h1>{escape(message.subject)}</h1>{lines}</html>"
    )


class Account(Struct, frozen=True, kw_only=True):
    """How a mail server is reached; `security` none is for one on this machine."""

    host: str
    port: int
    security: Security
    sender: str
    name: str = ""
    secret: str = ""
    texts: str = ""
    """The domain of a gateway that makes a text message of what is sent to NUMBER@domain."""


class MailServer:
    """A mail server; what it does not carry (letters, texts without a gateway) goes to `box`."""

    def __init__(
        self, account: Account, box: FileBox, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._account, self._box, self._timeout = account, box, timeout_seconds

    def hand_over(self, message: Message, at: datetime, about_to: Callable[[], bool]) -> Outcome:
        """Send an e-mail, or a text through the gateway; anything else to the folder."""
        if message.kind == "text" and self._account.texts:
            return self._send(_to_gateway(message, self._account.texts), at, about_to)
        if message.kind == "email":
            return self._send(message, at, about_to)
        return self._box.hand_over(message, at, about_to)

    def _send(self, message: Message, at: datetime, about_to: Callable[[], bool]) -> Outcome:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException):
            return Outcome.DOWN
        try:
            return self._said(server, message, at, about_to)
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        held, context = self._account, ssl.create_default_context()
        if held.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                held.host, held.port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(held.host, held.port, timeout=self._timeout)
        try:
            if held.security == "starttls":
                server.starttls(context=context)
            if held.name:
                server.login(held.name, held.secret)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _said(
        self, server: smtplib.SMTP, message: Message, at: datetime, about_to: Callable[[], bool]
    ) -> Outcome:
        sender, data = self._account.sender, as_email(message, self._account.sender, at)
        try:
            for code, _ in (server.mail(sender), server.rcpt(message.address)):
                if code not in (250, 251):
                    return _of_code(code)
        except (OSError, smtplib.SMTPException):
            return Outcome.DOWN
        if not about_to():
            return Outcome.STOPPED
        try:
            code, _ = server.data(data.as_bytes())
        except smtplib.SMTPDataError as refused:  # before a word of it was said
            return _of_code(refused.smtp_code)
        except (OSError, smtplib.SMTPException):
            return Outcome.IN_DOUBT
        return Outcome.SENT if code == 250 else _of_code(code)


def _of_code(code: int) -> Outcome:
    return Outcome.REFUSED if 500 <= code < 600 else Outcome.LATER


def _to_gateway(message: Message, domain: str) -> Message:
    number = message.address
    national = f"44{number[1:]}" if number.startswith("0") else number.removeprefix("+")
    return Message(
        id=message.id,
        kind="text",
        address=f"{national}@{domain}",
        subject="",
        text=message.text,
    )
