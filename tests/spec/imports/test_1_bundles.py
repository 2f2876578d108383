"""Bringing files in, chapter 1. FHIR bundles and lines, and what things are called afterwards."""

import json

import pytest

from joinedup.record import history, read

from .conftest import HOSPITAL, PERMIT, PRACTICE, Importing, joyce, observation

WOMAN = "urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"
WEIGHT = "22222222-aaaa-4aaa-8aaa-000000000001"


@pytest.mark.parametrize(
    "kind", ["transaction", "batch", "collection", "document", "searchset", "history"]
)
def test_bundles_of_every_kind_are_read(importing: Importing, kind: str) -> None:
    """What a bundle was made for does not matter to an import; what it states does."""
    path = importing.bundle("gp.json", joyce(), observation(WEIGHT, WOMAN), kind=kind)
    report = importing(path)
    assert (report.stored, report.refused) == (3, 0)  # and the practice itself
    assert report.counts["Observation"].stored == 1


def test_references_lead_to_the_new_names(importing: Importing) -> None:
    """`urn:uuid:`, `Type/id` and the bundle's own addresses all mean the entry they name."""
    path = importing.bundle(
        "gp.json",
        joyce(),
        observation(WEIGHT, WOMAN),
        observation("other", "Patient/11111111-aaaa-4aaa-8aaa-000000000001"),
    )
    importing(path)
    (woman,) = importing.everything("Patient")
    weights = importing.everything("Observation", patient=woman.reference)
    assert len(weights) == 2


def test_numbers_keep_their_last_zero(importing: Importing) -> None:
    """62.10 kg was weighed to ten grams; 62.1 was not."""
    text = json.dumps(observation(WEIGHT, "Patient/1")).replace("61.5", "62.10")
    importing(importing.write("weights.ndjson", text + "\n"))
    assert '"value":62.10' in importing.everything("Observation")[0].body


def test_a_repeat_stores_nothing(importing: Importing) -> None:
    """Ids come from the source and what it calls a thing, so the same file finds its own."""
    path = importing.bundle("gp.json", joyce(), observation(WEIGHT, WOMAN))
    importing(path)
    again = importing(path)
    assert (again.stored, again.unchanged) == (0, 2)
    (woman,) = importing.everything("Patient")
    assert len(history(PERMIT, "Patient", woman.id).entries) == 1


def test_a_changed_resource_becomes_a_new_version(importing: Importing) -> None:
    """And only that one."""
    importing(importing.bundle("gp.json", joyce(), observation(WEIGHT, WOMAN)))
    changed = observation(WEIGHT, WOMAN, status="amended")
    report = importing(importing.bundle("gp.json", joyce(), changed))
    assert (report.stored, report.unchanged) == (1, 1)
    assert importing.everything("Observation")[0].version == 2


def test_a_bundle_and_lines_that_say_the_same_are_one(importing: Importing) -> None:
    """`fullUrl` and id agree, so `Patient/...` in a line is the same Patient."""
    importing(importing.bundle("gp.json", joyce(), observation(WEIGHT, WOMAN)))
    lines = [joyce(), observation(WEIGHT, "Patient/11111111-aaaa-4aaa-8aaa-000000000001")]
    report = importing(importing.write("all.ndjson", "\n".join(map(json.dumps, lines))))
    assert (report.stored, report.unchanged) == (0, 2)


def test_lines_may_name_people_who_come_later(importing: Importing) -> None:
    """Files of lines are sorted by type, so the Patient comes after the AllergyIntolerance."""
    importing.write("out/Observation.ndjson", json.dumps(observation(WEIGHT, "Patient/7")) + "\n")
    importing.write("out/Patient.ndjson", json.dumps(joyce("7")) + "\n")
    report = importing(importing.folder / "out")
    assert (report.refused, report.dangling) == (0, ())
    (woman,) = importing.everything("Patient")
    assert importing.everything("Observation", patient=woman.reference)


def test_resources_may_come_before_their_person_by_a_day(importing: Importing) -> None:
    """A later import of the Patient completes the earlier one."""
    weight = importing.write("o.ndjson", json.dumps(observation(WEIGHT, "Patient/7")) + "\n")
    first = importing(weight)
    assert first.dangling_count == 1
    importing(importing.write("p.ndjson", json.dumps(joyce("7")) + "\n"))
    assert importing(weight).dangling == ()


def test_references_to_nothing_are_kept_and_listed(importing: Importing) -> None:
    """An import cannot wait for what was never sent (domain: late data is normal)."""
    visit = observation(WEIGHT, WOMAN, encounter={"reference": "Encounter/never-sent"})
    report = importing(importing.bundle("gp.json", joyce(), visit))
    assert report.counts["Observation"].stored == 1
    (dangling,) = report.dangling
    assert dangling.startswith("Encounter/")


def test_the_source_is_kept_beside_each_resource(importing: Importing) -> None:
    """Organisation, author and the time it was true."""
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Rao"}]}
    weight = observation(WEIGHT, WOMAN, performer=[{"reference": "urn:uuid:d1"}])
    importing(importing.bundle("gp.json", joyce(), doctor, weight))
    stored = importing.everything("Observation")[0]
    practitioner = importing.everything("Practitioner")[0]
    assert (stored.source, stored.author) == (PRACTICE, practitioner.reference)
    assert stored.happened is not None and stored.happened.date().isoformat() == "2017-12-01"


def test_an_organisation_is_called_by_its_code(importing: Importing) -> None:
    """So that two places that name Gloucestershire Hospitals mean one resource."""
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    trust = {
        "resourceType": "Organization",
        "id": "their-own-id",
        "identifier": [{"system": ods, "value": "RTE"}],
        "name": "Gloucestershire Hospitals",
    }
    visit = observation(WEIGHT, WOMAN, performer=[{"reference": "Organization/their-own-id"}])
    report = importing(importing.bundle("gp.json", trust, joyce(), visit))
    assert report.dangling == ()
    assert read(PERMIT, "Organization", "RTE").resource["name"] == "Gloucestershire Hospitals"


def test_conditional_references_become_logical_ones(importing: Importing) -> None:
    """`Practitioner?identifier=...` is an instruction; the identifier it holds is kept."""
    by = {"reference": "Practitioner?identifier=http://example.org/gmc|7654321"}
    importing(importing.bundle("gp.json", joyce(), observation(WEIGHT, WOMAN, performer=[by])))
    performer = importing.everything("Observation")[0].resource["performer"][0]
    assert performer == {"identifier": {"system": "http://example.org/gmc", "value": "7654321"}}


def test_two_organisations_never_share_an_id_by_accident(importing: Importing) -> None:
    """Both have a `Patient/1`; two people with nothing in common stay two."""
    one = joyce("1", identifier=[])
    one.pop("identifier")
    other = one | {"birthDate": "1951-02-03"}
    importing(importing.bundle("gp.json", one), organisation=PRACTICE)
    importing(importing.bundle("ward.json", other), organisation=HOSPITAL)
    assert len(importing.everything("Patient")) == 2
