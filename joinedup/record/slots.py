"""Which slots are held, and until when: for who looks for care, and for whose slots they are.

A claim stands under the person of its placement, whom most who ask may not see. What is told here
names nobody and shows nothing of anybody, so it leaves no trace of a look.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from joinedup.access.permit import Permit, system_permit
from joinedup.access.words import Power, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.slot import claim_of
from joinedup.fhir.search.clause import Query
from joinedup.fhir.types import type_number
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import quoted
from joinedup.record.change import body_id
from joinedup.record.conditions import conditions
from joinedup.record.database import connection, entered

__all__ = ["held_slots", "unheld_slots"]

_SLOTS = system_permit("slots")
_HELD = (
    b'select c.name, substring(v.body from \'"restriction":{"period":{"end":"([^"]+)"\')'
    b" from record.claim c join record.head h on h.key = c.key"
    b" join record.version v on v.key = h.key and v.version = h.version"
    b" where c.name = any (%s::text[])"
)
_FREE = (
    "select v.body from record.head h join record.version v on v.key = h.key"
    " and v.version = h.version where h.type = %s and "
)
_NAMES = b"select c.name from record.claim c where c.name = any (%s::text[])"


def held_slots(permit: Permit, slots: Iterable[str]) -> dict[str, datetime | None]:
    """Return those of these slots that are held, each with when its hold ends; None: it does not.

    Raises NotPermitted for who neither looks for care nor answers offers.
    """
    _refuse(permit)
    names = {claim_of(slot): slot for slot in slots}
    if not names:
        return {}
    with connection() as lent, lent.transaction():
        entered(lent, _SLOTS)
        rows = lent.execute(_HELD, (quoted(names),)).fetchall()
    return {names[str(name)]: _moment(end) for name, end in rows}


def unheld_slots(permit: Permit, query: Query) -> tuple[dict[str, Any], ...]:
    """Return Slots that fit a query and that nobody holds, up to its count, in no order.

    For whoever came second and is told what else there is: what is held is not even read. Raises
    NotPermitted as `held_slots`.
    """
    _refuse(permit)
    where, values = conditions("Slot", query.clauses, "h")
    asked = (type_number("Slot"), *values, query.count)
    with connection() as lent, lent.transaction():
        entered(lent, _SLOTS)
        rows = lent.execute(f"{_FREE}{where} limit %s".encode(), asked).fetchall()
        bodies = {claim_of(body_id(str(body))): str(body) for (body,) in rows}
        held = {str(name) for (name,) in lent.execute(_NAMES, (quoted(bodies),)).fetchall()}
    return tuple(read_resource(body) for name, body in bodies.items() if name not in held)


def _refuse(permit: Permit) -> None:
    asks = permit.may(Power.FIND_CARE) or permit.may(Power.ANSWER_OFFERS)
    if not asks and permit.role is not Role.SYSTEM:
        raise NotPermitted("Your role does not look for care.")


def _moment(end: object) -> datetime | None:
    return datetime.fromisoformat(str(end)) if end else None
