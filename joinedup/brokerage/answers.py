"""What a provider says: yes and when, no and why, that somebody came; and what it has free.

Whoever answers sees needs, area and times of its own offer, and no name before it said yes. Its
permit is `access.offers.answering`, or the link's (`links`); neither is looked at elsewhere.
"""

from datetime import datetime

from joinedup import record
from joinedup.access.offers import answering
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.brokerage.overdue import closed
from joinedup.brokerage.queries import KeptPlacement, placement_of, placements
from joinedup.brokerage.rules import placing
from joinedup.brokerage.writing import save
from joinedup.fhir.issue import Gone, NotFound
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Offer
from joinedup.record import Change, Update

__all__ = [
    "as_answering",
    "confirm_visit",
    "own_offer",
    "own_offers",
    "said_by",
    "say_no",
    "say_yes",
]


def as_answering(permit: Permit) -> Permit:
    """Return the permit that answers: a link's own as it is, otherwise `answering`; or refuses."""
    return permit if permit.role is Role.SYSTEM else answering(permit)


def said_by(permit: Permit) -> Reference:
    """Return who is written to have answered: the worker, or through a link the provider."""
    if permit.role is Role.SYSTEM:
        return Reference(f"Organization/{permit.organisation}")
    return Reference(permit.worker)


def own_offers(permit: Permit) -> tuple[tuple[KeptPlacement, Offer], ...]:
    """Return the offers made to the permit's own provider, the newest first, and no other's."""
    found = placements(as_answering(permit), detail="offers to a provider")
    own = [
        (kept, offer)
        for kept in found
        for offer in kept.placement.offers
        if offer.provider == permit.organisation
    ]
    return tuple(sorted(own, key=lambda one: one[1].at, reverse=True))


def own_offer(permit: Permit, placement_id: str, offer_id: str) -> tuple[KeptPlacement, Offer]:
    """Return one of the provider's own offers; NotFound for another's, in the same words."""
    kept = placement_of(as_answering(permit), placement_id)
    offer = placing.offer_of(kept.placement, offer_id)
    if offer.provider != permit.organisation:
        raise NotFound("There is no such offer.")
    return kept, offer


def say_yes(
    permit: Permit, placement_id: str, offer_id: str, *, starts: datetime, now: datetime
) -> KeptPlacement:
    """Say yes to an offer, and when it can begin: its slot is held from now on, without end.

    Refuses, Conflict, where somebody else holds that slot by now or the offer is over, and as
    `placing.accept`.
    """
    kept, _ = own_offer(permit, placement_id, offer_id)
    by = said_by(permit)
    after = placing.accept(kept.placement, offer_id, starts=starts, by=str(by), at=now)
    return save(
        as_answering(permit), kept, after, by=by, now=now, action="offer-accepted", is_answer=True
    )


def say_no(
    permit: Permit, placement_id: str, offer_id: str, *, reason: str, words: str, now: datetime
) -> KeptPlacement:
    """Say no, with a coded reason: what is wanted stays open for the next (domain.md 9.9, 8)."""
    kept, _ = own_offer(permit, placement_id, offer_id)
    by = said_by(permit)
    after = placing.decline(
        kept.placement, offer_id, reason=reason, words=words, by=str(by), at=now
    )
    return save(
        as_answering(permit), kept, after, by=by, now=now, action="offer-declined", is_answer=True
    )


def confirm_visit(
    permit: Permit, placement_id: str, offer_id: str, *, at: datetime, now: datetime
) -> KeptPlacement:
    """Say that somebody came: only now has help started, for the hub and for the ward (MS-02).

    Refuses as `placing.came`, and NotFound for another provider's visit.
    """
    kept, _ = own_offer(permit, placement_id, offer_id)
    by = said_by(permit)
    after = placing.came(kept.placement, at=at, by=str(by), now=now)
    acting = as_answering(permit)
    more = [
        *_used(acting, kept),
        *_visited(acting, kept),
        *closed(acting, kept.placement, by=by, now=now),
    ]
    return save(
        acting, kept, after, by=by, now=now, action="first-visit", more=more, is_answer=True
    )


def _used(permit: Permit, kept: KeptPlacement) -> list[Change]:
    """The start is used up: it stands in no list of what is free any more."""
    found = record.read(permit, "Slot", kept.placement.slot)
    return [Update({**found.resource, "status": "busy"}, found.version)]


def _visited(permit: Permit, kept: KeptPlacement) -> list[Change]:
    """The visit that was planned is done, if it is still booked."""
    begun = kept.placement.begun
    if begun is None or not begun.visit:
        return []
    try:
        visit = record.read(permit, "Appointment", begun.visit)
    except (NotFound, Gone):
        return []
    if visit.resource.get("status") != "booked":
        return []
    return [Update({**visit.resource, "status": "fulfilled"}, visit.version)]
