"""Returns that were sent: every version of each, by kind, hospital and day.

A version is a MeasureReport that names nobody and is never changed (`fhir.profiles.returned`).
"""

from collections.abc import Iterable
from datetime import date, timedelta

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.profiles.returned import MEASURE, Return, read
from joinedup.fhir.search.query import parse_query

__all__ = ["hospitals_of", "sent_between", "sent_on"]

_MOST = 1_000
_OF_HOSPITALS = (Role.DISCHARGE_COORDINATOR, Role.WARD_MANAGER, Role.CONSULTANT)
KINDS = ("discharge-sitrep", "bed-sitrep", "opel")


def sent_on(permit: Permit, kind: str, hospital: str, day: date) -> tuple[Return, ...]:
    """Return every version of one return, the first first; none where it was not sent."""
    return sent_between(permit, kind, hospital, day, day).get(day, ())


def sent_between(
    permit: Permit, kind: str, hospital: str, first: date, last: date
) -> dict[date, tuple[Return, ...]]:
    """Return the versions of each day that was returned; a day that is not there was not sent.

    A stretch of days is asked for in months, so that no version falls off the end of a page.
    """
    found: dict[date, list[Return]] = {}
    begins = first
    while begins <= last:
        ends = min(last, begins + timedelta(days=30))
        for one in _asked(permit, kind, hospital, begins, ends):
            found.setdefault(one.day, []).append(one)
        begins = ends + timedelta(days=1)
    return {
        day: tuple(sorted(versions, key=lambda v: v.version))
        for day, versions in sorted(found.items())
    }


def _asked(permit: Permit, kind: str, hospital: str, first: date, last: date) -> Iterable[Return]:
    pairs = [
        ("measure", f"{MEASURE}{kind}"),
        ("reporter", f"Organization/{hospital}"),
        ("period", f"ge{first}"),
        ("period", f"le{last}"),
    ]
    query = parse_query("MeasureReport", pairs, default_count=_MOST)
    for stored in record.search(permit, query, detail=f"returns: {kind}").entries:
        try:
            found = read(stored.resource)
        except (KeyError, IndexError, TypeError, ValueError):
            continue
        if found.kind == kind and found.organisation == hospital and first <= found.day <= last:
            yield found


def hospitals_of(permit: Permit) -> tuple[str, ...]:
    """Return whose returns somebody may look at: their own hospital's, then any that has sent."""
    own = [permit.organisation] if permit.role in _OF_HOSPITALS else []
    found = [*own, *_who_sent(permit)]
    return tuple(dict.fromkeys(found))


def _who_sent(permit: Permit) -> list[str]:
    """Return who has returned anything, the latest days looked at."""
    query = parse_query("MeasureReport", [], default_count=_MOST)
    page = record.search(permit, query, detail="hospitals that send returns")
    return sorted(
        {
            str(s.resource.get("reporter", {}).get("reference", "")).removeprefix("Organization/")
            for s in page.entries
            if str(s.resource.get("measure", "")).removeprefix(MEASURE) in KINDS
        }
        - {""}
    )
