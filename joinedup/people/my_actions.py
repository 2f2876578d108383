"""What a person decides about their own record: who may not see it, permission to view, proxies.

Each is one Consent, one commit. The version that was seen goes with it; whoever comes second is
told (house law 4).
"""

from collections.abc import Iterable
from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.people.my_consents import (
    Agreed,
    ended,
    is_permission,
    objection,
    permission,
)
from joinedup.people.proxies.deciding import closed_requests
from joinedup.record import Create, Stored, Update

__all__ = ["end_consent", "object_to", "set_permission"]

_STALE = "This changed while you were reading. Look at what stands now."


def object_to(
    permit: Permit, person_id: str, organisation: str, *, version: int, at: datetime
) -> Stored:
    """Write the person's objection to an organisation; it stands at once (domain.md 1.2).

    `version` is the one seen, 0 for none. Raises Invalid without an organisation, Stale when it
    changed meanwhile, NotPermitted for anybody but the person.
    """
    _refuse_others(permit)
    if not organisation:
        raise Invalid(Problem("required", "Choose an organisation.", "organisation"))
    wanted = objection(person_id, organisation, at)
    return _write(permit, wanted, version, "objected")


def set_permission(
    permit: Permit,
    person_id: str,
    answer: str,
    consents: Iterable[Agreed],
    *,
    version: int,
    at: datetime,
) -> Stored:
    """Write permission to view: `yes`, `no` or `ask`; any other that stood ends with it.

    Refuses as `object_to` does.
    """
    _refuse_others(permit)
    if not is_permission(answer):
        raise Invalid(Problem("required", "Choose yes, ask or no.", "answer"))
    wanted = permission(person_id, answer, at)
    others = [
        Update(ended(c, at), c.version)
        for c in consents
        if c.kind == "permission-to-view" and c.is_active and c.id != wanted["id"]
    ]
    return _write(permit, wanted, version, "permission-to-view", *others)


def end_consent(permit: Permit, agreed: Agreed, *, version: int, at: datetime) -> Stored:
    """End an objection or a proxy; what it allowed is over at once. Refuses as `object_to` does."""
    _refuse_others(permit)
    if not agreed.is_active or agreed.version != version:
        raise Stale(_STALE)
    if agreed.kind not in ("objection", "proxy", "permission-given"):
        raise NotFound("There is nothing here to end.")
    done = "objection-ended" if agreed.kind == "objection" else "trust-ended"
    changes = [Update(ended(agreed, at), version)]
    if agreed.kind == "proxy":
        changes += closed_requests(permit, permit.worker.removeprefix("Patient/"), agreed.id, at)
    return record.commit(permit, changes, action=done, detail="asked").stored[0]


def _write(
    permit: Permit, wanted: dict[str, object], version: int, done: str, *others: Update
) -> Stored:
    change = Update(wanted, version) if version else Create(wanted, str(wanted["id"]))
    try:
        return record.commit(permit, [change, *others], action=done).stored[0]
    except Conflict as taken:  # somebody's other tab was first
        raise Stale(_STALE) from taken


def _refuse_others(permit: Permit) -> None:
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person decides this. Ask them, or ask their GP practice.")
