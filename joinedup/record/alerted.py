"""The list of what carries a label, read so that the look carries it too.

A search leaves a look in the log of whoever it finds. Where finding somebody at all would tell
them what is silent to them, such as an alert about their record, the look is as silent (AC-01).
"""

from collections.abc import Sequence
from typing import cast

from joinedup.access.permit import Permit
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.clause import Query
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import numbers
from joinedup.record.change import Stored
from joinedup.record.database import connection, entered, traced
from joinedup.record.search import matching
from joinedup.record.trace import named

__all__ = ["listed"]

_TRACE = b"select record.trace(" + b", ".join([b"%s"] * 13) + b")"
_PATIENTS = (
    "select v.body from record.head h join record.version v"
    " on v.key = h.key and v.version = h.version where h.key = any (%s::bigint[])"
)


def listed(
    permit: Permit, query: Query, label: int, detail: str
) -> tuple[Sequence[Stored], dict[str, dict[str, object]]]:
    """Return what fits and whom it is about, as `Patient/...` -> Patient; one look under `label`.

    Only what the permit sees, as with every search.
    """
    with connection() as lent, lent.transaction():
        entered(lent, permit, generic=False)
        found = matching(lent, query, limit=query.count)
        about = {str(s.resource.get("for", {}).get("reference", "")) for s in found}
        keys = [resource_key("Patient", a.removeprefix("Patient/")) for a in sorted(about) if a]
        rows = lent.execute(_PATIENTS, (numbers(keys),)).fetchall()
        people = named(keys)
        left = ("search", permit.worker, *traced(permit), None, None, detail, people, 0, label)
        lent.execute(_TRACE, left)
    patients = [read_resource(cast("str", body)) for (body,) in rows]
    return found, {f"Patient/{p['id']}": p for p in patients}
