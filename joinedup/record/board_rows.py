"""Keeping the rows of the board with the commit that changes what they are derived from."""

from collections.abc import Sequence

from joinedup.fhir.board_row import BOARD_TYPES
from joinedup.record.arrays import numbers, plain, quoted
from joinedup.record.database import Connection
from joinedup.record.prepare import Prepared

__all__ = ["keep_board"]

_KEEP = b"select record.keep_board(" + b", ".join([b"%s"] * 8) + b")"


def keep_board(lent: Connection, written: Sequence[Prepared]) -> None:
    """Write the board's rows of these versions, whose heads are written, instead of those before.

    What was deleted, or is no longer of a board, has none.
    """
    replaced = [
        p.derived.key for p in written if p.stored.version > 1 and p.stored.type in BOARD_TYPES
    ]
    rows = [
        (p.derived.key, p.derived.board)
        for p in written
        if p.derived.board is not None and not p.stored.deleted
    ]
    if not rows and not replaced:
        return
    lent.execute(
        _KEEP,
        (
            numbers(replaced),
            numbers(key for key, _ in rows),
            numbers(row.kind for _, row in rows),
            numbers(row.hospital for _, row in rows),
            numbers(row.place for _, row in rows),
            numbers(row.pair for _, row in rows),
            plain(row.ends for _, row in rows),
            quoted(row.said for _, row in rows),
        ),
    )
