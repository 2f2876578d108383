"""Things that may happen once or a few times: challenges, states, logout tokens, failed tries."""

from datetime import datetime

from django.db import connection

from joinedup.signin import clock
from joinedup.signin.models import AttemptRow, OnceRow
from joinedup.signin.rules import TRIES, tries_left
from joinedup.signin.sealed import mark

__all__ = ["failed", "first_use", "may_try", "succeeded"]


def first_use(kind: str, token: str, until: datetime) -> bool:
    """Tell whether this is the first time; from now until `until` it never is again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into once (token, until) values (%s, %s) on conflict do nothing",
            [mark(f"once.{kind}", token), until],
        )
        first: bool = cursor.rowcount == 1
    OnceRow.objects.filter(until__lt=clock.now()).delete()
    return first


def may_try(name: str, address: str) -> bool:
    """Tell whether a try for this name, from this address, is read at all."""
    return all(tries_left(kind, _failed(kind, word)) for kind, word in _subjects(name, address))


def failed(name: str, address: str) -> None:
    """Count a failed try, for the name and for the address it came from."""
    for kind, word in _subjects(name, address):
        AttemptRow(subject=mark(kind, word), at=clock.now()).save(force_insert=True)
    AttemptRow.objects.filter(at__lt=clock.now() - 2 * TRIES["name"].within).delete()


def succeeded(name: str) -> None:
    """Forget the failed tries for a name: it was its owner after all."""
    AttemptRow.objects.filter(subject=mark("name", name)).delete()


def _subjects(name: str, address: str) -> tuple[tuple[str, str], ...]:
    return ("name", name), ("address", address)


def _failed(kind: str, word: str) -> int:
    since = clock.now() - TRIES[kind].within
    return AttemptRow.objects.filter(subject=mark(kind, word), at__gt=since).count()
