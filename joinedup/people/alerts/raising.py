"""Raising alerts: the job reads the audit behind the seal, and stores what raises one.

It never stands in the way of a look, and never loses one: it goes on only after every alert of
what it read was stored, and reading twice stores once (docs/decisions/0016-alerts.md).
"""

from collections.abc import Sequence
from datetime import datetime

from joinedup import record
from joinedup.fhir.issue import Conflict
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.period import LONDON
from joinedup.people.alerts.rules import (
    Look,
    alert_id,
    home_of,
    is_opening,
    is_vip,
    reasons_for,
)
from joinedup.people.alerts.task import alert_task
from joinedup.people.alerts.workers import JOB, patients_of_workers, works_for
from joinedup.record import Create
from joinedup.record.watched import Seen, bodies, seen_after, seen_until

__all__ = ["raise_alerts"]


def raise_alerts() -> int:
    """Read what was sealed since last time, store the alerts it raises, and return how many.

    Safe to run twice, or by two processes at once.
    """
    raised, position = 0, seen_until(JOB)
    while True:
        found, end = seen_after(JOB, position)
        raised += _raise(found)
        if end > position:
            seen_until(JOB, end)
        if end <= position or not found:
            return raised
        position = end


def _raise(found: Sequence[Seen]) -> int:
    opened = [s for s in found if is_opening(s.action, s.detail)]
    if not opened:
        return 0
    own = patients_of_workers({s.worker for s in opened})
    people = {s.person for s in opened}
    held = bodies(JOB, people | set(own.values()))
    places = works_for(people)
    looks: dict[str, tuple[Seen, str, tuple[str, ...]]] = {}
    for seen in opened:
        patient = held.get(seen.person)
        if patient is None or patient["resourceType"] != "Patient":
            continue  # whoever was joined to another, or is gone
        mine = own.get(seen.worker)
        look = Look(
            worker=seen.worker,
            is_own=mine == seen.person,
            worker_home=home_of(held[mine]) if mine in held else None,
            person_home=home_of(patient),
            works_for=places.get(seen.person, frozenset()),
            organisation=seen.organisation,
            vip=is_vip(patient),
            prolonged=not _parties(seen).isdisjoint(seen.opened_to),
        )
        if reasons := reasons_for(look):
            name = alert_id(seen.worker, seen.person, reasons, _day(seen.at))
            looks.setdefault(name, (seen, str(patient["id"]), reasons))
    return sum(1 for name, rest in looks.items() if _store(name, *rest))


def _parties(seen: Seen) -> set[int]:
    """Return the parties that a worker sees people as: themselves and where they work."""
    kind, _, name = seen.worker.partition("/")
    return {resource_key(kind, name), resource_key("Organization", seen.organisation)}


def _day(at: datetime) -> str:
    return at.astimezone(LONDON).date().isoformat()


def _store(name: str, seen: Seen, person_id: str, reasons: tuple[str, ...]) -> bool:
    """Store an alert unless it stands. Looking for it leaves no trace in anybody's log."""
    if bodies(JOB, [resource_key("Task", name)]):
        return False
    task = alert_task(
        name,
        f"Patient/{person_id}",
        seen.worker,
        reasons,
        name=seen.name,
        role=seen.role,
        organisation=seen.organisation,
        looked=seen.at,
    )
    try:
        record.commit(JOB, [Create(task, id=name)], dangling="keep", action="alert-raised")
    except Conflict:  # another process was first
        return False
    return True
