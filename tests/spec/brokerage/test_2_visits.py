"""Brokerage, chapter 2. What a visit needs, and whether somebody came (MS-02)."""

from datetime import UTC, datetime, timedelta

import pytest

from joinedup.brokerage.rules.visits import (
    HOIST,
    OnRota,
    VisitMade,
    VisitNeed,
    first_visit_overdue,
    is_medicine_alert,
    rota_problems,
    what_happened,
)

EIGHT = datetime(2025, 11, 3, 8, tzinfo=UTC)
HALF = timedelta(minutes=30)


def rota(*skills: frozenset[str], minutes: int = 30) -> OnRota:
    return OnRota(minutes=minutes, workers=tuple((f"w{n}", s) for n, s in enumerate(skills)))


def words(need: VisitNeed, planned: OnRota) -> list[str]:
    return [p.message for p in rota_problems(need, planned)]


NOBODY: frozenset[str] = frozenset()
WITH_HOIST = frozenset({HOIST})


def test_a_rota_has_the_minutes_the_carers_and_the_skills() -> None:
    """MS-02: each that is missing is named."""
    need = VisitNeed(minutes=45, workers=2, skills=frozenset({"peg", "insulin"}))
    assert words(need, rota(NOBODY)) == [
        "45 minutes are needed, 30 are planned.",
        "Two carers are needed at once, 1 planned.",
        "Nobody on the rota is trained for this: insulin.",
        "Nobody on the rota is trained for this: peg.",
    ]
    able = rota(frozenset({"peg"}), frozenset({"insulin"}), minutes=45)
    assert words(need, able) == []


def test_a_hoist_is_two_carers_who_are_trained_with_it() -> None:
    """Whatever number of carers was written down."""
    need = VisitNeed(minutes=30, hoist=True)
    assert words(need, rota(WITH_HOIST)) == [
        "Two carers are needed at once, 1 planned.",
        "Two carers trained with a hoist are needed.",
    ]
    assert words(need, rota(WITH_HOIST, NOBODY)) == ["Two carers trained with a hoist are needed."]
    assert words(need, rota(WITH_HOIST, WITH_HOIST)) == []


def test_one_carer_on_the_rota_twice_is_one_carer() -> None:
    twice = OnRota(minutes=30, workers=(("w", WITH_HOIST), ("w", WITH_HOIST)))
    assert len(words(VisitNeed(minutes=30, hoist=True), twice)) == 2


def visit(
    came: timedelta | None = None, *, planned: datetime = EIGHT, medicines: bool = True
) -> VisitMade:
    return VisitMade(
        planned=planned,
        ends=planned + timedelta(minutes=45),
        came=None if came is None else planned + came,
        medicines=medicines,
    )


@pytest.mark.parametrize(
    ("came", "now", "happened"),
    [
        (HALF, 60, "on-time"),
        (HALF + timedelta(minutes=1), 60, "late"),
        (timedelta(minutes=-10), 60, "on-time"),
        (timedelta(minutes=46), 60, "missed"),
        (None, 30, "ahead"),
        (None, 31, "overdue"),
        (None, 45, "missed"),
    ],
)
def test_more_than_half_an_hour_is_late_and_nobody_is_missed(
    came: timedelta | None, now: int, happened: str
) -> None:
    """MS-02: by the clock that everybody reads the same."""
    assert what_happened(visit(came), EIGHT + timedelta(minutes=now)) == happened


def test_a_short_visit_is_not_missed_before_it_is_late() -> None:
    """Fifteen minutes planned: half an hour is still allowed."""
    short = VisitMade(planned=EIGHT, ends=EIGHT + timedelta(minutes=15))
    assert what_happened(short, EIGHT + timedelta(minutes=20)) == "ahead"
    late = VisitMade(planned=EIGHT, ends=short.ends, came=EIGHT + timedelta(minutes=20))
    assert what_happened(late, EIGHT + timedelta(hours=1)) == "on-time"
    half_past = VisitMade(planned=EIGHT, ends=short.ends, came=EIGHT + HALF)
    assert what_happened(half_past, EIGHT + timedelta(hours=1)) == "on-time"


def test_two_missed_visits_with_medicines_are_an_alert() -> None:
    """MS-02, 14.3 example 5: within a week, whether or not one between was made."""
    now = EIGHT + timedelta(days=30)
    days = [EIGHT + timedelta(days=n) for n in range(10)]
    assert not is_medicine_alert([visit(planned=days[0])], now)
    made = visit(timedelta(0), planned=days[1])
    assert is_medicine_alert([visit(planned=days[0]), made, visit(planned=days[2])], now)
    assert is_medicine_alert([visit(planned=days[0]), visit(planned=days[7])], now)
    assert not is_medicine_alert([visit(planned=days[0]), visit(planned=days[8])], now)
    without = [visit(planned=d, medicines=False) for d in days[:2]]
    assert not is_medicine_alert(without, now)


def test_help_has_started_when_somebody_came() -> None:
    """Issue 4: two hours after the first visit was due, a task and a telephone call."""
    two = EIGHT + timedelta(hours=2)
    assert not first_visit_overdue(EIGHT, None, two - timedelta(minutes=1))
    assert first_visit_overdue(EIGHT, None, two)
    assert not first_visit_overdue(EIGHT, EIGHT + timedelta(hours=3), two + timedelta(hours=2))
