"""Random stays: whatever is pressed, in whatever order, what the rules hold is never untrue.

Acts that a rule refuses change nothing; every act that is taken leaves a readiness that reads back
from FHIR as it was, with reasons for every day of waiting, and days that reconcile.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.discharge.rules.criteria import judged
from joinedup.discharge.rules.delays import (
    changed,
    cleared,
    days_by_reason,
    delay_problems,
    waiting_for,
)
from joinedup.discharge.rules.endings import came_back, ended
from joinedup.discharge.rules.leaving import arranged, gone_home, plan_made, risk_taken
from joinedup.discharge.rules.pathway import OWN_HOME, Going, chosen, pathway_of
from joinedup.discharge.rules.ready_date import marked_meeting, marked_ready, waited
from joinedup.discharge.rules.sitrep import reconciliation, sitrep
from joinedup.discharge.rules.states import LEFT, WAY_HOME
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.machine import after
from joinedup.fhir.profiles import readiness as profile
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Check, Delay, Readiness, RiskOwner
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.reference.codes.discharge import criteria

NURSE = Reference("Practitioner/nurse")
BEGINS = datetime(2025, 10, 24, 20, 30, tzinfo=UTC)
REASONS = ("medicines", "transport", "hub-confirmation", "restart", "p1-care-none", "p3-home-none")
KINDS = ("medicines", "transport", "equipment", "carer", "funding", "provider", "start")


def review(stay: Readiness, at: datetime, *, meets: bool) -> Checklist:
    answers = {c.code: meets and c.code == "oxygen" for c in criteria(on=day_of(at))}
    return judged(
        Checklist(
            person=stay.person,
            spell=stay.spell,
            answered_by=NURSE,
            role="ward-nurse",
            at=at,
            answers=answers,
            news2=1,
        )
    )


def delay(at: datetime, number: int) -> Delay:
    reason, chase = REASONS[number % len(REASONS)], at + timedelta(hours=20)
    return waiting_for(reason, owner=f"o{number % 3}", since=at, chase_by=chase, set_by=NURSE)


def going(number: int) -> Going:
    place = (OWN_HOME, "temporary", "independent-care-home")[number % 3]
    return Going(place=place, lives_there=number % 2 == 0, new_care=number % 5 > 1)


def choose(stay: Readiness, at: datetime, number: int) -> Readiness:
    choice = pathway_of(going(number), by=NURSE, at=at)
    return chosen(stay, replace(choice, why="Changed" if number % 2 else ""))


def end(stay: Readiness, at: datetime, number: int) -> Readiness:
    kind, method, destination = (
        ("self-discharged", "6", "19"),
        ("died", "4", "79"),
        ("transferred", "1", "51"),
    )[number % 3]
    return ended(stay, kind, at, method=method, destination=destination).readiness


def check(stay: Readiness, at: datetime, number: int) -> Readiness:
    state = ("done", "not-needed", "waiting")[number % 3]
    return arranged(stay, Check(kind=KINDS[number % 7], state=state, by=NURSE, at=at))


def risk(stay: Readiness, at: datetime, number: int) -> Readiness:
    return risk_taken(stay, RiskOwner(worker=NURSE, why="The family stays until then", at=at))


ACTS: tuple[Callable[[Readiness, datetime, int], Readiness], ...] = (
    lambda s, at, n: marked_ready(s, review(s, at, meets=False), f"r{n}", delay=delay(at, n)),
    lambda s, at, n: marked_ready(s, review(s, at, meets=False), f"r{n}", delay=delay(at, n)),
    lambda s, at, n: marked_meeting(s, review(s, at, meets=True)),
    lambda s, at, n: changed(s, delay(at, n)),
    lambda s, at, n: changed(s, delay(at, n)),
    lambda s, at, n: cleared(s, "hub-accepted", owner="hub", at=at, by=NURSE),
    choose,
    choose,
    lambda s, at, n: replace(s, state=after(WAY_HOME, s.state, ("refer", "accept")[n % 2])),
    check,
    lambda s, at, n: plan_made(s),
    risk,
    lambda s, at, n: gone_home(s, at),
    end,
    lambda s, at, n: came_back(s, at).readiness,
)
PLAIN_WAY = [(0, 1, 0), (6, 1, 3), (8, 1, 0), (8, 1, 1)]
PLAIN_WAY += [(9, 1, number) for number in (0, 1, 9, 3, 4, 12, 6)]
PLAIN_WAY += [(10, 1, 0), (11, 1, 0), (12, 1, 0)]
"""Ready, pathway 1, the hub, everything arranged, a risk taken, home: to begin anywhere on it."""
STEP = st.tuples(st.integers(0, len(ACTS) - 1), st.integers(0, 41), st.integers(0, 29))


def holds(stay: Readiness, now: datetime) -> None:
    """Everything that is never untrue of a stay."""
    again = read_resource(write_resource(profile.build(stay)))
    assert profile.read(again) == stay
    assert delay_problems(stay) == ()
    waiting = stay.state not in ("admitted", "meets-criteria", *LEFT)
    assert (stay.ready is not None) == (stay.delay is not None) == waiting
    assert (stay.left is not None) == (stay.state in LEFT)
    days = [d.days for d in days_by_reason(stay, now)]
    assert sum(days) == waited(stay, now).all_days and all(d >= 0 for d in days)
    for one, other in pairwise(stay.spans):
        assert one.until is not None and one.until <= other.since


@given(begun=st.integers(0, len(PLAIN_WAY)), more=st.lists(STEP, max_size=25))
@settings(deadline=None)
def test_no_order_of_acts_makes_a_stay_untrue(begun: int, more: list[tuple[int, int, int]]) -> None:
    """DI-01 to DI-04, DI-09; the clocks go back on the second night."""
    stay: Any = Readiness(person="Patient/a", spell="a", hospital="h", admitted=BEGINS)
    now = BEGINS
    for act, hours, number in [*PLAIN_WAY[:begun], *more]:
        now += timedelta(hours=hours)
        try:
            stay = ACTS[act](stay, now, number)
        except Unprocessable:
            continue
        holds(stay, now)
    for days in range((now - BEGINS).days + 2):
        made = sitrep([stay], "h", day_of(BEGINS) + timedelta(days))
        assert reconciliation(made) == ()
        assert made.count("not-meeting-criteria") <= 1
