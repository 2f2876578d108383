"""What an import has stored and what it refers to, so that references to nothing can be listed.

Keeps a 64-bit key a resource (about 100 bytes in memory), never a resource.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from joinedup.access.permit import Permit
from joinedup.fhir.key import hash64
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED
from joinedup.people.importing.naming import relative_name
from joinedup.record import search

__all__ = ["Links"]

MOST_SUSPECTS = 20_000
MOST_VALUES = 100

Met = Literal["new", "same", "different"]


class Links:
    """Which resources were met, and which references lead to something not met yet."""

    def __init__(self) -> None:
        self._met: set[int] = set()
        self._texts: dict[int, bytes] = {}
        self._suspects: dict[str, int] = {}
        self.unlisted = 0

    def add(self, key: int, targets: Iterable[str], text: bytes, *, repeats: bool) -> Met:
        """Keep a resource and what it refers to, and return whether it was met before.

        Types that many files repeat (people, practitioners, places: `repeats`) are compared by
        their text; any other that comes again under one name counts as different.
        """
        if key in self._met:
            return "same" if self._texts.get(key) == _digest(text) else "different"
        self._met.add(key)
        if repeats:
            self._texts[key] = _digest(text)
        for target in targets:
            if target in self._suspects or (wanted := _key_of(target)) in self._met:
                continue
            if len(self._suspects) >= MOST_SUSPECTS:
                self._forget_answered()
            if len(self._suspects) < MOST_SUSPECTS:
                self._suspects[target] = wanted
            else:
                self.unlisted += 1
        return "new"

    def dangling(self, permit: Permit) -> tuple[str, ...]:
        """Return the references that lead to nothing, in this import or in the record."""
        self._forget_answered()
        found: set[str] = set()
        by_kind: dict[str, list[str]] = {}
        for target in self._suspects:
            if (parts := relative_name(target)) and parts[0] in SERVED:
                by_kind.setdefault(parts[0], []).append(parts[1])
        for kind, ids in by_kind.items():
            for some in _parts(ids):
                query = parse_query(kind, (("_id", ",".join(some)),), default_count=1000)
                page = search(permit, query, detail="import")
                found.update(stored.reference for stored in page.entries)
        return tuple(sorted(target for target in self._suspects if target not in found))

    def _forget_answered(self) -> None:
        met = self._met
        self._suspects = {t: wanted for t, wanted in self._suspects.items() if wanted not in met}


@lru_cache(maxsize=20_000)
def _key_of(target: str) -> int:
    """Return the key of `Type/id`; a person and a visit are named by many resources in a row."""
    return hash64(target)


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=8).digest()


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), MOST_VALUES):
        yield values[start : start + MOST_VALUES]
