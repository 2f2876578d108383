"""What comes through the API without saying whose it is, and who comes as somebody new.

What a sender is told never depends on who is known here: an entry is taken in, whether it is filed
or waits; somebody new is stored, and whom they look like is looked for after the answer.
"""

import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from joinedup.access.guard import refuse_unguarded
from joinedup.access.permit import Permit, system_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import class_of
from joinedup.fhir.involve import is_statement
from joinedup.fhir.issue import NotPermitted, Refusal, Unprocessable
from joinedup.fhir.profiles.criteria import is_checklist
from joinedup.fhir.profiles.referral import is_referral
from joinedup.fhir.profiles.spell import is_spell
from joinedup.fhir.relationships import objections, reach
from joinedup.people.demographics import demographics_of
from joinedup.people.identity.asking import ask, hold, pair_question
from joinedup.people.identity.candidates import known_like, people_by_id
from joinedup.people.identity.described import described_in, without_person
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import Held, Question
from joinedup.people.identity.rules import Candidate, reasons_of, worth_asking
from joinedup.people.importing.persons import Persons
from joinedup.record import Put, Source, commit
from joinedup.web.clock import now

__all__ = ["look_later", "pairs_of", "settle_all", "take_in"]

_MOST_WAITING = 10_000

Resource = dict[str, Any]

_waiting: queue.Queue[tuple[str, str]] = queue.Queue(_MOST_WAITING)
_turn = threading.Lock()


def take_in(permit: Permit, resource: Resource) -> None:
    """File an entry that describes its person where that is unique and verified, or keep it.

    Raises NotPermitted where the permit writes no such entries, Unprocessable for an entry that
    would say who may see its person or stands for several people's work, and what `commit` raises.
    What its sender may not write themselves (`access.guard`), a job does not file for them.
    """
    described = described_in(resource)
    assert described is not None, "an entry that describes its person"
    _refuse_unable(permit, resource)
    _refuse_sight(resource)
    refuse_unguarded(permit, None, {**resource, "id": "new"}, now=now())
    organisation = permit.organisation
    system = system_permit("identity", organisation)
    entry = {**resource, "id": str(uuid4())}
    persons = Persons(system, organisation)
    person = persons.described(entry["resourceType"], entry["id"], described)
    filed = without_person(entry, person, str(described["id"]))
    question = persons.question(person)
    if question:
        held = Held(
            question=question, resource=filed, organisation=organisation, author=permit.worker
        )
        change = hold(held)
    else:
        change = Put(filed, Source(organisation, permit.worker, permit.role.value))
    detail = f"sent by {permit.worker}"
    commit(system, [change], dangling="keep", action="import", detail=detail)


def look_later(permit: Permit, person_id: str) -> None:
    """Look, after the answer, whether somebody stored as new looks like somebody known (ID-03)."""
    # Left out when far too many wait: `joinedup duplicates` finds them.
    with suppress(queue.Full):
        _waiting.put_nowait((permit.organisation, person_id))
        threading.Thread(target=_look_at_next, name="identity", daemon=True).start()


def settle_all() -> None:
    """Wait until everybody who was to be looked at has been."""
    _waiting.join()


def pairs_of(patient: Mapping[str, Any], known: list[Candidate], sent_by: str) -> list[Question]:
    """Return the questions whether somebody is one of those known, who look like them."""
    own, who = str(patient["id"]), demographics_of(patient)
    alike = {c.person_id: c for c in known if c.person_id != own and worth_asking(who, c)}
    return [
        pair_question(
            own,
            c.person_id,
            reasons_of(who, c),
            organisation=sent_by,
            protected=is_protected(patient) or c.protected,
            now=now(),
        )
        for c in alike.values()
    ]


def _refuse_unable(permit: Permit, resource: Resource) -> None:
    if permit.role in (Role.PERSON, Role.PROXY):
        raise NotPermitted("What you send is about yourself, or whom you act for: name them.")
    data_class = class_of(resource, names_somebody=True)
    if data_class is None or not any(mask >> data_class & 1 for mask in permit.changes):
        raise NotPermitted(f"Your role does not write a {resource['resourceType']}.")


def _refuse_sight(resource: Resource) -> None:
    """It is filed as a job of ours, so it may neither give sight of somebody nor take any away."""
    kind = resource["resourceType"]
    says_who_sees = any(reach(resource, 1)) or any(objections(resource, 1))
    goes_home = is_spell(resource) or is_referral(resource) or is_checklist(resource)
    if kind in ("Task", "Consent") or says_who_sees or goes_home:
        raise Unprocessable(
            f"This {kind} says who may see or has to help somebody, so it names a person of the "
            "record by reference. Find the person first."
        )


def _look_at_next() -> None:
    with _turn:
        organisation, person_id = _waiting.get()
        try:
            with suppress(Refusal):  # the record cannot be reached: found by `duplicates` later
                _look_at(organisation, person_id)
        finally:
            _waiting.task_done()


def _look_at(organisation: str, person_id: str) -> None:
    system = system_permit("identity", organisation)
    patient = people_by_id(system, [person_id]).get(person_id)
    if patient is not None and not is_statement(patient):
        ask(system, pairs_of(patient, known_like(system, [demographics_of(patient)]), organisation))
