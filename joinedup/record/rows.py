"""Rows of `record.version` as `Stored` values: the one list of columns, the one reader."""

from collections.abc import Sequence
from typing import Any

from joinedup.fhir.types import TYPES, type_number
from joinedup.record.change import Stored, body_id

__all__ = ["VERSION_COLUMNS", "stored_from_row"]

VERSION_COLUMNS = (
    b"v.type, v.version, v.body, v.received, v.deleted, v.source, v.author, v.role,"
    b" v.happened, v.recorded,"
    # Asked of statements alone: Patients that are about another Patient.
    b" case when v.type = %d and v.key <> v.person then record.is_restricted(v.person)"
    b" else false end" % type_number("Patient")
)


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
