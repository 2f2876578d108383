"""What an ending stops and whom it tells, as changes of one commit: values in, changes out.

Which acts and whom is `rules.endings`; here each name of an act is carried out.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.access.words import Role
from joinedup.discharge.around import Around
from joinedup.discharge.referring import withdrawn
from joinedup.discharge.rules.endings import Tell
from joinedup.discharge.standing import Standing
from joinedup.discharge.unplacing import unplaced
from joinedup.fhir.profiles import planned_visit as visits
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.planned_visit import IN_HOSPITAL
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.fhir.profiles.team_task import build as build_task
from joinedup.record import Change, Create, Update

__all__ = ["RING", "Ending", "held", "say", "stopped", "tasks", "told"]

RING = "Ring the family and carers: "


class Ending(Struct, frozen=True, kw_only=True):
    """One ending as it is carried out: of which stay, what hangs on it, when, by whom, in words."""

    standing: Standing
    around: Around
    at: datetime
    by: str
    words: str

    @property
    def is_by_worker(self) -> bool:
        """Whether somebody did it in a page, rather than a message."""
        return self.by.startswith(("Practitioner/", "PractitionerRole/"))


def stopped(acts: Iterable[str], ending: Ending) -> list[Change]:
    """Return the changes that carry out the acts; each resource is changed once."""
    found: dict[tuple[str, str], Change] = {}
    for act in acts:
        for change in _DOES.get(act, _nothing)(ending):
            if isinstance(change, Update):
                resource = change.resource
                found.setdefault((resource["resourceType"], resource["id"]), change)
    return list(found.values())


def _nothing(ending: Ending) -> list[Change]:
    return []


def _visits_stopped(ending: Ending) -> list[Change]:
    return [
        Update(visits.stopped(stored.resource, "ended"), stored.version)
        for stored, _ in ending.around.visits_ahead(ending.at)
    ]


def _appointments_closed(ending: Ending) -> list[Change]:
    return [
        Update(visits.stopped(stored.resource, "ended"), stored.version)
        for stored in ending.around.ahead(ending.at)
    ]


def _referral_cancelled(ending: Ending) -> list[Change]:
    by = Reference(ending.by)
    return [
        change
        for one in ending.around.referrals
        if one.is_open
        for change in withdrawn(one, at=ending.at, by=by, why=ending.words)
    ]


def _offers_withdrawn(ending: Ending) -> list[Change]:
    return unplaced(ending.around, at=ending.at, words=ending.words)


def _offers_lost(ending: Ending) -> list[Change]:
    return unplaced(ending.around, at=ending.at, words=ending.words, is_sought=True)


def held(ending: Ending) -> list[Change]:
    """Return the changes that hold every package and stop its visits ahead (CP-05)."""
    changes: list[Change] = [
        Update({**stored.resource, "status": "onhold"}, stored.version)
        for stored in ending.around.running(ending.at)
    ]
    changes += [
        Update(visits.stopped(stored.resource, IN_HOSPITAL), stored.version)
        for stored, _ in ending.around.visits_ahead(ending.at)
    ]
    return changes


_DOES: Mapping[str, Callable[[Ending], list[Change]]] = {
    "stop-visits": _visits_stopped,
    "close-appointments": _appointments_closed,
    "cancel-referral": _referral_cancelled,
    "withdraw-offers": _offers_withdrawn,
    "lose-offers": _offers_lost,
    "hold-package": held,
}
"""What is written for an act. The bed and the wait end with the stay; the others are told."""


def told(tells: Iterable[Tell], ending: Ending) -> list[Change]:
    """Return a Task for each team that is told, due when it must know; each team once.

    The person themselves and letters are told by what the ward writes down (DI-06).
    """
    standing = ending.standing
    named = ending.around.name or "Somebody"
    wanted = [
        TeamTask(
            kind="stay-ended",
            person=standing.readiness.person,
            spell=standing.spell.id,
            team=team,
            role=role,
            words=say(tell, named),
            asked_by=ending.by,
            asked_at=ending.at,
            due=ending.at + tell.within,
            by_voice=tell.by_a_person,
        )
        for tell in tells
        for team, role in _teams(tell.who, ending)
    ]
    return tasks(standing, wanted)


def say(tell: Tell, named: str) -> str:
    """Return what a Task tells: of somebody, or that their family is rung."""
    return f"{RING if tell.who == 'carer' else ''}{named} {tell.words}."


def tasks(standing: Standing, wanted: Iterable[TeamTask]) -> list[Change]:
    """Return the changes that raise Tasks, each once, under the labels of the stay."""
    once = {task.id: task for task in wanted}
    return [Create(standing.labelled(build_task(t)), t.id) for t in once.values()]


def _teams(who: str, ending: Ending) -> list[tuple[str, str]]:
    hospital = ending.standing.spell.hospital
    around = ending.around
    known = [one.referral.hub for one in around.referrals]
    coordinator, broker = Role.DISCHARGE_COORDINATOR.value, Role.BROKER.value
    teams: Mapping[str, list[tuple[str, str]]] = {
        "hub": [(hub, role) for hub in dict.fromkeys(known) for role in (coordinator, broker)],
        "provider": [(p, Role.PROVIDER_WORKER.value) for p in _providers(ending)],
        "coordinator": [(hospital, coordinator), (hospital, Role.WARD_NURSE.value)],
        "practice": [(p, Role.GP.value) for p in around.practices],
        "carer": [(hospital, Role.WARD_NURSE.value)],
    }
    return teams.get(who, [])


def _providers(ending: Ending) -> tuple[str, ...]:
    start = ending.standing.readiness.start
    own = (start.provider,) if start else ()
    return tuple(dict.fromkeys((*own, *ending.around.providers)))
