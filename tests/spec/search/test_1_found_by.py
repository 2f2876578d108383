"""What a resource is found by: the rows each kind of search parameter reads from it.

FHIR R4 3.1.1.4.8 to 3.1.1.4.13. A row names its slot; here slots are shown by parameter name.
"""

from typing import Any

import pytest

from joinedup.fhir.search.extract import HIDDEN_WHEN_RESTRICTED, IndexRows, index_rows
from joinedup.fhir.search.normal import normalise
from joinedup.fhir.search.parameters import parameter

LOINC = "http://loinc.org"
V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def rows_of(resource: dict[str, Any], code: str, kind: str) -> list[tuple[str, ...]]:
    """The rows of one parameter, without their slot."""
    asked = parameter(resource["resourceType"], code)
    assert asked is not None
    slots = asked.text_slots if kind == "texts" else asked.slots
    return [row[1:] for row in getattr(index_rows(resource), kind) if row[0] in slots]


def observation(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o", **content}


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", **content}


def test_a_concept_is_found_by_each_of_its_codings_and_by_its_words() -> None:
    code = {
        "coding": [
            {"system": LOINC, "code": "8867-4", "display": "Heart rate"},
            {"code": "pulse"},
        ],
        "text": "Pulse at rest",
    }
    found = observation(code=code)
    assert rows_of(found, "code", "tokens") == [("8867-4", LOINC), ("pulse", "")]
    assert rows_of(found, "code", "texts") == [("heart rate",), ("pulse at rest",)]


def test_a_code_has_the_system_its_binding_gives_it() -> None:
    """`gender` says only `female`; R4 binds it to one code system, which the row names."""
    gender = "http://hl7.org/fhir/administrative-gender"
    assert rows_of(patient(gender="female"), "gender", "tokens") == [("female", gender)]


def test_a_boolean_is_found_as_true_or_false() -> None:
    assert rows_of(patient(active=False), "active", "tokens") == [("false", "")]


def test_an_identifier_is_found_by_value_and_system() -> None:
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}
    found = rows_of(patient(identifier=[number]), "identifier", "tokens")
    assert found == [("9990000018", "https://fhir.nhs.uk/Id/nhs-number")]


def test_a_telephone_is_found_as_phone_and_as_telecom_but_not_as_email() -> None:
    person = patient(telecom=[{"system": "phone", "value": "01632 960001"}])
    assert rows_of(person, "phone", "tokens") == [("01632 960001", "")]
    assert rows_of(person, "telecom", "tokens") == [("01632 960001", "")]
    assert rows_of(person, "email", "tokens") == []


def test_a_name_is_found_by_each_part_without_case_or_accents() -> None:
    person = patient(name=[{"family": "Núñez", "given": ["Zoë", "May"], "prefix": ["Dr"]}])
    found = rows_of(person, "name", "strings")
    assert found == [("nunez", "Núñez"), ("zoe", "Zoë"), ("may", "May"), ("dr", "Dr")]
    assert rows_of(person, "family", "strings") == [("nunez", "Núñez")]


def test_an_address_is_found_by_each_part() -> None:
    home = {"line": ["3 Rose Lane"], "city": "Exampleton", "postalCode": "ZZ99 3WZ"}
    person = patient(address=[home])
    assert [exact for _, exact in rows_of(person, "address", "strings")] == [
        "3 Rose Lane",
        "Exampleton",
        "ZZ99 3WZ",
    ]
    assert rows_of(person, "address-postalcode", "strings") == [("zz99 3wz", "ZZ99 3WZ")]


def test_a_null_that_holds_the_place_of_an_extension_is_no_name() -> None:
    person = patient(name=[{"given": [None, "May"]}])
    assert rows_of(person, "given", "strings") == [("may", "May")]


@pytest.mark.parametrize(
    ("written", "compared"),
    [("  Ann   Marie ", "ann marie"), ("STRASSE", "strasse"), ("Straße", "strasse")],
)
def test_texts_are_compared_in_one_form(written: str, compared: str) -> None:
    assert normalise(written) == compared


