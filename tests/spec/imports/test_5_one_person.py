"""Bringing files in, chapter 5. One person from a GP, a hospital and a council (acceptance 3).

Whoever sends a person first keeps the master; what each says stays its own statement, so that a
disagreement can be shown side by side; everything else names the master.
"""

import itertools
from pathlib import Path
from typing import Any

import pytest

from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.involve import is_statement, master_of
from joinedup.fhir.issue import NotFound
from joinedup.people.demographics import demographics_of
from joinedup.record import everything

from .conftest import COUNCIL, HOSPITAL, PERMIT, PRACTICE, Importing, joyce
from .test_4_council_returns import ASSESSMENT, REQUEST, SERVICE, sent

NO_KNOWN_ALLERGY = "409137002"


def allergy(identity: str, patient: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "id": identity,
        "patient": {"reference": patient},
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        },
        "code": {"text": text},
    }


def files(importing: Importing) -> dict[str, Path]:
    """What three organisations hold about one woman; two of them disagree about an allergy."""
    gp = joyce("gp-1", address=[{"use": "home", "postalCode": "MQ1 4AB"}])
    ward = joyce("H0042", address=[{"use": "home", "postalCode": "MQ1 4AB"}])
    stay = {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": "urn:uuid:H0042"},
        "serviceProvider": {"reference": f"Organization/{HOSPITAL}"},
    }
    gp_says = allergy("a", "urn:uuid:gp-1", "Penicillin")
    ward_says = allergy("a", "urn:uuid:H0042", "No known drug allergies")
    return {
        PRACTICE: importing.bundle("gp.json", gp, gp_says),
        HOSPITAL: importing.bundle("ward.json", ward, ward_says, stay, kind="collection"),
        COUNCIL: sent(importing, REQUEST, ASSESSMENT, SERVICE),
    }


@pytest.mark.parametrize("order", list(itertools.permutations((PRACTICE, HOSPITAL, COUNCIL))))
def test_in_whatever_order_they_come_it_is_one_record(
    importing: Importing, order: tuple[str, ...]
) -> None:
    """One master, two statements that refer to it, and everything else about the master."""
    paths = files(importing)
    for organisation in order:
        report = importing(paths[organisation], organisation=organisation)
        assert report.refusals == 0
    patients = [stored.resource for stored in importing.everything("Patient")]
    (master,) = {master_of(patient) for patient in patients}
    assert sum(not is_statement(patient) for patient in patients) == 1
    record = everything(PERMIT, master).entries
    assert {stored.source for stored in record} == {PRACTICE, HOSPITAL, COUNCIL}
    assert len(record) == len(patients) + 2 + 1 + 3


def test_the_disagreement_is_there_to_be_shown(importing: Importing) -> None:
    """Neither statement wins: both are current, each with its source."""
    for organisation, path in files(importing).items():
        importing(path, organisation=organisation)
    said = {
        s.source: s.resource["code"]["text"] for s in importing.everything("AllergyIntolerance")
    }
    assert said == {PRACTICE: "Penicillin", HOSPITAL: "No known drug allergies"}


def test_repeating_all_three_stores_nothing(importing: Importing) -> None:
    """Statements find themselves again, and still refer to the same master."""
    paths = files(importing)
    for organisation, path in paths.items():
        importing(path, organisation=organisation)
    for organisation, path in paths.items():
        assert importing(path, organisation=organisation).stored == 0


def test_a_council_row_of_another_person_with_her_number_waits(importing: Importing) -> None:
    """Her events are not put on the wrong record; they wait with her for people (ID-02)."""
    importing(files(importing)[PRACTICE], organisation=PRACTICE)
    wrong = {"Date of Birth": "11/05/1983"}
    report = importing(sent(importing, REQUEST | wrong, SERVICE | wrong), organisation=COUNCIL)
    assert report.counts["Patient"].kept == 1
    assert report.counts["ServiceRequest"].kept == report.counts["EpisodeOfCare"].kept == 1
    assert report.refused == 0
    assert importing.everything("EpisodeOfCare") == []


def test_a_statement_about_a_restricted_person_is_restricted_too(importing: Importing) -> None:
    """Otherwise her new address could be found through the hospital's words."""
    security = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    hidden = joyce("gp-1", meta={"security": [{"system": security, "code": "R"}]})
    importing(importing.bundle("gp.json", hidden))
    ward = joyce("H0042", address=[{"postalCode": "MQ9 9ZZ"}])
    importing(importing.bundle("ward.json", ward), organisation=HOSPITAL)
    assert importing.everything("Patient", **{"address-postalcode": "MQ9 9ZZ"}) == []


def test_a_person_kept_without_a_number_is_not_merged_silently(importing: Importing) -> None:
    """The hospital learns her number later: two records, and people say whether they are one.

    Until then the number stands on the hospital's as in conflict (05), and joins nothing.
    """
    unknown = joyce("H0042")
    del unknown["identifier"]
    importing(importing.bundle("ward.json", unknown), organisation=HOSPITAL)
    importing(importing.bundle("gp.json", joyce("gp-1")))
    report = importing(importing.bundle("ward.json", joyce("H0042")), organisation=HOSPITAL)
    assert report.counts["Patient"].stored == 1
    (question,) = importing.questions()
    assert question.is_pair and len(question.people) == 2
    shown = [demographics_of(s.resource) for s in importing.everything("Patient")]
    assert sorted(who.status for who in shown) == ["", "05"]


def test_a_practice_sees_whom_its_file_brings_and_a_hospital_whom_it_looks_after(
    importing: Importing,
) -> None:
    """Domain 1.2: on the practice's list, in the hospital's bed; having sent a file is nothing."""
    paths = files(importing)
    for organisation in (HOSPITAL, PRACTICE):
        importing(paths[organisation], organisation=organisation)
    (master,) = {master_of(stored.resource) for stored in importing.everything("Patient")}
    gp = worker_permit("Practitioner/gp", "Dr Ash", Role.GP, PRACTICE)
    nurse = worker_permit("Practitioner/nurse", "Nurse Bell", Role.WARD_NURSE, HOSPITAL)
    stranger = worker_permit("Practitioner/other", "Dr Oak", Role.GP, "Y90009")
    assert everything(gp, master).entries
    assert everything(nurse, master).entries
    with pytest.raises(NotFound):
        everything(stranger, master)
