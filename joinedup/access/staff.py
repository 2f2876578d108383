"""Who may say which worker is which person: a Person that links the two.

Pure. `access.guard` asks `refuse_staff_link` of every commit, whichever door it came through. That
it shows to nobody but the privacy officer and the place's own jobs is its class and label
(`fhir.classes`); docs/decisions/0016-alerts.md says why.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.classes import links_worker
from joinedup.fhir.issue import NotPermitted

__all__ = ["refuse_staff_link"]

Resource = Mapping[str, Any]


def refuse_staff_link(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse to say, change or end which worker is which person to who may not (AC-03).

    Raises NotPermitted; a Person that links no worker passes. An employer's file says it, through a
    job of the place, or the privacy officer in her own pages: never of herself, as that would
    silence the alerts about her.
    """
    links = [r for r in (before, after) if r is not None and links_worker(r)]
    if not links:
        return
    if permit.through_token or permit.session == "token":
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
