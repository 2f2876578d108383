"""What a search refuses, and how it says so: 400, naming the parameter; nothing is ignored."""

from urllib.parse import parse_qsl

import pytest

from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.parameters import all_parameters_of, parameters_of
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED


def refusal(type_name: str | None, question: str) -> str:
    with pytest.raises(Invalid) as refused:
        parse_query(type_name, parse_qsl(question, keep_blank_values=True))
    return refused.value.problems[0].message


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("familly=may", "Patient has no search parameter 'familly'; did you mean family"),
        ("subject=Patient/1", "Patient has no search parameter 'subject'"),
        ("name", "an empty value"),
        ("name=may,,june", "an empty value"),
        ("name=%20", "an empty value"),
        ("name:exactly=May", "name has no modifier :exactly"),
        ("name:=May", "a colon without a modifier"),
        ("birthdate=May", "'May' is not a date"),
        ("birthdate=before1939", "is not a date"),
        ("gender=a|b|c", "is not code, system|code"),
        ("gender=|", "is not code, system|code"),
        ("gender:missing=perhaps", "'perhaps' is neither true nor false"),
        ("_id=a/b", "'a/b' is not a FHIR id"),
        ("_id:not=a", "_id takes no modifier"),
        ("organization=Patient/1", "it points at Organization, never at Patient"),
        ("organization=http://a.example/Patient/1", "never at Patient"),
        ("organization:Patient=1", "organization never points at Patient"),
        ("organization=Nothing/1", "'Nothing' is no FHIR R4 resource type"),
        ("name=%00", "characters that no text can hold"),
    ],
)
def test_what_cannot_be_understood_is_named(question: str, says: str) -> None:
    assert says in refusal("Patient", question)


@pytest.mark.parametrize(
    "question",
    [
        "_has:Observation:patient:code=1",
        "_text=may",
        "_content=may",
        "_filter=name eq may",
        "_list=1",
        "_query=a",
        "_type=Patient",
        "_summary=true",
        "_elements=name",
        "_profile=http://a.example",
        "phonetic=may",
        "age=84",
        "gender:in=http://a.example/vs",
        "general-practitioner:identifier=1",
        "_include:iterate=Patient:organization",
        "_include=*",
        "_revinclude=*",
    ],
)
def test_what_fhir_has_and_this_server_does_not_is_said_to_be_so(question: str) -> None:
    message = refusal("Patient", question)
    assert "not served yet" in message
    assert question.partition("=")[0] in message


@pytest.mark.parametrize("code", ["value-quantity", "code-value-quantity"])
def test_kinds_not_served_yet_are_refused_by_name(code: str) -> None:
    assert f"Search parameter {code}" in refusal("Observation", f"{code}=5")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (
            "subject.name=may",
            "subject may point at Location, Patient; name one: subject:Location.name",
        ),
        ("subject.familly=may", "nothing subject points at can be searched by 'familly'"),
        ("subject:Immunization.status=x", "subject never points at Immunization here"),
        ("code.name=may", "code points at no resource"),
        ("patient:missing=true", "subject:missing can be asked"),
        ("patient.link:Patient.link:Patient.link:Patient.name=x", "more than 3 references"),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(question: str, says: str) -> None:
    assert says in refusal("Observation", question)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("_count=-1", "'-1' is not a number"),
        ("_count=ten", "'ten' is not a number"),
        ("_count=1&_count=2", "given twice"),
        ("_count:x=1", "takes no modifier"),
        ("_cursor=", "an empty value"),
        ("_total=roughly", "'roughly' is not none"),
        ("_sort=height", "no search parameter 'height'"),
        ("_sort=-", "is not a search parameter such as"),
        ("_sort=date,-date", "the same key twice"),
        ("_sort=value-quantity", "not served yet"),
        ("_include=subject", "is not Type:parameter"),
        ("_include=Patient:organization", "the search is for Observation"),
        ("_include=Observation:code", "code points at no resource"),
        ("_include=Observation:subject:Organization", "subject never points at Organization"),
        ("_revinclude=Encounter:subject", "never points at Observation"),
        ("_revinclude=Nothing:subject", "'Nothing' is no resource type"),
    ],
)
def test_an_answer_cannot_be_shaped_in_ways_not_understood(question: str, says: str) -> None:
    assert says in refusal("Observation", question)


def test_a_search_has_limits() -> None:
    assert "at most 8000" in refusal("Patient", "name=" + "x" * 8000)
    assert "at most 100" in refusal("Patient", "name=" + ",".join("x" * 101))
    assert "more than 5" in refusal("Patient", "_sort=" + ",".join("abcdef"))
    assert "more than 3" in refusal("Patient", "&".join(["_include=Patient:organization"] * 4))


def test_a_search_over_all_types_asks_for_a_type_first() -> None:
    assert "name a type" in refusal(None, "name=may")
    assert "name a type" in refusal(None, "_sort=name")
    assert "no FHIR R4 resource type" in refusal("Pateint", "name=may")


@pytest.mark.parametrize("type_name", SERVED)
def test_every_parameter_is_either_served_or_refused_by_name(type_name: str) -> None:
    """What the CapabilityStatement lists is what works: the rest is refused."""
    served = {each.code for each in parameters_of(type_name)}
    values = {"token": "a", "string": "a", "date": "2024", "reference": "http://a.example"}
    for each in all_parameters_of(type_name):
        if each.code in served:
            query = parse_query(type_name, [(each.code, values[each.kind])])
            assert len(query.clauses) == 1
        else:
            assert f"Search parameter {each.code}" in refusal(type_name, f"{each.code}=1")
