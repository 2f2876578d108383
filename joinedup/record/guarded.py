"""Asking `access.guard` of what a commit is about to store, inside its transaction.

Few types can be guarded; of those the text says at once whether a look is needed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from joinedup.access.guard import may_be_guarded, names_proxy, refuse_unguarded
from joinedup.access.permit import Permit
from joinedup.fhir.derive import reference_key
from joinedup.fhir.search.extract import is_restricted
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection
from joinedup.record.prepare import Prepared

__all__ = ["refuse_sight_unguarded"]

_TYPES = (
    *("Task", "Consent", "Practitioner", "PractitionerRole", "Person"),
    *("Invoice", "Contract", "Location", "MeasureReport", "ServiceRequest", "Observation"),
    *("Slot", "HealthcareService"),
)


def refuse_sight_unguarded(
    lent: Connection, permit: Permit, written: Sequence[Prepared], now: datetime
) -> None:
    """Refuse what this permit may not write of sight itself; NotPermitted as the guard says it."""
    asked = [p for p in written if p.stored.type in _TYPES]
    if not asked:
        return
    before = _before(lent, [p for p in asked if p.stored.version > 1])
    for prepared in asked:
        earlier = before.get(prepared.derived.key, "")
        if not (may_be_guarded(prepared.stored.body) or may_be_guarded(earlier)):
            continue
        after = None if prepared.stored.deleted else prepared.stored.resource
        refuse_unguarded(
            permit,
            read_resource(earlier) if earlier else None,
            after,
            now=now,
            restricted=after is not None and names_proxy(after) and _is_restricted(lent, after),
        )


def _before(lent: Connection, changed: Sequence[Prepared]) -> dict[int, str]:
    """Return the texts these come after, as the writer saw them.

    Where somebody was first since, the versions clash when this is stored: that is told, and not
    what the guard would say of a change nobody meant.
    """
    if not changed:
        return {}
    rows = lent.execute(
        "select v.key, v.body from unnest(%s::bigint[], %s::integer[]) u (key, version)"
        " join record.version v on v.key = u.key and v.version = u.version where not v.deleted",
        (
            numbers(p.derived.key for p in changed),
            numbers(p.stored.version - 1 for p in changed),
        ),
    ).fetchall()
    return {cast("int", key): str(body) for key, body in rows}


def _is_restricted(lent: Connection, consent: dict[str, Any]) -> bool:
    """Whether the person's own Patient is restricted, as far as this permit sees it."""
    reference = str(consent.get("patient", {}).get("reference", ""))
    rows = lent.execute(
        "select v.body from record.head h join record.version v"
        " on v.key = h.key and v.version = h.version where h.key = %s",
        (reference_key(reference) if "/" in reference else 0,),
    ).fetchall()
    return any(is_restricted(read_resource(str(body))) for (body,) in rows)
