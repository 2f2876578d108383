"""What hangs on a stay beside it: visits, packages, referrals, placements, and whom each concerns.

Read in one look, so that an ending can carry all of it in one commit.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.queries import Asked, is_at_home
from joinedup.fhir.profiles import placement as placing
from joinedup.fhir.profiles import planned_visit as visits
from joinedup.fhir.profiles import referral
from joinedup.fhir.profiles.planned_visit import PlannedVisit
from joinedup.fhir.profiles.referral import answer_id
from joinedup.record import Stored

__all__ = ["TYPES", "Around", "around", "of_entries"]

TYPES = ("Patient", "Appointment", "CareTeam", "EpisodeOfCare", "ServiceRequest", "Task")


class Around(Struct, frozen=True, kw_only=True):
    """What hangs on one stay; `practices` are organisations' ids."""

    name: str = ""
    practices: tuple[str, ...] = ()
    appointments: tuple[Stored, ...] = ()
    packages: tuple[Stored, ...] = ()
    teams: tuple[Stored, ...] = ()
    referrals: tuple[Asked, ...] = ()
    placements: tuple[Stored, ...] = ()

    def ahead(self, at: datetime) -> tuple[Stored, ...]:
        """Return every appointment that is still to happen."""
        return tuple(s for s in self.appointments if visits.is_ahead(s.resource, at))

    def visits_ahead(self, at: datetime) -> tuple[tuple[Stored, PlannedVisit], ...]:
        """Return the visits at home among them."""
        return _planned(self.ahead(at))

    def held_visits(self) -> tuple[tuple[Stored, PlannedVisit], ...]:
        """Return the visits that stopped because of a stay in hospital."""
        return _planned(s for s in self.appointments if visits.is_held(s.resource))

    @property
    def held(self) -> tuple[Stored, ...]:
        """Packages that are on hold."""
        return tuple(s for s in self.packages if s.resource.get("status") == "onhold")

    def running(self, at: datetime) -> tuple[Stored, ...]:
        """Return packages of help at home that go on: those that say so, and those with visits."""
        planned = {visit.package for _, visit in self.visits_ahead(at)}
        active = (s for s in self.packages if s.resource.get("status") == "active")
        return tuple(s for s in active if s.id in planned or is_at_home(s.resource))

    @property
    def providers(self) -> tuple[str, ...]:
        """Who comes to the house, or would have: of visits, and of what was placed."""
        booked = (s for s in self.appointments if s.resource.get("status") == "booked")
        planned = [visit.provider for _, visit in (*self.held_visits(), *_planned(booked))]
        for stored in self.placements:
            accepted = placing.read(stored.resource).accepted
            planned += [accepted.provider] if accepted else []
        return tuple(dict.fromkeys(p for p in planned if p))


def _planned(found: Iterable[Stored]) -> tuple[tuple[Stored, PlannedVisit], ...]:
    """Return the visits at home among appointments; one that others wrote with a part missing is
    no visit that anything could be done about here."""
    planned = []
    for stored in found:
        try:
            planned.append((stored, visits.read(stored.resource)))
        except (KeyError, ValueError):
            continue
    return tuple(planned)


def around(permit: Permit, person: str, spell: str) -> Around:
    """Return what hangs on a stay; NotFound where the permit sees nobody."""
    only = person.removeprefix("Patient/")
    page = record.everything(permit, only, types=TYPES, detail="how a stay ends")
    return of_entries(page.entries, spell)


def of_entries(entries: Iterable[Stored], spell: str) -> Around:
    """Return the same of what was read already."""
    by_type: dict[str, list[Stored]] = {}
    for stored in entries:
        by_type.setdefault(stored.type, []).append(stored)
    patients = by_type.get("Patient", [])
    tasks = by_type.get("Task", [])
    orders = [s for s in by_type.get("ServiceRequest", []) if _is_of(s, spell)]
    return Around(
        name=_name(patients),
        practices=_practices(patients),
        appointments=tuple(by_type.get("Appointment", ())),
        packages=tuple(by_type.get("EpisodeOfCare", ())),
        teams=tuple(by_type.get("CareTeam", ())),
        referrals=tuple(_asked(s, tasks) for s in orders if referral.is_referral(s.resource)),
        placements=tuple(s for s in tasks if _is_of(s, spell) and placing.is_placement(s.resource)),
    )


def _is_of(stored: Stored, spell: str) -> bool:
    named = stored.resource.get("encounter", {}).get("reference")
    return bool(named == f"Encounter/{spell}")


def _asked(stored: Stored, tasks: list[Stored]) -> Asked:
    task = next((t for t in tasks if t.id == answer_id(stored.id)), None)
    return Asked(
        id=stored.id,
        version=stored.version,
        referral=referral.read(stored.resource),
        answer=referral.read_answer(task.resource) if task else None,
        answer_version=task.version if task else 0,
        order=stored.resource,
        task=task.resource if task else {},
    )


def _name(patients: list[Stored]) -> str:
    names = (n for s in patients for n in s.resource.get("name", ()))
    first: Mapping[str, Any] = next(iter(names), {})
    return " ".join([*first.get("given", ())[:1], str(first.get("family", ""))]).strip()


def _practices(patients: list[Stored]) -> tuple[str, ...]:
    """Return where the person is registered: what the master Patient says, not what others do."""
    found = [
        str(practice.get("reference", "")).removeprefix("Organization/")
        for s in patients
        if not s.resource.get("link")
        for practice in s.resource.get("generalPractitioner", ())
        if str(practice.get("reference", "")).startswith("Organization/")
    ]
    return tuple(dict.fromkeys(found))
