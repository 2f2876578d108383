"""The files of a copy, in one ZIP that is written as it is sent: nothing of it is kept here.

A page to read and print (and one in large print), the same as FHIR for another system, tables for a
spreadsheet, and a list of all with their SHA-256.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import IO, cast

from django.template.loader import render_to_string
from msgspec import Struct

from joinedup.people.presenters.who_looked import Line
from joinedup.people.rights.cells import csv_lines
from joinedup.people.rights.content import Copy, Entry
from joinedup.people.rights.copying import Copied
from joinedup.people.rights.money import MONEY_HEADER
from joinedup.record.change import Stored
from joinedup.web.dates import Moment, moment_of, say

__all__ = ["Made", "readable", "zipped"]

READABLE, LARGE_PRINT = "my-record.html", "my-record-large-print.html"
_MODE = 0o600 << 16
_HEADER = ("section", "title", "status", "what it says", "you disagree", "true on", "recorded",
           "organisation", "role", "author", "entry")  # fmt: skip
_LOOKED = ("day", "time", "who", "did", "why")


class Made(Struct, frozen=True, kw_only=True):
    """When, for whom and by whom a copy is made; `asked_on` and `approved_on` are in words."""

    at: datetime
    by: str
    asked_on: str
    approved_on: str


class _Sent(io.RawIOBase):
    """Where the ZIP writes to: what has been written since it was last asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        kept = bytes(cast("bytes", piece))
        self._pieces.append(kept)
        return len(kept)

    def taken(self) -> bytes:
        """Return what was written since last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(copied: Copied, made: Made) -> Iterator[bytes]:
    """Yield the ZIP piece by piece; the same copy made at the same time is the same bytes."""
    sent, hashes = _Sent(), {}
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in _members(copied, made):
            hashed = sha256()
            with archive.open(_named(name, made.at), "w", force_zip64=True) as member:
                for line in lines():
                    hashed.update(line)
                    member.write(line)
                    if piece := sent.taken():
                        yield piece
            hashes[name] = hashed.hexdigest()
        manifest = json.dumps({"made": made.at.isoformat(), "sha256": hashes}, indent=2)
        archive.writestr(_named("manifest.json", made.at), manifest + "\n")
    yield sent.taken()


def _named(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, _MODE
    return info


def _members(copied: Copied, made: Made) -> Iterator[tuple[str, Callable[[], Iterable[bytes]]]]:
    yield READABLE, lambda: [readable(copied, made).encode()]
    yield LARGE_PRINT, lambda: [readable(copied, made, is_large=True).encode()]
    yield "fhir-bundle.json", lambda: _bundle(copied.entries, made.at)
    yield "entries.csv", lambda: (line.encode() for line in csv_lines(_HEADER, _rows(copied.copy)))
    if copied.money:
        money = [line.cells() for line in copied.money]
        yield "money.csv", lambda: (line.encode() for line in csv_lines(MONEY_HEADER, money))
    if copied.looked:
        rows = [(n.day, n.times, n.who, n.did, n.why) for n in copied.looked]
        yield "who-looked.csv", lambda: (line.encode() for line in csv_lines(_LOOKED, rows))


def readable(copied: Copied, made: Made, *, is_large: bool = False) -> str:
    """Return the page to read and print: it needs no other file and asks for nothing."""
    at = moment_of(made.at) or Moment(made.at)
    context = {
        "copy": copied.copy,
        "looked": _by_day(copied.looked),
        "money": copied.money,
        "made": made,
        "made_on": say(at, time=True),
        "is_large": is_large,
    }
    return render_to_string("rights/copy.jinja", context)


def _by_day(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.day, []).append(line)
    return found


def _bundle(entries: Iterable[Stored], at: datetime) -> Iterator[bytes]:
    """Yield a Bundle of type collection (FHIR R4 3.1.14), an entry a line, the texts as stored."""
    yield (
        '{"resourceType":"Bundle","type":"collection","timestamp":"'
        + at.isoformat(timespec="seconds")
        + '","entry":['
    ).encode()
    before = b"\n"
    for stored in entries:
        url = f"https://joinedup.example/fhir/{stored.reference}"
        yield before + f'{{"fullUrl":"{url}","resource":{stored.body}}}'.encode()
        before = b",\n"
    yield b"\n]}\n"


def _rows(copy: Copy) -> Iterator[tuple[str, ...]]:
    for part in copy.parts:
        for entry in part.entries:
            yield _row(part.title, entry)


def _row(section: str, entry: Entry) -> tuple[str, ...]:
    told = entry.told
    return (
        section,
        entry.title,
        entry.status,
        "; ".join(f"{name}: {words}" for name, words in entry.full),
        entry.disagreement,
        told.happened.words if told.happened else "",
        told.recorded.words if told.recorded else "",
        told.organisation,
        told.role,
        told.author,
        entry.reference,
    )
