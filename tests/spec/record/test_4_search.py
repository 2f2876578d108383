"""The record, chapter 4. Searching what the permit sees.

What each question means is the manual of search (tests/spec/search). Here: that PostgreSQL answers
it so, in the order asked, page by page, while others write; and where it stops.
"""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from joinedup import record
from joinedup.fhir.issue import Invalid, TooMuch
from joinedup.fhir.search.parameters import parameters_of
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED
from joinedup.record import Delete, Page
from tests.spec.record.place import (
    GP,
    PLACE,
    Resource,
    find,
    ids,
    joyce,
    numbered,
    put,
    stay,
    weight,
)


def asked(kind: str, question: str) -> list[str]:
    """What is found, as ids in no order."""
    pairs = [tuple(part.split("=", 1)) for part in question.split("&")]
    return sorted(ids(record.search(PLACE, parse_query(kind, pairs))))


@pytest.fixture
def three() -> None:
    """Three women, their weights, and a stay of one of them."""
    ellen = {"name": [{"family": "Okoro", "given": ["Ellen"]}], "birthDate": "1939"}
    put(
        numbered("joyce", "9990000018"),
        joyce("ellen", **ellen),
        joyce("zoe", name=[{"family": "O'Néill-Hal", "given": ["Zoë"]}], birthDate="1950-02"),
        stay("e1", "joyce", start="2024-01-10", end="2024-01-20"),
        weight("w1", effectiveDateTime="2024-01-01", encounter={"reference": "Encounter/e1"}),
        weight("w2", effectiveDateTime="2024-01-15T10:00:00Z", code={"text": "Body weight"}),
        weight("w3", "ellen", effectivePeriod={"start": "2023-12-01", "end": "2024-02-01"}),
        weight("w4", "zoe", hasMember=[{"reference": "Observation/w1"}]),
    )


@pytest.mark.parametrize(
    ("kind", "question", "found"),
    [
        ("Patient", "family=hal", ["joyce"]),
        ("Patient", "family:exact=Hallam", ["joyce"]),
        ("Patient", "family:exact=hallam", []),
        ("Patient", "family:contains=HAL", ["joyce", "zoe"]),
        ("Patient", "family=o'neill", ["zoe"]),
        ("Patient", "given=zoe", ["zoe"]),
        ("Patient", "name=ellen,zoe", ["ellen", "zoe"]),
        ("Patient", "name=ellen&name=okoro", ["ellen"]),
        ("Patient", "identifier=9990000018", ["joyce"]),
        ("Patient", "identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018", ["joyce"]),
        ("Patient", "identifier=https://fhir.nhs.uk/Id/nhs-number|", ["joyce"]),
        ("Patient", "identifier=|9990000018", []),
        ("Patient", "identifier:not=9990000018", ["ellen", "zoe"]),
        ("Patient", "identifier:missing=true", ["ellen", "zoe"]),
        ("Patient", "birthdate=1933", ["joyce"]),
        ("Patient", "birthdate=gt1938", ["ellen", "zoe"]),
        ("Patient", "birthdate=le1939&birthdate=ge1939", ["ellen"]),
        ("Patient", "death-date:missing=true", ["ellen", "joyce", "zoe"]),
        ("Patient", "_id=joyce,zoe,nobody", ["joyce", "zoe"]),
        ("Patient", "general-practitioner=Y90001", ["ellen", "joyce", "zoe"]),
        ("Patient", "_lastUpdated=gt2020-01-01", ["ellen", "joyce", "zoe"]),
        ("Patient", "_lastUpdated=lt2020-01-01", []),
        ("Observation", "patient=joyce", ["w1", "w2"]),
        ("Observation", "subject=Patient/ellen,Patient/zoe", ["w3", "w4"]),
        ("Observation", "subject:missing=false", ["w1", "w2", "w3", "w4"]),
        ("Observation", "code=29463-7", ["w1", "w3", "w4"]),
        ("Observation", "code:text=body", ["w2"]),
        ("Observation", "code:missing=false", ["w1", "w2", "w3", "w4"]),
        ("Observation", "date=2024-01", ["w1", "w2"]),
        ("Observation", "date=2024-01-15", ["w2"]),
        ("Observation", "date=ne2024-01", ["w3"]),
        ("Observation", "date=ge2024-01-15", ["w2", "w3"]),
        ("Observation", "date=sa2024-01-01", ["w2"]),
        ("Observation", "date=eb2024-01-15", ["w1"]),
        ("Observation", "date=ap2024-01-14", ["w2", "w3"]),
        ("Observation", "date:missing=true", ["w4"]),
        ("Observation", "encounter=Encounter/e1", ["w1"]),
        ("Observation", "patient.family=hal", ["w1", "w2"]),
        ("Observation", "subject:Patient.birthdate=ge1939", ["w3", "w4"]),
        ("Observation", "encounter.date=2024", ["w1"]),
        ("Observation", "has-member:Observation.patient.given=joyce", ["w4"]),
        ("Observation", "code=29463-7&patient=joyce&date=2024", ["w1"]),
        ("Observation", "focus=urn:nothing", []),
        ("Encounter", "date=gt2024-01-15", ["e1"]),
        ("Encounter", "class:not=IMP", []),
    ],
)
@pytest.mark.usefixtures("three")
def test_what_is_found(kind: str, question: str, found: list[str]) -> None:
    """A question of each kind, with each modifier and prefix, alone and together."""
    assert asked(kind, question) == found


