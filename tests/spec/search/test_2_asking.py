"""How to ask: a search request, and what it finds.

Each paragraph asks one resource a question written as in a URL. FHIR R4 3.1.1.4.
"""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from joinedup.fhir.search.clause import Chain, Ids, Include, References, Sort, Strings
from joinedup.fhir.search.extract import index_rows
from joinedup.fhir.search.matches import matches
from joinedup.fhir.search.parameters import parameter
from joinedup.fhir.search.query import Query, parse_query

JOAN: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "joan",
    "meta": {"lastUpdated": "2024-01-16T10:00:00.250Z"},
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "name": [{"family": "O'Neill, Smith", "given": ["Joan"]}],
    "gender": "female",
    "birthDate": "1939-05-01",
    "communication": [{"language": {"text": "Sylheti"}}],
    "generalPractitioner": [{"reference": "Organization/A81001"}],
}


def read(type_name: str | None, question: str) -> Query:
    return parse_query(type_name, parse_qsl(question, keep_blank_values=True))


def finds(question: str, resource: dict[str, Any] = JOAN) -> bool:
    rows = index_rows(resource)
    clauses = read(resource["resourceType"], question).clauses
    return all(matches(clause, rows, resource) for clause in clauses)


def slots(type_name: str, code: str) -> tuple[int, ...]:
    found = parameter(type_name, code)
    assert found is not None
    return found.slots


@pytest.mark.parametrize(
    "question",
    [
        "given=joan",
        "given=JO",
        "given:exact=Joan",
        "given:contains=oa",
        r"family=o'neill\, s",
        "name=Zoe,Joan",
    ],
)
def test_a_string_is_found_by_its_beginning_or_as_asked(question: str) -> None:
    assert finds(question)


@pytest.mark.parametrize("question", ["given=oan", "given:exact=joan", "given:contains=x"])
def test_a_string_is_not_found_otherwise(question: str) -> None:
    assert not finds(question)


@pytest.mark.parametrize(
    "question",
    [
        "identifier=9990000018",
        "identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018",
        "identifier=https://fhir.nhs.uk/Id/nhs-number|",
        "gender=male,female",
        "gender:not=male",
        "gender=http://hl7.org/fhir/administrative-gender|female",
    ],
)
def test_a_token_is_found_by_code_by_system_or_by_both(question: str) -> None:
    assert finds(question)


@pytest.mark.parametrize(
    "question",
    [
        "identifier=999000001",
        "identifier=|9990000018",
        "identifier=http://elsewhere.example|9990000018",
        "gender:not=male,female",
        "gender=Female",
    ],
)
def test_a_token_is_found_whole_and_by_its_own_system_only(question: str) -> None:
    assert not finds(question)


def test_not_also_finds_those_who_have_none() -> None:
    assert finds("gender:not=male", {"resourceType": "Patient", "id": "a"})


def test_text_finds_a_concept_by_its_words() -> None:
    assert finds("language:text=sylh")
    assert not finds("language:text=heti")


def test_missing_asks_whether_there_is_any() -> None:
    assert finds("death-date:missing=true&gender:missing=false&given:missing=false")
    assert not finds("gender:missing=true")


def test_a_concept_of_words_alone_is_not_missing() -> None:
    assert finds("language:missing=false")


def test_a_repeated_parameter_asks_for_both_and_a_list_for_either() -> None:
    assert finds("name=joan&name=o'n")
    assert not finds("name=joan&name=zoe")
    assert finds("name=joan,zoe")


def test_a_reference_may_be_asked_by_id_by_type_and_id_or_by_type_modifier() -> None:
    for question in (
        "general-practitioner=A81001",
        "general-practitioner=Organization/A81001",
        "general-practitioner=Organization/A81001/_history/4",
        "general-practitioner:Organization=A81001",
    ):
        assert finds(question), question
    assert not finds("general-practitioner:Practitioner=A81001")


