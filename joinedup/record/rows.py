"""Rows of `record.version` as `Stored` values: the one list of columns, the one reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from joinedup.fhir.types import TYPES
from joinedup.record.change import Stored, body_id

__all__ = ["VERSION_COLUMNS", "stored_from_row"]

VERSION_COLUMNS = (
    b"v.type, v.version, v.body, v.received, v.deleted, v.source, v.author, v.role,"
    b" v.happened, v.recorded"
)


def stored_from_row(row: Sequence[object]) -> Stored:
    """Return one row of VERSION_COLUMNS as a value."""
    body = cast(str, row[2])
    received = cast(datetime, row[3])
    return Stored(
        type=TYPES[cast(int, row[0]) - 1],
        id=body_id(body),
        version=cast(int, row[1]),
        body=body,
        updated=received,
        deleted=cast(bool, row[4]),
        source=cast(str, row[5]),
        author=cast(str, row[6]),
        role=cast(str, row[7]),
        happened=cast(datetime | None, row[8]),
        recorded=cast(datetime, row[9]),
        received=received,
    )
