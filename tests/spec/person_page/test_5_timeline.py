"""One timeline across organisations: what it holds, how it filters, how it is drawn."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from joinedup.people.timeline import Asked, present_timeline
from joinedup.people.timeline_lanes import draw_lanes
from tests.spec.person_page.lives import COUNCIL, HOSPITAL, NOW, SURGERY, life, says


def contact(day: str, n: int = 0) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": f"{day}-{n}",
        "status": "finished",
        "class": {"code": "AMB"},
        "period": {"start": day, "end": day},
    }


def service(start: str, end: str = "") -> dict[str, Any]:
    return {
        "resourceType": "EpisodeOfCare",
        "id": start,
        "status": "finished" if end else "active",
        "period": {"start": start} | ({"end": end} if end else {}),
    }


def test_it_is_newest_first_and_holds_every_organisation() -> None:
    """The list under the drawing."""
    held = life(
        says(SURGERY, contact("2017-06-01")),
        says(COUNCIL, service("2017-12-11")),
        says(HOSPITAL, contact("2017-11-01")),
    )
    listed = present_timeline(held, Asked(), NOW).listed
    assert [line.told.organisation for line in listed] == [
        "Marlbrook Council",
        "Marlbrook General Hospital",
        "Fosse Lane Surgery",
    ]


def test_filters_are_and() -> None:
    """One organisation, one kind, one span."""
    held = life(
        says(SURGERY, contact("2017-06-01")),
        says(COUNCIL, service("2017-12-11")),
        says(COUNCIL, contact("2017-12-12")),
        says(COUNCIL, contact("2015-12-12")),
    )
    asked = Asked(organisation="E99901", kind="contact", span="year")
    found = present_timeline(held, asked, NOW)
    assert found.total == 1 and found.all_total == 4


def test_a_service_that_began_before_the_window_and_goes_on_is_in_it() -> None:
    """It touches the window, though it began years before."""
    held = life(
        says(COUNCIL, service("2012-01-01")), says(COUNCIL, service("2011-01-01", "2012-01-01"))
    )
    assert present_timeline(held, Asked(span="month"), NOW).total == 1


def test_an_unknown_filter_value_is_no_error() -> None:
    """An address somebody changed by hand still gives a page."""
    found = present_timeline(life(says(SURGERY, contact("2018-01-10"))), Asked(span="x"), NOW)
    assert found.total == 1


def test_an_organisation_without_anything_in_these_dates_keeps_its_lane() -> None:
    """Its silence is part of the picture."""
    held = life(says(SURGERY, contact("2018-01-10")))
    drawing = draw_lanes(held, present_timeline(held, Asked(), NOW), NOW)
    assert [lane.name for lane in drawing.lanes] == [s.name for s in held.sources]
    assert drawing.lanes[1].says == "nothing in these dates"


def test_marks_that_fall_on_one_another_are_one_with_a_count() -> None:
    """A life of thousands of entries stays a few hundred shapes."""
    held = life(*(says(SURGERY, contact("2018-01-10", n)) for n in range(500)))
    (lane, *_) = draw_lanes(held, present_timeline(held, Asked(), NOW), NOW).lanes
    assert [m.count for m in lane.marks] == [500]


@given(st.lists(st.dates(min_value=NOW.date().replace(year=1940)), max_size=40))
def test_everything_drawn_is_inside_the_drawing(days: list[Any]) -> None:
    """Whatever the dates: from 0 to 100 per cent, and nothing counted twice or lost."""
    held = life(*(says(SURGERY, contact(d.isoformat(), i)) for i, d in enumerate(days)))
    timeline = present_timeline(held, Asked(span="all"), NOW)
    drawing = draw_lanes(held, timeline, NOW)
    marks = [m for lane in drawing.lanes for m in lane.marks]
    assert sum(m.count for m in marks) == timeline.total
    assert all(0 <= float(m.x[:-1]) <= 100 for m in marks)
    assert all(0 <= float(t.x[:-1]) <= 100 for t in drawing.ticks)
