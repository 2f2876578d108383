"""Values: how dates, numbers, codes and other primitives are written. FHIR R4 2.24.0.1."""

from decimal import Decimal
from typing import Any

import pytest

from joinedup.fhir.check import check
from joinedup.fhir.check.primitive import PRIMITIVES

GOOD: dict[str, list[Any]] = {
    "base64Binary": ["YWJj", "YQ==", "YW\nJj"],
    "boolean": [True, False],
    "canonical": ["http://example.org/a|1.0", "#local"],
    "code": ["final", "in progress"],
    "date": ["1941", "1941-03", "1941-03-02", "2024-02-29"],
    "dateTime": [
        "1941",
        "1941-03",
        "1941-03-02",
        "2024-01-16T10:00:00Z",
        "2024-01-16T10:00:00.123456+01:00",
        "2016-12-31T23:59:60Z",
        "2024-01-16T10:00:00-14:00",
    ],
    "decimal": [Decimal("36.60"), Decimal("-1E-7"), 0, 7],
    "id": ["a", "A-1.b", "x" * 64],
    "instant": ["2024-01-16T10:00:00Z", "2024-01-16T10:00:00.5+00:00"],
    "integer": [0, -2_147_483_648, 2_147_483_647],
    "markdown": ["*bold*\n\n- a list"],
    "oid": ["urn:oid:2.16.840.1.113883"],
    "positiveInt": [1, 2_147_483_647],
    "string": ["Ní Bhriain", "two\nlines\tand a tab", " "],
    "time": ["23:59:59", "10:00:00.25"],
    "unsignedInt": [0, 2_147_483_647],
    "uri": ["urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", "relative/path", "tel:01632960000"],
    "url": ["https://example.org/a?b=c"],
    "uuid": ["urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"],
    "xhtml": ['<div xmlns="http://www.w3.org/1999/xhtml">Seen at home.&nbsp;<br/></div>'],
}

BAD: dict[str, list[Any]] = {
    "base64Binary": ["", " ", "YQ=", "Y", "****", "YQ==YQ==", 1],
    "boolean": ["true", 0, 1, None, []],
    "canonical": ["", "a b"],
    "code": ["", " final", "final ", "in  progress", "in\nprogress", "\u00a0"],
    "date": [
        "",
        "41",
        "1941-3-2",
        "1941-13",
        "1941-00",
        "2023-02-29",
        "2024-02-30",
        "2024-04-31",
        "16/01/2024",
        "2024-01-16T10:00:00Z",
        "0000",
        "1941-03-02\n",
        1941,
        "１９４１",
    ],
    "dateTime": [
        "2024-01-16T10:00",
        "2024-01-16T10:00:00",
        "2024-01-16 10:00:00Z",
        "2024-01-16T24:00:00Z",
        "2023-02-29T10:00:00Z",
        "2024-01-16T10:00:00+15:00",
        "soon",
    ],
    "decimal": ["1.5", True, None, {}, 1.5],
    "id": ["", "a b", "x" * 65, "a/b", "é", 7],
    "instant": ["2024", "2024-01-16", "2024-01-16T10:00:00"],
    "integer": [Decimal("1.0"), Decimal("1E+2"), 2_147_483_648, -2_147_483_649, "1", True],
    "markdown": ["", 7],
    "oid": ["2.16.840", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1"],
    "positiveInt": [0, -1, Decimal("1.5")],
    "string": ["", "a\0b", "page\x0cbreak", "x" * 1_048_577, 7, None, ["a"], {"a": 1}],
    "time": ["10:00", "24:00:00", "10:00:00Z", 10],
    "unsignedInt": [-1, 2_147_483_648],
    "uri": ["", "a b", "\u2003", 7],
    "url": ["", "https://example.org/a b"],
    "uuid": [
        "53fefa32-fcbb-4ff8-8a92-55ee120877b7",
        "urn:uuid:53FEFA32-fcbb-4ff8-8a92-55ee120877b7",
    ],
    "xhtml": [
        "",
        "plain words",
        "<div>no namespace</div>",
        "<div>",
        7,
        '<p xmlns="http://www.w3.org/1999/xhtml">not a div</p>',
        '<!DOCTYPE a [<!ENTITY b "c">]><div xmlns="http://www.w3.org/1999/xhtml">&b;</div>',
    ],
}


def test_every_primitive_type_is_shown_here() -> None:
    assert set(GOOD) == set(BAD) == set(PRIMITIVES)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_value_in_its_format_is_accepted(kind: str) -> None:
    assert [value for value in GOOD[kind] if PRIMITIVES[kind](value) is not None] == []


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_value_in_another_format_is_refused(kind: str) -> None:
    assert [value for value in BAD[kind] if PRIMITIVES[kind](value) is None] == []


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("date", "16/01/2024", "“16/01/2024” is not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("date", "2023-02-29", "“2023-02-29” is not a day of the calendar"),
        ("boolean", "true", "“true” is not true or false, without quotes"),
        ("decimal", "1.5", "“1.5” is not a number, without quotes"),
        ("string", "", "an empty string is not a string of one character or more, in quotes"),
        ("positiveInt", 0, "the number 0 is not a whole number from 1 to 2,147,483,647,"),
        ("id", "bed 12", "“bed 12” is not an id: 1 to 64 letters, digits, - and ."),
    ],
)
def test_a_message_says_what_was_found_and_what_is_accepted(
    kind: str, value: Any, message: str
) -> None:
    assert (PRIMITIVES[kind](value) or "").startswith(message)


def test_a_long_value_is_not_repeated_whole() -> None:
    assert len(PRIMITIVES["id"]("x" * 1_000_000) or "") < 200


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **content}


def test_a_code_is_one_of_those_required() -> None:
    (problem,) = check(patient(gender="not-a-code"))
    assert (problem.code, problem.path) == ("code-invalid", "Patient.gender")
    assert problem.message == ("“not-a-code” is not accepted; use male, female, other or unknown")


def test_of_many_codes_the_list_is_named_instead() -> None:
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "a"}]}
    bad = {"resourceType": "SearchParameter", "base": ["Patent"]}
    (problem,) = (p for p in check(bad) if p.path == "SearchParameter.base[0]")
    assert "one of the 148 codes of http://hl7.org/fhir/ValueSet/resource-types" in problem.message
    assert check(parameters) == ()


def test_a_concept_bound_to_codes_has_one_of_them() -> None:
    """Another coding may stand beside it, words alone do not do."""
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}
    active = {"system": system, "code": "active"}
    local = {"system": "http://example.org/local", "code": "A"}
    assert check({**condition, "clinicalStatus": {"coding": [local, active]}}) == ()
    for wrong in ({"coding": [local]}, {"text": "active"}, {"coding": [{"code": "active"}]}):
        (problem,) = check({**condition, "clinicalStatus": wrong})
        assert (problem.code, problem.path) == ("code-invalid", "Condition.clinicalStatus")
        assert f"{system}|active" in problem.message


def test_money_is_in_a_currency() -> None:
    invoice = {"resourceType": "Invoice", "status": "issued"}
    assert check({**invoice, "totalNet": {"value": Decimal("62.40"), "currency": "GBP"}}) == ()
    (problem,) = check({**invoice, "totalNet": {"value": 62, "currency": "pounds"}})
    assert problem.path == "Invoice.totalNet.currency"
