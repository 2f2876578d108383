"""Brokerage, chapter 8. What a provider has free: told by it alone, and never sold twice.

Rules first (pure), then the record: whoever takes back what somebody holds is told so.
"""

from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.brokerage.actions import hold, offer_to, seek
from joinedup.brokerage.capacity import own_locations, own_starts, tell
from joinedup.brokerage.queries import every_start, matches_of
from joinedup.brokerage.rules.figures import grid
from joinedup.brokerage.rules.providers import Override
from joinedup.brokerage.rules.telling import Wish, told
from joinedup.fhir.issue import Conflict, NotPermitted, Unprocessable
from joinedup.fhir.profiles import slot
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.slot import BANDS, FreeStart
from joinedup.record.slots import held_slots
from tests.spec.brokerage.scene import (
    ELLIS,
    EVENING,
    HOLT,
    MARTIN,
    NOW,
    NOWAK,
    WANTED,
    sought,
    start,
)
from tests.spec.record.place import PLACE, put

TEA = Wish(
    location="kf-1",
    service="reablement",
    area="MQ2",
    band="tea",
    count=3,
    at=NOW + timedelta(hours=6),
    week_minutes=420,
)


def starts(
    wish: Wish, before: tuple[FreeStart, ...] = (), held: Any = ()
) -> tuple[list[str], list[str]]:
    numbers = count(1)
    found = told(
        wish,
        before,
        dict.fromkeys(held),
        provider="VZ901",
        by=Reference("Practitioner/holt"),
        now=NOW,
        new_ids=(f"new-{n}" for n in numbers),
    )
    return [s.id for s in found.written], [s.id for s in found.taken_back]


def made(*ids: str) -> tuple[FreeStart, ...]:
    one = slot.read(start("x", band="tea", area="MQ2"))
    return tuple(replace(one, id=i) for i in ids)


def test_the_number_told_is_what_is_free_from_now_on() -> None:
    """More makes new ones, fewer takes back; what is held is neither counted nor touched."""
    assert starts(TEA) == (["new-1", "new-2", "new-3"], [])
    assert starts(TEA, made("a", "b")) == (["a", "b", "new-1"], [])
    assert starts(replace(TEA, count=1), made("a", "b")) == (["a"], ["b"])
    assert starts(replace(TEA, count=0), made("a", "b"), held=["a"]) == ([], ["b"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": "package"}, "service"),
        ({"area": "Marlbrook"}, "area"),
        ({"band": "noon"}, "band"),
        ({"band": ""}, "band"),
        ({"service": "nursing-home"}, "band"),
        ({"count": 51}, "count"),
        ({"count": -1}, "count"),
        ({"week_minutes": 10_081}, "hours"),
        ({"carers": 0}, "carers"),
        ({"at": NOW - timedelta(hours=1)}, "day"),
        ({"at": NOW + timedelta(days=91)}, "day"),
    ],
)
def test_what_cannot_be_told_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        starts(replace(TEA, **change))
    assert [p.path for p in refused.value.problems] == [field]


def test_the_grid_counts_free_and_held_apart_and_tells_its_age() -> None:
    """A hold that ran out counts as free; every figure says of how many and how old."""
    told_now = made("a", "b", "c")
    older = replace(told_now[2], told_at=NOW - timedelta(days=2))
    held = {"a": NOW + timedelta(hours=1), "b": NOW}
    found = grid((*told_now[:2], older), held, columns=BANDS, now=NOW)
    cell = dict(found.rows)["MQ2"][list(BANDS).index("tea")]
    assert (cell.starts, cell.held, cell.week_minutes, cell.level) == (2, 1, 840, 2)
    assert (found.starts, found.held, found.providers) == (2, 1, 1)
    assert (found.oldest, found.newest) == (NOW - timedelta(days=2), NOW - timedelta(hours=1))


