"""Rows of `record.version` as `Stored` values: the one list of columns, the one reader."""

from collections.abc import Sequence
from typing import Any

from joinedup.fhir.types import TYPES, type_number
from joinedup.record.change import Stored, body_id

__all__ = ["CURRENT", "PAST_COLUMNS", "VERSION_COLUMNS", "stored_from_row"]

_COLUMNS = (
    b"v.type, v.version, v.body, v.received, v.deleted, v.source, v.author, v.role,"
    b" v.happened, v.recorded,"
    b" case when v.type = %d and %s then record.is_restricted(v.person) else false end"
)
_PATIENT = type_number("Patient")
VERSION_COLUMNS = _COLUMNS % (_PATIENT, b"v.key <> v.person")
"""Of current versions: only statements, Patients about another, have to ask who is restricted."""
CURRENT = (
    b"select " + VERSION_COLUMNS + b" from record.head h join record.version v"
    b" on v.key = h.key and v.version = h.version where "
)
"""The versions that stand now, for a condition on h, the head, or v."""
PAST_COLUMNS = _COLUMNS % (_PATIENT, b"true")
"""Of any version: one from before a restriction has no label, and shows no more than today's."""


def stored_from_row(row: Sequence[Any]) -> Stored:
    """Return one row of VERSION_COLUMNS as a value."""
    kind, version, body, received, deleted, source, author, role = row[:8]
    happened, recorded, restricted = row[8:11]
    return Stored(
        TYPES[kind - 1],
        body_id(body),
        version,
        body,
        received,
        deleted,
        source,
        author,
        role,
        happened,
        recorded,
        received,
        restricted,
    )
