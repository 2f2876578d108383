"""What is typed into a setting, read as what it means; ValueError says what it must be."""

import os
import re
from pathlib import Path

__all__ = [
    "as_algorithm",
    "as_database",
    "as_email",
    "as_host_name",
    "as_issuer",
    "as_path",
    "as_path_or_none",
    "as_port",
    "as_security",
    "as_web_address",
    "as_whole",
    "as_words",
    "as_workers",
    "as_yes_or_no",
]

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")


def as_path(text: str) -> Path:
    """Return a whole path; ValueError says what it must be."""
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("must be a whole path, starting at /")
    return path


def as_path_or_none(text: str) -> Path | None:
    """Return a whole path, or None for ""; ValueError says what it must be."""
    return as_path(text) if text else None


def as_database(text: str) -> str:
    """Return the address of a PostgreSQL; ValueError says what it must be."""
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return text


def as_port(text: str) -> int:
    """Return a port; ValueError says what it must be."""
    return as_whole(text, 1, 65_535)


def as_workers(text: str) -> int:
    """Return how many processes; ValueError says what it must be."""
    return as_whole(text, 0, 64) or len(os.sched_getaffinity(0))


def as_whole(text: str, least: int, most: int) -> int:
    """Return a whole number of these; ValueError says which they are."""
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(text)


def as_issuer(text: str) -> str:
    """Return the issuer of an identity provider; ValueError says what it must be."""
    if text and not text.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        raise ValueError("must start with https://")
    return text


def as_algorithm(text: str) -> str:
    """Return the name of a signature; ValueError says what it must be."""
    if text not in _ALGORITHMS:
        raise ValueError(f"must be one of {', '.join(_ALGORITHMS)}")
    return text


def as_web_address(text: str) -> str:
    """Return a web address without a slash at its end; ValueError says what it must be."""
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError("must start with https:// and be an address without spaces")
    return text.rstrip("/")


def as_email(text: str) -> str:
    """Return an e-mail address; ValueError says what it must be."""
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", text):
        raise ValueError("must be an e-mail address")
    return text


def as_host_name(text: str) -> str:
    """Return the name of a host; ValueError says what it must be."""
    if text and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError("must be the name of a host, such as sms.gateway.example")
    return text


def as_security(text: str) -> str:
    """Return how a mail server is spoken to; ValueError says what it must be."""
    if text not in ("starttls", "tls", "none"):
        raise ValueError("must be starttls, tls or none")
    return text


def as_yes_or_no(text: str) -> bool:
    """Return yes or no; ValueError says what it must be."""
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def as_words(text: str) -> tuple[str, ...]:
    """Return words between commas; ValueError says what it must be."""
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise ValueError("must name at least one host")
    return words
