"""What a provider tells of its capacity: how many starts of one kind it has free from now on.

Pure: which are there already, which are to be made and which taken back. Nothing held is taken
back: that is the claim's to say.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.brokerage.rules.providers import SERVICES
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.slot import BANDS, HOMES, FreeStart

__all__ = ["Told", "Wish", "lines", "told", "wrong_with"]

_MOST = 50
_FURTHEST_DAYS = 90
_MOST_WEEK_MINUTES = 7 * 24 * 60


class Wish(Struct, frozen=True, kw_only=True):
    """How many of one kind are free: at `location`, of a service, in an area, at a time of day."""

    location: str
    service: str
    area: str
    count: int
    at: datetime
    band: str = ""
    week_minutes: int = 0
    carers: int = 1
    skills: frozenset[str] = frozenset()


class Told(Struct, frozen=True):
    """What is to be written: starts that are new or told anew, and starts that are taken back."""

    written: tuple[FreeStart, ...]
    taken_back: tuple[FreeStart, ...]


def wrong_with(wish: Wish, now: datetime) -> tuple[Problem, ...]:
    """Return what is wrong with a wish, by field; () for a sound one."""
    return tuple(_wrong(wish, now))


def _wrong(wish: Wish, now: datetime) -> Iterator[Problem]:
    if wish.service not in SERVICES:
        yield Problem("value", "Choose what kind of care.", "service")
    if not (wish.area.isalnum() and wish.area.isascii() and 2 <= len(wish.area) <= 4):
        yield Problem("value", "Say the area by its outward postcode, like MQ1.", "area")
    is_home = wish.service in HOMES
    if is_home == bool(wish.band) or (wish.band and wish.band not in BANDS):
        yield Problem("value", "Choose a time of day; a place in a home has none.", "band")
    if not 0 <= wish.count <= _MOST:
        yield Problem("value", f"A whole number from 0 to {_MOST}.", "count")
    if not 0 <= wish.week_minutes <= _MOST_WEEK_MINUTES:
        yield Problem("value", "More hours than a week has.", "hours")
    if not 1 <= wish.carers <= 4:
        yield Problem("value", "A whole number from 1 to 4.", "carers")
    if wish.at < now and wish.count:
        yield Problem("value", "Say from when it is free: not in the past.", "day")
    if wish.at - now > timedelta(days=_FURTHEST_DAYS):
        yield Problem("value", f"A day within {_FURTHEST_DAYS} days.", "day")


def _is_of(start: FreeStart, wish: Wish) -> bool:
    return (
        (start.location, start.service, start.area, start.band, start.carers, start.skills)
        == (wish.location, wish.service, wish.area, wish.band, wish.carers, wish.skills)
    ) and not start.withdrawn


def told(
    wish: Wish,
    starts: Iterable[FreeStart],
    held: Mapping[str, datetime | None],
    *,
    provider: str,
    by: Reference,
    now: datetime,
    new_ids: Iterator[str],
) -> Told:
    """Return what makes exactly `count` starts of this kind free; refuses, Unprocessable, by field.

    Those that are held stay as they are and are not counted: what is free is what can be offered.
    """
    problems = wrong_with(wish, now)
    if problems:
        raise Unprocessable(*problems)
    free = [s for s in starts if _is_of(s, wish) and s.id not in held]
    kept, rest = free[: wish.count], free[wish.count :]
    ids = [s.id for s in kept] + [next(new_ids) for _ in range(wish.count - len(kept))]
    written = tuple(_start(wish, i, provider=provider, by=by, now=now) for i in ids)
    back = tuple(_start(wish, s.id, provider=provider, by=by, now=now, back=True) for s in rest)
    return Told(written, back)


def _start(
    wish: Wish, slot: str, *, provider: str, by: Reference, now: datetime, back: bool = False
) -> FreeStart:
    return FreeStart(
        id=slot,
        location=wish.location,
        provider=provider,
        service=wish.service,
        area=wish.area,
        band=wish.band,
        at=wish.at,
        told_at=now,
        told_by=by,
        week_minutes=wish.week_minutes,
        carers=wish.carers,
        skills=wish.skills,
        withdrawn=back,
    )


def lines(
    starts: Iterable[FreeStart], held: Mapping[str, datetime | None]
) -> tuple[tuple[FreeStart, int, int], ...]:
    """Return one line a kind of start: the earliest of it, how many are free and how many held."""
    found: dict[tuple[object, ...], list[FreeStart]] = {}
    for s in sorted(starts, key=lambda s: (s.service, s.area, s.band, s.at)):
        if not s.withdrawn:
            key = (s.location, s.service, s.area, s.band, s.carers, s.skills)
            found.setdefault(key, []).append(s)
    return tuple(
        (e[0], sum(s.id not in held for s in e), sum(s.id in held for s in e))
        for e in found.values()
    )
