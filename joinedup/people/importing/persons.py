"""Which person an imported Patient is: new, known by NHS number, or not to be decided by a machine.

Decides by `matching` (ID-02, ID-03) on what the record holds. Whoever sends a Patient keeps that
Patient as its own statement; one per person is the master, which everything else names.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import master_of
from joinedup.fhir.issue import Problem
from joinedup.fhir.search.query import parse_query
from joinedup.people import nhs_number
from joinedup.people.demographics import RESTRICTED, demographics_of
from joinedup.people.identity.rules import Candidate, Outcome, decide
from joinedup.people.importing.naming import record_id
from joinedup.record import search

__all__ = ["Persons", "Settled", "register"]

_PRACTICE_CODE = re.compile(r"[A-Y][0-9]{5}")

MOST_VALUES = 100
MOST_REMEMBERED = 50_000
_WHY = "import"

Patient = Mapping[str, Any]


class Settled(Struct, frozen=True):
    """What becomes of one Patient: `own` is its id here, `master` the id of the person.

    `problem` says why it is not attached to anybody; then nothing of it may be stored.
    """

    own: str
    master: str
    problem: Problem | None = None
    restricted: bool = False

    def attach(self, patient: dict[str, Any]) -> None:
        """Make a Patient that is not the master a statement about it, as restricted as it is."""
        if self.master == self.own:
            return
        other = {"reference": f"Patient/{self.master}"}
        patient["link"] = [{"other": other, "type": "refer"}, *patient.get("link", ())]
        if self.restricted and not is_restricted(patient):
            meta = patient.setdefault("meta", {})
            meta["security"] = [*meta.get("security", ()), RESTRICTED]


def register(patient: dict[str, Any], organisation: str) -> None:
    """Say where a Patient is registered, when a GP practice sends it and it names no practice.

    A practice's file is its own list, and being on it is what lets the practice see the person.
    Practices are known by their ODS code, a letter and five digits.
    """
    if _PRACTICE_CODE.fullmatch(organisation) and not patient.get("generalPractitioner"):
        patient["generalPractitioner"] = [{"reference": f"Organization/{organisation}"}]


class Persons:
    """The people of one import, by what their source calls them."""

    def __init__(self, permit: Permit, organisation: str) -> None:
        self._permit = permit
        self._organisation = organisation
        self._known: OrderedDict[str, str] = OrderedDict()
        self._holders: OrderedDict[str, Candidate] = OrderedDict()
        self._refused: dict[str, Problem] = {}

    def settle(self, patients: Sequence[tuple[str, Patient]]) -> dict[str, Settled]:
        """Return what becomes of each Patient, by name; the record is asked once for all."""
        holders = self._holders_of(patients)
        masters = self._masters(
            record_id(self._organisation, name)
            for name, patient in patients
            if demographics_of(patient).nhs_number in holders
        )
        settled = {}
        for name, patient in patients:
            made = self._settle_one(name, patient, holders, masters)
            settled[name] = made
            if made.problem:
                self._refused[name] = made.problem
            else:
                _remember(self._known, name, made.master)
        return settled

    def refused(self, name: str) -> Problem | None:
        """Return why the Patient of that name was refused in this import, or None."""
        return self._refused.get(name)

    def master(self, name: str) -> str:
        """Return the id of the person a source calls `Patient/...`, known or not yet sent."""
        if (known := self._known.get(name)) is None:
            own = record_id(self._organisation, name)
            known = self._masters([own]).get(own, own)
            _remember(self._known, name, known)
        return known

    def refuse(self, name: str, problem: Problem) -> None:
        """Keep that the Patient of that name is refused, so that nothing is attached to it."""
        self._refused[name] = problem

    def _settle_one(
        self,
        name: str,
        patient: Patient,
        holders: dict[str, Candidate],
        masters: Mapping[str, str],
    ) -> Settled:
        own = record_id(self._organisation, name)
        who = demographics_of(patient)
        holder = holders.get(who.nhs_number) if who.nhs_number else None
        if holder is None or holder.person_id == own:
            if who.nhs_number:
                holders[who.nhs_number] = made = Candidate(own, who, is_restricted(patient))
                _remember(self._holders, who.nhs_number, made)
            return Settled(own, own)
        decision = decide(who, (holder,))
        if decision.outcome is not Outcome.SAME:
            words = (
                f"{' '.join(decision.reasons)} Not attached to anybody: a person must decide "
                f"(status {decision.status})."
            )
            return Settled(own, own, Problem("conflict", words, "Patient.identifier"))
        if masters.get(own) == own:
            words = (
                "This person was kept here without an NHS number; another record now holds the "
                "number. The two must be merged by a person first."
            )
            return Settled(own, own, Problem("conflict", words, "Patient.identifier"))
        return Settled(own, holder.person_id, restricted=holder.restricted)

    def _holders_of(self, patients: Sequence[tuple[str, Patient]]) -> dict[str, Candidate]:
        """Return who holds each NHS number of these Patients, in the record or in this import."""
        numbers = dict.fromkeys(demographics_of(p).nhs_number for _, p in patients)
        numbers.pop("", None)
        found = {n: self._holders[n] for n in numbers if n in self._holders}
        for some in _parts([n for n in numbers if n not in found]):
            values = ",".join(f"{nhs_number.SYSTEM}|{number}" for number in some)
            for patient in self._patients((("identifier", values),)):
                if master_of(patient) == patient["id"]:
                    who = demographics_of(patient)
                    found[who.nhs_number] = Candidate(
                        str(patient["id"]), who, is_restricted(patient)
                    )
        return found

    def _masters(self, ids: Iterable[str]) -> dict[str, str]:
        """Return, of the Patients the record has by these ids, whose statement each is."""
        return {
            str(patient["id"]): master_of(patient)
            for some in _parts(list(ids))
            for patient in self._patients((("_id", ",".join(some)),))
        }

    def _patients(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Patient]:
        query = parse_query("Patient", pairs, default_count=1000)
        for stored in search(self._permit, query, detail=_WHY).entries:
            yield stored.resource


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), MOST_VALUES):
        yield values[start : start + MOST_VALUES]


def _remember(memory: "OrderedDict[str, Any]", name: str, value: Any) -> None:
    memory[name] = value
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)
