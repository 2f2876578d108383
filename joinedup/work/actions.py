"""What a worker does with an errand here: take it, give it back, say that it is done.

The version that was seen goes with it, so that of two who take it at once one is told (law 4).
Everything else is done on the page that the errand leads to.
"""

from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Stale, Unprocessable
from joinedup.fhir.profiles import errand
from joinedup.record import Stored, Update
from joinedup.work.queries import errand_of
from joinedup.work.rules import Line

__all__ = ["finish", "give_back", "take"]


def take(permit: Permit, task_id: str, version: int, *, at: datetime) -> Stored:
    """Write down that this worker does it. Whose it is stays its team's: nobody gains any sight.

    Raises Stale when somebody was first, Unprocessable for a kind that nobody takes, NotFound for
    what is not on the worker's list, NotPermitted where the role may read it and not change it.
    """
    stored, line = _seen(permit, task_id, version)
    if not line.what.takes:
        raise Unprocessable("This kind of work is not taken by one worker. Open it and do it.")
    if line.taken_by and line.taken_by != permit.worker:
        raise Stale(f"{line.taken_name or 'A colleague'} has taken this. Ask them to give it back.")
    changed = errand.taken(stored.resource, permit.worker, permit.name, at)
    return record.commit(permit, [Update(changed, version)], action="take-work").stored[0]


def give_back(permit: Permit, task_id: str, version: int) -> Stored:
    """Let the whole team see again that nobody does it.

    Any colleague may, since whoever took it may be off sick. Refuses as `take` does.
    """
    stored, line = _seen(permit, task_id, version)
    if not line.taken_by:
        raise Stale("Nobody has taken this any more. Look at the list again.")
    changed = errand.given_back(stored.resource)
    return record.commit(permit, [Update(changed, version)], action="give-work-back").stored[0]


def finish(permit: Permit, task_id: str, version: int, *, at: datetime) -> Stored:
    """Write down that it is done, and by whom; refuses as `take`, and what has its own page."""
    stored, line = _seen(permit, task_id, version)
    if not line.what.ends:
        raise Unprocessable("This is done on its own page. Open it from your list.")
    if line.taken_by and line.taken_by != permit.worker:
        raise Stale(f"{line.taken_name or 'A colleague'} has taken this. Ask them first.")
    changed = errand.done(stored.resource, permit.worker, at)
    return record.commit(permit, [Update(changed, version)], action="finish-work").stored[0]


def _seen(permit: Permit, task_id: str, version: int) -> tuple[Stored, Line]:
    stored, line = errand_of(permit, task_id)
    if stored.version != version:
        raise Stale("A colleague changed this while you were reading. Look at it again.")
    return stored, line
