"""Where sessions are kept: a row each, found by a hash of a key that only the browser has.

What pages keep in a session is sealed under that key too, so the table alone tells nothing. One
statement finds a session and notes that it was used. There are no sessions of nobody.
"""

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import OperationalError, connection
from msgspec import Struct

from joinedup.signin import clock
from joinedup.signin.models import SessionRow
from joinedup.signin.rules import Lasts, Sitting, Standing, standing
from joinedup.signin.sealed import open_sealed, seal

__all__ = ["Seat", "SessionStore", "key_hash"]

# Only an open session is kept open by use, and a lost mark of use costs nobody anything: it is
# the one write here that does not wait for the disk.
_FIND = (
    "with quick as (select set_config('synchronous_commit', 'off', true)) "
    "update session set seen_at = case when %(used)s and ended_at is null "
    "and began_at + make_interval(secs => hard_seconds) > %(at)s "
    "and seen_at + make_interval(secs => idle_seconds) > %(at)s "
    "then greatest(seen_at, %(at)s) else seen_at end "
    "from quick where key_hash = %(key)s returning id, account, post, method, issuer, "
    "idle_seconds, hard_seconds, began_at, proved_at, seen_at, ended_at, data"
)


_Asked = dict[str, bytes | bool | datetime]


class Seat(Struct, frozen=True, kw_only=True):
    """One session as it was found: whose it is, and how it stands."""

    id: uuid.UUID
    account: str
    post: str
    method: str
    issuer: str
    sitting: Sitting
    proved: datetime
    stands: Standing


def key_hash(key: str) -> bytes:
    """Return what a session is found by."""
    return hashlib.sha256(key.encode()).digest()


class SessionStore(SessionBase):
    """Django's session, for those who are signed in; `seat` is None for everybody else."""

    is_use = True
    """Whether this request counts as use: a page asking how long is left does not."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._seat: Seat | None = None

    @property
    def seat(self) -> Seat | None:
        """The session behind the key, open or not."""
        self._get_session()  # type: ignore[attr-defined]  # Django's; its stubs omit it
        return self._seat

    def load(self) -> dict[str, Any]:
        """Return what an open session holds; nothing of any other can be read or changed."""
        row = _found(key_hash(str(self.session_key)), used=self.is_use)
        if row is None:
            self._session_key = None
            return {}
        self._seat = _seat(row)
        if self._seat.stands is not Standing.OPEN:
            return {}
        return open_sealed("session", row[-1], bound=str(self.session_key)) or {}

    def exists(self, session_key: str) -> bool:
        """Tell whether there is a session of this key."""
        return SessionRow.objects.filter(key_hash=key_hash(session_key)).exists()

    def create(self) -> None:
        """Refuse: a session begins by signing in, with `open_for`."""
        raise UpdateError("There are no sessions of nobody.")

    def save(self, must_create: bool = False) -> None:
        """Keep what the session holds; refuses unless it is open."""
        seat = self.seat
        if must_create or seat is None or seat.stands is not Standing.OPEN:
            raise UpdateError("The sign-in has ended.")
        held = seal("session", self._get_session(), bound=str(self.session_key))  # type: ignore[attr-defined]  # as above
        kept = SessionRow.objects.filter(key_hash=key_hash(str(self.session_key)), ended_at=None)
        if not kept.update(data=held):
            raise UpdateError("The sign-in has ended.")

    def delete(self, session_key: str | None = None) -> None:
        """End the session, for ever; its row stays for a day: late forms find their owner by it."""
        key = session_key or self.session_key
        if key:
            found = SessionRow.objects.filter(key_hash=key_hash(key), ended_at=None)
            found.update(ended_at=clock.now(), data=b"")

    def open_for(self, row: SessionRow) -> None:
        """Begin a session under a key nobody has seen; what there was before is over."""
        self.flush()
        key = secrets.token_urlsafe(32)
        row.key_hash = key_hash(key)
        row.data = seal("session", {}, bound=key)
        row.save(force_insert=True)
        self._take(key)

    def go_on(self) -> None:
        """Open a covered session again, under a new key; the old key is worth nothing."""
        seat = self.seat
        assert seat is not None and seat.stands is Standing.COVERED, "only a covered one goes on"
        old, key, at = str(self.session_key), secrets.token_urlsafe(32), clock.now()
        found = SessionRow.objects.filter(key_hash=key_hash(old), ended_at=None)
        row = found.get()
        held = open_sealed("session", row.data, bound=old) or {}
        found.update(
            key_hash=key_hash(key), seen_at=at, proved_at=at, data=seal("session", held, bound=key)
        )
        self._take(key)

    def _take(self, key: str) -> None:
        """Go by another key from now on; `modified` sends it to the browser."""
        self._session_key, self._seat = key, None
        vars(self).pop("_session_cache", None)
        self.modified = True

    @classmethod
    def clear_expired(cls) -> None:
        """Forget sessions that ended more than a day ago."""
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from session where least(ended_at, began_at + make_interval("
                "secs => hard_seconds)) < %s - interval '1 day'",
                [clock.now()],
            )


def _found(key: bytes, *, used: bool) -> tuple[Any, ...] | None:
    asked: _Asked = {"key": key, "used": used, "at": clock.now()}
    try:
        return _fetch(asked)
    except OperationalError:  # the database was started again; once more, on a new connection
        connection.close()
        return _fetch(asked)


def _fetch(asked: "_Asked") -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, asked)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _seat(row: tuple[Any, ...]) -> Seat:
    found_id, account, post, method, issuer, idle, hard, began, proved, seen, ended, _ = row
    sitting = Sitting(Lasts(idle, hard), began, seen, ended)
    return Seat(
        id=found_id,
        account=account,
        post=post,
        method=method,
        issuer=issuer,
        sitting=sitting,
        proved=proved,
        stands=standing(sitting, clock.now()),
    )
