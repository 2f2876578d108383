"""A provider tells what it has free: as many starts of one kind, from when, for how many hours."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from joinedup import record
from joinedup.access.offers import answering
from joinedup.access.permit import Permit
from joinedup.brokerage.queries import every_start
from joinedup.brokerage.rules.telling import Told, Wish, told
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.profiles import provider as providers_
from joinedup.fhir.profiles import slot as slots_
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import FreeStart
from joinedup.fhir.search.query import parse_query
from joinedup.record import Put
from joinedup.record.slots import held_slots

__all__ = ["own_locations", "own_starts", "tell"]


def own_locations(permit: Permit) -> tuple[CareProvider, ...]:
    """Return the locations of the permit's own provider, by name."""
    query = parse_query("HealthcareService", [("organization", permit.organisation)])
    found = []
    for stored in record.search(permit, query, detail="own locations").entries:
        try:
            found.append(providers_.read(stored.resource))
        except (KeyError, TypeError, ValueError):
            continue
    return tuple(sorted(found, key=lambda p: p.name))


def own_starts(permit: Permit) -> tuple[FreeStart, ...]:
    """Return what the permit's own provider has told of and not taken back."""
    return tuple(s for s in every_start(permit) if s.provider == permit.organisation)


def tell(permit: Permit, wish: Wish, *, now: datetime) -> Told:
    """Make exactly as many starts of one kind free as is wished; what is held is left alone.

    Refuses NotPermitted for another's location, Unprocessable by field, and Conflict where somebody
    held meanwhile what was to be taken back: nothing is saved then.
    """
    acting = answering(permit)
    if wish.location not in {one.location for one in own_locations(permit)}:
        raise NotPermitted("You tell of your own provider's capacity alone.")
    starts = own_starts(permit)
    found = told(
        wish,
        starts,
        held_slots(permit, [s.id for s in starts]),
        provider=permit.organisation,
        by=Reference(permit.worker),
        now=now,
        new_ids=_ids(),
    )
    changes = [Put(slots_.build(s)) for s in (*found.written, *found.taken_back)]
    try:
        record.read(permit, "Schedule", wish.location)
    except NotFound:
        changes.insert(0, Put(slots_.build_schedule(wish.location)))
    if changes:
        record.commit(acting, changes, action="capacity-told")
    return found


def _ids() -> Iterator[str]:
    while True:
        yield f"start-{uuid4().hex[:16]}"
