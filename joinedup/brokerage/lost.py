"""Starts that were promised and did not happen: finance is asked to take the promise back.

Whoever finds care moves no other money than a start (decision 20), so a promise stands until two
officers reverse it. The Task names the package and nobody; it is written with what was lost, or by
a job where the stay ended and the ward may not write of money.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.brokerage.queries import placements
from joinedup.fhir.classes import START_LOST
from joinedup.fhir.issue import Refusal
from joinedup.fhir.profiles import errand
from joinedup.fhir.profiles.placement import Placement
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.period import LONDON
from joinedup.record import Change, Create

__all__ = ["lost", "raise_lost"]

_JOB = system_permit("starts-lost")
_DUE = timedelta(days=3)
_LOOKS_BACK = timedelta(days=60)
_AT_ONCE = 200


def _id_of(placement: Placement) -> str:
    assert placement.begun is not None, "only what was to start was promised"
    return f"lost-{placement.begun.package}"


def lost(placement: Placement, now: datetime) -> list[Change]:
    """Return the change that asks finance to take the promise of a start back; [] for none made."""
    begun = placement.begun
    if begun is None or not begun.package or begun.came is not None:
        return []
    made = errand.build(
        START_LOST,
        _id_of(placement),
        "Take back what was promised for a start that fell through",
        person="",
        owner=f"Organization/{placement.hub}",
        at=now,
        due=now + _DUE,
    )
    del made["for"]
    day = begun.at.astimezone(LONDON)
    words = (
        f"Package {begun.package} was to start on {day:%-d %B %Y}, and nobody came. What was "
        "promised for it still counts against what is set aside, until two officers take it back."
    )
    return [Create(made | {"description": words}, _id_of(placement))]


def raise_lost(now: datetime) -> int:
    """Ask finance of each start whose stay or referral ended before anybody came; how many are new.

    For a job: asked again it asks none twice.
    """
    ended = placements(_JOB, status="cancelled", detail="starts that did not happen")
    found = {
        _id_of(one.placement): one.placement
        for one in ended
        if lost(one.placement, now) and one.placement.changed_at >= now - _LOOKS_BACK
    }
    known = _known(tuple(found))
    return sum(_raised(one, now) for name, one in found.items() if name not in known)


def _known(ids: tuple[str, ...]) -> set[str]:
    known: set[str] = set()
    for begins in range(0, len(ids), _AT_ONCE):
        part = ids[begins : begins + _AT_ONCE]
        query = Query(type="Task", clauses=(Ids(part),), count=len(part))
        known |= {s.id for s in record.search(_JOB, query, detail="starts asked about").entries}
    return known


def _raised(placement: Placement, now: datetime) -> bool:
    changes: Iterable[Change] = lost(placement, now)
    try:
        record.commit(_JOB, list(changes), action="start-lost")
    except Refusal:  # somebody asked first: nothing else waits for this one
        return False
    return True
