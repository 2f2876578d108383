"""References and contained resources: what an element may point at. FHIR R4 2.3 and 2.6.2."""

from typing import Any

import pytest

from joinedup.fhir.check import check


def observation_of(reference: dict[str, Any], **content: Any) -> dict[str, Any]:
    """An observation of somebody: `subject` takes Patient, Group, Device or Location."""
    code = {"text": "Pulse"}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "subject": reference,
        **content,
    }


def found(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.path, each.message) for each in check(resource)]


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/1"},
        {"reference": "Patient/1/_history/2"},
        {"reference": "Group/ward-7", "type": "Group"},
        {"reference": "https://example.org/fhir/Patient/1"},
        {"reference": "https://example.org/people/1"},
        {"reference": "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"},
        {"reference": "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018"},
        {"identifier": {"value": "9990000018"}, "type": "Patient"},
        {"display": "A neighbour"},
    ],
)
def test_a_reference_to_a_type_the_element_takes_is_accepted(reference: dict[str, Any]) -> None:
    assert check(observation_of(reference)) == ()


@pytest.mark.parametrize(
    ("reference", "element"),
    [
        ({"reference": "Medication/1"}, "reference"),
        ({"reference": "Medication/1/_history/2"}, "reference"),
        ({"reference": "https://example.org/fhir/Medication/1"}, "reference"),
        ({"reference": "Medication?code=1"}, "reference"),
        ({"display": "Aspirin", "type": "Medication"}, "type"),
    ],
)
def test_a_reference_to_another_type_is_refused(reference: dict[str, Any], element: str) -> None:
    assert found(observation_of(reference)) == [
        (
            f"Observation.subject.{element}",
            "points at a Medication; accepted here: Device, Group, Location, Patient",
        )
    ]


@pytest.mark.parametrize("literal", ["1", "patient/1", "Patient/", "Patient/a b", "Patient/1/2"])
def test_what_is_no_reference_is_refused(literal: str) -> None:
    ((path, message),) = found(observation_of({"reference": literal}))
    assert path == "Observation.subject.reference"
    assert "is not a reference: Type/id, #id of a contained resource, a URL or a URN" in message


def test_a_type_r4_does_not_have_is_refused() -> None:
    assert found(observation_of({"reference": "Patent/1"})) == [
        ("Observation.subject.reference", "“Patent” is not a resource type of R4")
    ]


def test_an_element_that_takes_any_type_takes_any_type() -> None:
    focus = [{"reference": "Medication/1"}, {"reference": "Task/2"}]
    assert check(observation_of({"reference": "Patient/1"}, focus=focus)) == ()


def contained(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", **content}


def test_a_contained_resource_is_referred_to_by_its_id() -> None:
    assert check(observation_of({"reference": "#p"}, contained=[contained()])) == ()


def test_a_reference_to_nothing_contained_is_refused() -> None:
    assert found(observation_of({"reference": "#p"})) == [
        (
            "Observation.subject.reference",
            "“#p” names no contained resource of this resource (ref-1)",
        )
    ]


def test_a_contained_resource_of_the_wrong_type_is_refused() -> None:
    medication = {"resourceType": "Medication", "id": "m"}
    assert found(observation_of({"reference": "#m"}, contained=[medication])) == [
        (
            "Observation.subject.reference",
            "points at a Medication; accepted here: Device, Group, Location, Patient",
        )
    ]


def test_a_contained_resource_is_checked_like_any_other() -> None:
    resource = observation_of({"reference": "#p"}, contained=[contained(gender="f")])
    assert [path for path, _ in found(resource)] == ["Observation.contained[0].gender"]


@pytest.mark.parametrize(
    ("content", "path", "rule"),
    [
        ({"contained": [{"resourceType": "Patient", "id": "q"}]}, "contained", "dom-2"),
        ({"meta": {"versionId": "1"}}, "meta.versionId", "dom-4"),
        ({"meta": {"security": [{"code": "R"}]}}, "meta.security", "dom-5"),
    ],
)
def test_a_contained_resource_has_no_life_of_its_own(
    content: dict[str, Any], path: str, rule: str
) -> None:
    resource = observation_of({"reference": "#p"}, contained=[contained(**content)])
    ((where, message),) = found(resource)
    assert where == f"Observation.contained[0].{path}"
    assert rule in message


def test_a_contained_resource_needs_an_id_and_a_use() -> None:
    """Unused, it would be lost to every reader; it may also refer to what contains it."""
    unused = observation_of({"reference": "Patient/1"}, contained=[contained()])
    assert [message.partition(";")[0] for _, message in found(unused)] == [
        "nothing in the resource refers to #p, nor it to the resource (dom-3)"
    ]
    nameless = observation_of({"reference": "Patient/1"}, contained=[{"resourceType": "Patient"}])
    assert found(nameless) == [
        (
            "Observation.contained[0].id",
            "is missing; a contained resource is referred to by it",
        )
    ]
    provenance = {"resourceType": "Provenance", "id": "v", "recorded": "2024-01-16T10:00:00Z"}
    provenance |= {"target": [{"reference": "#"}], "agent": [{"who": {"display": "A nurse"}}]}
    assert check(observation_of({"reference": "Patient/1"}, contained=[provenance])) == ()


def test_what_one_entry_of_a_bundle_contains_is_unknown_to_the_others() -> None:
    holder = observation_of({"reference": "#p"}, contained=[contained()])
    other = observation_of({"reference": "#p"})
    entries = [{"resource": holder}, {"resource": other}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert [path for path, _ in found(bundle)] == ["Bundle.entry[1].resource.subject.reference"]
