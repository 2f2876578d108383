"""The way to PostgreSQL: one pool of connections for the process, and what its errors mean.

Connections log in as the application role, which owns nothing. A permit is entered for one
transaction at a time (`record.enter`), so nothing of it is left when a connection is lent again.
"""

import select
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from joinedup.access.permit import Permit
from joinedup.fhir.issue import (
    Invalid,
    Refusal,
    SignInNeeded,
    StorageFull,
    TooLarge,
    TooMuch,
    Unavailable,
)
from joinedup.record.exchange import PreparingConnection

__all__ = [
    "Connection",
    "address",
    "close",
    "configure",
    "connection",
    "entered",
    "entering",
    "judged_at",
    "presented",
    "settings_of",
    "traced",
]

Connection = psycopg.Connection[tuple[object, ...]]

STATEMENT_LIMIT_SECONDS = 20
WAIT_LIMIT_SECONDS = 3.0
# After an outage the pool would wait as long again; given up soon, it tries at the next request.
RECONNECT_LIMIT_SECONDS = 1.0
ENDED_STATE = "JU401"
"""What `record.admitted` raises (SQL 0031)."""
_pools: dict[str, ConnectionPool[PreparingConnection]] = {}
_standing: dict[str, datetime] = {}


def configure(url: str, *, connections: int = 8, moment: datetime | None = None) -> None:
    """Open the process's pool to the application role's `url`; an earlier pool is closed.

    `moment` is the hour an invented place stands still at: relationships are judged at it.
    """
    close()
    if moment:
        _standing["moment"] = moment
    stands = f" -c joinedup.moment={moment.isoformat()}" if moment else ""
    _pools["record"] = ConnectionPool(
        url,
        connection_class=PreparingConnection,
        min_size=1,
        max_size=connections,
        timeout=WAIT_LIMIT_SECONDS,
        reconnect_timeout=RECONNECT_LIMIT_SECONDS,
        max_idle=600,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "options": f"-c statement_timeout={STATEMENT_LIMIT_SECONDS}s -c timezone=UTC "
            "-c search_path= -c jit=off" + stands,
        },
        open=True,
    )


def close() -> None:
    """Close the pool, if there is one."""
    _standing.clear()
    if pool := _pools.pop("record", None):
        pool.close()


def judged_at() -> datetime:
    """Return the moment relationships are judged at: now, or where an invented place stands."""
    return _standing.get("moment") or datetime.now(UTC)


def address() -> str:
    """Return the URL the pool is open to, for a process of our own that joins in."""
    pool = _pools.get("record")
    if pool is None:
        raise Unavailable("The record is not connected. Set JOINEDUP_DATABASE_URL or start it.")
    return str(pool.conninfo)


@contextmanager
def connection() -> Iterator[PreparingConnection]:
    """Lend a connection; PostgreSQL's own failures come out as refusals.

    Raises Unavailable when the record cannot be reached or has no memory left, StorageFull on a
    full disk, TooMuch when a statement ran past its time, saying how long that is.
    """
    pool = _pools.get("record")
    if pool is None:
        raise Unavailable("The record is not connected. Set JOINEDUP_DATABASE_URL or start it.")
    try:
        lent = _whole(pool)
        try:
            yield lent
        finally:
            pool.putconn(lent)  # a transaction left open is rolled back there
    except (Refusal, errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected):
        raise
    except errors.OutOfMemory as problem:  # of the server's or of its table of locks, not a disk
        raise Unavailable(
            "The record ran out of memory for this. Nothing was saved. Ask for less at a time, or "
            "try again when fewer people are asking."
        ) from problem
    except errors.DiskFull as problem:
        raise StorageFull("There is no room left to save this. Nothing was saved.") from problem
    except errors.ProgramLimitExceeded as problem:
        raise TooLarge("A value in this is too long to be kept findable. Shorten it.") from problem
    except errors.DataError as problem:  # such as a cursor whose values were altered
        raise Invalid("A value in this is not one the record can hold or look for.") from problem
    except errors.QueryCanceled as problem:
        raise TooMuch(
            f"This took longer than {STATEMENT_LIMIT_SECONDS} seconds, the most one step of a "
            "request may take, and was stopped. Nothing was saved. Ask for less at a time, or try "
            "again when fewer people are asking."
        ) from problem
    except PoolTimeout as problem:
        raise Unavailable("The record is busy. Nothing was saved; try again shortly.") from problem
    except psycopg.DatabaseError as problem:
        if problem.sqlstate == ENDED_STATE:
            raise SignInNeeded("The token has ended. Ask for a new one.") from problem
        # A connection that broke in the middle of an answer has no state to tell.
        if problem.sqlstate is not None and not isinstance(problem, psycopg.OperationalError):
            raise
        raise Unavailable(
            "The record cannot be reached. Look whether this was saved before you send it again."
        ) from problem


def _whole(pool: ConnectionPool[PreparingConnection]) -> PreparingConnection:
    """Return a connection that PostgreSQL has not hung up on while nobody used it.

    An idle connection has nothing to read: where there is something, it is the end of it.
    """
    for _ in range(pool.max_size):
        lent = pool.getconn()
        waiting = select.poll()
        waiting.register(lent.pgconn.socket, select.POLLIN)
        if not waiting.poll(0):
            return lent
        lent.close()
        pool.putconn(lent)
    return pool.getconn()


def settings_of(permit: Permit) -> tuple[str, str, str, str, str, str]:
    """Return a permit as the first six arguments of `record.enter`; every one is text."""
    return (
        permit.worker,
        _array(permit.parties),
        _array(permit.sees),
        _array(permit.changes),
        str(permit.labels),
        str(permit.marks),
    )


def presented(permit: Permit) -> tuple[str, str]:
    """Return what an app presented, to be looked up again by the statement that uses it.

    And the one person it was let in for. Both are "" for whoever came through the pages.
    """
    return permit.bearer, str(permit.within or "")


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def traced(permit: Permit) -> tuple[str, str, str, str, str]:
    """Return what the audit keeps of a permit beside its worker."""
    return (
        permit.name,
        permit.role.value,
        permit.organisation,
        permit.purpose.value,
        permit.session,
    )


def entering(permit: Permit, *, generic: bool = True) -> tuple[str, ...]:
    """Return the arguments of `record.enter`.

    With `generic`, statements keep one plan whatever their values: planning them under row locks
    costs more than running them. Searches over everybody are planned for their values instead.
    """
    plans = "force_generic_plan" if generic else "auto"
    return (*settings_of(permit), plans, *presented(permit))


def entered(lent: Connection, permit: Permit, *, generic: bool = True) -> None:
    """Enter a permit for the rest of the open transaction; `generic` as for `entering`."""
    statement: LiteralString = "select record.enter(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    lent.execute(statement, entering(permit, generic=generic))
