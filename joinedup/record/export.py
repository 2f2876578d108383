"""The whole record as files: FHIR NDJSON, one file a type, the ledger, and a manifest.

In the manner of FHIR Bulk Data: everything current that the permit may take away, at one moment.
The audit names everybody in it before the first line is written.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from joinedup.access.permit import Permit, exporting, system_permit
from joinedup.access.restrictions import withheld
from joinedup.fhir.issue import Invalid
from joinedup.fhir.types import TYPES
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.record.books_file import BOOKS_FILE, write_books_file
from joinedup.record.database import Connection, connection, entered
from joinedup.record.prepare import instant
from joinedup.record.trace import trace

__all__ = ["MANIFEST", "export_all"]

MANIFEST = "manifest.json"
"""Written last: a folder without it is not a whole export."""

_AT_ONCE = 1_000
_BEFORE_ALL = -(2**63)
_PEOPLE = (
    "select person from record.head union select unnest(others) from record.head"
    " where others is not null"
)
_NEXT = (
    "select h.key, h.type, v.body from record.head h"
    " join record.version v on v.key = h.key and v.version = h.version"
    " where h.key > %s order by h.key limit %s"
)


def export_all(
    folder: Path,
    *,
    permit: Permit | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, int]:
    """Write `Type.ndjson` for each type, the ledger and a manifest into a new folder.

    Returns counts. Takes the permit of a system job, its own when none is given. Raises Invalid for
    a folder that has something in it. Files and folder are for their owner alone.
    """
    permit = exporting(permit or system_permit("export"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is not an empty folder. Name a new one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with connection() as lent, lent.transaction():
        lent.execute("set transaction isolation level repeatable read, read only")
        lent.execute("set local statement_timeout = 0")
        entered(lent, permit)
        moment, whole = _moment(lent)
        _name_everybody(permit, lent, folder)
        with ExitStack() as opened:
            files = _Files(folder, opened)
            _write(lent, permit, files, whole, progress)
        books = write_books_file(lent, folder)
    _write_manifest(folder, files, moment, books)
    return files.counts | ({"ledger": books} if books else {})


class _Files:
    """The open file of each type, what is in it, and its hash so far."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder, self._opened = folder, opened
        self._files: dict[str, IO[bytes]] = {}
        self.counts: dict[str, int] = {}
        self.hashes: dict[str, Any] = {}

    def add(self, kind: str, body: str) -> None:
        if kind not in self._files:
            path = self._folder / f"{kind}.ndjson"
            path.touch(mode=0o600)
            self._files[kind] = self._opened.enter_context(path.open("wb"))
            self.counts[kind], self.hashes[kind] = 0, sha256()
        line = body.encode() + b"\n"
        self._files[kind].write(line)
        self.hashes[kind].update(line)
        self.counts[kind] += 1


def _moment(lent: Connection) -> tuple[datetime, int]:
    row = lent.execute("select now(), count(*) from record.head").fetchone()
    assert row is not None and isinstance(row[0], datetime)
    return row[0], int(str(row[1]))


def _name_everybody(permit: Permit, lent: Connection, folder: Path) -> None:
    """Leave the trace on a connection of its own, so that it stands before anything is written."""
    people = [int(str(person)) for (person,) in lent.execute(_PEOPLE)]
    with connection() as other, other.transaction():
        entered(other, permit)
        trace(other, permit, "export", people=people, detail=folder.name)


def _write(
    lent: Connection,
    permit: Permit,
    files: _Files,
    whole: int,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    """Write everything in key order, a thousand resources at a time."""
    last, done = _BEFORE_ALL, 0
    while rows := lent.execute(_NEXT, (last, _AT_ONCE)).fetchall():
        for _, kind, body in rows:
            name = TYPES[int(str(kind)) - 1]
            files.add(name, _shown(permit, str(body)) if name == "Patient" else str(body))
        last, done = int(str(rows[-1][0])), done + len(rows)
        if progress:
            progress("Exporting", done, whole)


def _shown(permit: Permit, body: str) -> str:
    """Return a Patient's text without what is withheld of a restricted person."""
    patient = read_resource(body)
    seen = withheld(permit, patient)
    return body if seen == patient else write_resource(seen)


def _write_manifest(folder: Path, files: _Files, moment: datetime, books: int) -> None:
    output = [
        {
            "type": kind,
            "url": f"{kind}.ndjson",
            "count": count,
            "sha256": files.hashes[kind].hexdigest(),
        }
        for kind, count in sorted(files.counts.items())
    ]
    manifest: dict[str, Any] = {"transactionTime": instant(moment), "output": output, "error": []}
    if books:
        told = sha256((folder / BOOKS_FILE).read_bytes()).hexdigest()
        manifest["extension"] = {"ledger": {"url": BOOKS_FILE, "count": books, "sha256": told}}
    path = folder / MANIFEST
    path.touch(mode=0o600)
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
