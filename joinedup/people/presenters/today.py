"""Today: where the person is, what is booked, and what has changed since the reader last looked."""

from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.people.presenters.items import status_of
from joinedup.people.presenters.kinds import kind_of, title_of
from joinedup.people.presenters.life import Life, Resource, Statement, Told, told
from joinedup.people.presenters.words import concept, status_words
from joinedup.web.dates import (
    Moment,
    When,
    days_since,
    is_same_day,
    moment_of,
    read_moment,
    say,
    when,
)

__all__ = ["Change", "Changes", "Happening", "Today", "present_changes", "present_today"]

_STAYS = frozenset({"IMP", "ACUTE", "NONAC", "EMER"})
_OPEN = frozenset({"in-progress", "arrived", "triaged", "onleave"})
_OFF = frozenset({"cancelled", "noshow", "entered-in-error"})
_FIRST_LOOK = timedelta(days=7)
_SHOWN = 5
_AHEAD = timedelta(days=28)
_AHEAD_SHOWN = 3


class Happening(Struct, frozen=True, kw_only=True):
    """Something today or soon: `time` is "10:30" today, or a short date."""

    time: str
    title: str
    place: str
    told: Told


class Today(Struct, frozen=True, kw_only=True):
    """Where the person is now, what today holds, and what comes next."""

    stay: str
    stay_place: str
    stay_expected: str
    stay_told: Told | None
    happening: tuple[Happening, ...]
    ahead: tuple[Happening, ...]


class Change(Struct, frozen=True, kw_only=True):
    """One thing new to the reader."""

    kind: str
    title: str
    told: Told


class Changes(Struct, frozen=True, kw_only=True):
    """What was received since `since`; `first_look` when the reader has not been here before."""

    since: When | None
    first_look: bool
    items: tuple[Change, ...]
    total: int


def present_today(life: Life, now: datetime) -> Today:
    """Return where the person is and what is booked for today and the next four weeks."""
    stay = next((s for s in life.of("Encounter") if _is_stay(s.resource)), None)
    booked = [s for s in life.of("Appointment", "Encounter") if _is_booked(s)]
    today = sorted((s for s in booked if is_same_day(s.happened, now)), key=_at)
    ahead = sorted((s for s in booked if _is_ahead(s, now)), key=_at)[:_AHEAD_SHOWN]
    resource = stay.resource if stay else {}
    return Today(
        stay=_stay_words(stay.happened, now) if stay and stay.happened else "",
        stay_place=_place(life, resource) if stay else "",
        stay_expected=_expected(resource, now),
        stay_told=told(life, stay, now) if stay else None,
        happening=tuple(_happening(life, s, now, today=True) for s in today),
        ahead=tuple(_happening(life, s, now, today=False) for s in ahead),
    )


def _is_stay(encounter: Resource) -> bool:
    return encounter.get("status") in _OPEN and (encounter.get("class") or {}).get("code") in _STAYS


def _is_booked(statement: Statement) -> bool:
    if statement.type == "Encounter" and _is_stay(statement.resource):
        return False
    return statement.happened is not None and status_of(statement) not in _OFF


def _at(statement: Statement) -> datetime:
    assert statement.happened is not None
    return statement.happened.at


def _is_ahead(statement: Statement, now: datetime) -> bool:
    at = _at(statement)
    return now < at <= now + _AHEAD and not is_same_day(statement.happened, now)


def _stay_words(since: Moment, now: datetime) -> str:
    nights = days_since(since, now)
    length = "came in today" if nights == 0 else f"{nights} night{'s' * (nights != 1)}"
    return f"In hospital since {say(since, short=True)} ({length})"


def _place(life: Life, encounter: Resource) -> str:
    places = [
        life.name_of(p.get("location"))
        for p in encounter.get("location") or ()
        if p.get("status", "active") == "active" and not (p.get("period") or {}).get("end")
    ]
    return ", ".join(dict.fromkeys(filter(None, places)))


def _expected(encounter: Resource, now: datetime) -> str:
    end = when(read_moment((encounter.get("period") or {}).get("end", "")), now)
    return f"Expected to leave {end.words} ({end.ago})" if end else ""


def _happening(life: Life, statement: Statement, now: datetime, *, today: bool) -> Happening:
    resource = statement.resource
    at = statement.happened
    assert at is not None
    hour = f"{at.at:%H:%M}" if at.precision == "minute" else "Today"
    who = [life.name_of(p.get("actor")) for p in resource.get("participant") or ()]
    place = resource.get("description") or ", ".join(dict.fromkeys(filter(None, who[:3])))
    reason = concept(next(iter(resource.get("reasonCode") or ()), None))
    status = status_of(statement)
    return Happening(
        time=hour if today else f"{at.at.day} {at.at:%b}",
        title=title_of(life, statement) + (f": {reason}" if reason else ""),
        place=place
        if status in ("booked", "planned")
        else f"{place} ({status_words(status)})".strip(),
        told=told(life, statement, now),
    )


def present_changes(life: Life, last_looked: datetime | None, now: datetime) -> Changes:
    """Return what we received since the reader last looked, newest first.

    On a first look it is what came in the last seven days, and the page says so.
    """
    since = last_looked or now - _FIRST_LOOK
    new = [
        s
        for s in (*life.statements, *life.others)
        if s.received and since < s.received.at <= now and kind_of(s)
    ]
    new.sort(key=_received, reverse=True)
    groups: dict[tuple[str, str], Statement] = {}
    for statement in new:
        groups.setdefault((kind_of(statement), title_of(life, statement)), statement)
    shown = [
        Change(kind=kind, title=title, told=told(life, statement, now))
        for (kind, title), statement in list(groups.items())[:_SHOWN]
    ]
    return Changes(
        since=when(moment_of(since), now, time=True),
        first_look=last_looked is None,
        items=tuple(shown),
        total=len(groups),
    )


def _received(statement: Statement) -> datetime:
    assert statement.received is not None
    return statement.received.at
