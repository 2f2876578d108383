"""People, chapter 3. Finding a person (domain 1.2).

The plain search comes first; the fuzzy one only if it finds nobody, and only with enough to go on.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.people.find import FindForm, FindResult, find
from joinedup.record import Create, commit, database
from joinedup.record.cluster import Urls
from joinedup.record.database import entered

RESTRICTED = {
    "security": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    ]
}
PRACTICE = "Y90001"


def person(identity: str, family: str, given: str, born: str, **more: Any) -> dict[str, Any]:
    """An invented Patient registered with the practice."""
    number = more.pop("number", None)
    patient = {
        "resourceType": "Patient",
        "id": identity,
        "name": [{"family": family, "given": [given]}],
        "birthDate": born,
        "address": [
            {"use": "home", "city": "Mockingham", "postalCode": more.pop("postcode", "MQ1 4AB")}
        ],
        "telecom": [{"system": "phone", "value": "01632 960514"}],
        "generalPractitioner": [{"reference": f"Organization/{PRACTICE}"}],
        **more,
    }
    if number:
        patient["identifier"] = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}]
    return patient


PEOPLE = (
    person("joyce", "Hallam", "Joyce", "1933-05-11", number="9990012008", gender="female"),
    person("ann", "Smith", "Ann", "1950-01-01", gender="female"),
    person("bob", "Smithson", "Bob", "1950-01-01", gender="male"),
    person("cleo", "Smythe", "Cleo", "1950-01-01", gender="female"),
    person("arthur", "Placeholder", "Arthur", "1932-01-01", gender="male"),
    person(
        "hidden",
        "Quiet",
        "Rose",
        "1971-03-04",
        gender="female",
        postcode="MQ9 9ZZ",
        meta=RESTRICTED,
    ),
    person("twin-1", "Onslow", "Ivy", "1941-06-07", multipleBirthInteger=1),
    person("twin-2", "Onslow", "Iris", "1941-06-07", multipleBirthInteger=2),
    person("comma", "O'Neill, Smith", "Joan", "1939-05-01"),
)
GP = worker_permit("Practitioner/anita-rao", "Dr Anita Rao", Role.GP, PRACTICE)
STRANGER = worker_permit("Practitioner/far", "Dr Far Away", Role.GP, "Y90002")

Find = Callable[..., FindResult]


@pytest.fixture(scope="module")
def finding(database_urls: Urls) -> Iterator[Find]:
    """The record with the people of this chapter, asked by their own practice."""
    database.configure(database_urls.application)
    commit(system_permit("test"), [Create(p, id=p["id"]) for p in PEOPLE], dangling="keep")

    def run(permit: Permit = GP, **typed: str) -> FindResult:
        return find(permit, FindForm(**typed))

    yield run
    database.close()


def ids(result: FindResult) -> list[str]:
    return [one.person_id for one in result.people]


def test_an_nhs_number_finds_its_person(finding: Find) -> None:
    """Whichever way it is typed; exact, with a score of 1."""
    result = finding(nhs_number="999 001 2008")
    assert ids(result) == ["joyce"]
    assert (result.how, result.people[0].score) == ("exact", 1.0)
    assert result.people[0].name == "Joyce Hallam"


def test_an_nhs_number_with_another_birth_date_says_so(finding: Find) -> None:
    """ID-02: the person is offered, below 1, with what to check."""
    found = finding(nhs_number="9990012008", born="11/05/1983", family="Hallam").people[0]
    assert found.score < 1.0
    assert any("check" in reason and "birth date" in reason for reason in found.reasons)


def test_family_name_and_birth_date_find_exactly(finding: Find) -> None:
    """Dates are typed as people write them; `Smith` does not find `Smithson`."""
    result = finding(family="smith", born="1/1/1950")
    assert (ids(result), result.how) == (["ann"], "exact")
    assert ids(finding(family="Hallam", born="1933-05-11")) == ["joyce"]


def test_a_star_at_the_end_of_a_name_stands_for_the_rest(finding: Find) -> None:
    """`Sm*` with a birth date returns three people (domain 1.7, 2)."""
    assert sorted(ids(finding(family="Sm*", born="1950-01-01"))) == ["ann", "bob", "cleo"]


def test_a_range_of_birth_dates_may_be_typed(finding: Find) -> None:
    """Needed where nobody knows the day."""
    assert ids(finding(family="Hallam", born="1930-01-01", born_to="1935-12-31")) == ["joyce"]


def test_a_placeholder_birth_date_is_offered_and_flagged(finding: Find) -> None:
    """1932-01-01 is held and 19 July 1932 typed: offered, flagged (domain 1.7, 9)."""
    found = finding(family="Placeholder", born="1932-07-19").people[0]
    assert found.person_id == "arthur"
    assert found.placeholder_birth_date
    assert any("possible placeholder date" in reason for reason in found.reasons)
    assert found.score < 1.0


def test_a_typed_placeholder_finds_everybody_of_that_year(finding: Find) -> None:
    """1 January is typed when the day is not known."""
    found = finding(family="Hallam", born="1933-01-01").people[0]
    assert (found.person_id, found.placeholder_birth_date) == ("joyce", True)


@pytest.mark.parametrize(
    "typed",
    [
        {"family": "Halam", "given": "Joyce", "born": "1933-05-11"},
        {"family": "Hallam", "given": "Joyse", "born": "1933-11-05"},
        {"family": "Hallam", "given": "Joyce", "born": "1933-05-12"},
        {"given": "Joyce", "born": "1933-05-11", "gender": "female", "postcode": "MQ1 4AB"},
        {"family": "Hallum", "born": "1933-05-11", "gender": "female", "postcode": "mq14ab"},
    ],
)
def test_a_fuzzy_search_follows_when_nobody_was_found(finding: Find, typed: dict[str, str]) -> None:
    """With name and birth date, or one name, birth date, gender and postcode; never scored 1."""
    result = finding(**typed)
    assert result.how == "fuzzy"
    assert ids(result)[0] == "joyce"
    assert result.people[0].score < 1.0
    assert result.people[0].reasons


def test_without_enough_to_go_on_there_is_no_fuzzy_search(finding: Find) -> None:
    """A family name spelt wrong and a birth date are not enough."""
    assert ids(finding(family="Halam", born="1933-05-11")) == []


def test_gender_never_rules_anybody_out(finding: Find) -> None:
    """A changed gender is not a changed person."""
    assert ids(finding(family="Hallam", born="1933-05-11", gender="male")) == ["joyce"]


def test_twins_are_both_offered(finding: Find) -> None:
    """Only the first name tells them apart."""
    assert sorted(ids(finding(family="Onslow", born="1941-06-07"))) == ["twin-1", "twin-2"]
    assert ids(finding(family="Onslow", given="Iris", born="1941-06-07")) == ["twin-2"]


def test_a_restricted_person_is_never_found_by_postcode(finding: Find) -> None:
    """Her postcode returns nobody; name and birth date return her without it (domain 1.7, 3)."""
    by_postcode = {"born": "1971-03-04", "gender": "female", "postcode": "MQ9 9ZZ"}
    assert ids(finding(given="Nobody", **by_postcode)) == []
    assert ids(finding(family="Quiet", born="1971-03-04", postcode="MQ9 9ZZ")) == []
    found = finding(family="Quiet", born="1971-03-04").people[0]
    assert found.restricted
    assert (found.postcode, found.phone) == (None, None)


def test_letters_with_a_meaning_in_searches_are_only_letters(finding: Find) -> None:
    """A comma in a name does not become two names."""
    assert ids(finding(family="O'Neill, Smith", born="1939-05-01")) == ["comma"]


def test_who_traces_finds_a_stranger_and_sees_a_minimal_identity(finding: Find) -> None:
    """Another practice sees name, birth date, number and town: nothing to telephone or visit."""
    stranger = finding(STRANGER, nhs_number="9990012008").people[0]
    assert (stranger.name, stranger.birth_date) == ("Joyce Hallam", "1933-05-11")
    assert (stranger.nhs_number, stranger.town) == ("9990012008", "Mockingham")
    assert (stranger.reached, stranger.postcode, stranger.phone) == (False, None, None)
    known = finding(nhs_number="9990012008").people[0]
    assert known.reached and known.postcode and known.phone


def test_a_restricted_stranger_comes_without_a_town(finding: Find) -> None:
    """Where a restricted person is, nobody is told (domain 1.7, example 3)."""
    rose = finding(STRANGER, family="Quiet", born="4/3/1971").people[0]
    assert (rose.restricted, rose.town, rose.postcode, rose.phone) == (True, "", None, None)


@pytest.mark.parametrize(
    "role", [Role.BROKER, Role.LINK_WORKER, Role.FINANCE_OFFICER, Role.ANALYST]
)
def test_a_role_that_may_not_trace_finds_nobody_by_name(finding: Find, role: Role) -> None:
    """Refused before anything is searched (`access.policy`, Power.TRACE)."""
    with pytest.raises(NotPermitted):
        finding(worker_permit("Practitioner/x", "X", role, PRACTICE), nhs_number="9990012008")


def test_everybody_returned_is_in_the_audit_opened_or_not(
    finding: Find, database_urls: Urls
) -> None:
    """Three people on the list, three entries, before any of them is opened (domain 1.7, 2)."""
    before = looks(database_urls, ("ann", "bob", "cleo"))
    finding(family="Sm*", born="1950-01-01")
    assert looks(database_urls, ("ann", "bob", "cleo")) == [n + 1 for n in before]


def looks(urls: Urls, people: tuple[str, ...]) -> list[int]:
    """How often each of these people is in the audit as found by a search."""
    with psycopg.connect(urls.application) as connection:
        entered(connection, system_permit("test"))
        rows = connection.execute(
            "select person, count(*) from record.audit_named where action = 'search'"
            " group by person"
        ).fetchall()
    counts = dict(rows)
    return [counts.get(resource_key("Patient", identity), 0) for identity in people]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "born", "Enter a date of birth, or an NHS number"),
        ({"born": "1950-01-01"}, "family", "Enter a family name"),
        ({"family": "Smith"}, "born", "Enter a date of birth"),
        ({"family": "Smith", "born": "31/02/1950"}, "born", "real date"),
        ({"family": "Smith", "born": "01/01/2999"}, "born", "in the future"),
        ({"family": "Smith", "born": "01/01/1801"}, "born", "Check the year"),
        ({"family": "S*", "born": "01/01/1950"}, "family", "at least 2 letters"),
        ({"family": "S*th", "born": "01/01/1950"}, "family", "at the end"),
        ({"nhs_number": "9000000000"}, "nhs_number", "check digit"),
        ({"family": "S", "born": "2/1/1950", "born_to": "1/1/1950"}, "born_to", "must be after"),
    ],
)
def test_a_form_that_cannot_be_searched_says_which_field(
    finding: Find, typed: dict[str, str], field: str, words: str
) -> None:
    """In plain words, one for each field."""
    with pytest.raises(Invalid) as refusal:
        finding(**typed)
    assert any(p.path == field and words in p.message for p in refusal.value.problems)
