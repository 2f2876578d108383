"""The place in the record: every organisation's statement under the one person it is about."""

from datetime import timedelta
from pathlib import Path

import pytest

from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import DAUGHTER, NOW, SEED, WOMAN
from joinedup.demo.files import EXAMPLE, FILES, write_files
from joinedup.demo.people import make_people
from joinedup.demo.place import build, is_built
from joinedup.fhir.issue import Conflict, NotFound
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.search.query import parse_query
from joinedup.people.importing import import_paths
from joinedup.people.presenters.conflicts import present_conflicts
from joinedup.people.queries import gather
from joinedup.record import database
from joinedup.record.cluster import Urls
from joinedup.record.search import search
from joinedup.signin.accounts import account, permit_for

PEOPLE = 40
SYSTEM = system_permit("test")


def test_the_place_is_built_once(record_database: Urls) -> None:
    """Building tells how far it is, says what it did, and refuses to build into itself."""
    told: list[tuple[int, int]] = []
    assert not is_built()
    report = build(PEOPLE, SEED, lambda _, done, whole: told.append((done, whole)))
    assert is_built()
    assert report.people == PEOPLE and report.resources > 1_800
    assert told[0][0] == 0 and told[-1] == (report.resources, report.resources)
    with pytest.raises(Conflict):
        build(PEOPLE)


def test_one_record_from_three_organisations(record_database: Urls) -> None:
    """Joyce's page holds what each said; one disagreement, nobody else any; each in good time."""
    build(PEOPLE)
    differing = {
        person.id: [conflict.about for conflict in found]
        for person in make_people(SEED, PEOPLE)
        if (found := present_conflicts(gather(SYSTEM, person.id), NOW))
    }
    assert differing == {WOMAN.id: ["Allergies"]}
    life = gather(SYSTEM, WOMAN.id)
    assert {s.organisation for s in life.statements} == {"Y90001", "RZ901", "E99901"}
    assert len(life.statements) > 200 and len(life.others) == 2
    arrived = [s.received.at for s in life.statements if s.received]
    assert max(arrived) <= NOW
    assert any(at < NOW - timedelta(days=7) for at in arrived)


def test_workers_see_whom_their_organisation_cares_for(record_database: Urls) -> None:
    """The ward sees Joyce and not her daughter, who waits for the council's assessment of a carer.

    The council is on duty for Joyce's street.
    """
    build(3)
    database.configure(record_database.application, moment=NOW)
    nurse = worker_permit("Practitioner/grace-adeyemi", "Grace Adeyemi", Role.WARD_NURSE, "RZ901")
    social = permit_for(account("social-worker"))
    for permit in (nurse, social):
        assert gather(permit, WOMAN.id).statements
    with pytest.raises(NotFound):
        gather(nurse, DAUGHTER.id)
    assert gather(social, DAUGHTER.id).statements


def test_the_examples_import_as_one_person(record_database: Urls, tmp_path: Path) -> None:
    """Three files, three organisations, one person; nothing refused, nothing left dangling."""
    build(3)
    for path, organisation in zip(
        write_files(tmp_path), ("Y90001", "RZ901", "E99901"), strict=True
    ):
        report = import_paths(
            [path],
            organisation=organisation,
            permit=SYSTEM,
            refusals_file=tmp_path / "refusals",
        )
        assert (report.refusals, report.dangling_count) == (0, 0), path.name
    query = parse_query("Patient", (("identifier", f"{NHS_NUMBER_SYSTEM}|{EXAMPLE.nhs_number}"),))
    held = [stored.resource for stored in search(SYSTEM, query).entries]
    (master,) = [patient["id"] for patient in held if "link" not in patient]
    assert len(held) == len(FILES) == 3
    life = gather(SYSTEM, master)
    assert {s.organisation for s in life.statements} == {"Y90001", "RZ901", "E99901"}
    assert "Allergies" in [conflict.about for conflict in present_conflicts(life, NOW)]
