"""Which person an imported Patient is: new, known by NHS number, or not to be decided by a machine.

Looks up what `judging` decides by. Whoever sends a Patient keeps that Patient as its own statement;
one per person is the master, which everything else names.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import master_of
from joinedup.fhir.issue import Problem
from joinedup.fhir.nhs_number import VERIFIED
from joinedup.fhir.search.query import parse_query
from joinedup.people import nhs_number
from joinedup.people.demographics import demographics_of
from joinedup.people.identity.asking import is_open, patient_question_id, standing
from joinedup.people.identity.described import DESCRIBED
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.rules import Candidate
from joinedup.people.importing.judging import Arriving, Newcomers, Settled, judged
from joinedup.people.importing.naming import record_id
from joinedup.record import search

__all__ = ["Persons", "Settled", "register"]

_PRACTICE_CODE = re.compile(r"[A-Y][0-9]{5}")

MOST_VALUES = 100
MOST_REMEMBERED = 50_000
_WHY = "import"

Patient = Mapping[str, Any]


def register(patient: dict[str, Any], organisation: str) -> None:
    """Say where a Patient is registered, when a GP practice sends it and it names no practice.

    A practice's file is its own list, and being on it is what lets the practice see the person.
    Practices are known by their ODS code, a letter and five digits.
    """
    if not _PRACTICE_CODE.fullmatch(organisation):
        return
    practice = {"reference": f"Organization/{organisation}"}
    if practice in patient.setdefault("generalPractitioner", [practice]):
        patient.setdefault("managingOrganization", practice)


class Persons:
    """The people of one import, by what their source calls them."""

    def __init__(self, permit: Permit, organisation: str) -> None:
        self._permit = permit
        self._organisation = organisation
        self._known: OrderedDict[str, str] = OrderedDict()
        self._holders: OrderedDict[str, Candidate] = OrderedDict()
        self._refused: dict[str, Problem] = {}
        self._waiting: dict[str, str] = {}
        self._looked: set[str] = set()
        self._newcomers = Newcomers()

    def settle(self, patients: Sequence[tuple[str, Patient]]) -> dict[str, Settled]:
        """Return what becomes of each Patient, by name; the record is asked once for all.

        What people must decide is asked here (ID-03), before anything that waits for it is held.
        """
        arriving = self._arriving(patients)
        settled = judged(arriving, self._holders_of(patients), self._newcomers, self._permit)
        for one in arriving:
            made = settled[one.name]
            self._looked.add(made.own)
            if made.question:
                self._waiting[made.own] = made.question
            elif one.who.nhs_number and one.who.status in VERIFIED and made.master == made.own:
                self._holds(one)
            _remember(self._known, one.name, made.master)
        return settled

    def refused(self, name: str) -> Problem | None:
        """Return why the Patient of that name was refused in this import, or None."""
        return self._refused.get(name)

    def master(self, name: str) -> str:
        """Return the id of the person a source calls `Patient/...`, known or not yet sent."""
        if (known := self._known.get(name)) is None:
            own = record_id(self._organisation, name)
            stands = self._stored([own]).get(own)
            known = master_of(stands) if stands else own
            if stands is None:
                self._look_for_question(own)
            _remember(self._known, name, known)
        return known

    def question(self, person_id: str) -> str:
        """Return the id of the question that a person of this import waits for, or ""."""
        return self._waiting.get(person_id, "")

    def refuse(self, name: str, problem: Problem) -> None:
        """Keep that the Patient of that name is refused, so that nothing is attached to it."""
        self._refused[name] = problem

    def described(self, kind: str, own: str, patient: Patient) -> str:
        """Return the id of the person whom an entry describes within itself, asked of people.

        Where nobody may say without asking, the id is of somebody who waits: see `question`.
        """
        person = f"{DESCRIBED}{own}"
        stands = {**patient, "id": person}
        stands.pop("contained", None)
        one = Arriving(f"{kind}/{own}", person, stands, demographics_of(stands), None)
        one = replace(one, organisation=self._organisation, described=True)
        holders = self._holders_of([(one.name, stands)])
        made = judged([one], holders, self._newcomers, self._permit)[one.name]
        if made.question:
            self._waiting[person] = made.question
        return made.master

    def _arriving(self, patients: Sequence[tuple[str, Patient]]) -> list[Arriving]:
        own = {name: record_id(self._organisation, name) for name, _ in patients}
        stored = self._stored(own.values())
        return [
            Arriving(
                name,
                own[name],
                patient,
                demographics_of(patient),
                stored.get(own[name]),
                self._organisation,
            )
            for name, patient in patients
        ]

    def _holds(self, one: Arriving) -> None:
        made = Candidate(one.own, one.who, is_restricted(one.patient), is_protected(one.patient))
        _remember(self._holders, one.who.nhs_number, made)

    def _look_for_question(self, own: str) -> None:
        """See whether somebody who is not stored waits for people since an earlier import."""
        if own in self._looked:
            return
        self._looked.add(own)
        asked = patient_question_id(own)
        if is_open(standing(self._permit, [asked]).get(asked)):
            self._waiting[own] = asked

    def _holders_of(self, patients: Sequence[tuple[str, Patient]]) -> dict[str, Candidate]:
        """Return who holds each NHS number of these Patients, in the record or in this import."""
        said = (demographics_of(p) for _, p in patients)
        numbers = dict.fromkeys(n for who in said for n in (who.nhs_number, *who.more_numbers))
        numbers.pop("", None)
        found = {n: self._holders[n] for n in numbers if n in self._holders}
        for some in _parts([n for n in numbers if n not in found]):
            values = ",".join(f"{nhs_number.SYSTEM}|{number}" for number in some)
            for patient in self._patients((("identifier", values),)):
                if master_of(patient) == patient["id"]:
                    found.update(
                        (c.who.nhs_number, c)
                        for c in _holdings(patient)
                        if c.who.nhs_number in numbers
                    )
        return found

    def _stored(self, ids: Iterable[str]) -> dict[str, Patient]:
        """Return the Patients that the record has by these ids."""
        return {
            str(patient["id"]): patient
            for some in _parts(list(ids))
            for patient in self._patients((("_id", ",".join(some)),))
        }

    def _patients(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Patient]:
        query = parse_query("Patient", pairs, default_count=1000)
        for stored in search(self._permit, query, detail=_WHY).entries:
            yield stored.resource


def _holdings(patient: Patient) -> Iterator[Candidate]:
    """Yield a person once for each NHS number that leads to them: theirs, and those it replaced."""
    who = demographics_of(patient)
    held = {who.nhs_number, *who.more_numbers} if who.status in VERIFIED else set()
    held |= set(who.old_numbers)
    for number in held - {""}:
        stated = replace(who, nhs_number=number, status="")
        yield Candidate(str(patient["id"]), stated, is_restricted(patient), is_protected(patient))


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), MOST_VALUES):
        yield values[start : start + MOST_VALUES]


def _remember(memory: "OrderedDict[str, Any]", name: str, value: Any) -> None:
    memory[name] = value
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)
