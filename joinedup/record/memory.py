"""The record in memory: the plain twin of the record in PostgreSQL.

The same operations, permits and refusals over Python dicts, written apart from the SQL and with no
care for speed (house.md, law 7). Sight comes from `fhir.involve`, matching from
`fhir.search.matches`; where the two records disagree, one of them is wrong. For tests.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.words import DataClass
from joinedup.fhir.issue import Gone, NotFound
from joinedup.fhir.search.clause import Query
from joinedup.record.board import Board
from joinedup.record.change import Change, Committed, Page, Stored
from joinedup.record.memory_board import found_board
from joinedup.record.memory_commit import committed
from joinedup.record.memory_search import found_page
from joinedup.record.memory_state import (
    State,
    Version,
    last,
    restricted_people,
    sees,
    visible,
)

__all__ = ["Memory"]

MOST_STOOD = 50_000


class Memory:
    """A record in memory; its methods are those of `joinedup.record`."""

    def __init__(self) -> None:
        self._state = State({}, {}, {})

    def commit(
        self,
        permit: Permit,
        changes: Sequence[Change],
        *,
        dangling: Literal["refuse", "keep"] = "refuse",
        now: datetime | None = None,
    ) -> Committed:
        """Store all the changes, or none; refuses as `record.commit` does."""
        moment = now or datetime.now(UTC)
        self._state, outcomes = committed(
            self._state, permit, changes, moment, keeps_dangling=dangling == "keep"
        )
        return Committed(outcomes)

    def read(self, permit: Permit, kind: str, resource_id: str) -> Stored:
        """Return the current version. Raises NotFound (absent or hidden, the same) or Gone."""
        end = last(self._state, f"{kind}/{resource_id}")
        if end is None or not sees(self._state, permit, end):
            raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
        if end.stored.deleted:
            raise Gone(f"{kind}/{resource_id} was deleted.")
        return end.stored

    def vread(self, permit: Permit, kind: str, resource_id: str, version: int) -> Stored:
        """Return one version, seen only where both it and the last one are."""
        found = [v for v in self._past(permit, f"{kind}/{resource_id}") if v.version == version]
        if not found:
            raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
        if found[0].deleted:
            raise Gone(f"Version {version} of {kind}/{resource_id} is its deletion.")
        return found[0]

    def history(
        self,
        permit: Permit,
        kind: str,
        resource_id: str,
        *,
        count: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Return versions of one resource, newest first."""
        past = self._past(permit, f"{kind}/{resource_id}")
        left = [v for v in past if cursor is None or v.version < int(cursor)]
        if not left and cursor is None:
            raise NotFound(f"There is no {kind}/{resource_id} that you can see.")
        more = str(left[count - 1].version) if len(left) > count else None
        return Page(tuple(left[:count]), next_cursor=more)

    def _past(self, permit: Permit, reference: str) -> list[Stored]:
        versions = self._state.versions.get(reference, ())
        if not versions or not sees(self._state, permit, versions[-1]):
            return []
        past = [v for v in reversed(versions) if sees(self._state, permit, v)]
        if not reference.startswith("Patient/"):
            return [v.stored for v in past]
        people = restricted_people(self._state)
        return [replace(v.stored, restricted=f"Patient/{v.people[0]}" in people) for v in past]

    def search(self, permit: Permit, query: Query) -> Page:
        """Return one page of what fits the query and the permit sees."""
        return found_page(visible(self._state, permit), query)

    def board(self, permit: Permit, *, hospital: str = "", ward: str = "") -> Board:
        """Return who lies in a hospital or on a ward, as far as the permit sees."""
        return found_board(self._state, permit, hospital=hospital, ward=ward)

    def stood(self, permit: Permit, query: Query, at: datetime) -> tuple[Stored, ...]:
        """Return what fits the query now, each as the record had it at a moment."""
        fits = found_page(visible(self._state, permit), replace(query, count=MOST_STOOD)).entries
        past = (self._at(permit, one.reference, at) for one in fits)
        return tuple(one for one in past if one is not None and not one.deleted)

    def _at(self, permit: Permit, reference: str, at: datetime) -> Stored | None:
        return next((v for v in self._past(permit, reference) if v.received <= at), None)

    def everything(
        self,
        permit: Permit,
        person_id: str,
        *,
        types: Sequence[str] = (),
        since: datetime | None = None,
        count: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """Return the person, then all that names them, in key order."""
        reference = f"Patient/{person_id}"
        seen = visible(self._state, permit)
        if reference not in seen:
            raise NotFound(f"There is no {reference} that you can see.")
        found = [
            v
            for v in sorted(seen.values(), key=lambda v: v.key)
            if v.stored.reference == reference
            or (v.data_class != DataClass.SHARED and _is_of(v, person_id))
            if (not types or v.stored.type in types)
            and (since is None or v.stored.updated >= since)
            and (cursor is None or v.key > int(cursor))
        ]
        more = count is not None and len(found) > count
        kept = found[:count] if count else found
        return Page(tuple(v.stored for v in kept), next_cursor=str(kept[-1].key) if more else None)


def _is_of(version: Version, person_id: str) -> bool:
    """Whether a resource is kept under a person, or refers to them where a search could ask."""
    return version.people[:1] == (person_id,) or any(
        target == f"Patient/{person_id}" for _, target in version.rows.references
    )
