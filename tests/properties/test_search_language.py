"""The search language on inputs nobody wrote: it answers or refuses, and means one thing."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.clause import DateValue
from joinedup.fhir.search.extract import index_rows
from joinedup.fhir.search.matches import compares, matches
from joinedup.fhir.search.normal import normalise
from joinedup.fhir.search.parameters import parameters_of
from joinedup.fhir.search.period import bounds
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED

CODES = sorted({each.code for name in SERVED for each in parameters_of(name)})
SHAPERS = ["_sort", "_count", "_total", "_cursor", "_include", "_revinclude", "_has", "_summary"]
MODIFIERS = ["", ":exact", ":missing", ":not", ":text", ":Patient", ":", ".name", ":Patient.name"]
VALUES = ["Patient/1", "2024-01-16", "ge2024", "a|b", "|", r"a\,b", "-date", "true", "1", "a,b", ""]

names = st.one_of(
    st.text(max_size=20),
    st.builds(str.__add__, st.sampled_from(CODES + SHAPERS), st.sampled_from(MODIFIERS)),
)
values = st.one_of(st.text(max_size=30), st.sampled_from(VALUES))
pairs = st.lists(st.tuples(names, values), max_size=4)
types = st.one_of(st.none(), st.sampled_from(SERVED), st.text(max_size=10))

moments = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
lengths = st.sampled_from([4, 7, 10, 19, 23, 26])


def written(moment: datetime, length: int) -> str:
    """A moment as FHIR writes it, cut to a year, month, day, second, or part of one."""
    text = moment.isoformat("T", "microseconds")[:length]
    return text if length <= 10 else f"{text}Z"


@given(types, pairs)
def test_any_request_is_understood_or_refused(
    type_name: str | None, request: list[tuple[str, str]]
) -> None:
    """Anything but a query or `Invalid` escapes as an error, and fails here."""
    with suppress(Invalid):
        assert len(parse_query(type_name, request).clauses) <= len(request)


@given(moments, lengths)
def test_a_period_holds_the_moment_it_was_cut_from(moment: datetime, length: int) -> None:
    low, high = bounds(written(moment, max(length, 19)))
    assert low <= bounds(written(moment, 26))[0] < high


@given(moments, lengths, lengths)
def test_what_is_written_less_exactly_holds_what_is_written_more(
    moment: datetime, one: int, other: int
) -> None:
    rough, exact = sorted((max(one, 19), max(other, 19)))
    low, high = bounds(written(moment, rough))
    within_low, within_high = bounds(written(moment, exact))
    assert low <= within_low < within_high <= high


@given(moments, moments, moments, moments, st.booleans())
def test_comparators_mean_what_their_names_say(
    a: datetime, b: datetime, c: datetime, d: datetime, same: bool
) -> None:
    asked = [bounds(written(moment, 26))[0] for moment in sorted((a, b))]
    row = asked if same else [bounds(written(moment, 26))[0] for moment in sorted((c, d))]
    said: dict[str, bool] = {
        comparator: compares(DateValue(comparator, asked[0], asked[1]), row[0], row[1])
        for comparator in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
    }
    assert said["ne"] is not said["eq"]
    assert said["ge"] is (said["gt"] or said["eq"])
    assert said["le"] is (said["lt"] or said["eq"])
    # The forms that SQL uses, each one condition shorter.
    assert said["ge"] is (row[1] > asked[1] or row[0] >= asked[0])
    assert said["le"] is (row[0] < asked[0] or row[1] <= asked[1])
    if asked[0] < asked[1] and row[0] < row[1]:
        assert not said["sa"] or said["gt"]
        assert not said["eb"] or said["lt"]


@given(st.text())
def test_normal_form_is_final(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


printable = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


def escaped(text: str) -> str:
    for sign in "\\,|$":
        text = text.replace(sign, f"\\{sign}")
    return text


@given(printable, printable)
def test_a_person_is_found_by_whatever_they_are_called(family: str, identifier: str) -> None:
    person: dict[str, Any] = {
        "resourceType": "Patient",
        "name": [{"family": family}],
        "identifier": [{"value": identifier}],
    }
    if not normalise(family) or not identifier.strip():
        return
    request = [
        ("family", escaped(family)),
        ("family:exact", escaped(family)),
        ("family:contains", escaped(family[-1:] if normalise(family[-1:]) else family)),
        ("identifier", escaped(identifier)),
        ("identifier", f"|{escaped(identifier)}"),
    ]
    rows = index_rows(person)
    for clause in parse_query("Patient", request).clauses:
        assert matches(clause, rows, person), clause
