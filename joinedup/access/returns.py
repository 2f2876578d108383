"""Who may write what the place returns: by name, from the pages, once; never changed afterwards.

Pure. `access.guard` asks `refuse_returns` of every commit, whichever door it came through: a number
that was sent stays as it was sent, and an amendment is a version of its own (DI-08).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.classes import RETURN_TYPE
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.returned import Return, read

__all__ = ["OPEL", "refuse_returns"]

Resource = Mapping[str, Any]
OPEL = "opel"
"""The kind of return that declares how hard-pressed a hospital is."""
_LONGEST_WHY = 2_000


def refuse_returns(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a return through a program, in another's name, or in place of one that was sent.

    Raises NotPermitted; a report of measures about somebody passes (DI-08, WI-01).
    """
    papers = [r for r in (before, after) if r is not None and _is_of_the_place(r)]
    if not papers:
        return
    if permit.by_program:
        raise NotPermitted(
            "Returns are sent by people in their own pages. A program reads them, and sends none."
        )
    if before is not None:
        raise NotPermitted(
            "What was returned stays as it was sent. Amend it: that is a version of its own."
        )
    if permit.role is Role.SYSTEM:
        return
    assert after is not None, "there was something to look at"
    _refuse_sender(permit, _read(after))


def _is_of_the_place(resource: Resource) -> bool:
    """Whether a resource is a report of measures that is about nobody."""
    return resource["resourceType"] == RETURN_TYPE and "subject" not in resource


def _read(resource: Resource) -> Return:
    try:
        found = read(resource)
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise NotPermitted("This is no return that the place sends.") from problem
    if found.id != resource.get("id"):
        raise NotPermitted("A return is kept by its kind, hospital, day and version.")
    return found


def _refuse_sender(permit: Permit, sent: Return) -> None:
    needs = Power.DECLARE_OPEL if sent.kind == OPEL else Power.SEND_RETURNS
    if not permit.may(needs):
        raise NotPermitted(f"Your role does not {needs.value}.")
    if sent.sent_by != permit.worker:
        raise NotPermitted("You send a return in your own name, and in nobody else's.")
    if sent.organisation != permit.organisation:
        raise NotPermitted("A return is sent by the hospital that it is about.")
    if len(sent.why) > _LONGEST_WHY:
        raise NotPermitted(f"Write {_LONGEST_WHY} letters at most.")
