"""Who comes when: visits and appointments of a person that are still ahead, in the plain words of
their own page and of the page of somebody they trust with it.

What is booked is written by those who come; here it is read under the reader's own permit.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.profiles.planned_visit import is_ahead
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.web.dates import Moment, say

__all__ = ["Coming", "coming"]

_MOST = 50
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WHO = ("Organization", "Practitioner", "HealthcareService")
_POST = "PractitionerRole"
"""Named as it was written: a post has no name of its own."""


class Coming(Struct, frozen=True, kw_only=True):
    """One visit or appointment ahead: `day` such as "Today, Tuesday 16 January 2018", `time` as
    the clock shows it, who comes and how to reach them; "" where it is not recorded."""

    day: str
    time: str
    what: str
    who: str
    telephone: str
    iso: str


def coming(permit: Permit, person_id: str, now: datetime) -> tuple[Coming, ...]:
    """Return what is booked from now on that the permit sees, the next first, 50 at most."""
    asked = [("patient", person_id), ("date", f"ge{now.date()}"), ("_count", "200")]
    found = record.search(permit, parse_query("Appointment", asked), detail="who comes").entries
    ahead = [s.resource for s in found if is_ahead(s.resource, now)]
    ahead = sorted(ahead, key=lambda a: datetime.fromisoformat(a["start"]))[:_MOST]
    known = _known(permit, {one for a in ahead for one in _others(a)})
    return tuple(_line(a, known, now) for a in ahead)


def _others(appointment: Mapping[str, Any]) -> dict[str, str]:
    """Return who comes, with the name that was written beside each; "" for none."""
    actors = (p.get("actor", {}) for p in appointment.get("participant", ()))
    named = {str(a.get("reference", "")): str(a.get("display", "")) for a in actors}
    return {a: n for a, n in named.items() if a.partition("/")[0] in (*_WHO, _POST)}


def _called(one: tuple[str, str], known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of who comes: their own, else as it was written when it was booked."""
    reference, written = one
    return _name(known[reference]) if reference in known else written


def _known(permit: Permit, references: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    wanted: dict[str, list[str]] = {}
    for reference in sorted(references):
        kind, _, name = reference.partition("/")
        if kind in _WHO:
            wanted.setdefault(kind, []).append(name)
    found: dict[str, Mapping[str, Any]] = {}
    for kind, names in wanted.items():
        query = Query(type=kind, clauses=(Ids(tuple(names)),), count=len(names))
        for stored in record.search(permit, query, detail="who comes").entries:
            found[stored.reference] = stored.resource
    return found


def _line(
    appointment: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], now: datetime
) -> Coming:
    start = datetime.fromisoformat(appointment["start"]).astimezone(LONDON)
    others = _others(appointment)
    who = [known[one] for one in others if one in known]
    phones = (t for one in who for t in one.get("telecom", ()) if t.get("system") == "phone")
    return Coming(
        day=_day(start, now.astimezone(LONDON)),
        time=f"{start:%H:%M}",
        what=str(appointment.get("description") or "Appointment"),
        who="; ".join(filter(None, (_called(one, known) for one in others.items()))),
        telephone=next((str(t.get("value", "")) for t in phones), ""),
        iso=start.isoformat(),
    )


def _day(start: datetime, now: datetime) -> str:
    ahead = (start.date() - now.date()) // timedelta(days=1)
    near = {0: "Today, ", 1: "Tomorrow, "}.get(ahead, "")
    return f"{near}{_DAYS[start.weekday()]} {say(Moment(start, 'day'))}"


def _name(resource: Mapping[str, Any]) -> str:
    name = resource.get("name", "")
    if isinstance(name, str):
        return name
    first: Mapping[str, Any] = next(iter(name), {})
    parts = (*first.get("prefix", ()), *first.get("given", ())[:1], first.get("family", ""))
    return " ".join(filter(None, parts))
