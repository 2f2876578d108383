"""Structure: which elements a resource may have, how many of each, and what must be there.

Every problem is found, not only the first, and each says where: FHIRPath, as in
`Patient.name[0].given[1]`. FHIR R4 2.6.2 and 2.24.
"""

from typing import Any

import pytest

from joinedup.fhir.check import check
from joinedup.fhir.check.walk import MOST_PROBLEMS
from joinedup.fhir.types import TYPES


def found(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """Each problem as its path and its message."""
    return [(each.path, each.message) for each in check(resource)]


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **content}


def observation(**content: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        **content,
    }


def test_a_good_resource_has_no_problems() -> None:
    name = {"use": "official", "family": "Okafor", "given": ["Ngozi", "Ada"]}
    assert check(patient(name=[name], gender="female", birthDate="1941-03-02")) == ()


@pytest.mark.parametrize("name", TYPES)
def test_all_146_resource_types_are_known(name: str) -> None:
    """An unheard-of element is found in each; whatever else is found, is missing."""
    problems = check({"resourceType": name, "shoeSize": 42})
    assert problems[0].message.startswith(f"“shoeSize” is not an element of {name}")
    assert {each.code for each in problems[1:]} <= {"required"}


def test_every_problem_is_found_and_says_where() -> None:
    problems = found(
        observation(
            status="done",
            subject={"reference": "Medication/1"},
            component=[{"valueQuantity": {"value": "36.6"}}],
        )
    )
    assert [path for path, _ in problems] == [
        "Observation.status",
        "Observation.subject.reference",
        "Observation.component[0].valueQuantity.value",
        "Observation.component[0].code",
    ]


def test_an_unknown_element_is_named_with_the_one_perhaps_meant() -> None:
    assert found(patient(birthdate="1941-03-02")) == [
        ("Patient", "“birthdate” is not an element of Patient; did you mean birthDate?")
    ]


def test_a_required_element_must_be_there() -> None:
    assert found({"resourceType": "Observation", "status": "final"}) == [
        ("Observation.code", "is missing; Observation must have it")
    ]


def test_a_list_is_needed_where_there_may_be_several() -> None:
    assert found(patient(name={"family": "Okafor"})) == [
        ("Patient.name", "is an object; a list is needed, in [ ]")
    ]


def test_a_list_is_refused_where_there_may_be_one() -> None:
    assert found(patient(gender=["female"])) == [
        ("Patient.gender", "is a list; one value is needed, not in [ ]")
    ]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"name": []}, "Patient.name"),
        ({"name": [{}]}, "Patient.name[0]"),
        ({"name": [{"id": "n1"}]}, "Patient.name[0]"),
        ({"name": [{"family": ""}]}, "Patient.name[0].family"),
        ({"gender": None}, "Patient.gender"),
        ({"name": [None]}, "Patient.name[0]"),
    ],
)
def test_nothing_may_be_empty(content: dict[str, Any], path: str) -> None:
    """What is not known is left out: no empty list, object, string or null (ele-1)."""
    ((where, _),) = found(patient(**content))
    assert where == path


def test_of_a_choice_of_types_one_is_given() -> None:
    assert found(observation(valueString="high", valueInteger=9)) == [
        ("Observation.value", "is given as valueInteger and valueString; only one is accepted")
    ]


def test_a_choice_takes_only_its_own_types() -> None:
    ((path, message),) = found(observation(valueAddress={"city": "Truro"}))
    assert path == "Observation"
    assert message.startswith("“valueAddress” is not an element of Observation")


def test_beside_a_primitive_there_may_be_what_is_said_about_it() -> None:
    """`_birthDate` holds extensions of `birthDate`: here, the time of birth."""
    time = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime"}
    time["valueDateTime"] = "1941-03-02T14:35:00Z"
    assert check(patient(birthDate="1941-03-02", _birthDate={"extension": [time]})) == ()
    assert [path for path, _ in found(patient(_birthDate={"time": "14:35"}))] == [
        "Patient._birthDate"
    ]


def test_a_reason_beside_it_may_stand_for_a_required_value() -> None:
    reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}
    reason["valueCode"] = "unknown"
    unknown = {"extension": [reason]}
    assert check({**observation(), "status": None} | {"_status": unknown}) != ()
    without = observation()
    del without["status"]
    assert check({**without, "_status": unknown}) == ()


def test_lists_side_by_side_are_filled_with_null() -> None:
    about = {"extension": [{"url": "http://example.org/nickname", "valueBoolean": True}]}
    assert check(patient(name=[{"given": ["Ngozi", None], "_given": [None, about]}])) == ()
    assert found(patient(name=[{"given": ["Ngozi", None], "_given": [about, None]}])) == [
        ("Patient.name[0].given[1]", "null is not a string of one character or more, in quotes"),
        ("Patient.name[0]._given[1]", "is null; an object is needed, in { }"),
    ]
    assert found(patient(name=[{"given": ["Ngozi"], "_given": [None, about]}])) == [
        ("Patient.name[0]._given", "has 2 entries and given has 1; null fills gaps")
    ]


def test_an_extension_says_what_it_is_and_one_thing() -> None:
    """It has a URL, and a value or further extensions, never both (ext-1)."""
    url = "http://example.org/bed"
    inner = [{"url": "ward", "valueString": "7"}]
    assert check(patient(extension=[{"url": url, "valueString": "12"}])) == ()
    assert check(patient(extension=[{"url": url, "extension": inner}])) == ()
    assert found(patient(extension=[{"valueString": "12"}])) == [
        ("Patient.extension[0].url", "is missing; Extension must have it")
    ]
    assert found(patient(extension=[{"url": url}])) == [
        ("Patient.extension[0]", "has neither: a value or extensions, not both (ext-1)")
    ]
    assert found(patient(extension=[{"url": url, "valueString": "12", "extension": inner}])) == [
        ("Patient.extension[0]", "has both: a value or extensions, not both (ext-1)")
    ]


def test_what_is_not_a_resource_is_said_to_be_none() -> None:
    assert found({}) == [("resourceType", "is missing; it names the type, such as Patient")]
    assert found({"resourceType": "Person "})[0][0] == "resourceType"
    assert found({"resourceType": "DomainResource"})[0][0] == "resourceType"


def test_the_resources_in_a_bundle_are_checked_too() -> None:
    entries = [{"resource": patient()}, {"resource": patient(gender="f")}, {"resource": {"a": 1}}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert [path for path, _ in found(bundle)] == [
        "Bundle.entry[1].resource.gender",
        "Bundle.entry[2].resource.resourceType",
    ]


def test_a_value_and_a_reason_for_none_contradict_each_other() -> None:
    absent = {"text": "not measured"}
    assert found(observation(valueInteger=72, dataAbsentReason=absent)) == [
        ("Observation.dataAbsentReason", "says that there is no value, but there is one (obs-6)")
    ]
    twice = observation(valueInteger=72, component=[{"code": observation()["code"]}])
    assert [path for path, _ in found(twice)] == ["Observation.component[0].code"]


def test_a_million_problems_are_counted_and_not_listed() -> None:
    problems = check(patient(**{f"x{number}": 1 for number in range(20_000)}))
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].message == f"{20_000 - MOST_PROBLEMS:,} more problems are not listed"
