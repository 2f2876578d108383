"""From a joinedup record: stays, arrivals, delays and today's census, as FHIR R4 Encounters say.

An Encounter's `location` history says which service somebody was in from when to when; a service
is the name the caller gives each Location. Nothing is read here: resources come in.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.calibrate.fit import Time
from joinedup.planning.network.model import Present

__all__ = ["Stay", "arrivals_of", "census", "stays_of", "times_of"]

SECONDS_A_DAY = 86_400.0


class Stay(Struct, frozen=True):
    """One person's time in one service; `end` is None while they are there.

    `ready` is when they no longer met the criteria to reside, where that is known.
    """

    person: str
    person_class: str
    service: str
    start: datetime
    end: datetime | None = None
    ready: datetime | None = None


def stays_of(
    encounters: Iterable[Mapping[str, Any]],
    *,
    services: Mapping[str, str],
    classes: Mapping[str, str],
    ready: Mapping[str, datetime] | None = None,
) -> tuple[Stay, ...]:
    """Return the stays of FHIR R4 Encounters: a service by Location reference, a class by code.

    `classes` names the class of people for each Encounter.class code; `ready` gives by Encounter
    id when somebody was ready to leave. Locations that are no service of the model are left out.
    Refuses with Invalid, all told: no start, an end before it, a time without offset, an unknown
    class.
    """
    found: list[Stay] = []
    wrong: list[Problem] = []
    for i, encounter in enumerate(encounters):
        path = f"Encounter[{i}]"
        code = str(encounter.get("class", {}).get("code", ""))
        if code not in classes:
            message = f"class {code!r} is not known: use one of {', '.join(sorted(classes))}"
            wrong.append(Problem("not-found", message, f"{path}.class"))
            continue
        person = str(encounter.get("subject", {}).get("reference", ""))
        for j, place in enumerate(encounter.get("location", ())):
            service = services.get(str(place.get("location", {}).get("reference", "")))
            if service is None:
                continue
            period = place.get("period", encounter.get("period", {}))
            try:
                start, end = _moment(period.get("start")), _moment(period.get("end"))
                if start is None:
                    raise ValueError("it has no start: give one")
                if end is not None and end < start:
                    raise ValueError("it ends before it starts: mend one of the two")
            except ValueError as problem:
                where = f"{path}.location[{j}].period"
                wrong.append(Problem("value", str(problem), where))
                continue
            known = (ready or {}).get(str(encounter.get("id", "")))
            found.append(Stay(person, classes[code], service, start, end, known))
    if wrong:
        raise Invalid(*wrong)
    return tuple(found)


def arrivals_of(
    stays: Iterable[Stay], service: str, person_class: str, *, since: datetime, until: datetime
) -> tuple[int, float]:
    """Return how many of a class came to a service in a window, and its days: for `fit.rate`."""
    count = sum(
        s.service == service and s.person_class == person_class and since <= s.start < until
        for s in stays
    )
    return count, _days(since, until)


def times_of(
    stays: Iterable[Stay],
    service: str,
    person_class: str,
    *,
    since: datetime,
    until: datetime,
    delay: bool = False,
) -> tuple[Time, ...]:
    """Return times in a service for `fit`, or with `delay` times from ready to leaving.

    Who is still there at `until` is not over; who came before `since` is seen from then, which is
    how those who had left before it are allowed for.
    """
    found = []
    for s in stays:
        start = s.ready if delay else s.start
        if s.service != service or s.person_class != person_class or start is None:
            continue
        end = min(s.end or until, until)
        if end <= since or start >= until or end < start:
            continue
        seen_from = max(0.0, _days(start, since))
        over = s.end is not None and s.end <= until
        found.append(Time(_days(start, end), over, seen_from))
    return tuple(found)


def census(
    stays: Iterable[Stay], *, now: datetime, waits_for: Mapping[str, str] | None = None
) -> tuple[Present, ...]:
    """Return everybody there now, with how long; who is ready and waits, waits since then.

    `waits_for` gives by person the service they wait for. Refuses with Invalid a person in two
    places at once, naming both.
    """
    found: list[Present] = []
    wrong: list[Problem] = []
    at: dict[str, str] = {}
    for i, s in enumerate(stays):
        if s.start > now or (s.end is not None and s.end <= now):
            continue
        if s.person in at:
            message = (
                f"{s.person} is in {at[s.person]} and in {s.service} at once: end one of the two"
            )
            wrong.append(Problem("business-rule", message, f"stays[{i}]"))
            continue
        at[s.person] = s.service
        wanted = (waits_for or {}).get(s.person)
        waited = _days(s.ready, now) if s.ready is not None and wanted else 0.0
        elapsed = _days(s.start, now)
        found.append(Present(s.person_class, s.service, elapsed, wanted, max(0.0, waited)))
    if wrong:
        raise Invalid(*wrong)
    return tuple(found)


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"{text!r} is no time such as 2026-11-01T09:30:00+00:00") from None
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC: give one")
    return found


def _days(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / SECONDS_A_DAY
