"""Heads of the seal's chain, kept in a file outside the database: one JSON object a line.

Whoever can rewrite the whole database cannot rewrite what was handed out before. Lines are only
ever added; best on another disk, or one that only takes additions.
"""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from joinedup.record.seal import Head

__all__ = ["HEADS_FILE", "KeptHead", "add_head", "read_heads"]

HEADS_FILE = Path("seal") / "heads.ndjson"
"""Where heads are kept below the home, unless a place says where."""


class KeptHead(Struct, frozen=True):
    """One line: the chain's last position and hash, when, and how many events it covers."""

    position: int
    hash: str
    time: datetime
    count: int


def add_head(file: Path, head: Head, time: datetime) -> None:
    """Add a line and wait until it is on the disk; the file is made with mode 0600."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = KeptHead(head.position, head.hash.hex(), time, head.position)
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(opened, msgspec.json.encode(kept) + b"\n")
        os.fsync(opened)
    finally:
        os.close(opened)


def read_heads(file: Path) -> tuple[tuple[KeptHead, ...], tuple[int, ...]]:
    """Return the heads of a file, and the numbers of the lines that are none.

    A missing file has no heads. A last line without its end was cut by a crash and is left out.
    """
    if not file.exists():
        return (), ()
    heads: list[KeptHead] = []
    damaged: list[int] = []
    whole = file.read_bytes().split(b"\n")[:-1]
    for number, line in enumerate(whole, 1):
        try:
            heads.append(msgspec.json.decode(line, type=KeptHead))
        except (msgspec.DecodeError, UnicodeDecodeError):
            damaged.append(number)
    return tuple(heads), tuple(damaged)
