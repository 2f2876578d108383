"""Everything the page of one stay shows, gathered under the reader's permit; nothing is worded."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.queries import (
    Asked,
    Carer,
    Review,
    answers_of,
    carers_of,
    names_of,
    packages_of,
    referrals_of,
    reviews_of,
    tasks_of,
)
from joinedup.discharge.standing import Standing, standing_of
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles.bed import read_bed
from joinedup.fhir.profiles.carer_answer import CarerAnswer
from joinedup.fhir.profiles.team_task import TeamTask, is_team_task
from joinedup.fhir.profiles.team_task import read as read_task

__all__ = ["StayFacts", "gather"]


class StayFacts(Struct, frozen=True, kw_only=True):
    """One stay as the permit sees it; `patient` is empty where the person themselves is not seen.

    `packages` are help at home from before, each with its state; `ward` is the Location of the ward
    they lie on, "" where that is not known; `names` are those behind references.
    """

    standing: Standing
    patient: dict[str, Any]
    reviews: tuple[Review, ...]
    referrals: tuple[Asked, ...]
    carers: tuple[Carer, ...]
    answers: tuple[CarerAnswer, ...]
    told: tuple[TeamTask, ...]
    packages: tuple[tuple[str, str], ...]
    ward: str
    names: dict[str, str]

    def name(self, reference: object) -> str:
        """Return what a reference is called; one that is not seen has no name here."""
        return self.names.get(str(reference), "somebody whose name is not shown to you")

    def organisation(self, organisation: str) -> str:
        """Return what an organisation is called, by its id."""
        return self.names.get(f"Organization/{organisation}", organisation)


def gather(permit: Permit, spell_id: str) -> StayFacts:
    """Return the facts of a stay; NotFound for none that the permit sees."""
    standing = standing_of(permit, spell_id)
    person = standing.readiness.person
    reviews = reviews_of(permit, spell_id)
    referrals = referrals_of(permit, spell_id)
    raised = [read_task(s.resource) for s in tasks_of(permit, spell_id) if is_team_task(s.resource)]
    answers = answers_of(permit, person)
    wanted = set(_references(standing, reviews, referrals, answers))
    wanted |= {f"Organization/{task.team}" for task in raised}
    return StayFacts(
        standing=standing,
        patient=_patient(permit, person),
        reviews=reviews,
        referrals=referrals,
        carers=carers_of(permit, person),
        answers=answers,
        told=tuple(raised),
        packages=packages_of(permit, person),
        ward=_ward(permit, standing),
        names=names_of(permit, sorted(wanted)),
    )


def _ward(permit: Permit, standing: Standing) -> str:
    bed = standing.spell.bed
    if bed is None:
        return ""
    try:
        return read_bed(record.read(permit, "Location", bed.bed).resource).ward
    except (NotFound, KeyError):
        return ""


def _patient(permit: Permit, person: str) -> dict[str, Any]:
    try:
        return record.read(permit, "Patient", person.removeprefix("Patient/")).resource
    except NotFound:
        return {}


def _references(
    standing: Standing,
    reviews: Iterable[Review],
    referrals: Iterable[Asked],
    answers: Iterable[CarerAnswer],
) -> Iterator[str]:
    readiness = standing.readiness
    yield f"Organization/{readiness.hospital}"
    yield from (f"Location/{bed.bed}" for bed in standing.spell.beds)
    yield from (str(check.by) for check in readiness.checks)
    yield from (str(telling.by) for telling in readiness.told)
    for delay in readiness.delays:
        yield from (f"Organization/{delay.owner}", str(delay.set_by))
    if readiness.pathway:
        yield str(readiness.pathway.decided_by)
    if readiness.start:
        yield from (f"Organization/{readiness.start.provider}", str(readiness.start.confirmed_by))
    if readiness.risk_owner:
        yield str(readiness.risk_owner.worker)
    yield from (review.checklist.answered_by for review in reviews)
    yield from (answer.asked_by for answer in answers)
    for asked in referrals:
        yield from (f"Organization/{asked.referral.hub}", asked.referral.asked_by)
        if asked.answer and asked.answer.by:
            yield asked.answer.by
