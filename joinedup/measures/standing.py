"""A hospital's stays as the record had them at a moment: what every return is counted from.

Read with `access.permit.counting`, so that a number is whole whatever its reader may see; nobody's
name leaves this module, only stays by their ids.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit, counting
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.london import day_bounds
from joinedup.fhir.profiles.readiness import READINESS, Readiness
from joinedup.fhir.profiles.readiness import read as read_readiness
from joinedup.fhir.profiles.spell import Spell
from joinedup.fhir.profiles.spell import read as read_spell
from joinedup.fhir.search.query import parse_query
from joinedup.record import Stored
from joinedup.record.stood import stood

__all__ = ["Lying", "Stays", "lying_on", "stays_of"]

_AMENDS = timedelta(days=31)
"""Further than a return can be amended: a stay whose dates were put right since is found too."""
_INPATIENT = "IMP,ACUTE,NONAC"
_NEVER_WAS = ("cancelled", "entered-in-error", "planned")


class Stays(Struct, frozen=True):
    """What is known of a hospital's stays over some days; `unreadable` are ids of broken Tasks."""

    hospital: str
    found: tuple[Readiness, ...]
    unreadable: tuple[str, ...]

    def on(self, day: date) -> tuple[Readiness, ...]:
        """Return the stays of a day: those begun before its end and not over before it began."""
        begins, ends = day_bounds(day)
        return tuple(s for s in self.found if s.admitted < ends and not _over(s.left, begins))


def _over(left: datetime | None, moment: datetime) -> bool:
    return left is not None and left < moment


def stays_of(permit: Permit, hospital: str, first: date, last: date, *, at: datetime) -> Stays:
    """Return how each stay of these days stood towards going home, as known at a moment.

    Refuses, NotPermitted, whoever reads no returns. A Task that cannot be read is named, not left
    out in silence.
    """
    asked = [
        ("code", f"{TASK_KIND}|{READINESS}"),
        ("owner", f"Organization/{hospital}"),
        ("period", f"le{last + _AMENDS}"),
        ("period", f"ge{first - _AMENDS}"),
    ]
    kept = stood(counting(permit), parse_query("Task", asked), at, detail=_why(hospital, first))
    found, unreadable = [], []
    for one in kept:
        stay = _readiness(one)
        if stay is None:
            unreadable.append(one.id)
        elif stay.hospital == hospital:
            found.append(stay)
    return Stays(hospital, tuple(found), tuple(unreadable))


def _readiness(one: Stored) -> Readiness | None:
    try:
        return read_readiness(one.resource)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


class Lying(Struct, frozen=True):
    """Who was in hospital on a day; `never_were` are ids of stays that were taken back since."""

    spells: tuple[Spell, ...]
    never_were: frozenset[str]


def lying_on(permit: Permit, hospital: str, day: date, *, at: datetime) -> Lying:
    """Return who was in hospital at any moment of a day, whether anybody reviewed them or not.

    An admission that was taken back (ADT A11) is nobody's, whatever was reviewed meanwhile.
    """
    begins, ends = day_bounds(day)
    asked = [
        ("class", _INPATIENT),
        ("service-provider", f"Organization/{hospital}"),
        ("date", f"le{day + timedelta(days=1)}"),
        ("date", f"ge{day - timedelta(days=1)}"),
    ]
    kept = stood(counting(permit), parse_query("Encounter", asked), at, detail=_why(hospital, day))
    here = (
        s
        for s in _spells(kept)
        if s.admitted is not None and s.admitted < ends and not _over(s.left, begins)
    )
    gone = frozenset(one.id for one in kept if one.resource.get("status") in _NEVER_WAS)
    return Lying(tuple(here), gone)


def _spells(kept: Iterable[Stored]) -> Iterable[Spell]:
    for one in kept:
        resource = one.resource
        if resource.get("status") in _NEVER_WAS:
            continue
        try:
            yield read_spell(resource)
        except (KeyError, IndexError, TypeError, ValueError):
            continue


def _why(hospital: str, day: date) -> str:
    return f"counted for the return of {hospital}, {day.isoformat()}; nobody shown"
