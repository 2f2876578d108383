"""Going home, chapter 12. National columns: by day, by reason, by days waited; beds lost."""

import csv
from datetime import date
from fractions import Fraction
from io import StringIO
from itertools import pairwise

from msgspec.structs import replace

from joinedup.discharge.rules.endings import ended
from joinedup.discharge.rules.ready_date import marked_meeting
from joinedup.discharge.rules.returns import (
    WAIT_BANDS,
    daily_csv,
    delayed_beds,
    month_of_waits,
    reasons_csv,
    waits_csv,
)
from joinedup.discharge.rules.sitrep import first, sitrep
from joinedup.fhir.profiles.readiness import Readiness
from tests.spec.discharge.stays import HOSPITAL, NURSE, november, ready, review, stay, went

FIRST, END = date(2025, 11, 1), november(30)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def gone(*days: int) -> list[Readiness]:
    """One person for each number of days waited since 2 November."""
    return [went(f"g{n}", since=november(2), at=november(2 + d, 20)) for n, d in enumerate(days)]


def test_3100_delayed_days_in_a_month_of_31_are_a_hundred_beds() -> None:
    """9.9 example 4; and February has 28 days."""
    assert delayed_beds(3100, date(2017, 10, 1)) == 100
    assert delayed_beds(2800, date(2017, 2, 1)) == 100
    assert delayed_beds(1, date(2017, 10, 1)) == Fraction(1, 31)


def test_the_daily_return_has_the_published_columns() -> None:
    """From states or from what was sent: the same line."""
    made = sitrep(gone(1, 1, 0), HOSPITAL, date(2025, 11, 3))
    rows = table(daily_csv([made]))
    assert list(rows[0])[:7] == [
        "org_code",
        "date",
        "do_not_meet_criteria_to_reside",
        "discharged_by_1700",
        "discharged_between_1701_2359",
        "discharged_total",
        "remaining_in_hospital",
    ]
    assert rows[0]["org_code"] == HOSPITAL and rows[0]["discharged_total"] == "2"
    assert rows[0]["discharged_between_1701_2359"] == "2"
    assert daily_csv([made]) == daily_csv([first(made, at=november(4), by=NURSE)])


def test_waits_are_banded_as_published_and_the_dead_and_moved_are_not_in_them() -> None:
    """domain.md 9.4: by the date that stood; mean of those who left late."""
    people = gone(0, 0, 1, 3, 7, 21)
    dead = ended(_ready("d"), "died", november(9), method="4", destination="79").readiness
    codes = {"method": "1", "destination": "51"}
    moved = ended(_ready("m"), "transferred", november(9), **codes).readiness
    month = month_of_waits([*people, dead, moved, _ready("stays")], HOSPITAL, FIRST, now=END)
    assert month.days == (0, 0, 1, 3, 7, 21) and month.bed_days == 32
    assert month.late_share == Fraction(4, 6) and month.mean_late_days == 8
    assert [month.band(low, high) for _, low, high in WAIT_BANDS] == [2, 1, 1, 0, 1, 0, 1]
    row = table(waits_csv([month]))[0]
    assert row["delay_perc"] == "0.6667" and row["average_delay_los_minus_0_day_delay"] == "8.0000"
    assert (row["patients_discharged_volume"], row["21plus_day_delay_volume"]) == ("6", "1")


def _ready(spell: str) -> Readiness:
    return ready(november(3), before=stay(spell=spell, person=f"Patient/{spell}"))


def test_a_month_of_nobody_has_no_share_and_no_mean() -> None:
    """Nothing is no nought."""
    month = month_of_waits([], HOSPITAL, FIRST, now=END)
    row = table(waits_csv([month]))[0]
    assert row["patients_discharged_volume"] == "0"
    assert row["delay_perc"] == row["average_delay_los_minus_0_day_delay"] == ""


def test_bands_touch_and_do_not_overlap() -> None:
    bounds = [(low, high) for _, low, high in WAIT_BANDS]
    assert bounds[-1][1] is None
    assert all(a[1] + 1 == b[0] for a, b in pairwise(bounds))


def test_who_left_while_needing_the_bed_again_is_in_no_wait() -> None:
    person = marked_meeting(
        _ready("a"), review("oxygen", at=november(4), spell="a", person="Patient/a")
    )
    left = ended(person, "self-discharged", november(5), method="6", destination="19").readiness
    assert month_of_waits([left], HOSPITAL, FIRST, now=END).days == ()


def test_reasons_are_returned_in_national_words() -> None:
    """A person on a day; two hospitals and two months apart."""
    old = replace(_ready("a"), admitted=november(1).replace(month=10))
    reports = [sitrep([old], HOSPITAL, date(2025, 11, day)) for day in (3, 4)]
    rows = table(reasons_csv(reports))
    assert rows == [
        {
            "org_code": HOSPITAL,
            "date": "2025-11-01",
            "delay_reason": "Hospital process – Awaiting medicines to take home, discharge letter "
            "or other discharge documentation",
            "delay_count": "2",
        }
    ]