def test_a_bare_id_means_any_type_the_parameter_points_at() -> None:
    (clause,) = read("Patient", "general-practitioner=x").clauses
    expected = ("Organization/x", "Practitioner/x", "PractitionerRole/x")
    assert clause == References(slots("Patient", "general-practitioner"), expected)


def test_every_resource_can_be_asked_its_id_and_when_it_changed() -> None:
    assert finds("_id=joan,other")
    assert not finds("_id=other")
    assert finds("_lastUpdated=2024-01-16")
    assert finds("_lastUpdated=gt2024-01-16T10:00:00.249Z&_lastUpdated=le2024-01-16T10:00:01Z")
    assert not finds("_lastUpdated=eb2024-01-16")


def test_all_types_together_can_be_asked_id_and_change_only() -> None:
    assert read(None, "_id=joan").clauses == (Ids(("joan",)),)


def test_backslashes_keep_commas_and_bars_in_a_value() -> None:
    (clause,) = read("Patient", r"name:exact=a\,b\|c\$d\\,e").clauses
    assert clause == Strings(slots("Patient", "name"), ("a,b|c$d\\", "e"), "exact")


class TestChains:
    """A chain asks what a reference points at. FHIR R4 3.1.1.5.1."""

    def test_the_type_is_named_after_a_colon(self) -> None:
        (clause,) = read("Observation", "subject:Patient.family=may").clauses
        wanted = Strings(slots("Patient", "family"), ("may",), "starts")
        assert clause == Chain(slots("Observation", "subject"), "Patient", (wanted,))

    def test_the_type_may_be_left_out_where_only_one_fits(self) -> None:
        named = read("Observation", "subject:Patient.family=may")
        assert read("Observation", "subject.family=may") == named
        assert read("Observation", "patient.family=may") == named

    def test_the_last_name_takes_modifiers(self) -> None:
        (clause,) = read("Observation", "patient.name:exact=May").clauses
        assert isinstance(clause, Chain)
        assert clause.clauses == (Strings(slots("Patient", "name"), ("May",), "exact"),)

    def test_a_chain_goes_three_references_deep(self) -> None:
        question = "patient.general-practitioner:PractitionerRole.organization.name=rose"
        (clause,) = read("Encounter", question).clauses
        depth = 0
        while isinstance(clause, Chain):
            (clause,) = clause.clauses
            depth += 1
        assert depth == 3


class TestTheAnswer:
    """What shapes the answer. FHIR R4 3.1.1.5."""

    def test_nothing_asked_gives_twenty_in_no_order(self) -> None:
        assert read("Patient", "") == Query("Patient", count=20)

    def test_sort_takes_served_parameters_least_first_or_with_a_dash_greatest_first(self) -> None:
        assert read("Observation", "_sort=-date,_lastUpdated,_id").sort == (
            Sort("date", "date", slots("Observation", "date"), descending=True),
            Sort("_lastUpdated", "updated", ()),
            Sort("_id", "id", ()),
        )

    @pytest.mark.parametrize(("asked", "given"), [("0", 0), ("5", 5), ("99999", 1000)])
    def test_a_page_is_as_long_as_asked_up_to_a_thousand(self, asked: str, given: int) -> None:
        assert read("Patient", f"_count={asked}").count == given

    def test_the_total_is_given_when_asked(self) -> None:
        assert read("Patient", "").total == "none"
        assert read("Patient", "_total=accurate").total == "accurate"

    def test_a_cursor_is_handed_on_unread(self) -> None:
        assert read("Patient", "_cursor=abc%3D").cursor == "abc="

    def test_include_sends_what_is_pointed_at(self) -> None:
        query = read("Observation", "_include=Observation:subject:Patient")
        subject = slots("Observation", "subject")
        assert query.includes == (Include("Observation", "subject", subject, ("Patient",)),)

    def test_revinclude_sends_what_points_here(self) -> None:
        query = read("Patient", "_revinclude=Observation:patient")
        subject = slots("Observation", "subject")
        assert query.revincludes == (Include("Observation", "patient", subject, ("Patient",)),)
