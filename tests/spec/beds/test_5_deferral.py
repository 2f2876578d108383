"""Beds, chapter 5. Putting off operations: who cannot be selected, who confirms (WI-02, 5, 6)."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.access.words import Role
from joinedup.beds.rules.deferral import (
    compared,
    deferred,
    harm_reviews_due,
    obstacles,
    proposed,
    released,
    told,
)
from joinedup.fhir.check import check
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.elective import Deferral, Elective, build, read
from joinedup.fhir.wire import read_resource, write_resource
from tests.spec.beds.wards import CONSULTANT, DAY, elective, january

LATER = DAY + timedelta(weeks=5)
AT = january(8, 12)


def put_off(entry: Elective, **changes: Any) -> Elective:
    said = {"until": LATER, "at": AT, "by": CONSULTANT, "role": Role.CONSULTANT} | changes
    return deferred(entry, said.pop("until"), **said)


def once() -> Deferral:
    return Deferral(at=AT, confirmed_by=CONSULTANT, planned=DAY, until=LATER)


def test_of_twelve_with_one_cancer_and_one_urgent_ten_go_to_clinicians() -> None:
    """10.3 example 2: the two cannot be selected, from the page or otherwise."""
    entries = [elective(n) for n in range(10)]
    kept = [elective(10, cancer=True), elective(11, priority="P2")]
    found = proposed([*entries, *kept], on=DAY)
    assert found.selectable == tuple(entries)
    assert [entry for entry, _ in found.kept] == kept
    for entry in kept:
        with pytest.raises(Unprocessable, match="is never put off"):
            put_off(entry)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cancer": True}, "Cancer is never put off."),
        ({"priority": "P1a"}, "Priority P1a is never put off."),
        ({"priority": "P1b"}, "Priority P1b is never put off."),
        ({"priority": "P2"}, "Priority P2 is never put off."),
        ({"time_critical": True}, "time-critical"),
        ({"clock_start": DAY - timedelta(days=365)}, "Has waited 365 days: more than 364."),
        ({"deferrals": (once(), once())}, "Was put off 2 times before."),
        ({"vulnerable": "Her son dies without her help"}, "Would be hurt by waiting"),
        ({"clock_stop": DAY, "stop_reason": "treated"}, "No longer waits."),
        ({"planned": None}, "no date that could be put off"),
        ({"clock_start": None}, "No clock start"),
    ],
)
def test_who_cannot_be_selected_and_why(change: dict[str, Any], words: str) -> None:
    """WI-02, each by itself."""
    assert obstacles(elective(), on=DAY) == ()
    (reason,) = obstacles(elective(**change), on=DAY)
    assert words in reason


def test_364_days_can_still_be_proposed() -> None:
    assert obstacles(elective(clock_start=DAY - timedelta(days=364)), on=DAY) == ()


def test_every_reason_is_told_at_once() -> None:
    assert len(obstacles(elective(cancer=True, priority="P2", time_critical=True), on=DAY)) == 3


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.CONSULTANT])
def test_a_consultant_confirms_each_person(role: Role) -> None:
    """Nobody is put off by a list."""
    with pytest.raises(Unprocessable, match="A consultant confirms"):
        put_off(elective(), role=role)


def test_a_new_date_comes_with_it_and_the_person_is_told() -> None:
    """WI-02: told and a new plan."""
    entry = put_off(elective())
    assert entry.planned == LATER and entry.deferrals == (once(),)
    assert told(entry, january(8, 13)).deferrals[-1].told_at == january(8, 13)
    for wrong in (DAY, DAY - timedelta(1)):
        with pytest.raises(Unprocessable, match="later than today and than the old one"):
            put_off(elective(), until=wrong)
    with pytest.raises(Unprocessable, match="after it was confirmed"):
        told(elective(), AT)
    with pytest.raises(Unprocessable, match="after it was confirmed"):
        told(entry, AT - timedelta(minutes=1))


def test_everybody_put_off_who_still_waits_has_their_harm_looked_at() -> None:
    treated = replace(put_off(elective(2)), clock_stop=LATER, stop_reason="treated")
    assert harm_reviews_due([elective(1), treated, put_off(elective(3))]) == ("list-3",)


def test_what_was_given_up_is_beside_what_was_used() -> None:
    """WI-05: planned and used; nothing is called freed that nobody used."""
    entries = [put_off(elective(1)), put_off(elective(2)), elective(3)]
    gained = released(entries, used_bed_days=4, used_staff_hours=30)
    assert gained.words == (
        "2 operations put off; bed-days: 6 planned, 4 used for emergencies; "
        "staff hours: 40 planned, 30 used"
    )
    for used in ({"used_bed_days": 7, "used_staff_hours": 0}, {"used_bed_days": -1}):
        with pytest.raises(Unprocessable, match="at most those"):
            released(entries, **({"used_staff_hours": 0} | used))


def test_those_put_off_are_compared_with_everybody_listed() -> None:
    """WI-06: by any group; who has none is not left out."""
    entries = [put_off(elective(1)), put_off(elective(2)), *(elective(n) for n in (3, 4, 5))]
    groups = {"Patient/1": "80 and over", "Patient/3": "80 and over", "Patient/2": "under 80"}
    found = {
        c.group: (c.deferred, c.of_deferred, c.listed, c.of_listed)
        for c in compared(entries, groups)
    }
    assert found == {
        "80 and over": (1, 2, 2, 5),
        "under 80": (1, 2, 1, 5),
        "not known": (0, 2, 2, 5),
    }
    assert compared(entries, lambda entry: groups.get(entry.person, "")) == compared(
        entries, groups
    )


@pytest.mark.parametrize(
    "made",
    [
        elective(),
        put_off(elective(cancer=False, vulnerable="")),
        elective(clock_start=None, planned=None, priority="P1a", time_critical=True, cancer=True),
        elective(clock_stop=DAY, stop_reason="treated", vulnerable="Lives alone", priority="P2"),
    ],
)
def test_a_place_on_the_list_is_a_service_request(made: Elective) -> None:
    written = read_resource(write_resource(build(made)))
    assert check(written) == () and read(written) == made
    with pytest.raises(KeyError):
        read({"resourceType": "ServiceRequest"})
