"""From a change to the rows it becomes: text, version, times and everything derived.

No database here; `write` stores what `prepare` returns.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.derive import Derived, derive
from joinedup.fhir.issue import TooLarge
from joinedup.fhir.search.period import bounds
from joinedup.record.change import Source, Stored

__all__ = [
    "RECORDED_AT",
    "Prepared",
    "derive_ahead",
    "instant",
    "prepare",
    "source_of",
    "stored_text",
]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
LONGEST_CODE_CHARACTERS = 2_000
MOST_INDEX_ROWS = 20_000
"""A resource found by more than this would hold the locks of a commit for seconds."""
RECORDED_AT = ("recordedDate", "issued", "recorded", "authoredOn", "dateAsserted", "authored")
"""Elements in which a resource says when it was written down, the first found counts."""


class Prepared(Struct, frozen=True):
    """One version ready to be stored."""

    stored: Stored
    derived: Derived
    happened: str | None
    recorded: str
    received: str


@lru_cache(maxsize=64)
def instant(moment: datetime) -> str:
    """Return a moment as FHIR writes an instant, in UTC to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def stored_text(
    resource: Mapping[str, Any], resource_id: str, version: int, updated: datetime
) -> str:
    """Return the text that is stored: type, id and meta first, the rest as it came.

    What comes from outside was read by `wire` and checked; it is not inspected a second time.
    """
    told = resource.get("meta")
    meta = {"versionId": str(version), "lastUpdated": instant(updated)}
    if told:
        meta = {**told, **meta}
    first = {"resourceType": resource["resourceType"], "id": resource_id, "meta": meta}
    # The first names keep their places; their values are written again, as they may have come
    # otherwise.
    whole = {**first, **resource, **first}
    return _ENCODER.encode(whole).decode()


def source_of(stored: Stored) -> Source:
    """Return who said a version, and when, for another version of the same statement."""
    return Source(
        stored.source,
        stored.author,
        stored.role,
        instant(stored.happened) if stored.happened else None,
        instant(stored.recorded),
    )


def derive_ahead(resource: Mapping[str, Any]) -> Derived:
    """Return what is derived from a resource whose id is set, before its version is known.

    The version and its time are in the stored text alone, and nothing is derived from those.
    """
    return derive(resource, _ENCODER.encode(resource).decode())


def prepare(
    permit: Permit,
    resource: Mapping[str, Any],
    resource_id: str,
    version: int,
    now: datetime,
    *,
    source: Source | None = None,
    derived: Derived | None = None,
) -> Prepared:
    """Return the rows of one new version, said by the permit unless a source is given.

    `derived` is what `derive_ahead` returned for it, if it was asked.
    """
    body = stored_text(resource, resource_id, version, now)
    if derived is None:
        derived = derive({**resource, "id": resource_id}, body)
    _refuse_too_much(resource["resourceType"], derived)
    said = source or Source(permit.organisation, permit.worker, permit.role.value)
    received = now.astimezone(UTC).isoformat(" ", timespec="microseconds")
    happened = _start(said.happened) or _known(derived.when_low)
    recorded = _start(said.recorded) or _recorded(resource) or received
    return Prepared(
        Stored(
            type=resource["resourceType"],
            id=resource_id,
            version=version,
            body=body,
            updated=now,
            deleted=False,
            source=said.organisation,
            author=said.author,
            role=said.role,
            happened=datetime.fromisoformat(happened) if happened else None,
            recorded=datetime.fromisoformat(recorded),
            received=now,
        ),
        derived,
        happened,
        recorded,
        received,
    )


def _refuse_too_much(kind: str, derived: Derived) -> None:
    for token in derived.tokens:
        if len(token[1]) > LONGEST_CODE_CHARACTERS:
            raise TooLarge("A code or identifier in this is too long to be found by. Shorten it.")
    rows = sum(map(len, (derived.tokens, derived.strings, derived.dates, derived.references)))
    if rows > MOST_INDEX_ROWS:
        raise TooLarge(
            f"This {kind} would be found by {rows:,} names, codes, dates and references; at most "
            f"{MOST_INDEX_ROWS:,} are taken in one entry. Send it as several."
        )


def _start(value: str | None) -> str | None:
    return bounds(value)[0] if value else None


def _known(low: str) -> str | None:
    return None if low.endswith("infinity") else low


def _recorded(resource: Mapping[str, Any]) -> str | None:
    for element in RECORDED_AT:
        if isinstance(value := resource.get(element), str):
            return bounds(value)[0]
    return None
