"""The permit with which a provider answers what it was offered. Pure.

A placement names somebody whom a provider may not know of until it has said yes. So its worker has
no relationship with them, and gets this permit instead: only `brokerage` asks for it, reads with it
the placements in which the provider's own offer stands, and shows needs, area and times alone.
"""

from msgspec.structs import replace

from joinedup.access import policy
from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Ground, Power, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.relationships import mask_of

__all__ = ["answering"]


def answering(permit: Permit) -> Permit:
    """Return the permit that reads placements, and writes the answer to one and what is free.

    Raises NotPermitted for a role that answers no offers, and for a program.
    """
    if permit.by_program or not permit.may(Power.ANSWER_OFFERS):
        raise NotPermitted("Offers are answered by the provider's own workers, in their pages.")
    work = mask_of(DataClass.WORK, DataClass.VISITS)
    masks = {Ground.NONE: mask_of(DataClass.SHARED), Ground.PLACE: work}
    every = tuple(masks.get(ground, 0) for ground in Ground)
    labels = policy.labels_seen(Role.SYSTEM)
    return replace(permit, sees=every, changes=every, exports=(), labels=labels)
