"""One process at a time: who has the turn of a loop, kept by PostgreSQL and lost with the process.

A turn saves work done twice. It is no promise: what must happen once is decided by rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from joinedup.fhir.key import hash64
from joinedup.record.database import connection

__all__ = ["turn"]


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """Lend the turn of a loop for as long as the context lasts; False where another has it."""
    key = hash64(f"turn/{name}")
    with connection() as lent:
        row = lent.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
        has_turn = bool(row and row[0])
        try:
            yield has_turn
        finally:
            if has_turn:
                lent.execute("select pg_advisory_unlock(%s)", (key,))
