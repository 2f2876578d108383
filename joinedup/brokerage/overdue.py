"""First visits nobody confirmed: after two hours a task for the brokers, and a call (MS-02)."""

from datetime import datetime
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.brokerage.queries import KeptPlacement, placements, provider_of
from joinedup.brokerage.rules.visits import first_visit_overdue
from joinedup.brokerage.writing import labelled
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Gone, NotFound, Refusal
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import errand
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Placement
from joinedup.fhir.search.period import LONDON
from joinedup.record import Change, Create, Update
from joinedup.reference.calendars import length

__all__ = ["OVERDUE", "closed", "errand_id", "raise_overdue"]

OVERDUE = "first-visit-overdue"
"""Kind of Task: somebody rings the provider, and the person, at once."""
_JOB = system_permit("first-visits")


def errand_id(placement: Placement) -> str:
    """Return the id of the Task about a placement's first visit: one a start."""
    begun = placement.begun
    assert begun is not None, "only what was to start can be overdue"
    return f"overdue-{placement.id.removeprefix('placement-')}-{begun.at:%Y%m%d%H%M}"


def raise_overdue(now: datetime) -> int:
    """Raise a Task for each first visit that nobody confirmed in time; return how many are new.

    For a job that runs each minute: asked again it raises none twice. The Task says whom to
    telephone; that somebody is called and not only listed is `jobs`' message about it.
    """
    waiting = placements(_JOB, status="ready", detail="first visits not confirmed")
    late = [
        one
        for one in waiting
        if one.placement.begun and first_visit_overdue(one.placement.begun.at, None, now)
    ]
    return sum(_raised(one, now) for one in late)


def _raised(kept: KeptPlacement, now: datetime) -> bool:
    placement = kept.placement
    try:
        record.read(_JOB, "Task", errand_id(placement))
    except NotFound:
        pass
    except Gone:
        return False
    else:
        return False
    try:
        about = labelled(_errand(placement, now), kept.labels)
        made = Create(about, errand_id(placement))
        record.commit(_JOB, [made], action="first-visit-overdue")
    except Refusal:  # somebody was first, or it lacks a part: no other visit waits for this one
        return False
    return True


def _errand(placement: Placement, now: datetime) -> dict[str, Any]:
    begun, accepted = placement.begun, placement.accepted
    assert begun is not None and accepted is not None, "what was to start has both"
    provider = provider_of(_JOB, accepted.location)
    at = begun.at.astimezone(LONDON)
    words = f"Telephone {provider.name}, {provider.telephone}: has anybody come?"
    made = errand.build(
        OVERDUE,
        errand_id(placement),
        words,
        person=placement.person,
        owner=f"Organization/{placement.hub}",
        at=now,
        due=now + length("first-visit-within", on=day_of(now)),
    )
    said = (
        f"The first visit was to be on {at:%A %-d %B at %H:%M}. Nobody has confirmed that somebody"
        f" came. {words} Then telephone the person."
    )
    codings = [{"system": TASK_KIND, "code": OVERDUE}]
    return made | {
        "priority": "stat",
        "code": {"coding": codings, "text": "First visit not confirmed"},
        "description": said,
        "basedOn": [{"reference": f"Task/{placement.id}"}],
        "encounter": {"reference": f"Encounter/{placement.spell}"},
    }


def closed(permit: Permit, placement: Placement, *, by: Reference, now: datetime) -> list[Change]:
    """Return the change that closes the Task about a visit that was made after all; [] for none."""
    try:
        found = record.read(permit, "Task", errand_id(placement))
    except (NotFound, Gone):
        return []
    if not errand.is_open(found.resource):
        return []
    return [Update(errand.done(found.resource, str(by), now), found.version)]
