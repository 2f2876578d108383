"""Beds, chapter 8. What no source gives is a place's to set, from a file."""

from datetime import date
from decimal import Decimal

import pytest

from joinedup.beds.rules.opel import reckoned
from joinedup.beds.rules.outbreak import began, clean_done, ended, reopening_problems
from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.reference.calendars import amount
from joinedup.reference.own import SETTABLE, laid_over, read_own_rows
from joinedup.reference.tables import every, rows
from tests.spec.beds.wards import DAY, NURSE, january, outbreak, ward

HEADER = "code,words,symptom_free_hours,clean_first,closes,from,until,assumption,source\n"
OURS = "norovirus,Norovirus,72,yes,yes,2018-01-01,2018-02-01,no,Our infection control team\n"


def own(line: str = OURS) -> tuple[dict[str, str], ...]:
    return tuple(dict(r) for r in read_own_rows("codes/infections", HEADER + line, name="own.csv"))


def test_a_places_own_hours_stand_before_the_published_ones_while_they_hold() -> None:
    """WI-04: 72 hours here in January, and 48 again from February."""
    cleaned = clean_done(began(ward(), outbreak()), january(10))
    two_days, three_days = january(11, 9), january(12)
    assert reopening_problems(cleaned.outbreaks[-1], two_days) == ()
    with pytest.raises(Unprocessable, match="49 of 72 hours"):
        ended(cleaned, two_days, by=NURSE, own=own())
    assert ended(cleaned, three_days, by=NURSE, own=own()).outbreak is None
    later = {r["code"]: r for r in laid_over("codes/infections", own(), on=date(2018, 2, 1))}
    assert later["norovirus"]["symptom_free_hours"] == "48"


def test_thresholds_of_pressure_and_levels_are_set_the_same_way() -> None:
    """House law 12: configured, not coded."""
    columns = ",".join(every("codes/opel")[0])
    line = "occupancy-percent,Beds in use,per cent,up,80,85,90,,,no,Our board"
    mine = read_own_rows("codes/opel", f"{columns}\n{line}\n", name="opel.csv")
    busy = {"occupancy-percent": Decimal(90)}
    assert reckoned(busy, on=DAY).scores == {"occupancy-percent": 0}
    assert reckoned(busy, on=DAY, thresholds=mine).scores == {"occupancy-percent": 3}
    names = ",".join(every("codes/opel_levels")[0])
    low = read_own_rows("codes/opel_levels", f"{names}\n4,Full,10,,,no,Us\n", name="l.csv")
    some = {"occupancy-percent": Decimal(92)}
    assert (reckoned(some, on=DAY).level, reckoned(some, on=DAY, levels=low).level) == (2, 4)


def test_days_and_hours_too() -> None:
    columns = ",".join(every("calendars/timings")[0])
    mine = read_own_rows("calendars/timings", f"{columns}\nchase-within,3,days,,,no,Us\n", name="t")
    assert amount("chase-within", on=DAY) == 7 and amount("chase-within", on=DAY, own=mine) == 3
    assert amount("snapshot", on=DAY, own=mine) == 8
    with pytest.raises(KeyError):
        amount("tea", on=DAY, own=mine)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (OURS.replace("norovirus,", "a cold,"), "line 2: 'a cold' is not in the table"),
        (OURS.replace(",72,", ",soon,"), "symptom_free_hours 'soon': write a number"),
        (OURS.replace(",72,", ",-1,"), "write a number of 0 and more"),
        (OURS.replace(",72,", ",NaN,"), "write a number of 0 and more"),
        (OURS.replace("Our infection control team", ""), "say who says so"),
        (OURS.replace("2018-02-01", "1 February"), "write days as 2018-04-01"),
        (OURS.replace("2018-02-01", "2018-01-01"), "ends before it begins"),
        ("norovirus,Norovirus\n", "cells and columns differ"),
        ('norovirus,"Noro\n', "line 2: unexpected end of data"),
    ],
)
def test_a_wrong_line_is_named_with_its_remedy(line: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        own(line)
    assert words in str(refused.value) and str(refused.value).startswith("own.csv, line")


def test_another_header_another_table_or_a_book_is_refused() -> None:
    with pytest.raises(Invalid, match="line 1: write code,words"):
        read_own_rows("codes/infections", "code,hours\n", name="own.csv")
    with pytest.raises(Invalid, match="no table that a place sets"):
        read_own_rows("codes/pathways", HEADER, name="own.csv")
    with pytest.raises(Invalid, match="longer than 100,000 letters"):
        read_own_rows("codes/infections", "x" * 100_001, name="own.csv")


def test_every_table_that_is_set_says_which_of_its_rows_are_assumed() -> None:
    for table in SETTABLE:
        assert {r["assumption"] for r in rows(table, on=DAY)} <= {"yes", "no"}
