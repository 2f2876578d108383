"""The board on random wards: the rows in PostgreSQL, the twin in memory and the pure rules agree.

Stays, ways home, labels, objections and moves between beds that nobody wrote, seen by every role
that reads a board: the same lines, the same number told as not shown; what the flat rows say is
what the rules say of the whole Task; and `verify` finds nothing to put right.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.discharge.rules.board import board as pure_board
from joinedup.discharge.rules.board import in_order, line_of_row
from joinedup.discharge.rules.states import LEFT
from joinedup.fhir.board_row import way_said
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.bed import Bed, Ward, build_bed, build_ward
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.spell import BedStay, Spell
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES
from joinedup.fhir.search.extract import CONFIDENTIALITY
from joinedup.record import Delete, Put
from joinedup.record.board import Board, Lying
from joinedup.record.board import board as real_board
from joinedup.record.cluster import Urls
from joinedup.record.memory import Memory
from joinedup.record.verify import verify
from tests.properties.test_ways_home import ACTS

HOSPITALS, WARDS, BEDS = ("RZ901", "RZ902"), 2, 4
PLACE = system_permit("import")
ROLES = (
    Role.WARD_NURSE, Role.CONSULTANT, Role.GP, Role.DISCHARGE_COORDINATOR, Role.SOCIAL_WORKER,
    Role.BROKER, Role.RECEPTIONIST, Role.COMMISSIONER,
)  # fmt: skip
LABELS = (
    (CONFIDENTIALITY, "R"), (CONFIDENTIALITY, "V"), (LABEL_CODES, "third-party"),
    (LABEL_CODES, "adoption"), (LABEL_CODES, "serious-harm"),
)  # fmt: skip
NOW = datetime(2025, 11, 20, 9, tzinfo=UTC)


def labelled(chance: Random, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource under a label, now and then."""
    if chance.random() < 0.75:
        return resource
    system, code = chance.choice(LABELS)
    return {**resource, "meta": {"security": [{"system": system, "code": code}]}}


def way_home(chance: Random, stay: Spell) -> Readiness:
    """Somebody on a random part of the way home."""
    assert stay.admitted
    stands = Readiness(
        person=stay.person, spell=stay.id, hospital=stay.hospital, admitted=stay.admitted
    )
    at = stay.admitted
    for act in chance.choices(ACTS, k=chance.randint(0, 14)):
        at += timedelta(hours=chance.randint(1, 30))
        try:
            stands = act(stands, at, chance.randint(0, 29))
        except Unprocessable:
            continue
    return stands


def places() -> list[dict[str, Any]]:
    """Two hospitals of two wards of four beds."""
    made: list[dict[str, Any]] = []
    for hospital in HOSPITALS:
        made.append({"resourceType": "Organization", "id": hospital})
        for number in range(WARDS):
            ward = f"{hospital.lower()}-w{number}"
            made.append(build_ward(Ward(id=ward, name=f"Ward {number}", hospital=hospital)))
            made += [
                build_bed(Bed(id=f"{ward}-{n}", ward=ward, name=f"Bed {n}", hospital=hospital))
                for n in range(BEDS)
            ]
    return made


def inpatient(chance: Random, number: int, free: list[str]) -> list[dict[str, Any]]:
    """Somebody in one of the free beds, or in none, with or without a way home."""
    who, hospital = f"p{number}", chance.choice(HOSPITALS)
    beds = [b for b in free if b.startswith(hospital.lower())]
    bed = chance.choice(beds) if beds and chance.random() < 0.9 else ""
    if bed:
        free.remove(bed)
    admitted = NOW - timedelta(hours=chance.randint(1, 600))
    left = NOW - timedelta(minutes=5) if chance.random() < 0.1 else None
    stay = Spell(
        id=f"stay-{number}",
        person=f"Patient/{who}",
        hospital=hospital,
        admitted=admitted,
        beds=(BedStay(bed=bed, since=admitted),) if bed else (),
    )
    encounter = spell.build(stay)
    if left:
        encounter = spell.with_end(encounter, left, method="1", destination="19")
    patient = {
        "resourceType": "Patient",
        "id": who,
        "name": [{"family": f"Family{number}", "given": ["Ida"]}],
        "birthDate": "1940-03-02",
        "generalPractitioner": [{"reference": "Organization/Y90001"}],
    }
    made = [labelled(chance, patient), labelled(chance, encounter)]
    if chance.random() < 0.8:
        made.append(labelled(chance, readiness.build(way_home(chance, stay))))
    if chance.random() < 0.2:
        made.append(_objection(chance, who))
    return made


