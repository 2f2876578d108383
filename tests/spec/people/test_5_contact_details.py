"""People, chapter 5. Changing contact details: one's own organisation's words, nobody else's."""

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.people.actions import change_contact, own_statement
from joinedup.people.contact_rules import Contact, contact_of, contact_problems, with_contact
from joinedup.record import Create, Delete

GP = worker_permit("Practitioner/gp", "Dr Rao", Role.GP, "Y90001")
NURSE = worker_permit("Practitioner/nurse", "Grace", Role.WARD_NURSE, "RZ901")
PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Hallam", "given": ["Joyce"]}],
    "birthDate": "1933-05-11",
    "generalPractitioner": [{"reference": "Organization/RZ901"}],
    "telecom": [
        {"system": "phone", "value": "01632 960514", "use": "home"},
        {"system": "email", "value": "joyce@example.org"},
    ],
    "address": [{"use": "home", "line": ["14 Orchard Row"], "postalCode": "MQ1 4AB"}],
}
NEW = Contact(telephone="01632 960999", line="15 Orchard Row", town="Marlbrook", postcode="mq1 4ab")


@pytest.fixture
def joyce(record_database: object) -> str:
    """A person whom the surgery and the hospital both care for, stated by the surgery."""
    for code in ("Y90001", "RZ901"):
        organisation = {"resourceType": "Organization", "name": code}
        record.commit(GP, [Create(organisation, id=code)])
    return record.commit(GP, [Create(PATIENT)]).stored[0].id


def test_what_is_changed_is_the_current_address_and_first_telephone() -> None:
    """Everything else of the Patient stays to the letter, other ways to reach them included."""
    changed = with_contact(PATIENT, NEW)
    assert contact_of(changed) == Contact("01632 960999", "15 Orchard Row", "Marlbrook", "MQ1 4AB")
    assert changed["telecom"][1]["value"] == "joyce@example.org"
    assert changed["name"] == PATIENT["name"] and changed["birthDate"] == PATIENT["birthDate"]


def test_an_emptied_field_is_taken_away() -> None:
    """To clear a telephone is to say that there is none; no empty element is stored."""
    changed = with_contact(PATIENT, Contact())
    assert "address" not in changed
    assert [t["system"] for t in changed["telecom"]] == ["email"]


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        (Contact(telephone="ring the neighbour"), "telephone"),
        (Contact(telephone="12"), "telephone"),
        (Contact(postcode="MQ1"), "postcode"),
        (Contact(line="x" * 101), "line"),
        (Contact(town="x" * 101), "town"),
    ],
)
def test_each_problem_is_told_beside_its_field(contact: Contact, field: str) -> None:
    """In plain words, saying what to do; what was typed is kept by the page."""
    assert [p.path for p in contact_problems(contact)] == [field]


def test_a_worker_changes_what_their_own_organisation_says(joyce: str) -> None:
    """The surgery's Patient is the surgery's; the hospital's first words become its own."""
    change_contact(GP, joyce, NEW, own_statement(GP, joyce).version)
    assert record.read(GP, "Patient", joyce).version == 2
    assert own_statement(NURSE, joyce).version == 0

    made = change_contact(NURSE, joyce, Contact(telephone="07700 900123"), 0)
    assert made.id != joyce and made.source == "RZ901"
    assert made.resource["link"][0]["other"]["reference"] == f"Patient/{joyce}"
    assert record.read(GP, "Patient", joyce).version == 2, "the surgery's words stay as they were"
    assert {s.id for s in record.everything(GP, joyce, types=("Patient",)).entries} == {
        joyce,
        made.id,
    }


def test_of_two_editors_one_wins_and_the_other_is_told(joyce: str) -> None:
    """The version each saw decides (house law 4); nothing of the loser's is half stored."""
    seen = own_statement(GP, joyce).version
    change_contact(GP, joyce, NEW, seen)
    with pytest.raises(Stale):
        change_contact(GP, joyce, Contact(telephone="01632 960777"), seen)
    assert contact_of(record.read(GP, "Patient", joyce).resource).telephone == "01632 960999"


def test_nothing_wrong_is_stored(joyce: str) -> None:
    """A refusal names every field at once."""
    with pytest.raises(Invalid) as refused:
        change_contact(GP, joyce, Contact(telephone="no", postcode="no"), 1)
    assert {p.path for p in refused.value.problems} == {"telephone", "postcode"}
    assert record.read(GP, "Patient", joyce).version == 1


def test_whoever_may_not_see_may_not_change(joyce: str) -> None:
    """Somebody else's worker finds nobody; a restricted record is not changed here (1.2)."""
    stranger = worker_permit("Practitioner/x", "X", Role.SOCIAL_WORKER, "E99901")
    with pytest.raises(NotFound):
        change_contact(stranger, joyce, NEW, 1)
    label = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "code": "R",
    }
    hidden = record.commit(GP, [Create({**PATIENT, "meta": {"security": [label]}})]).stored[0]
    with pytest.raises(NotPermitted):
        change_contact(GP, hidden.id, NEW, 1)
    record.commit(GP, [Delete("Patient", joyce)])
    with pytest.raises(NotFound):
        change_contact(GP, joyce, NEW, 2)