def test_a_day_is_a_day_in_london() -> None:
    """16 July begins at 23:00 of the 15th in UTC, for the clocks are forward."""
    found = rows_of(observation(effectiveDateTime="2024-07-16"), "date", "dates")
    assert found == [("2024-07-15 23:00:00.000000+00", "2024-07-16 23:00:00.000000+00")]


def test_a_period_without_an_end_goes_on_for_ever() -> None:
    found = rows_of(observation(effectivePeriod={"start": "2024-01-16"}), "date", "dates")
    assert found == [("2024-01-16 00:00:00.000000+00", "infinity")]


def test_a_timing_is_found_by_the_outer_limits_of_its_events() -> None:
    timing = {"event": ["2024-01-18T09:00:00Z", "2024-01-16T09:00:00Z"]}
    found = rows_of(observation(effectiveTiming=timing), "date", "dates")
    assert found == [("2024-01-16 09:00:00.000000+00", "2024-01-18 09:00:01.000000+00")]


def test_a_timing_without_events_is_found_by_its_bounds() -> None:
    timing = {"repeat": {"boundsPeriod": {"end": "2024-01-16"}, "frequency": 2}}
    found = rows_of(observation(effectiveTiming=timing), "date", "dates")
    assert found == [("-infinity", "2024-01-17 00:00:00.000000+00")]


def test_a_timing_that_says_only_how_often_has_no_date() -> None:
    found = observation(effectiveTiming={"repeat": {"frequency": 2}})
    assert rows_of(found, "date", "dates") == []


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Patient/1", ["Patient/1"]),
        ("Patient/1/_history/3", ["Patient/1"]),
        ("https://elsewhere.example/fhir/Patient/1", ["https://elsewhere.example/fhir/Patient/1"]),
        ("urn:uuid:0c3151bd", ["urn:uuid:0c3151bd"]),
        ("#contained", []),
    ],
)
def test_a_reference_is_found_by_what_it_names(written: str, found: list[str]) -> None:
    rows = rows_of(observation(subject={"reference": written}), "subject", "references")
    assert [target for (target,) in rows] == found


def test_a_reference_by_identifier_alone_is_not_found() -> None:
    subject = {"identifier": {"value": "9990000018"}}
    assert rows_of(observation(subject=subject), "subject", "references") == []


def test_a_canonical_is_found_with_and_without_its_version() -> None:
    answers = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://a.example/q|2"}
    found = rows_of(answers, "questionnaire", "references")
    assert found == [("http://a.example/q|2",), ("http://a.example/q",)]


def test_an_extension_is_found_by_its_value() -> None:
    gene = {
        "url": "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene",
        "valueCodeableConcept": {"coding": [{"code": "BRCA1"}]},
    }
    assert rows_of(observation(extension=[gene]), "gene-identifier", "tokens") == [("BRCA1", "")]


def test_no_row_is_there_twice() -> None:
    person = patient(name=[{"family": "May", "given": ["May"]}])
    assert rows_of(person, "name", "strings") == [("may", "May")]


@pytest.mark.parametrize("label", ["R", "V"])
def test_a_restricted_person_cannot_be_found_by_where_they_are(label: str) -> None:
    """Nor by telephone, GP or organisation; by name and birth date still (domain.md 1)."""
    open_person = patient(
        name=[{"family": "May"}],
        birthDate="1939-05-01",
        address=[
            {"line": ["3 Rose Lane"], "city": "Exampleton", "state": "Z", "use": "home"},
            {"postalCode": "ZZ99 3WZ", "country": "GB"},
        ],
        telecom=[{"system": "phone", "value": "1"}, {"system": "email", "value": "a@b"}],
        generalPractitioner=[{"reference": "Organization/A"}],
        managingOrganization={"reference": "Organization/B"},
    )
    security = [{"system": V3, "code": label}]
    restricted = open_person | {"meta": {"security": security}}
    for code in HIDDEN_WHEN_RESTRICTED:
        assert everything_found(open_person, code)
        assert not everything_found(restricted, code)
    assert everything_found(restricted, "family")
    assert everything_found(restricted, "birthdate")


def everything_found(resource: dict[str, Any], code: str) -> list[tuple[str, ...]]:
    return [row for kind in IndexRows.__struct_fields__ for row in rows_of(resource, code, kind)]
