"""What a role needs for each act of going home, refused in words; `access.policy` says who has it.

Actions ask this themselves, so that a page, an import and the demo go the same way.
"""

from collections.abc import Mapping

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import NotPermitted

__all__ = ["refuse_without"]

_WORDS: Mapping[Power, str] = {
    Power.ARRANGE_LEAVING: "Going home is arranged by the ward, the hub, social workers and "
    "occupational therapists.",
    Power.END_STAY: "Whoever works on the ward or for the hub says that somebody has left.",
    Power.KEEP_BEDS: "Whoever works on the ward or for the hub says who lies in which bed.",
    Power.OWN_RISK: "A consultant, a ward manager, a discharge coordinator or a social worker "
    "answers for this risk, in their own name.",
    Power.READ_HUB: "The hub’s list is for discharge coordinators and brokers.",
    Power.ANSWER_HUB: "A discharge coordinator answers for the hub.",
}


def refuse_without(permit: Permit, power: Power) -> None:
    """Refuse, NotPermitted, a role that has not this power."""
    if not permit.may(power):
        raise NotPermitted(_WORDS[power])
