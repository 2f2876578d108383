"""The tables of apps, as sign-in's role reaches them: a few statements, each with its name.

One statement is one transaction, except within `together`. What ends takes its tokens with it by
triggers (SQL 0031). Times come from the caller.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

__all__ = ["Row", "ask", "change", "forget_before", "one", "together"]

Row = tuple[Any, ...]


def ask(statement: str, *values: Any) -> list[Row]:
    """Return the rows of a statement."""
    try:
        return _asked(statement, values)
    except OperationalError:  # the database was started again; once more, on a new connection
        if connection.in_atomic_block:
            raise
        connection.close()
        return _asked(statement, values)


def one(statement: str, *values: Any) -> Row | None:
    """Return the first row of a statement; None where there is none."""
    found = ask(statement, *values)
    return found[0] if found else None


def change(statement: str, *values: Any) -> int:
    """Run a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return int(cursor.rowcount)


@contextmanager
def together() -> Iterator[None]:
    """Make what is changed within one transaction."""
    with transaction.atomic():
        yield


def _asked(statement: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        rows: list[Row] = cursor.fetchall()
    return rows


def forget_before(at: datetime) -> None:
    """Forget tokens and launches that are over since a day; what was agreed stays to be shown.

    Rows somebody holds are left for the next time, so that nobody waits for this, nor it for them.
    """
    for table, lasts in (("token", "1 day"), ("launch", "0")):
        change(
            f"delete from smart.{table} where hash in (select hash from smart.{table}"  # noqa: S608  # our own names
            f" where until < %s - interval '{lasts}' for update skip locked)",
            at,
        )
