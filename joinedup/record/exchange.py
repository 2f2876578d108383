"""Asking PostgreSQL in one trip: a statement of ours, alone or behind the permit it runs under.

A request to the record is a few statements of the same few texts, so each is prepared once a
connection and sent as text arguments; psycopg's cursors would cost more than most of them. What a
permit is entered for goes in one pipeline: PostgreSQL runs the messages strictly one after the
other, in one transaction of their own that ends with the last (PostgreSQL 15, 34.5).
"""

import select
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, cast

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

from joinedup.record.arrays import numbers, quoted

__all__ = ["PreparingConnection", "answer_of", "under"]

MOST_PREPARED = 200
"""Statements kept prepared on one connection; the one unused for longest makes room."""

_ENTER = b"select record.enter(" + b", ".join([b"%s"] * 9) + b")"
_BINARY = 1
_FINE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

Rows = list[tuple[Any, ...]]


class PreparingConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that remembers which of our statements it has prepared, and how to read rows."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.prepared: OrderedDict[bytes, bytes] = OrderedDict()
        self.made = 0
        self.reader = Transformer(self)


def answer_of(lent: PreparingConnection, statement: bytes, arguments: Sequence[object]) -> Rows:
    """Return the rows of one statement that is a transaction by itself.

    Arguments stand for the %s of its text. Raises psycopg's errors, as its cursors do.
    """
    try:
        return _answer_of(lent, statement, arguments)
    except errors.InvalidSqlStatementName:
        lent.prepared.clear()
        return _answer_of(lent, statement, arguments)


def _answer_of(lent: PreparingConnection, statement: bytes, arguments: Sequence[object]) -> Rows:
    name = _prepared(lent, statement)
    values = cast("list[bytes]", [*map(_text, arguments)])  # None is a value too: null
    result = lent.pgconn.exec_prepared(name, values, result_format=_BINARY)
    return _rows(lent, result)


def under(
    lent: PreparingConnection,
    settings: Sequence[str],
    statement: bytes,
    arguments: Sequence[object],
) -> Rows:
    """Return the rows of a statement run under the permit with these settings, in one transaction.

    `settings` are the arguments of `record.enter`. The permit is entered before the statement is
    planned, and is gone when it is answered; an error in either leaves nothing behind.
    """
    try:
        return _under(lent, settings, statement, arguments)
    except errors.InvalidSqlStatementName:  # psycopg forgets what is prepared after a ROLLBACK
        lent.prepared.clear()
        return _under(lent, settings, statement, arguments)


def _under(
    lent: PreparingConnection,
    settings: Sequence[str],
    statement: bytes,
    arguments: Sequence[object],
) -> Rows:
    names = _prepared(lent, _ENTER), _prepared(lent, statement)
    pg = lent.pgconn
    pg.enter_pipeline_mode()
    try:
        pg.send_query_prepared(names[0], [*map(_text, settings)], result_format=_BINARY)
        pg.send_query_prepared(names[1], [*map(_text, arguments)], result_format=_BINARY)
        pg.pipeline_sync()
        results = _results(pg)
        pg.exit_pipeline_mode()
    except BaseException:  # half a conversation: nobody can go on with this connection
        lent.close()
        raise
    if results[0].status not in _FINE:
        raise errors.error_from_result(results[0])
    return _rows(lent, results[1])


def _results(pg: pq.abc.PGconn) -> list[pq.abc.PGresult]:
    """Wait for what was sent and return the result of each statement up to the end."""
    ready = select.poll()
    ready.register(pg.socket, select.POLLIN | select.POLLOUT)
    while pg.flush():
        ready.poll()
        pg.consume_input()
    ready.modify(pg.socket, select.POLLIN)
    found: list[pq.abc.PGresult] = []
    while True:
        while pg.is_busy():
            ready.poll()
            pg.consume_input()
        result = pg.get_result()
        if result is None:  # between two statements
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return found
        found.append(result)
        if pg.status == pq.ConnStatus.BAD:
            raise errors.error_from_result(result)


def _rows(lent: PreparingConnection, result: pq.abc.PGresult) -> Rows:
    if result.status not in _FINE:
        raise errors.error_from_result(result)
    lent.reader.set_pgresult(result)
    return lent.reader.load_rows(0, result.ntuples, tuple)


def _prepared(lent: PreparingConnection, statement: bytes) -> bytes:
    """Return the name under which the connection knows a statement; make it known first."""
    known = lent.prepared
    name = known.get(statement)
    if name is not None:
        known.move_to_end(statement)
        return name
    lent.made += 1
    name = b"joinedup_%d" % lent.made
    result = lent.pgconn.prepare(name, _numbered(statement))
    if result.status not in _FINE:
        raise errors.error_from_result(result)
    known[statement] = name
    if len(known) > MOST_PREPARED:
        _, oldest = known.popitem(last=False)
        lent.pgconn.exec_(b"deallocate " + oldest)
    return name


@lru_cache(MOST_PREPARED)
def _numbered(statement: bytes) -> bytes:
    """Return a text with $1, $2, ... for its %s."""
    first, *rest = statement.split(b"%s")
    return first + b"".join(b"$%d%s" % numbered for numbered in enumerate(rest, 1))


def _text(value: object) -> bytes | None:
    """Return an argument as PostgreSQL reads it."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int):
        return b"%d" % value
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat().encode()
    assert isinstance(value, Sequence), type(value)
    whole = numbers if value and isinstance(value[0], int) else quoted
    return whole(value).encode()