@pytest.mark.usefixtures("three")
def test_every_served_parameter_can_be_asked_and_sorted_by() -> None:
    """Of every type: nothing that the language accepts is more than PostgreSQL understands."""
    value = {"token": "x", "string": "x", "date": "2024", "reference": "http://example.org/x"}
    for kind in SERVED:
        for found in parameters_of(kind):
            text = "x" if found.code == "_id" else value[found.kind]
            for pairs in (
                [(found.code, text)],
                [("_sort", found.code)],
                [("_sort", f"-{found.code}")],
            ):
                record.search(PLACE, parse_query(kind, pairs))


class TestOrder:
    """Newest first unless something else is asked; equals keep an order of their own."""

    @pytest.mark.parametrize(
        ("sort", "found"),
        [
            ("family", ["joyce", "zoe", "ellen"]),
            ("-family", ["ellen", "zoe", "joyce"]),
            ("birthdate", ["joyce", "ellen", "zoe"]),
            ("-birthdate", ["zoe", "ellen", "joyce"]),
            ("_id", ["ellen", "joyce", "zoe"]),
            ("identifier,_id", ["joyce", "ellen", "zoe"]),
            ("-identifier,-_id", ["joyce", "zoe", "ellen"]),
        ],
    )
    @pytest.mark.usefixtures("three")
    def test_people(self, sort: str, found: list[str]) -> None:
        """By any served parameter; who has none of it comes last either way."""
        assert ids(find(PLACE, "Patient", _sort=sort)) == found

    @pytest.mark.usefixtures("three")
    def test_without_a_wish_the_newest_is_first(self) -> None:
        """By when it was true of the person, not by when we heard of it."""
        assert ids(find(PLACE, "Observation")) == ["w2", "w1", "w3", "w4"]

    @pytest.mark.usefixtures("three")
    def test_by_whom_it_is_about(self) -> None:
        """Each person's together."""
        people = [
            s.resource["subject"] for s in find(PLACE, "Observation", _sort="patient").entries
        ]
        assert len([1 for a, b in pairwise(people) if a != b]) == 2


class TestPages:
    """A page goes on from the last row of the one before, whatever others do in between."""

    @pytest.mark.parametrize(
        "sort", ["", "date", "-date", "code", "_lastUpdated", "_id", "-status"]
    )
    def test_pages_follow_without_gap_or_repeat(self, sort: str) -> None:
        """Many alike, so that ties fall on the edges of pages."""
        many = [weight(f"w{n}", effectiveDateTime=f"2024-01-0{1 + n % 3}") for n in range(23)]
        put(joyce(), *many, weight("undated"))
        whole = ids(find(PLACE, "Observation", _count="100", **({"_sort": sort} if sort else {})))
        assert len(set(whole)) == 24
        assert [i for page in pages(sort) for i in ids(page)] == whole

    @pytest.mark.parametrize("sort", ["", "date", "-date", "code", "_id"])
    def test_what_others_write_neither_repeats_nor_hides_what_did_not_change(
        self, sort: str
    ) -> None:
        """Between each two pages one is added, one changed and one deleted."""
        many = [weight(f"w{n:02}", effectiveDateTime=f"2024-01-{1 + n:02}") for n in range(20)]
        put(joyce(), *many)
        read: list[str] = []
        for turn, page in enumerate(pages(sort)):
            read += ids(page)
            if turn < 4:
                date = f"2024-01-{1 + turn * 5:02}T12:00:00Z"
                put(weight(f"new{turn}", effectiveDateTime=date))
                put(weight(f"w{turn:02}", effectiveDateTime="2024-02-01"))
                record.commit(PLACE, [Delete("Observation", f"w{10 + turn}")])
        unchanged = {f"w{n:02}" for n in (*range(4, 10), *range(14, 20))}
        assert unchanged <= set(read)
        assert all(read.count(i) == 1 for i in unchanged)

    def test_a_cursor_belongs_to_its_search(self) -> None:
        """Another search's, or one that somebody changed, is refused and never an error of ours."""
        put(joyce(), weight(), weight("w2"))
        cursor = find(PLACE, "Observation", _count="1").next_cursor
        assert cursor is not None
        mark, _, key = json.loads(base64.urlsafe_b64decode(cursor + "=="))
        forged = [
            [mark, ["soon"], key], [mark, ["2024-13-40 10:00:00+00"], key], [mark, [], key],
            [mark, ["2024-W01-1"], key], [mark, ["infinity"], 2**63], ["", ["infinity"], key], 7,
        ]  # fmt: skip
        for text in ("x", "é", "", *(packed(f) for f in forged)):
            with pytest.raises(Invalid):
                find(PLACE, "Observation", _count="1", _cursor=text or "=")
        with pytest.raises(Invalid, match="does not belong"):
            find(PLACE, "Observation", _count="1", status="final", cursor=cursor)

    @pytest.mark.usefixtures("three")
    def test_a_page_has_a_total_when_asked(self) -> None:
        """Of all that fits, not of the page; `_count=0` asks for the total alone."""
        assert find(PLACE, "Observation", _count="1").total is None
        page = find(PLACE, "Observation", _count="1", _total="accurate")
        assert (len(page.entries), page.total) == (1, 4)
        assert find(PLACE, "Observation", _count="0") == Page((), total=4)


