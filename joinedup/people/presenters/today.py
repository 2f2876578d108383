"""Today: where the person is, what is booked, and what has changed since the reader last looked."""

from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.people.presenters.items import group_by, status_of
from joinedup.people.presenters.kinds import KINDS, kind_of, title_of
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
_TITLES = 3
# What a reader must not miss comes before what comes every day.
_RANK = {
    kind: place
    for place, kind in enumerate(
        "allergy alert problem medicine plan assessment service stay document person".split()
    )
}
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
    """What is new of one kind: its titles, newest first, their count, and the newest source."""

    kind: str
    titles: tuple[str, ...]
    count: int
    told: Told


class Changes(Struct, frozen=True, kw_only=True):
    """What was received since `since`; `first_look` when the reader has not been here before."""

    since: When | None
    first_look: bool
    items: tuple[Change, ...]
    total: int
    more_kinds: int


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
        place_words(life, p.get("location"))
        for p in encounter.get("location") or ()
        if p.get("status", "active") == "active" and not (p.get("period") or {}).get("end")
    ]
    return ", ".join(dict.fromkeys(filter(None, places)))


def place_words(life: Life, reference: Resource | None) -> str:
    """Return a place with what it is part of: "Ward 7, Bed 12"."""
    held = life.names.get((reference or {}).get("reference", ""), {})
    return ", ".join(filter(None, (life.name_of(held.get("partOf")), life.name_of(reference))))


def _expected(encounter: Resource, now: datetime) -> str:
    end = when(read_moment((encounter.get("period") or {}).get("end", "")), now)
    return f"Expected to leave {end.words} ({end.ago})" if end else ""


def _happening(life: Life, statement: Statement, now: datetime, *, today: bool) -> Happening:
    resource = statement.resource
    at = statement.happened
    assert at is not None
    hour = f"{at.at:%H:%M}" if at.precision == "minute" else "Today"
    who = [_with(life, p.get("actor") or {}) for p in resource.get("participant") or ()]
    title = title_of(life, statement)
    told_more = resource.get("description", "")
    people = ", ".join(dict.fromkeys(w.partition(", ")[0] for w in who if w))
    place = told_more if told_more and told_more != title else people
    reason = concept(next(iter(resource.get("reasonCode") or ()), None))
    status = status_of(statement)
    return Happening(
        time=hour if today else f"{at.at.day} {at.at:%b}",
        title=title + (f": {reason}" if reason else ""),
        place=place
        if status in ("booked", "planned")
        else f"{place} ({status_words(status)})".strip(),
        told=told(life, statement, now),
    )


def _with(life: Life, actor: Resource) -> str:
    """Name everybody at an appointment but the person whose page this is."""
    is_self = actor.get("reference") == f"Patient/{life.person.id}"
    return "" if is_self else life.name_of(actor)


def present_changes(life: Life, last_looked: datetime | None, now: datetime) -> Changes:
    """Return what we received since the reader last looked, newest first.

    On a first look it is what came in the last seven days, and the page says so.
    """
    since = last_looked or now - _FIRST_LOOK
    new = [
        s
        for s in (*life.statements, *life.others)
        if s.received and s.received.at > since and kind_of(s)
    ]
    new.sort(key=_received, reverse=True)
    groups = group_by(new, kind_of)
    ordered = sorted(groups.items(), key=lambda g: _RANK.get(g[0], len(_RANK)))
    shown = [_change(life, kind, group, now) for kind, group in ordered[:_SHOWN]]
    return Changes(
        since=when(moment_of(since), now, time=True),
        first_look=last_looked is None,
        items=tuple(shown),
        total=len(new),
        more_kinds=max(0, len(groups) - _SHOWN),
    )


def _change(life: Life, kind: str, group: list[Statement], now: datetime) -> Change:
    titles = list(dict.fromkeys(title_of(life, s) for s in group))
    return Change(
        kind=KINDS[kind],
        titles=tuple(titles[:_TITLES]),
        count=len(titles),
        told=told(life, group[0], now),
    )


def _received(statement: Statement) -> datetime:
    assert statement.received is not None
    return statement.received.at
