"""Asking for a copy of one's record, taking the request back, and taking the copy.

A worker writes it down for somebody who telephones (ON-08), under their own permit.
"""

from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.rights import taking
from joinedup.access.words import Role
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Conflict, Gone, NotFound, Stale
from joinedup.fhir.search.query import parse_query
from joinedup.people.rights.copying import Copied, copied
from joinedup.people.rights.requests import RecordRequest, cancelled, request_of, request_task
from joinedup.record import Create, Stored, Update
from joinedup.record.taken import leave_taken

__all__ = ["ask_for_copy", "own_request", "requests_of", "take_back", "take_copy"]

_MOST = 200


def requests_of(permit: Permit, person_id: str) -> tuple[RecordRequest, ...]:
    """Return the person's requests that the permit sees, newest first."""
    asked = [("patient", person_id), ("code", f"{TASK_KIND}|record-request")]
    page = record.search(permit, parse_query("Task", asked, default_count=_MOST))
    found = [r for s in page.entries if (r := request_of(s.resource)) is not None]
    return tuple(sorted(found, key=lambda r: (r.asked_on, r.id), reverse=True))


def ask_for_copy(permit: Permit, person_id: str, *, at: datetime) -> Stored:
    """Write down that the person asks for a copy of her whole record; the month runs from now.

    Raises Conflict while an earlier request waits, Stale where another window was first.
    """
    earlier = requests_of(permit, person_id)
    if any(r.is_open for r in earlier):
        raise Conflict("A request is waiting already. You will be told when it is ready.")
    task = request_task(person_id, requester=permit.worker, earlier_count=len(earlier), at=at)
    try:
        done = record.commit(permit, [Create(task, str(task["id"]))], action="record-request")
    except Conflict as taken:
        raise Stale("This was asked for a moment ago. Look at what stands now.") from taken
    return done.stored[0]


def own_request(permit: Permit, person_id: str, request_id: str) -> tuple[RecordRequest, Stored]:
    """Return a request of this person; NotFound for any other's, and for none, the same."""
    stored = record.read(permit, "Task", request_id)
    found = request_of(stored.resource)
    if found is None or found.person != person_id:
        raise NotFound(f"There is no Task/{request_id} that you can see.")
    return found, stored


def take_back(permit: Permit, person_id: str, request_id: str, *, at: datetime) -> Stored:
    """Write down that the person no longer wants the copy. Raises Stale once it was answered."""
    found, stored = own_request(permit, person_id, request_id)
    if found.status != "requested":
        raise Stale("This request was answered while you were reading. Look at what stands now.")
    change = Update(cancelled(stored.resource, at=at), stored.version)
    return record.commit(permit, [change], action="record-request-ended").stored[0]


def take_copy(
    permit: Permit, person_id: str, request_id: str, *, at: datetime
) -> tuple[RecordRequest, Copied]:
    """Return the copy that was approved, as the person may take it away.

    Raises NotFound for another's request or one that is not approved, Gone when its days are
    over. That it was taken is in the audit, with its ground, before anything is read.
    """
    found, stored = own_request(permit, person_id, request_id)
    if permit.role is not Role.PERSON or found.status != "completed":
        raise NotFound(f"There is no Task/{request_id} that you can see.")
    if not found.may_be_taken(at):
        raise Gone("The days in which this copy could be taken are over. Ask for a new one.")
    takes = taking(permit)
    leave_taken(takes, "export", person_id, request_id)
    return found, copied(takes, person_id, approved=stored.updated, now=at, detail=request_id)
