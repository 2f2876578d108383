"""Who may change a bed or a ward: the staff of the hospital that manages it, in their own pages.

Pure. `access.guard` asks `refuse_beds` of every commit, whichever door it came through: a bed that
is opened by another hospital, or by a program, is a bed that somebody is sent to and that is not
there (decision 20).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.classes import bed_or_ward
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key

__all__ = ["refuse_beds"]

Resource = Mapping[str, Any]


def refuse_beds(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a bed or ward through a program, of another hospital, deleted, or made into something.

    Raises NotPermitted; a Location that is neither passes (decision 20, domain.md 9.2).
    """
    kinds = {bed_or_ward(r) for r in (before, after) if r is not None}
    if not any(kinds) or permit.role is Role.SYSTEM:
        return
    if permit.by_program:
        raise NotPermitted(
            "Beds and wards are opened, cleaned and closed by people in their own pages. A program "
            "reads them, and changes none."
        )
    if after is None:
        raise NotPermitted("A bed or a ward is never deleted. Close it, with the reason.")
    if len(kinds) > 1:
        raise NotPermitted("A bed or a ward cannot be made into something else.")
    if not all(_manages(permit, r) for r in (before, after) if r is not None):
        raise NotPermitted("A bed is changed by the staff of the hospital that manages it.")


def _manages(permit: Permit, location: Resource) -> bool:
    reference = str(location.get("managingOrganization", {}).get("reference", ""))
    kind, _, organisation = reference.partition("/")
    return kind == "Organization" and resource_key(kind, organisation) in permit.parties
