"""Bringing files in, chapter 2. What is refused, and how the refusal reads.

One wrong resource is refused alone, with its place and reason; the rest of the file is stored.
"""

import json
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Invalid
from joinedup.people.importing import import_paths
from joinedup.record import Delete

from .conftest import HOSPITAL, NHS_NUMBER, PERMIT, Importing, joyce, observation

WOMAN = "urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"


def lone(importing: Importing, resource: Any, **changes: Any) -> dict[str, Any]:
    """The one refusal of a bundle of Joyce and a resource; she is stored whatever it is."""
    text = resource if isinstance(resource, str) else json.dumps({**resource, **changes})
    entry = f'{{"fullUrl": "urn:uuid:x", "resource": {text}}}'
    woman = json.dumps({"fullUrl": WOMAN, "resource": joyce()})
    bundle = f'{{"resourceType": "Bundle", "type": "batch", "entry": [{woman}, {entry}]}}'
    report = importing(importing.write("gp.json", bundle))
    assert report.counts["Patient"].stored == 1
    assert report.refused == 1
    (line,) = importing.refusals()
    assert line["entry"] == 2
    return line


def test_a_refusal_names_file_entry_type_place_and_reason(importing: Importing) -> None:
    """A line of NDJSON that a person or a program can act on."""
    line = lone(importing, observation("x", WOMAN), status="not-a-code")
    assert line["file"].endswith("gp.json")
    assert (line["type"], line["fullUrl"], line["path"]) == (
        "Observation",
        "urn:uuid:x",
        "Observation.status",
    )
    assert line["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"resourceType": "Flag", "status": "active", "status": "inactive"}', "twice"),
        ('{"resourceType": "Observation", "valueInteger": 1e999}', "out of range"),
        ('{"resourceType": "Flag", "id": "a\\u0000b"}', "u0000"),
        ('{"resourceType": "Flag", "a": ' + "[" * 70 + "]" * 70 + "}", "deep"),
        ('{"resourceType": "Pony"}', "no FHIR R4 resource type"),
        ('{"resourceType": "Claim", "id": "c"}', "not kept yet"),
        ("7", "holds no resource"),
    ],
)
def test_a_resource_that_cannot_be_read_is_refused_alone(
    importing: Importing, text: str, words: str
) -> None:
    """Keys twice, numbers too large, NUL, too deep, unknown types: never the whole file."""
    entry = f'{{"fullUrl": "urn:uuid:x", "resource": {text}}}'
    woman = json.dumps({"fullUrl": WOMAN, "resource": joyce()})
    bundle = f'{{"resourceType": "Bundle", "type": "batch", "entry": [{woman}, {entry}]}}'
    report = importing(importing.write("gp.json", bundle))
    assert report.counts["Patient"].stored == 1
    (line,) = importing.refusals()
    assert words in line["message"]


def test_the_4999th_entry_is_refused_and_the_others_stored(importing: Importing) -> None:
    """Here 499 of 500, which is the same code and ten times quicker."""
    weights = [observation(f"w{n}", WOMAN) for n in range(1, 500)]
    weights[497]["status"] = "not-a-code"
    report = importing(importing.bundle("gp.json", joyce(), *weights))
    assert (report.counts["Observation"].stored, report.refused) == (498, 1)
    assert importing.refusals()[0]["entry"] == 499


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"gender": "not-a-code"}, "Patient.gender"),
        ({"birthDate": "1933-13-45"}, "Patient.birthDate"),
    ],
)
def test_what_belongs_to_a_refused_person_is_refused_with_them(
    importing: Importing, change: dict[str, Any], path: str
) -> None:
    """An allergy of nobody helps nobody; each line says why."""
    path_file = importing.bundle("gp.json", joyce(**change), observation("w", WOMAN))
    report = importing(path_file)
    assert (report.counts["Patient"].refused, report.counts["Observation"].refused) == (1, 1)
    person, weight = importing.refusals()
    assert person["path"] == path
    assert "its person was refused" in weight["message"]
    assert importing.everything("Observation") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"birthDate": "1983-05-11"}, "birth dates differ"),
        ({"name": [{"family": "Marsh", "given": ["Joyce"]}]}, "family names differ"),
    ],
)
def test_two_people_with_one_number_are_not_mixed(
    importing: Importing, change: dict[str, Any], reason: str
) -> None:
    """ID-02, status 05: nothing of the second is attached to the first; it waits for people."""
    importing(importing.bundle("gp.json", joyce()))
    other = importing.bundle("ward.json", joyce("9", **change), observation("w", "urn:uuid:9"))
    report = importing(other, organisation=HOSPITAL)
    assert (report.counts["Patient"].kept, report.counts["Observation"].kept) == (1, 1)
    (question,) = importing.questions()
    assert reason in question.sentences[0]
    assert (question.reason, question.verification) == ("conflict", "05")
    assert len(importing.everything("Patient")) == 1
    assert importing.everything("Observation") == []


