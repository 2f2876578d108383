"""The permit: the only thing that lets anybody see or change the record.

Made by `worker_permit` from a sign-in or a token, and by `system_permit` for the system's own
jobs. It carries parties, never lists of people: whom a party reaches is in the record.
"""

from msgspec import Struct

from joinedup.access.words import DataClass, Label, Purpose, Role, Scope
from joinedup.fhir.key import resource_key

__all__ = ["Permit", "system_permit", "worker_permit"]

_EVERY_CLASS = tuple(int(c) for c in DataClass)
_SEEN_BY: dict[Role, tuple[int, ...]] = {
    Role.GP: _EVERY_CLASS,
    Role.WARD_NURSE: _EVERY_CLASS,
    Role.SOCIAL_WORKER: _EVERY_CLASS,
    Role.DISCHARGE_COORDINATOR: _EVERY_CLASS,
    Role.ANALYST: (int(DataClass.SHARED),),
    Role.SYSTEM: _EVERY_CLASS,
}


class Permit(Struct, frozen=True, kw_only=True):
    """Who looks or writes, for whom, and why.

    `parties` are keys of organisations (`resource_key("Organization", ods)`); an empty tuple
    sees nobody. `labels` is the sum of the label bits this permit may see.
    """

    worker: str
    name: str
    role: Role
    organisation: str
    purpose: Purpose
    parties: tuple[int, ...]
    classes: tuple[int, ...]
    labels: int = 0
    scope: Scope = Scope.REACH
    may_write: bool = True
    session: str = ""


def worker_permit(
    worker: str, name: str, role: Role, organisation: str, *, session: str = ""
) -> Permit:
    """Return the permit of a worker (`Practitioner/...`) signed in at one organisation."""
    return Permit(
        worker=worker,
        name=name,
        role=role,
        organisation=organisation,
        purpose=Purpose.ANALYSIS if role is Role.ANALYST else Purpose.DIRECT_CARE,
        parties=(resource_key("Organization", organisation),),
        classes=_SEEN_BY[role],
        labels=0,
        may_write=role is not Role.ANALYST,
        session=session,
    )


def system_permit(job: str, organisation: str = "") -> Permit:
    """Return the permit of a job of the system itself, such as an import; it sees the place."""
    return Permit(
        worker=f"system/{job}",
        name=f"joinedup {job}",
        role=Role.SYSTEM,
        organisation=organisation,
        purpose=Purpose.SYSTEM,
        parties=(),
        classes=_EVERY_CLASS,
        labels=sum(Label),
        scope=Scope.PLACE,
    )
