"""Who may write that an operation is put off: a consultant, by name, for one person, in the pages.

Pure. `access.guard` asks `refuse_deferrals` of every commit: a list that a program, or somebody
else, could write to would put off whom no clinician has looked at (WI-02).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.classes import task_kind
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.elective import Deferral, is_elective, read

__all__ = ["refuse_deferrals"]

Resource = Mapping[str, Any]


def refuse_deferrals(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a putting-off that is not the writer's own as a consultant, or one taken away.

    Raises NotPermitted. What is no place on a waiting list passes, and so does a hospital's own
    list as a job brings it in (domain.md 10.2, WI-02).
    """
    if permit.role is Role.SYSTEM:
        return
    _refuse_errands(permit, before, after)
    was, now = _said(before), _said(after)
    if was is None and now is None:
        return
    stood = {(d.at, d.until): d for d in was or ()}
    stands = {(d.at, d.until): d for d in now or ()}
    if stood.keys() - stands.keys():
        raise NotPermitted("That an operation was put off is never taken away again.")
    if any(stands[key].confirmed_by != stood[key].confirmed_by for key in stood):
        raise NotPermitted("Who confirmed that an operation is put off stays as it was written.")
    new = [stands[key] for key in stands.keys() - stood.keys()]
    if not new:
        return
    own = all(d.confirmed_by == permit.worker for d in new)
    if permit.by_program or permit.role is not Role.CONSULTANT or not own:
        raise NotPermitted(
            "A consultant confirms, by name and in the pages, each person whose operation is put "
            "off."
        )


ERRANDS = ("deferral", "deferral-telling", "harm-review")
"""Kinds of Task by which a consultant is asked, the person is told, and harm is looked for."""


def _refuse_errands(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """What is asked, told and found of an operation put off is said by people in their pages."""
    kinds = [task_kind(r) if r is not None else "" for r in (before, after)]
    if not set(kinds) & set(ERRANDS):
        return
    if permit.by_program:
        raise NotPermitted("Who is put off, told and looked after is written by people in pages.")
    if before is not None and kinds[0] in ERRANDS and kinds[1] != kinds[0]:
        raise NotPermitted("This is answered, and never deleted or made into something else.")


def _said(resource: Resource | None) -> tuple[Deferral, ...] | None:
    """Return the puttings-off of a place on a list; None for what is no such place."""
    if resource is None or not is_elective(resource):
        return None
    try:
        return read(resource).deferrals
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise NotPermitted("This place on a waiting list cannot be read.") from problem