def test_a_number_with_a_wrong_check_digit_links_nobody(importing: Importing) -> None:
    """It is kept as it was sent, and is nobody's number: whether the two are one, people say."""
    wrong = [{"system": NHS_NUMBER, "value": "9990012009"}]
    importing(importing.bundle("gp.json", joyce("1", identifier=wrong)))
    importing(importing.bundle("ward.json", joyce("2", identifier=wrong)), organisation=HOSPITAL)
    (question,) = importing.questions()
    assert (question.reason, question.verification) == ("unsure", "03")
    assert len(importing.everything("Patient")) == 1


def test_a_resource_about_nobody_is_refused(importing: Importing) -> None:
    """Nobody could ever be permitted to see it."""
    weight = observation("w", WOMAN)
    del weight["subject"]
    assert "must name the person" in lone(importing, weight)["message"]


def test_narrative_that_could_run_is_cleaned_or_refused(importing: Importing) -> None:
    """A script in a text for people reaches no page."""
    div = '<div xmlns="http://www.w3.org/1999/xhtml">ok<script>alert(1)</script></div>'
    text = {"status": "generated", "div": div}
    importing(importing.bundle("gp.json", joyce(), observation("w", WOMAN, text=text)))
    assert all("script" not in stored.body for stored in importing.everything("Observation"))


def test_deletions_are_not_followed(importing: Importing) -> None:
    """An old bundle must not remove what somebody wrote since."""
    entry = {"fullUrl": WOMAN, "request": {"method": "DELETE", "url": "Patient/1"}}
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [entry]}
    importing(importing.write("h.json", bundle))
    assert "deletion is not followed" in importing.refusals()[0]["message"]


def test_what_was_deleted_here_is_not_brought_back(importing: Importing) -> None:
    """A line each, saying what to do; the rest of the file goes on, and a repeat says the same."""
    weights = [observation(f"w{n}", WOMAN) for n in range(6)]
    importing(importing.bundle("gp.json", joyce(), *weights[:4]))
    stored = importing.everything("Observation")
    wrong = sorted(s.id for s in stored)[:2]
    record.commit(PERMIT, [Delete("Observation", identity) for identity in wrong])

    for expected, unchanged in ((2, 2), (0, 4)):
        report = importing(importing.bundle("gp.json", joyce(), *weights))
        counts = report.counts["Observation"]
        assert (counts.stored, counts.unchanged, counts.refused) == (expected, unchanged, 2)
        lines = importing.refusals()
        assert {line["code"] for line in lines} == {"deleted"}
        assert all("Leave it out" in line["message"] for line in lines)
        assert sorted(line["message"].split()[0] for line in lines) == [
            f"Observation/{identity}" for identity in wrong
        ]
    assert len(importing.everything("Observation")) == 4


def test_of_a_history_the_newest_version_is_kept(importing: Importing) -> None:
    """A history bundle begins with the newest; older ones are refused by line."""
    new, old = observation("w", WOMAN, status="amended"), observation("w", WOMAN)
    report = importing(importing.bundle("h.json", joyce(), new, old, kind="history"))
    assert report.counts["Observation"].refused == 1
    assert importing.everything("Observation")[0].resource["status"] == "amended"


def test_an_organisation_that_is_no_code_is_refused_at_once(importing: Importing) -> None:
    """Nothing is read."""
    with pytest.raises(Invalid, match="ODS code"):
        import_paths(
            [],
            organisation="the ward",
            permit=system_permit("x"),
            refusals_file=importing.refusals_file,
        )
