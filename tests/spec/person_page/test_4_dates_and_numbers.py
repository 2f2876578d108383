"""Dates are said no more exactly than they are known; numbers keep what was stated."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from joinedup.people.presenters.results import present_results
from joinedup.people.presenters.words import amount, nhs_number_words
from joinedup.web.charts import draw_sparkline
from joinedup.web.dates import ago, days_since, read_moment, say, when, years_between
from tests.spec.person_page.lives import HOSPITAL, NOW, SURGERY, coded, life, says


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2016", "2016"),
        ("2016-03", "March 2016"),
        ("2016-03-09", "9 March 2016"),
        ("2016-03-09T08:00:00Z", "9 March 2016"),
        ("2016-07-01T23:30:00Z", "2 July 2016"),
    ],
)
def test_as_exactly_as_it_is_known(written: str, said: str) -> None:
    """A year is never shown as 1 January."""
    moment = read_moment(written)
    assert moment is not None and say(moment) == said


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "2016-13-01",
        "2016-02-30",
        "16/01/2018",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_no_date_is_none(written: str) -> None:
    """A page does not fail over a bad date."""
    assert read_moment(written) is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("2018-01-16", "today"),
        ("2018-01-15", "yesterday"),
        ("2018-01-17", "tomorrow"),
        ("2018-01-06", "10 days ago"),
        ("2017-01-16", "12 months ago"),
        ("2008-01-16", "10 years ago"),
        ("2018-02-05", "in 20 days"),
    ],
)
def test_how_long_ago(written: str, words: str) -> None:
    """In days, then months, then years."""
    moment = read_moment(written)
    assert moment is not None and ago(moment, NOW) == words


def test_nights_are_midnights_even_when_the_clocks_change() -> None:
    """The night of 25 March 2018 has 23 hours and is one night (domain.md 0)."""
    moment = read_moment("2018-03-24T23:30:00Z")
    assert moment is not None
    assert days_since(moment, datetime.fromisoformat("2018-03-26T00:30:00+01:00")) == 2


def test_a_birthday_on_29_february() -> None:
    """Completed years; the birthday of a common year is 1 March."""
    assert years_between(date(1936, 2, 29), date(2018, 2, 28)) == 81
    assert years_between(date(1936, 2, 29), date(2018, 3, 1)) == 82


def test_the_machine_readable_date_is_as_exact_as_the_words() -> None:
    """`<time datetime>` of a month is a month."""
    shown = when(read_moment("2016-03"), NOW)
    assert shown is not None and shown.iso == "2016-03"


def test_an_amount_is_said_as_stated() -> None:
    """Trailing zeros mean something; fourteen decimals mean a computer."""
    assert amount({"value": Decimal("1.50"), "unit": "mmol/L"}) == "1.50 mmol/L"
    assert amount({"value": Decimal("157.52839368786317"), "unit": "cm"}) == "157.53 cm"
    assert amount({"comparator": "<", "value": 5, "unit": "%"}) == "<5%"
    assert amount({"value": Decimal("0.00042")}) == "0.00042"
    assert amount({"value": Decimal("0.0004212345")}) == "0.000421"


def test_the_number_of_ten_digits() -> None:
    """Anything else is left as it is."""
    assert nhs_number_words("9990012008") == "999 001 2008"
    assert nhs_number_words("12") == "12"


def potassium(day: str, value: str, **more: object) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": day,
        "status": "final",
        "category": [coded("laboratory", "Laboratory", "c")],
        "code": coded("2823-3", "Potassium", "http://loinc.org"),
        "effectiveDateTime": day,
        "valueQuantity": {"value": Decimal(value), "unit": "mmol/L"},
        "referenceRange": [{"low": {"value": Decimal("3.5")}, "high": {"value": Decimal("5.3")}}],
        **more,
    }


def test_results_of_one_kind_are_one_row_newest_first_whoever_measured() -> None:
    """Surgery and hospital draw one line; each value keeps its source."""
    held = life(
        says(SURGERY, potassium("2017-01-01", "4.4")),
        says(HOSPITAL, potassium("2018-01-15", "5.9")),
    )
    ((title, (row,)),) = present_results(held, NOW).groups
    assert title == "Blood and laboratory tests" and row.range == "3.5 to 5.3"
    assert [(v.words, v.mark) for v in row.values] == [("5.9 mmol/L", "high"), ("4.4 mmol/L", "")]
    assert row.trend is not None and row.trend.says == "up"


def test_two_units_are_never_drawn_as_one_line() -> None:
    """5 mmol/L and 95 mg/dL of the same code are two rows."""
    other = {"value": 95, "unit": "mg/dL"}
    held = life(
        says(SURGERY, potassium("2017-01-01", "5")),
        says(SURGERY, potassium("2017-02-01", "5", valueQuantity=other)),
    )
    ((_, rows),) = present_results(held, NOW).groups
    assert len(rows) == 2 and all(row.trend is None for row in rows)


def test_a_result_entered_in_error_is_not_shown() -> None:
    """It is in the history, and nowhere else."""
    held = life(says(SURGERY, potassium("2017-01-01", "5", status="entered-in-error")))
    assert present_results(held, NOW).groups == ()


def test_a_line_stays_inside_its_frame() -> None:
    """Also when every value is the same, or at one moment."""
    for points in ([(0.0, 5.0), (0.0, 5.0)], [(0.0, 1.0), (1.0, 9e9), (2.0, -9e9)]):
        drawn = draw_sparkline(points, low=-1e12, high=1e12)
        places = [tuple(map(float, p.split(","))) for p in drawn.points.split()]
        assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in places)
