"""What the three organisations have written: the same every time, good FHIR, and in good time."""

import json
from collections import Counter, defaultdict
from datetime import datetime
from hashlib import sha256

import pytest

from joinedup.demo.bundles import bundles, council_rows, event_resources, sheaves
from joinedup.demo.cast import NOW, ORGANISATIONS, SEED
from joinedup.demo.people import make_people
from joinedup.demo.writing import Resource
from joinedup.fhir.check import check
from joinedup.fhir.profiles.columns import COLUMNS
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.wire import read_resource, write_resource

PEOPLE = 300


@pytest.fixture(scope="module")
def everything() -> list[Resource]:
    """Every resource of the place: what the organisations wrote, and the council's events."""
    written = [r for sheaf in sheaves(SEED, PEOPLE) for r in sheaf.resources]
    events = [r for p in make_people(SEED, PEOPLE) for r in event_resources(p, SEED)]
    return written + events


def _digest(seed: int, people: int) -> str:
    whole = sha256()
    for organisation, bundle in bundles(seed, people):
        whole.update(f"{organisation} {write_resource(bundle)}".encode())
    for row in council_rows(seed, people):
        whole.update(json.dumps(row).encode())
    return whole.hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Bundles and rows are a function of the seed and the number of people alone."""
    assert _digest(SEED, 60) == _digest(SEED, 60)
    assert _digest(SEED, 60) != _digest(SEED + 1, 60)


def test_every_resource_is_good_fhir(everything: list[Resource]) -> None:
    """Each is read as it would be from a file and checked; a spoilt one is seen."""
    problems = {
        f"{r['resourceType']}/{r['id']}": found
        for r in everything
        if (found := check(read_resource(write_resource(r))))
    }
    assert problems == {}
    assert check(read_resource(write_resource(everything[-1] | {"status": "spoilt"})))


def test_there_is_a_life_for_everybody(everything: list[Resource]) -> None:
    """Twelve to fifteen thousand resources, no two with one id, of every kind a page shows."""
    assert 12_000 <= len(everything) <= 15_000
    names = Counter((r["resourceType"], r["id"]) for r in everything)
    assert [name for name, count in names.items() if count > 1] == []
    kinds = {kind for kind, _ in names}
    shown = (
        "Patient AllergyIntolerance Flag CareTeam RelatedPerson Encounter Appointment Condition "
        "MedicationStatement MedicationRequest Observation DiagnosticReport Immunization Procedure "
        "CarePlan Goal QuestionnaireResponse DocumentReference ServiceRequest Task EpisodeOfCare "
        "Organization Practitioner PractitionerRole Location"
    ).split()
    assert set(shown) <= kinds


def test_nothing_is_written_after_the_hour_at_which_the_place_stands(
    everything: list[Resource],
) -> None:
    """When an entry was written down is never later than Tuesday, ten o'clock."""
    late = [
        (r["resourceType"], r["id"])
        for r in everything
        if datetime.fromisoformat(r["meta"]["lastUpdated"]) > NOW
    ]
    assert late == []


def test_nothing_is_written_about_the_dead_but_their_death() -> None:
    """Nobody is booked, visited or seen after they died (rule ID-06)."""
    late = []
    for sheaf in sheaves(SEED, PEOPLE):
        if sheaf.person is None or sheaf.person.died is None:
            continue
        for resource in sheaf.resources:
            written = datetime.fromisoformat(resource["meta"]["lastUpdated"]).date()
            if written > sheaf.person.died or resource["resourceType"] == "Appointment":
                late.append((resource["resourceType"], resource["id"]))
    assert late == []


def test_every_reference_finds_what_it_names(everything: list[Resource]) -> None:
    """Nothing in the place points at nothing."""
    held = {f"{r['resourceType']}/{r['id']}" for r in everything}
    named = defaultdict(list)
    for resource in everything:
        for reference in _references(resource):
            named[reference].append(resource["id"])
    assert {reference: by for reference, by in named.items() if reference not in held} == {}


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [r for part in value.values() for r in _references(part)]
    return [r for part in value for r in _references(part)] if isinstance(value, list) else []


def test_every_row_of_the_council_has_every_column_and_a_place_in_time() -> None:
    """Client Level Data: fifty columns, a known event type, and no end before a start."""
    rows = list(council_rows(SEED, PEOPLE))
    assert len(rows) > 150
    headers = [column.header for column in COLUMNS]
    assert all(list(row) == headers for row in rows)
    kinds = Counter(row["Event Type"] for row in rows)
    assert set(kinds) == {"Request", "Assessment", "Service", "Review"}
    for row in rows:
        start, end = read_day(row["Event Start Date"]), read_day(row["Event End Date"])
        assert start is not None and start <= NOW.date()
        assert end is None or start <= end <= NOW.date()


def test_one_person_lies_in_a_bed_and_has_one_bed() -> None:
    """Ward 7 this morning: everybody in progress has a bed of their own, and bed 12 is Joyce's."""
    beds = {}
    for sheaf in sheaves(SEED, PEOPLE):
        for stay in sheaf.resources:
            if stay["resourceType"] == "Encounter" and stay["status"] == "in-progress":
                assert sheaf.person is not None
                bed = stay["location"][-1]["location"]["reference"]
                assert bed not in beds, f"two people in {bed}"
                beds[bed] = sheaf.person.id
    assert beds["Location/rz901-ward-7-bed-12"] == "joyce-hallam"
    assert 12 <= len(beds) <= 24


def test_every_organisation_named_is_in_the_place() -> None:
    """Six organisations, each with the bundle that tells who works there."""
    told = [organisation for organisation, bundle in bundles(SEED, 3) if _is_place(bundle)]
    assert told == [organisation.code for organisation in ORGANISATIONS]


def _is_place(bundle: Resource) -> bool:
    return bool(bundle["entry"][0]["resource"]["resourceType"] == "Organization")
