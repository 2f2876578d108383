"""What was placed for a stay and is not needed any more: it lets go of all that it holds.

A placement holds a start of a provider; one that is confirmed has its first visit in the diary, a
package, and a team by which the provider sees the person. They end together, or somebody calls on
a plan that nobody has. Money that was promised is taken back by finance (`brokerage.overdue`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from joinedup.discharge.around import Around
from joinedup.discharge.standing import as_before
from joinedup.fhir.profiles import placement as placing
from joinedup.fhir.profiles import planned_visit as visits
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Begun, Offer, Placement
from joinedup.fhir.profiles.referral import build_answer
from joinedup.fhir.profiles.referral_states import answered
from joinedup.record import Change, Stored, Update

__all__ = ["begun_of", "is_placed", "unplaced"]

_OVER = ("started", "cancelled")


def unplaced(
    beside: Around, *, at: datetime, words: str, referral: str = "", is_sought: bool = False
) -> list[Change]:
    """Return the changes that end every placement of a stay, or of one referral of it.

    `is_sought`: the referral waits, so that help may be looked for again from the beginning. Care
    that has started goes on: it is no longer something to be found.
    """
    return [
        change
        for stored in _of(beside, referral)
        for change in _ended(stored, beside, at=at, words=words, is_sought=is_sought)
    ]


def is_placed(beside: Around, referral: str) -> bool:
    """Whether somebody looks for care for a referral, or has found it and nobody came yet."""
    return any(True for _ in _of(beside, referral))


def begun_of(beside: Around, referral: str) -> tuple[str, ...]:
    """Return the provider whose start was confirmed for a referral, before anybody came."""
    found = (placing.read(stored.resource) for stored in _of(beside, referral))
    return tuple(one.accepted.provider for one in found if one.begun and one.accepted)


def _of(beside: Around, referral: str) -> Iterator[Stored]:
    for stored in beside.placements:
        placed = placing.read(stored.resource)
        if placed.state not in _OVER and referral in ("", placed.referral):
            yield stored


def _ended(
    stored: Stored, beside: Around, *, at: datetime, words: str, is_sought: bool
) -> Iterator[Change]:
    placed = placing.read(stored.resource)
    gone = replace(
        placed,
        state="package-sought" if is_sought else "cancelled",
        offers=tuple(_over(offer, at) for offer in placed.offers),
        slot="" if is_sought else placed.slot,
        held_until=None,
        begun=None if is_sought else placed.begun,
        reason=words,
        changed_at=at,
    )
    yield Update(as_before(stored.resource, placing.build(gone)), stored.version)
    if placed.begun is not None:
        yield from _never_begins(placed.begun, beside, at)
    if is_sought and placed.state != "package-sought":
        yield from _hub_looks_again(placed, beside, at, words)


def _over(offer: Offer, at: datetime) -> Offer:
    if offer.state not in ("open", "accepted"):
        return offer
    is_lost = offer.state == "accepted"
    return replace(offer, state="lost" if is_lost else "withdrawn", answered_at=at)


def _hub_looks_again(
    placed: Placement, beside: Around, at: datetime, words: str
) -> Iterator[Change]:
    for one in beside.referrals:
        if one.id == placed.referral and one.answer is not None:
            when = max(at, one.answer.at)
            said = answered(one.answer, "lose", at=when, by=Reference(""), reason=words)
            yield Update(as_before(one.task, build_answer(said)), one.answer_version)


def _never_begins(begun: Begun, beside: Around, at: datetime) -> Iterator[Change]:
    """Yield what a confirmed start made, undone: its visit, its package, the provider's sight."""
    if (visit := _one(beside.appointments, begun.visit)) and _is(visit, "booked"):
        yield Update(visits.stopped(visit.resource, "ended"), visit.version)
    if (package := _one(beside.packages, begun.package)) and _is(package, "active", "onhold"):
        yield Update({**package.resource, "status": "cancelled"}, package.version)
    if (team := _one(beside.teams, begun.team)) and _is(team, "active"):
        period = {**team.resource.get("period", {}), "end": at.isoformat()}
        yield Update({**team.resource, "status": "inactive", "period": period}, team.version)


def _one(found: Sequence[Stored], name: str) -> Stored | None:
    return next((s for s in found if s.id == name), None)


def _is(stored: Stored, *status: str) -> bool:
    return stored.resource.get("status") in status
