"""Whose a message is: the hospital's own Patient, matched by the house's identity machinery.

A person who is known by the hospital's number is who they were matched to; somebody new is judged
by `people.identity`, and where that may not say, the message waits with the question it asks.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.check import check
from joinedup.fhir.involve import master_of
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.period import bounds
from joinedup.hl7.event import Event
from joinedup.hl7.stay import SAID, said_last
from joinedup.hl7.times import instant_of
from joinedup.hl7.unfit import Kind, Unfit
from joinedup.people.identity.asking import ask, hold, pair_question
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import Held
from joinedup.people.importing.naming import record_id
from joinedup.people.importing.persons import Persons
from joinedup.record import Change, Create, Source, Update
from joinedup.record.joined import joined_now
from joinedup.web.clock import now

__all__ = ["Whose", "died_before", "person_id", "subject_of", "whose"]

Resource = dict[str, Any]
Found = Mapping[int, Resource]

_ADDED_HERE = ("id", "meta", "link", "extension")
"""Parts of a Patient that say nothing of what the hospital said."""


class Whose(Struct, frozen=True, kw_only=True):
    """Who it is by id, what is to be stored of them, and the question they wait for, or ""."""

    organisation: str
    person: str
    changes: tuple[Change, ...] = ()
    question: str = ""


def person_id(organisation: str, local: str) -> str:
    """Return the id here of the Patient that a hospital knows by this number."""
    return record_id(organisation, f"Patient/{local}")


def whose(permit: Permit, organisation: str, event: Event, found: Found) -> Whose:
    """Return whose a message is, with the change that keeps what it says of them.

    What was said before what stands changes nothing. Unfit for a person who cannot be. Where two
    numbers become one (A40), the record is never joined: people are asked (ID-03, ID-04).
    """
    own = person_id(organisation, event.local)
    stands = found.get(resource_key("Patient", own))
    who = _who(permit, organisation, event, own, stands)
    if event.merged and not who.question:
        _ask_of_merged(permit, organisation, event, found, who.person)
    return who


def subject_of(permit: Permit, who: Whose, stands: Resource | None) -> str:
    """Return whom a stay names: as it stands where that is the same person, by another id too.

    Two records that were joined are one person, and what is stored keeps the name it was given.
    """
    subject = f"Patient/{who.person}"
    named = str((stands or {}).get("subject", {}).get("reference", ""))
    if not named.startswith("Patient/") or named == subject:
        return subject
    return named if _are_one(permit, who.person, named.removeprefix("Patient/")) else subject


def _are_one(permit: Permit, one: str, other: str) -> bool:
    """Whether two ids are of one person: the same, or joined by people."""
    if one == other:
        return True
    kept = {joined.person_id: joined.kept_id for joined in joined_now(permit, [one, other])}
    return kept.get(one, one) == kept.get(other, other)


def died_before(found: Found, event: Event) -> bool:
    """Return whether the hospital says of somebody that they had died before they came."""
    stated = [event.patient, *(r for r in found.values() if r["resourceType"] == "Patient")]
    came = event.starts or event.happened
    days = (str(patient.get("deceasedDateTime", "")) for patient in stated)
    return any(bounds(day)[1] <= came.isoformat(" ") for day in days if day)


def _who(
    permit: Permit, organisation: str, event: Event, own: str, stands: Resource | None
) -> Whose:
    said = instant_of(event.said)
    if stands is not None:
        master = master_of(stands)
        known = Whose(organisation=organisation, person=master)
        if _says_the_same(stands, event) or said <= said_last(stands) or _is_joined(stands):
            return known
    patient = _stated(event, own, said)
    name = f"Patient/{event.local}"
    settled = Persons(permit, organisation).settle([(name, patient)])[name]
    source = Source(organisation, recorded=said)
    settled.attach(patient)
    if settled.question:
        held = Held(question=settled.question, resource=patient, organisation=organisation)
        held_change = hold(held)
        return Whose(
            organisation=organisation,
            person=settled.master,
            changes=(held_change,),
            question=settled.question,
        )
    if stands is None:
        changes: tuple[Change, ...] = (Create(patient, own, source),)
    elif _plain(patient) == _plain(stands):  # it differs only by what was kept here beside it
        changes = ()
    else:
        changes = (Update(patient, int(stands["meta"]["versionId"]), source),)
    return Whose(organisation=organisation, person=settled.master, changes=changes)


def _plain(patient: Resource) -> Resource:
    kept = {name: value for name, value in patient.items() if name not in ("meta", "extension")}
    return {**kept, "labels": patient.get("meta", {}).get("security", [])}


def _stated(event: Event, own: str, said: str) -> Resource:
    patient = {**event.patient, "id": own}
    marked = {"url": SAID, "extension": [{"url": "details", "valueInstant": said}]}
    patient["extension"] = [marked]
    problems = [p for p in check(patient) if p.severity in ("error", "fatal")]
    if problems:
        words = f"The person's details cannot be kept: {problems[0].message}"
        raise Unfit(Kind.DATA_TYPE, words, "PID")
    return patient


def _says_the_same(stands: Resource, event: Event) -> bool:
    """Whether the Patient says already what the message says; labels and links are ours."""
    kept = {name: value for name, value in stands.items() if name not in _ADDED_HERE}
    said = {name: value for name, value in event.patient.items() if name not in _ADDED_HERE}
    return kept == said


def _is_joined(stands: Resource) -> bool:
    """Whether people joined this record to another: a message undoes nothing of that."""
    return any(link.get("type") == "replaced-by" for link in stands.get("link", ()))


def _ask_of_merged(
    permit: Permit, organisation: str, event: Event, found: Found, person: str
) -> None:
    """A40: ask whether two people of the record are one, where the hospital says that they are."""
    other = found.get(resource_key("Patient", person_id(organisation, event.merged)))
    if other is None or _are_one(permit, master_of(other), person):
        return
    sentence = "The hospital's system says that two of its numbers are one person's (A40)."
    question = pair_question(
        person,
        master_of(other),
        (sentence,),
        organisation=organisation,
        protected=is_protected(other) or is_protected(event.patient),
        now=now(),
    )
    ask(permit, [question])