@pytest.mark.usefixtures("scene")
def test_a_provider_tells_of_its_own_location_alone() -> None:
    assert [one.name for one in own_locations(HOLT)] == ["Kingfisher Home Care"]
    tell(HOLT, TEA, now=NOW)
    assert sum(s.area == "MQ2" for s in own_starts(HOLT)) == 3
    assert sum(s.area == "MQ2" for s in every_start(NOWAK)) == 3
    with pytest.raises(NotPermitted):
        tell(MARTIN, TEA, now=NOW)
    with pytest.raises(NotPermitted):
        tell(NOWAK, TEA, now=NOW)


@pytest.mark.usefixtures("scene")
def test_what_is_held_is_not_taken_back_and_what_is_taken_back_is_not_held() -> None:
    """One primary key for both (DI-05): the same visit is never sold twice (9.7)."""
    mine = sought()
    evening = replace(TEA, area="MQ1", band="evening", count=0, at=NOW + timedelta(hours=8))
    hold(NOWAK, mine.id, EVENING, now=NOW)
    tell(HOLT, evening, now=NOW)
    assert EVENING in {s.id for s in own_starts(HOLT)}
    assert "kf-later" not in {s.id for s in own_starts(HOLT)}
    with pytest.raises(Unprocessable, match="taken back"):
        offer_to(ELLIS, sought("ray").id, ["kf-later"], now=NOW)
    with pytest.raises(Conflict):
        put(slot.build(replace(slot.read(start(EVENING)), withdrawn=True)))
    assert set(held_slots(NOWAK, [EVENING, "kf-later"])) == {EVENING, "kf-later"}
    assert held_slots(PLACE, []) == {}


@pytest.mark.usefixtures("scene")
def test_who_may_not_be_offered_is_never_offered_and_named_with_why() -> None:
    """MS-01: unregistered never; inadequate by a named override alone, kept with the offer."""
    mine = sought()
    found = matches_of(NOWAK, mine.placement, NOW)
    assert [m.start.id for m in found.free if m.needs_override] == ["lo-evening"]
    assert found.barred == (
        ("Green Lane Care", ("Green Lane Care has no active registration: cancelled.",)),
    )
    with pytest.raises(Unprocessable, match="no active registration"):
        hold(NOWAK, mine.id, "gn-evening", now=NOW)
    with pytest.raises(Unprocessable, match="must allow it by name"):
        hold(NOWAK, mine.id, "lo-evening", now=NOW)
    allowed = Override(
        by="Ann Lee",
        post="Assistant director",
        why="Her sister lives there",
        review_on=date(2018, 2, 1),
    )
    kept = hold(NOWAK, mine.id, "lo-evening", now=NOW, override=allowed).kept.placement
    assert (kept.offers[0].allowed_by, kept.offers[0].allowed_review) == (
        "Ann Lee",
        date(2018, 2, 1),
    )


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        ({"minutes": 15}, "needs a reason"),
        ({"service": "nursing-home", "bands": (), "nursing": True}, "does not meet"),
        ({"carers": 2}, "does not meet"),
        ({"skills": ("hoist",)}, "does not meet"),
        ({"area": "WQ9"}, "does not meet"),
    ],
)
def test_an_offer_meets_what_is_wanted(change: dict[str, Any], told_of: str) -> None:
    mine = sought(**change)
    with pytest.raises(Unprocessable, match=told_of):
        hold(NOWAK, mine.id, EVENING, now=NOW)


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"begins": date(2018, 1, 15)}, "begins"),
        ({"begins": date(9999, 12, 31)}, "begins"),
        ({"area": "Marlbrook"}, "area"),
        ({"bands": ()}, "bands"),
        ({"carers": 5}, "carers"),
        ({"minutes": 0}, "minutes"),
        ({"words": "Ring Joyce first"}, "words"),
    ],
)
def test_what_is_wanted_can_be_asked_for_and_names_nobody(
    change: dict[str, Any], field: str
) -> None:
    """9.7: a package start in the past; and providers read the words before they say yes."""
    with pytest.raises(Unprocessable) as refused:
        seek(NOWAK, "asked-joyce", replace(WANTED, **change), now=NOW)
    assert field in {p.path for p in refused.value.problems}


@pytest.mark.usefixtures("scene")
def test_help_is_looked_for_once_a_referral() -> None:
    sought()
    with pytest.raises((Conflict, Unprocessable)):
        sought()
