"""Help at home that was held while somebody was in hospital, and starts again (CP-05).

It comes back as its latest version only, and never silently: each visit is booked again, or the
people who must settle it are asked before anybody leaves.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.access.words import Role
from joinedup.discharge.around import Around
from joinedup.discharge.rules.held_package import HeldPackage, resumed, suspended
from joinedup.discharge.stopping import Ending, tasks
from joinedup.fhir.profiles import planned_visit as visits
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.fhir.search.period import LONDON
from joinedup.record import Change, Stored, Update
from joinedup.reference.calendars import length

__all__ = ["Restarted", "held_packages", "restarted"]


class Restarted(Struct, frozen=True):
    """What starts again, and what a person must settle."""

    changes: tuple[Change, ...]
    exceptions: tuple[str, ...]


def held_packages(around: Around, admitted: datetime) -> tuple[tuple[Stored, HeldPackage], ...]:
    """Return the packages that are on hold, each with the visits that stopped for this stay."""
    stopped = [visit for _, visit in around.held_visits()]
    return tuple((s, suspended(s.id, stopped, admitted)) for s in around.held)


def restarted(ending: Ending, confirmed: Mapping[str, int]) -> Restarted:
    """Return what starts again when somebody leaves, and what is not settled.

    `confirmed` are packages whose provider said it will come, each with the version that was seen;
    refuses, Unprocessable, an older version than the latest.
    """
    changes: list[Change] = []
    found: list[str] = []
    appointments = {stored.id: stored for stored, _ in ending.around.held_visits()}
    for stored, held in held_packages(ending.around, ending.standing.readiness.admitted):
        says = {v.provider for v in held.visits} if stored.id in confirmed else set()
        back = resumed(
            held,
            ending.at,
            version=confirmed.get(stored.id, stored.version),
            latest=stored.version,
            confirmed=says,
        )
        found += back.exceptions
        for visit in back.visits:
            before = appointments[visit.id]
            changes.append(Update(visits.again(before.resource), before.version))
        if stored.id in confirmed:
            changes.append(Update({**stored.resource, "status": "active"}, stored.version))
    return Restarted((*changes, *_asked(ending, [*found, *_unpaid(ending)])), tuple(found))


def _unpaid(ending: Ending) -> list[str]:
    """Return what is said of stopped visits that no package brings back: somebody agrees them."""
    known = {stored.id for stored in ending.around.packages}
    ahead = [v for _, v in ending.around.held_visits() if v.start >= ending.at]
    loose = [v for v in ahead if v.package not in known]
    return [
        f"A visit on {v.start.astimezone(LONDON):%-d %B at %H:%M} was stopped: agree another."
        for v in sorted(loose, key=lambda one: one.start)
    ]


def _asked(ending: Ending, exceptions: list[str]) -> list[Change]:
    """Return a Task for the coordinator where something is not settled."""
    if not exceptions:
        return []
    standing = ending.standing
    task = TeamTask(
        kind="package-restart",
        person=standing.readiness.person,
        spell=standing.spell.id,
        team=standing.spell.hospital,
        role=Role.DISCHARGE_COORDINATOR.value,
        words=f"Help at home is not there again: {' '.join(exceptions)[:500]}",
        asked_by=ending.by,
        asked_at=ending.at,
        due=ending.at + length("admission-told-within", on=ending.at.date()),
    )
    return tasks(standing, [task])
