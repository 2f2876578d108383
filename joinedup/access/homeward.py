"""What says how somebody goes home stays what it is: nobody makes it into something else.

Pure. `access.guard` asks `refuse_retyping` of every commit, whichever door it came through: a Task
that a ward, a hub and a provider stand behind would otherwise be gone from all their lists by
leaving out what kind it is (decision 20).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.classes import task_kind
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.carer_answer import is_carer_answer
from joinedup.fhir.profiles.criteria import is_checklist
from joinedup.fhir.profiles.placement import PLACEMENT
from joinedup.fhir.profiles.readiness import READINESS
from joinedup.fhir.profiles.referral import HUB_REFERRAL, is_referral

__all__ = ["refuse_retyping"]

Resource = Mapping[str, Any]
_TASKS = (READINESS, HUB_REFERRAL, PLACEMENT)


def refuse_retyping(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse to delete such a thing, or to make it into another; its changes are the room's.

    What a carer said is written by no program at all: it is asked alone, by name, and is kept from
    the person (CA-02). Raises NotPermitted; what is none of them passes, and so does a job of the
    place (DI-01, DI-03).
    """
    if permit.by_program and any(r is not None and is_carer_answer(r) for r in (before, after)):
        raise NotPermitted("What a carer said is written by whoever asked them, in their pages.")
    if before is None or permit.role is Role.SYSTEM or not (stood := _kind(before)):
        return
    if after is None or _kind(after) != stood:
        raise NotPermitted(
            "How somebody stands towards going home, a referral, a search for care, a review and "
            "what a carer said are never deleted or made into something else."
        )


def _kind(resource: Resource) -> str:
    if is_referral(resource):
        return "referral"
    if is_checklist(resource):
        return "review"
    if is_carer_answer(resource):
        return "carer-answer"
    kind = task_kind(resource)
    return kind if kind in _TASKS else ""
