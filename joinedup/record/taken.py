"""Leaving the trace of what is taken out of the record: a print, or a copy (AC-02).

The reads behind it leave their own traces; this says that paper or a file came of them, and for
what. It stands before the first byte goes out.
"""

from typing import Literal

from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound
from joinedup.fhir.key import resource_key
from joinedup.record.database import connection, entered
from joinedup.record.trace import trace

__all__ = ["leave_taken"]


def leave_taken(
    permit: Permit, what: Literal["print", "export"], person_id: str, detail: str = ""
) -> None:
    """Write that something of this person was printed or taken as a file, on the permit's ground.

    Raises NotFound where the permit does not see the person: absent or hidden, the same.
    """
    person = resource_key("Patient", person_id)
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        if not lent.execute("select from record.head where key = %s", (person,)).fetchall():
            raise NotFound(f"There is no Patient/{person_id} that you can see.")
        trace(lent, permit, what, people=[person], key=person, detail=detail)
