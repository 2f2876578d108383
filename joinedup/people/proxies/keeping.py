"""Looking after proxies from day to day: what the place's own job ends, asks again, or tells.

It only takes sight away: where the record became protected or the person died. Time that runs out
ends in the database to the second, and so does a child's birthday; this asks the practice to look
again then, so that nothing is cut silently (domain.md 5.1; 5.4, example 4).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from joinedup import record
from joinedup.fhir.issue import Conflict, NotFound, Stale, StorageFull, Unavailable
from joinedup.fhir.search.period import LONDON
from joinedup.people.my_consents import ends_at, functions_of
from joinedup.people.proxies.deciding import end_trust, tell_proxy
from joinedup.people.proxies.reading import JOB, requests_for_job, version_of
from joinedup.people.proxies.resources import Asked, answered, held, request
from joinedup.people.proxies.rules import (
    PAUSES_AT,
    Known,
    Wish,
    after_months,
    birthday,
    known,
    pair_id,
)
from joinedup.record import Create
from joinedup.record.watched import bodies, trusts

__all__ = ["keep_proxies"]

Resource = dict[str, Any]


def _loud(fault: Exception) -> None:
    raise fault


def keep_proxies(now: datetime, tell: Callable[[Exception], None] = _loud) -> int:
    """Go through every proxy that stands, and return how many things were done.

    Safe to run twice, or by two processes at once: what another did meanwhile is left as it is.
    One that cannot be looked after is told and passed by, so that it does not stop the others;
    only a record that cannot be reached ends the round (Unavailable, StorageFull).
    """
    done = 0
    for person, consent in trusts(JOB):
        try:
            done += _look_after(person, consent, now)
        except (Unavailable, StorageFull):
            raise
        except Exception as fault:
            tell(fault)
    return done


def _look_after(person: int, consent: Resource, now: datetime) -> int:
    patient = bodies(JOB, [person]).get(person)
    if patient is None or consent.get("status") != "active":
        return 0
    return _keep(known(patient), consent, now)


def _keep(person: Known, consent: Resource, now: datetime) -> int:
    if person.restricted or person.has_died:
        reason = "restricted" if person.restricted else "died"
        return _end(person, consent, reason, now)
    asked = next(
        (a for a in requests_for_job(person.id) if pair_id(person.id, a.proxy) == consent["id"]),
        None,
    )
    if asked is None:
        return 0
    tell_proxy(person.id, person.name, asked.proxy, asked.wish.relationship, now)
    turned = _turned(person, consent, now)
    return _ask_again(person, asked, consent, turned, now) if turned else 0


def _end(person: Known, consent: Resource, reason: str, now: datetime) -> int:
    try:
        end_trust(
            JOB,
            person.id,
            str(consent["id"]),
            version_of(consent),
            reason=reason,
            words="",
            now=now,
        )
    except (Stale, NotFound):
        return 0
    return 1


def _turned(person: Known, consent: Resource, now: datetime) -> int:
    """Return the birthday that ended this trust, 11 or 16; 0 while it goes on, or for others."""
    end = ends_at(consent)
    if end is None or end > now or person.born is None:
        return 0
    last = (end - timedelta(seconds=1)).astimezone(LONDON).date()
    turns = (y for y in PAUSES_AT if birthday(person.born, y) == last + timedelta(days=1))
    return next(turns, 0)


def _ask_again(person: Known, asked: Asked, consent: Resource, turned: int, now: datetime) -> int:
    """Raise a task for the practice: look again at what a parent may see."""
    old = asked.wish
    wish = Wish(
        given=old.given,
        family=old.family,
        born=old.born,
        relationship=old.relationship,
        functions=functions_of(consent),
        until=_next_end(person, now),
    )
    made = request(person.id, wish, state="consent_pending", at=now)
    proxy = Known(
        id=asked.proxy,
        given=old.given,
        family=old.family,
        number="",
        born=old.born,
        has_died=False,
        restricted=False,
        emails=(),
        practices=(),
    )
    task = answered(held(made, proxy), wish, basis="", again=True)
    name = f"again-{turned}-{consent['id']}"
    try:
        record.commit(JOB, [Create(task, id=name)], action="proxy-again")
    except Conflict:  # it was raised before
        return 0
    return 1


def _next_end(person: Known, now: datetime) -> date:
    return after_months(now.astimezone(LONDON).date(), 12)
