"""Reading and writing: what comes in is kept as it was written, or refused with its place.

FHIR R4 2.24.0.1 and 2.6.2; trust.md 2, row 24.
"""

from decimal import Decimal

import pytest

from joinedup.fhir.issue import Invalid, TooLarge
from joinedup.fhir.wire import DEEPEST, MOST_DIGITS, read_resource, write_resource


def refusal_of(data: bytes | str) -> tuple[str, str]:
    """The path and the message of the one problem a text is refused for."""
    with pytest.raises(Invalid) as refused:
        read_resource(data)
    (problem,) = refused.value.problems
    return problem.path, problem.message


def test_a_decimal_keeps_its_value_and_its_trailing_zeros() -> None:
    """1.50 says more than 1.5: how precisely it was measured."""
    dose = read_resource('{"resourceType": "Basic", "value": 1.50}')
    assert dose["value"] == Decimal("1.50")
    assert write_resource(dose) == '{"resourceType":"Basic","value":1.50}'


@pytest.mark.parametrize("number", ["0", "-7", "120", "0.10", "-0.0", "1E+5", "100.00", "1E-7"])
def test_a_number_is_written_as_it_was_read(number: str) -> None:
    text = f'{{"value":{number}}}'
    assert write_resource(read_resource(text)) == text


def test_letters_of_every_script_are_kept() -> None:
    text = '{"family":"Ní Bhriain","given":["Zoë","張","🙂"]}'
    assert write_resource(read_resource(text.encode())) == text


def test_a_byte_order_mark_is_left_out() -> None:
    """Some programs put one at the start of every file they write."""
    assert read_resource(b'\xef\xbb\xbf{"resourceType":"Patient"}') == {"resourceType": "Patient"}


def test_what_is_not_json_is_refused_by_line_and_column() -> None:
    path, message = refusal_of('{"resourceType": "Patient",\n "id": oops}')
    assert path == ""
    assert message.startswith("not JSON at line 2, column 8")


def test_what_is_not_utf_8_is_refused_by_byte() -> None:
    assert refusal_of(b'{"family": "M\xfcller"}')[1] == "not UTF-8 at byte 13"


@pytest.mark.parametrize("text", ["[]", "null", '"Patient"', "7"])
def test_only_an_object_is_a_resource(text: str) -> None:
    assert refusal_of(text)[1] == "a FHIR resource is a JSON object, in { }"


def test_a_property_given_twice_is_refused() -> None:
    """Which of the two was meant cannot be known; other programs silently take either."""
    text = '{"resourceType":"Patient","name":[{"family":"Wood"},{"family":"Hill","family":"Hall"}]}'
    assert refusal_of(text) == ("Patient.name[1]", "“family” appears twice in one object")


@pytest.mark.parametrize(
    "number",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999999",
        "1e-999999",
        "0e999999",
        "1e" + "9" * 30,
        "7" * 400,
        "-" + "7" * 5000,
        "0." + "7" * 400,
    ],
)
def test_a_number_that_databases_cannot_hold_is_refused(number: str) -> None:
    text = f'{{"resourceType":"Observation","valueQuantity":{{"value":{number}}}}}'
    assert refusal_of(text)[0] == "Observation.valueQuantity.value"


def test_the_longest_number_is_kept() -> None:
    longest = "9" * MOST_DIGITS
    assert write_resource(read_resource(f'{{"value":{longest}}}')) == f'{{"value":{longest}}}'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', "Patient.name[0].family"),
        ('{"resourceType":"Patient","id\\u0000":"1"}', "Patient"),
        ('{"resourceType":"Patient","name":[{"family":"\\ud83d"}]}', "Patient.name[0].family"),
    ],
)
def test_characters_that_postgresql_refuses_never_reach_it(text: str, path: str) -> None:
    """The character NUL, and half of a pair of surrogates."""
    assert refusal_of(text)[0] == path


def test_an_escaped_backslash_is_not_mistaken_for_nul() -> None:
    text = r'{"family":"\\u0000"}'
    assert write_resource(read_resource(text)) == text


@pytest.mark.parametrize("levels", [DEEPEST + 1, 1_000, 200_000])
@pytest.mark.parametrize(("start", "end"), [('{"a":', "}"), ('{"a":[', "]}")])
def test_nesting_beyond_the_limit_is_refused_however_deep(
    levels: int, start: str, end: str
) -> None:
    text = start * levels + "1" + end * levels
    assert refusal_of(text)[1] == f"objects and arrays are nested more than {DEEPEST} deep"


def test_nesting_up_to_the_limit_is_read() -> None:
    text = '{"a":' * DEEPEST + "1" + "}" * DEEPEST
    assert write_resource(read_resource(text)) == text


def test_what_is_larger_than_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge) as refused:
        read_resource(b"{" * 11_000_000)
    assert refused.value.problems[0].message == "11,000,000 bytes; the limit is 10,000,000"


@pytest.mark.parametrize("value", ["\0", "\ud800", float("nan"), 1.5, Decimal("NaN"), {1, 2}])
def test_what_could_not_be_read_back_is_not_written(value: object) -> None:
    """A float is refused too: it has lost the digits that were typed."""
    with pytest.raises(Invalid) as refused:
        write_resource({"resourceType": "Basic", "extension": [{"value": value}]})
    assert refused.value.problems[0].path == "Basic.extension[0].value"
