"""An infection of somebody in a bed: suspected, confirmed by a test, over (WI-04).

It is what flu beds are counted from, and what a bed map shows to those who may see the person.
"""

from datetime import datetime

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.beds.standing import refuse_stranger, stay_now
from joinedup.fhir.issue import NotFound, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import isolation as profile
from joinedup.fhir.profiles.isolation import CERTAINTIES, Isolation, isolation_id
from joinedup.fhir.profiles.parts import Reference
from joinedup.record import Create, Stored, Update
from joinedup.reference.codes.discharge import infection as known_infection

__all__ = ["end_infection", "say_infection"]


def say_infection(
    permit: Permit, stay_id: str, infection: str, certainty: str, *, at: datetime
) -> Stored:
    """Write down that somebody has an infection, suspected or confirmed; said again, it changes.

    Refuses, Unprocessable, an infection or certainty unknown here, and a stay that is over.
    """
    if certainty not in CERTAINTIES:
        raise Unprocessable("Say whether it is suspected or confirmed by a test.")
    try:
        words = known_infection(infection, on=day_of(at)).words
    except KeyError:
        raise Unprocessable(f"“{infection}” is no infection that is counted here.") from None
    stay = stay_now(permit, stay_id).spell
    refuse_stranger(permit, stay.hospital)
    before = _of(permit, stay_id, infection)
    again = before is not None and profile.read(before.resource).over is None
    said = Isolation(
        spell=stay_id,
        person=stay.person,
        hospital=stay.hospital,
        infection=infection,
        certainty=certainty,
        since=profile.read(before.resource).since if before and again else at,
        by=Reference(permit.worker),
        words=words,
    )
    return _kept(permit, said, before, "infection-said")


def end_infection(permit: Permit, stay_id: str, infection: str, *, at: datetime) -> Stored:
    """Say that it is over; refuses, NotFound, one that nobody wrote down."""
    before = _of(permit, stay_id, infection)
    if before is None:
        raise NotFound("There is no such infection that you can see.")
    said = profile.read(before.resource)
    refuse_stranger(permit, said.hospital)
    return _kept(permit, replace(said, over=at), before, "infection-over")


def _of(permit: Permit, stay_id: str, infection: str) -> Stored | None:
    try:
        return record.read(permit, "Flag", isolation_id(stay_id, infection))
    except NotFound:
        return None


def _kept(permit: Permit, said: Isolation, before: Stored | None, action: str) -> Stored:
    resource = profile.build(said)
    change = Update(resource, before.version) if before else Create(resource, resource["id"])
    return record.commit(permit, [change], action=action).stored[0]
