"""What came of an import: counts by type, and a file of refusals with their reasons."""

import json
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Literal

from msgspec import Struct

from joinedup.fhir.issue import Problem

__all__ = ["Count", "ImportReport", "Refusals"]

MOST_LISTED = 1_000


class Count(Struct, frozen=True):
    """How many resources of a type were stored (new or changed), found unchanged, or refused.

    `kept` are those that wait for people to say whose they are.
    """

    stored: int = 0
    unchanged: int = 0
    refused: int = 0
    kept: int = 0


class ImportReport(Struct, frozen=True, kw_only=True):
    """The end of an import. `dangling` lists references to what nobody has sent yet (the first
    1,000 of `dangling_count`); `notes` are sentences about whole files."""

    counts: dict[str, Count]
    seconds: float
    files: int
    refusals: int
    refusals_file: Path
    dangling: tuple[str, ...] = ()
    dangling_count: int = 0
    notes: tuple[str, ...] = ()

    @property
    def stored(self) -> int:
        """How many resources were stored."""
        return sum(count.stored for count in self.counts.values())

    @property
    def unchanged(self) -> int:
        """How many resources the record already held just so."""
        return sum(count.unchanged for count in self.counts.values())

    @property
    def refused(self) -> int:
        """How many resources were refused; files and rows that hold none are in `refusals`."""
        return sum(count.refused for count in self.counts.values())

    @property
    def kept(self) -> int:
        """How many resources wait for people to say whose they are."""
        return sum(count.kept for count in self.counts.values())


class Refusals:
    """The file of refusals (NDJSON, mode 0600) and the counts; reader and writer both add to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self._counts: dict[str, Counter[str]] = {}
        self._notes: dict[str, None] = {}
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        self._out = path.open("a", encoding="utf-8")

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._out.close()

    def count(self, kind: str, result: Literal["stored", "unchanged", "refused", "kept"]) -> None:
        """Count one resource of a type."""
        with self._lock:
            self._counts.setdefault(kind, Counter())[result] += 1

    def refuse(
        self,
        file: str,
        number: int,
        problems: tuple[Problem, ...],
        *,
        kind: str = "",
        full_url: str = "",
    ) -> None:
        """Write one line a problem; a refusal with a `kind` is counted as one resource refused."""
        if kind:
            self.count(kind, "refused")
        for problem in problems:
            line = {
                "file": file,
                "entry": number,
                "fullUrl": full_url,
                "type": kind,
                "path": problem.path,
                "code": problem.code,
                "message": problem.message,
            }
            with self._lock:
                self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
                self.lines += 1

    def refuse_file(self, file: str, words: str) -> None:
        """Write that a file, or the rest of it, was not read."""
        self.refuse(file, 0, (Problem("processing", words),))

    def note(self, words: str) -> None:
        """Keep a sentence for the end of the report."""
        if len(self._notes) < MOST_LISTED:
            self._notes[words] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences kept, in order, each once."""
        return tuple(self._notes)

    def counts(self) -> dict[str, Count]:
        """Return the counts by type, in order of type."""
        return {kind: Count(**dict(self._counts[kind])) for kind in sorted(self._counts)}