class TestIncludes:
    """What goes along: what is pointed at, and what points here."""

    @pytest.mark.usefixtures("three")
    def test_what_is_pointed_at(self) -> None:
        """Each once; what is on the page already does not come again."""
        page = find(PLACE, "Observation", patient="joyce", _include="Observation:patient")
        assert (sorted(ids(page)), ids(page.included)) == (["w1", "w2"], ["joyce"])
        page = find(PLACE, "Patient", _include="Patient:general-practitioner")
        assert (len(page.entries), ids(page.included)) == (3, ["Y90001"])
        page = find(PLACE, "Observation", _include="Observation:has-member")
        assert page.included == ()

    @pytest.mark.usefixtures("three")
    def test_what_points_here(self) -> None:
        """By the subject that heads a row, and by any other reference."""
        page = find(PLACE, "Patient", family="hal", _revinclude="Observation:patient")
        assert sorted(ids(page.included)) == ["w1", "w2"]
        page = find(PLACE, "Encounter", _revinclude="Observation:encounter")
        assert ids(page.included) == ["w1"]

    def test_no_more_than_a_thousand_go_along(self) -> None:
        """trust.md 2, lesson 24: more is refused, never cut off unsaid."""
        put(joyce(), *(weight(f"w{n}") for n in range(1001)))
        with pytest.raises(TooMuch, match="smaller _count"):
            find(PLACE, "Patient", _revinclude="Observation:patient")


class TestHidden:
    """A search answers only from what could be read (trust.md 2, lessons 4 and 5)."""

    def test_no_input_of_a_search_is_hidden(self) -> None:
        """Chains, order and totals see what the permit sees."""
        put(joyce(), joyce("ellen", generalPractitioner=[], name=[{"family": "Hidden"}]))
        put(weight("w1", performer=[{"reference": "Patient/ellen"}]), weight("w2"))
        assert ids(find(GP, "Observation", **{"performer:Patient.family": "Hidden"})) == []
        page = find(GP, "Observation", _total="accurate", _include="Observation:performer")
        assert (ids(page), page.included, page.total) == (["w2"], (), 1)

    def test_nothing_hidden_goes_along(self) -> None:
        """A stay that names a hidden neighbour's record does not bring it."""
        other: Resource = weight("w9", "ellen")
        put(joyce(), joyce("ellen", generalPractitioner=[]), other)
        put(weight("w1", hasMember=[{"reference": "Observation/w9"}]))
        assert find(GP, "Observation", _include="Observation:has-member").included == ()


def pages(sort: str) -> Any:
    """Every page of five of the observations."""
    cursor = None
    wish = {"_sort": sort} if sort else {}
    while True:
        page = find(PLACE, "Observation", _count="5", cursor=cursor, **wish)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def packed(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_search_of_no_type_is_refused() -> None:
    """The record searches one type of resource at a time, and says so."""
    with pytest.raises(Invalid, match="which type"):
        record.search(GP, parse_query(None, [("_id", "joyce")]))
