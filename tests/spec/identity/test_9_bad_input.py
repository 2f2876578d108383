"""Identity, chapter 9. Bad input of domain.md 1.5, line by line: what is said, what is not done."""

from datetime import date
from typing import Any

import pytest

from joinedup.fhir.issue import Invalid
from joinedup.fhir.sense import nonsense
from joinedup.people import nhs_number
from joinedup.people.demographics import demographics_of
from joinedup.people.find_rules import FindForm, read
from joinedup.people.identity.rules import Candidate, looks_like, weigh
from tests.spec.identity.people import (
    HOSPITAL,
    JEAN,
    JOAN,
    PLACE,
    everything,
    questions,
    send,
    stored,
    twin,
    twins,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["PLACE", "importing"]

TODAY = date(2018, 1, 16)
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("NHS 943 476 5918", "digits only"),
        ("943 476 5918", "check digit"),
        ("1.0E+10", "Excel has changed this number"),
        ("099900001", "Excel may have dropped a zero"),
    ],
)
def test_a_number_that_is_none(typed: str, words: str) -> None:
    """Bad check digit, Excel's notation, a zero lost: each says which, and nothing is guessed."""
    with pytest.raises(Invalid, match=words):
        nhs_number.parse(typed)


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2018-01-17", "cannot be in the future"),
        ("1897-01-01", "over 120 years ago"),
        ("31/02/1950", "real date"),
    ],
)
def test_a_birth_date_that_cannot_be_typed(born: str, words: str) -> None:
    """In the future, older than anybody, no date at all: beside its field."""
    with pytest.raises(Invalid) as refused:
        read(FindForm(family="Hallam", born=born), today=TODAY)
    assert words in str(refused.value) and refused.value.problems[0].path == "born"


@pytest.mark.parametrize("born", ["2018-01-17", "1890-01-01"])
def test_nor_sent_by_a_program(born: str) -> None:
    """The API refuses it with its path."""
    (problem,) = nonsense({"resourceType": "Patient", "birthDate": born}, TODAY)
    assert problem.path == "Patient.birthDate" and born in problem.message


@pytest.mark.parametrize("born", ["2999-01-17", "1890-01-01"])
def test_nor_imported(importing: Importing, born: str) -> None:
    """Refused with a line of its own, like everything else that cannot be."""
    report = send(importing, twin("H1", "Jean", JEAN, birthDate=born))
    assert report.counts["Patient"].refused == 1
    assert born in importing.refusals()[0]["message"]


def test_a_birth_date_that_is_the_day_of_admission_links_nobody(importing: Importing) -> None:
    """The number is hers, the birth date is the visit's: status 05, and people look."""
    twins()
    send(importing, twin("H1", "Jean", JEAN, birthDate="2018-01-05"))
    (question,) = questions()
    assert (question.reason, question.verification) == ("conflict", "05")
    assert "birth dates differ" in question.sentences[0]


@pytest.mark.parametrize("family", ["Unknown", "UNK", "not known", "-"])
def test_unknown_is_nobodys_name(family: str) -> None:
    """Typed, it is refused in words; sent, it fits nobody."""
    with pytest.raises(Invalid, match="nobody's name"):
        read(FindForm(family=family, born="1941-10-04"), today=TODAY)
    said = demographics_of({"name": [{"family": family}], "birthDate": "1941-10-04"})
    known = demographics_of(twin("x", "Jean"))
    assert said.families == () and not looks_like(said, known)


@pytest.mark.parametrize("given", ["Baby of Jean", "Baby", "Twin 1", "infant Pickering"])
def test_a_baby_without_a_name_is_told_from_nobody_by_it(given: str) -> None:
    """It is no first name: neither for nor against anybody."""
    said, known = demographics_of(twin("x", given)), demographics_of(twin("y", "Jean"))
    assert said.givens == ()
    weighed = weigh(said, Candidate("y", known))
    assert "A first name is missing." in weighed.reasons_against


def test_the_same_number_on_two_people(importing: Importing) -> None:
    """ID-02: a conflict for people; the second is not attached, and not lost."""
    twins()
    send(importing, twin("H1", "Mary", JEAN, birthDate="1950-01-02"))
    (question,) = questions()
    assert question.verification == "05" and len(everything("Patient")) == 2


def test_two_numbers_for_one_person(importing: Importing) -> None:
    """Neither said to be replaced: which is theirs, people say, with both holders beside it."""
    twins()
    both = [{"system": NHS_NUMBER, "value": number} for number in (JEAN, JOAN)]
    send(importing, twin("H1", "Jean", identifier=both))
    (question,) = questions()
    assert set(question.people) == {"jean", "joan"}
    assert question.sentences[0].startswith("2 NHS numbers are given")


def homed(**home: Any) -> dict[str, Any]:
    return twin("x", "Jean", address=[home])


def test_no_fixed_abode_is_nobodys_address() -> None:
    """ZZ99 3VZ is shared by many who share nothing else."""
    one = demographics_of(homed(postalCode="ZZ99 3VZ"))
    assert one.postcodes == ()
    assert not any("postcode" in r for r in weigh(one, Candidate("y", one)).reasons_for)


def test_a_temporary_address_is_nobodys_home() -> None:
    """Two who stayed in one place are no likelier to be one person."""
    one = demographics_of(homed(use="temp", line=["1 Ward Road"], postalCode="MQ2 6HG"))
    assert (one.postcodes, one.lines) == ((), ())


def test_twins_are_told_by_their_first_name_alone(importing: Importing) -> None:
    """Same birth date, surname and home: a first name that differs is somebody else."""
    jean, joan = demographics_of(twin("x", "Jean")), demographics_of(twin("y", "Joan"))
    assert not looks_like(jean, joan)
    weighed = weigh(jean, Candidate("joan", joan))
    assert any("perhaps twins" in reason for reason in weighed.reasons_against)
    stored(twin("joan", "Joan"))
    send(importing, twin("H1", "Jean"))
    assert questions() == []


def test_a_referral_after_a_death_is_kept_and_noted(importing: Importing) -> None:
    """It may be the death that is wrong: nothing is refused, and the report says it."""
    died = twin("H1", "Jean", JEAN, deceasedDateTime="2018-01-02")
    referral = {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "urn:uuid:H1"},
        "authoredOn": "2018-01-09",
    }
    report = send(importing, died, referral, organisation=HOSPITAL)
    assert report.counts["ServiceRequest"].stored == 1
    assert any("after the death" in note for note in report.notes)
