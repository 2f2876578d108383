"""Dates: what a written date stands for, and what before, after and within it mean.

Each date is a period, as long as it is exact; comparing is of periods. FHIR R4 3.1.1.4.7.
"""

import pytest

from joinedup.fhir.search.matches import compares
from joinedup.fhir.search.period import BEGINNING, END, bounds
from joinedup.fhir.search.values import read_date


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("2024", "2024-01-01 00:00:00.000000+00", "2025-01-01 00:00:00.000000+00"),
        ("2024-02", "2024-02-01 00:00:00.000000+00", "2024-03-01 00:00:00.000000+00"),
        ("2024-03-31", "2024-03-31 00:00:00.000000+00", "2024-03-31 23:00:00.000000+00"),
        ("2024-10-27", "2024-10-26 23:00:00.000000+00", "2024-10-28 00:00:00.000000+00"),
        ("2024-07-16T10:00Z", "2024-07-16 10:00:00.000000+00", "2024-07-16 10:01:00.000000+00"),
        ("2024-07-16T10:00:00", "2024-07-16 09:00:00.000000+00", "2024-07-16 09:00:01.000000+00"),
        (
            "2024-07-16T10:00:00.5+01:00",
            "2024-07-16 09:00:00.500000+00",
            "2024-07-16 09:00:00.600000+00",
        ),
        ("2016-12-31T23:59:60Z", "2017-01-01 00:00:00.000000+00", "2017-01-01 00:00:01.000000+00"),
        ("9999-12-31", "9999-12-31 00:00:00.000000+00", END),
    ],
    ids=lambda value: value,
)
def test_a_date_stands_for_all_the_time_it_could_mean(written: str, low: str, high: str) -> None:
    """Days are London's: 23 hours when the clocks go forward, 25 when they go back."""
    assert bounds(written) == (low, high)


@pytest.mark.parametrize(
    "written", ["", "24", "2024-13", "2024-02-30", "0000", "yesterday", "2024-01-16T24:00:00Z"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        bounds(written)


def test_a_period_reaches_from_its_start_to_the_end_of_its_last_day() -> None:
    period = bounds({"start": "2024-01-16", "end": "2024-01-17"})
    assert period == ("2024-01-16 00:00:00.000000+00", "2024-01-18 00:00:00.000000+00")


def test_open_ends_sort_before_and_after_every_time() -> None:
    assert BEGINNING < bounds("0001")[0] < bounds("9999-12-30")[1] < END


# Around March 2024: its middle, its edges, and what is on either side of them.
DURING, BEFORE, AFTER = "2024-03-10", "2024-02-10", "2024-04-10"
YEAR = "2024"
OVER_START = {"start": "2024-02-20", "end": "2024-03-10"}
OVER_END = {"start": "2024-03-10", "end": "2024-04-10"}
SINCE = {"start": "2024-03-10"}
UNTIL = {"end": "2024-03-10"}
ALL = [DURING, BEFORE, AFTER, YEAR, OVER_START, OVER_END, SINCE, UNTIL]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("2024-03", [DURING]),
        ("eq2024-03", [DURING]),
        ("ne2024-03", [BEFORE, AFTER, YEAR, OVER_START, OVER_END, SINCE, UNTIL]),
        ("gt2024-03", [AFTER, YEAR, OVER_END, SINCE]),
        ("ge2024-03", [DURING, AFTER, YEAR, OVER_END, SINCE]),
        ("lt2024-03", [BEFORE, YEAR, OVER_START, UNTIL]),
        ("le2024-03", [DURING, BEFORE, YEAR, OVER_START, UNTIL]),
        ("sa2024-03", [AFTER]),
        ("eb2024-03", [BEFORE]),
        ("ap2024-03", ALL),
        ("ap2024-05", [AFTER, YEAR, OVER_END, SINCE]),
    ],
)
def test_a_comparator_finds_what_could_be_so(question: str, found: list[object]) -> None:
    """`gt` and `lt` ask whether any of it is beyond; `sa` and `eb` whether all of it is.

    `ap` looks as far again either side as what was written is long: a month round a month.
    """
    value = read_date("date", question)
    assert [each for each in ALL if compares(value, *bounds(each))] == found
