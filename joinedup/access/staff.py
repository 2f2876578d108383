"""Who may say which worker is which person: a Person that links the two, and nothing else.

Pure. `access.guard` asks these of every commit, whichever door it came through. That
it shows to nobody but the privacy officer and the place's own jobs is its class and label
(`fhir.classes`); docs/decisions/0016-alerts.md says why.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.classes import links_worker
from joinedup.fhir.issue import NotPermitted, Problem, Unprocessable
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM

__all__ = ["refuse_staff_link", "refuse_staff_number"]

Resource = Mapping[str, Any]
_WORKERS = ("Practitioner", "PractitionerRole")


def refuse_staff_number(after: Resource | None) -> None:
    """Refuse a worker's own NHS number beside what everybody reads of them, whoever writes it.

    Raises Unprocessable: it would lead to their record as a person (AC-03).
    """
    if after is None or after["resourceType"] not in _WORKERS:
        return
    if any(i.get("system") == NHS_NUMBER_SYSTEM for i in after.get("identifier", ())):
        raise Unprocessable(
            Problem(
                "business-rule",
                "Everybody reads what is kept of a worker, so their own NHS number is not kept "
                "there. Leave it out; a Person says which person they are.",
                f"{after['resourceType']}.identifier",
            )
        )


def refuse_staff_link(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse to say, change or end which worker is which person to who may not (AC-03).

    Raises NotPermitted; a Person that links no worker passes. An employer's file says it, through a
    job of the place, or the privacy officer in her own pages: never of herself, as that would
    silence the alerts about her.
    """
    links = [r for r in (before, after) if r is not None and links_worker(r)]
    if not links:
        return
    if permit.by_program:
        raise NotPermitted("Which worker is which person is not for a program to write.")
    if permit.role is Role.SYSTEM:
        return
    if not permit.may(Power.REVIEW_ACCESS):
        raise NotPermitted(
            "Which worker is which person is told to nobody and written by the privacy officer."
        )
    if any(_names(link, permit.worker) for link in links):
        raise NotPermitted("Nobody says this of themselves. Ask another privacy officer.")


def _names(person: Resource, worker: str) -> bool:
    targets = (link.get("target", {}).get("reference") for link in person.get("link", ()))
    return worker in targets