def _objection(chance: Random, who: str) -> dict[str, Any]:
    provision: dict[str, Any] = {"type": "deny"}
    if chance.random() < 0.5:
        party = chance.choice((*HOSPITALS, "904"))
        provision["actor"] = [{"reference": {"reference": f"Organization/{party}"}}]
    if chance.random() < 0.5:
        provision["class"] = [{"system": FUNCTION_CODES, "code": chance.choice(("plan", "visits"))}]
    return {
        "resourceType": "Consent",
        "id": f"objection-{who}",
        "status": "active",
        "patient": {"reference": f"Patient/{who}"},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": "objection"}]}],
        "provision": provision,
    }


def permits() -> list[Permit]:
    """Every role that has to do with beds, at a hospital, the practice and the council."""
    return [
        worker_permit(f"Practitioner/{role.value}", "Z", role, organisation)
        for role in ROLES
        for organisation in (*HOSPITALS, "Y90001", "904")
    ]


def told(found: Board) -> tuple[list[Lying], int]:
    """What two boards have to share."""
    return sorted(found.lines, key=lambda line: line.stay.spell), found.withheld


@pytest.mark.parametrize("seed", range(3))
def test_rows_twin_and_rules_agree(seed: int, record_database: Urls) -> None:
    """DI-02; house law 7: for every role, hospital and ward."""
    assert record_database.application
    chance, memory = Random(seed), Memory()
    known = [{"resourceType": "Organization", "id": name} for name in ("Y90001", "904")]
    free = [f"{h.lower()}-w{w}-{b}" for h in HOSPITALS for w in range(WARDS) for b in range(BEDS)]
    changes: list[Any] = [Put(r) for r in (*known, *places())]
    for number in range(14):
        changes += [Put(r) for r in inpatient(chance, number, free)]
    again = [c for c in changes if c.resource["resourceType"] in ("Encounter", "Task", "Patient")]
    changed = [Put(labelled(chance, {**c.resource, "meta": {}})) for c in chance.sample(again, 9)]
    tasks = [c.resource["id"] for c in again if c.resource["resourceType"] == "Task"]
    gone = [Delete("Task", name) for name in chance.sample(tasks, 2)]
    for step in (changes, changed, gone):
        for kept in (record, memory):
            kept.commit(PLACE, step, dangling="keep")
    assert list(verify()) == []
    for permit in (PLACE, *permits()):
        for hospital, ward in (("", ""), ("RZ901", ""), ("RZ901", "rz901-w1"), ("", "rz902-w0")):
            real = real_board(permit, hospital=hospital, ward=ward)
            plain = memory.board(permit, hospital=hospital, ward=ward)
            assert told(real) == told(plain), f"{permit.role} {permit.organisation} {ward}"
    _as_the_rules_say(real_board(PLACE))


def _as_the_rules_say(found: Board) -> None:
    tasks = {
        line.stay.spell: readiness.read(
            record.read(PLACE, "Task", readiness.readiness_id(line.stay.spell)).resource
        )
        for line in found.lines
        if line.way is not None
    }
    beds = {line.stay.spell: line.stay.bed for line in found.lines}
    expected = [replace(line, person="") for line in pure_board(tasks.values(), beds, NOW)]
    lines = [
        line_of_row(line.stay.spell, line.stay.bed, line.way, NOW)
        for line in found.lines
        if line.way is not None and line.way.state not in LEFT
    ]
    assert sorted(lines, key=in_order) == expected
    assert expected
    assert all(way_said(stay).state for stay in tasks.values())
