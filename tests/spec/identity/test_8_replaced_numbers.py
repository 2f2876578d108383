"""Identity, chapter 8. A number that another has replaced (domain.md 1.2, 6 and 1.7, example 5)."""

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.involve import master_of
from joinedup.people.find import FindForm, find
from joinedup.people.presenters.found import present_found
from joinedup.people.presenters.identity import nhs_number_of
from tests.spec.identity.people import (
    HOSPITAL,
    JEAN,
    JOAN,
    NOW,
    PLACE,
    PRACTICE,
    everything,
    questions,
    send,
    stored,
    twin,
    weight,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["importing"]

OLD, NEW = JEAN, "9990012059"
GP = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, PRACTICE)


def replaced(importing: Importing) -> str:
    """Her practice sends her under one number, and later under another. Returns her id."""
    send(importing, twin("P1", "Jean", OLD), organisation=PRACTICE)
    send(importing, twin("P1", "Jean", NEW), organisation=PRACTICE)
    (only,) = everything("Patient")
    return only.id


def test_the_old_number_is_kept_with_its_end(importing: Importing) -> None:
    """Nothing of her history is lost, and the record shows which number is in use."""
    person = record.read(PLACE, "Patient", replaced(importing)).resource
    old = next(i for i in person["identifier"] if i["value"] == OLD)
    assert old["use"] == "old" and old["period"]["end"]
    assert nhs_number_of(person)[0] == NEW


def test_who_looks_for_the_old_number_finds_the_new_with_a_banner(importing: Importing) -> None:
    """No second record remains; a bookmark of her page is the same page."""
    person = replaced(importing)
    found = find(GP, FindForm(nhs_number=OLD))
    (one,) = present_found(found, NOW).people
    assert (one.id, one.replaced) == (person, True)
    assert one.reasons[0].startswith("This NHS number was replaced. It is now 999 001 2059")
    assert not present_found(find(GP, FindForm(nhs_number=NEW)), NOW).people[0].replaced


def test_what_still_comes_under_the_old_number_is_hers(importing: Importing) -> None:
    """A hospital that has not heard: attached where name and birth date agree, as ever."""
    person = replaced(importing)
    send(importing, twin("H1", "Jean", OLD), weight("w", "urn:uuid:H1"), organisation=HOSPITAL)
    assert {master_of(s.resource) for s in everything("Patient")} == {person}
    (entry,) = everything("Observation")
    assert entry.resource["subject"]["reference"] == f"Patient/{person}"


def test_sending_it_again_changes_nothing(importing: Importing) -> None:
    """The old number stays, with the day it was first left out."""
    person = replaced(importing)
    before = record.read(PLACE, "Patient", person).version
    send(importing, twin("P1", "Jean", NEW), organisation=PRACTICE)
    assert record.read(PLACE, "Patient", person).version == before


def test_a_new_number_that_is_somebody_elses_is_for_people(importing: Importing) -> None:
    """It is checked not to sit on another person; her own stays hers until people have said."""
    stored(twin("joan", "Joan", JOAN))
    send(importing, twin("P1", "Jean", OLD), organisation=PRACTICE)
    send(importing, twin("P1", "Jean", JOAN), organisation=PRACTICE)
    (question,) = questions()
    assert question.is_pair and "joan" in question.people
    (jean,) = [s.resource for s in everything("Patient") if s.id != "joan"]
    numbers = {i["value"]: i for i in jean["identifier"]}
    assert "extension" in numbers[JOAN] and "use" not in numbers[OLD]
    assert find(GP, FindForm(nhs_number=JOAN)).people[0].person_id == "joan"
