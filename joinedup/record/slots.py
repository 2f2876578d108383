"""Which slots are held, and until when: for who looks for care, and for whose slots they are.

A claim stands under the person of its placement, whom most who ask may not see. What is told here
names nobody and shows nothing of anybody, so it leaves no trace of a look.
"""

from collections.abc import Iterable
from datetime import datetime

from joinedup.access.permit import Permit, system_permit
from joinedup.access.words import Power, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.slot import claim_of
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import quoted
from joinedup.record.database import connection, entered

__all__ = ["held_slots"]

_SLOTS = system_permit("slots")


def held_slots(permit: Permit, slots: Iterable[str]) -> dict[str, datetime | None]:
    """Return those of these slots that are held, each with when its hold ends; None: it does not.

    Raises NotPermitted for who neither looks for care nor answers offers.
    """
    asks = permit.may(Power.FIND_CARE) or permit.may(Power.ANSWER_OFFERS)
    if not asks and permit.role is not Role.SYSTEM:
        raise NotPermitted("Your role does not look for care.")
    names = {claim_of(slot): slot for slot in slots}
    if not names:
        return {}
    with connection() as lent, lent.transaction():
        entered(lent, _SLOTS)
        rows = lent.execute(
            "select c.name, v.body from record.claim c join record.head h on h.key = c.key"
            " join record.version v on v.key = h.key and v.version = h.version"
            " where c.name = any (%s::text[])",
            (quoted(names),),
        ).fetchall()
    return {names[str(name)]: _ends(str(body)) for name, body in rows}


def _ends(body: str) -> datetime | None:
    end = read_resource(body).get("restriction", {}).get("period", {}).get("end")
    return datetime.fromisoformat(str(end)) if end else None
