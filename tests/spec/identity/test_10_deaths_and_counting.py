"""Identity, chapter 10. Deaths informal and formal (ID-06), and one id to count by (ID-05)."""

from datetime import date
from typing import Any

import pytest

from joinedup.fhir.profiles import council_person
from joinedup.fhir.profiles.council_person import CouncilPerson
from joinedup.people.identity.combined import combined_id
from joinedup.people.identity.death import Death, death_of, formal_death
from joinedup.people.identity.verification import STATUSES, with_status
from tests.spec.identity.people import JEAN, JOAN, twin

UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus"


def died(status: str = "", on: str = "2018-05-10") -> dict[str, Any]:
    """A Patient that states a death, known in this way."""
    coded = {"coding": [{"code": status}]}
    part = {"url": "deathNotificationStatus", "valueCodeableConcept": coded}
    told = {"extension": [{"url": UK_CORE, "extension": [part]}]} if status else {}
    return twin("x", "Jean", deceasedDateTime=on, **told)


@pytest.mark.parametrize("status", ["", "1"])
def test_an_informal_word_stops_nothing(status: str) -> None:
    """It is told, and no room may close anything by it."""
    assert death_of(died(status)) == Death(date(2018, 5, 10), is_formal=False)
    assert formal_death([died(status)]) is None


def test_a_formal_death_is_what_rooms_ask_for() -> None:
    """Of all that is said of the person: the earliest day the registrar gave."""
    assert formal_death([died("1", "2018-05-01"), died("2"), died("2", "2018-05-12")]) == date(
        2018, 5, 10
    )


def test_a_death_that_was_removed_is_none() -> None:
    """Code U: it was said of the wrong person."""
    assert death_of(died("U")) is None
    assert formal_death([died("U")]) is None


def test_that_somebody_died_without_a_day_is_told_too() -> None:
    """Nobody is written to as if they lived; no day is made up."""
    assert death_of(twin("x", "Jean", deceasedBoolean=True)) == Death(None, is_formal=False)
    assert death_of(twin("x", "Jean")) is None


def council(**changes: Any) -> dict[str, Any]:
    return council_person.build(CouncilPerson(council="904", person_id="L1", **changes), "c1")


def about(person: dict[str, Any]) -> dict[str, Any]:
    link = [{"other": {"reference": "Patient/x"}, "type": "refer"}]
    return {**person, "link": link}


def test_people_are_counted_by_the_best_id_there_is() -> None:
    """Traced NHS number, then the council's NHS number, then the council's own id (ID-05)."""
    traced = twin("x", "Jean", JEAN)
    assert combined_id([traced, about(council(nhs_number=JOAN))]) == JEAN
    untraced = with_status(traced, "02")
    assert combined_id([untraced, about(council(nhs_number=JOAN))]) == JOAN
    assert combined_id([twin("x", "Jean"), about(council())]).endswith("|L1")


def test_who_has_none_of_them_is_left_out() -> None:
    """Not counted under a made-up id."""
    assert combined_id([twin("x", "Jean")]) == ""


@pytest.mark.parametrize("status", STATUSES)
def test_each_verification_status_is_kept_on_the_number(status: str) -> None:
    """Codes 01 to 08 of domain.md 1.3, in place of the one before."""
    once = with_status(twin("x", "Jean", JEAN), status)
    (identifier,) = with_status(once, status)["identifier"]
    (told,) = identifier["extension"]
    assert told["valueCodeableConcept"]["coding"][0]["code"] == status
