"""Money, chapter 22. A bill beside what was agreed and what was done (BU-01, BU-02, BU-04).

One that differs in nothing is accepted and moves its money once; every other waits for a person,
with each reason in figures.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup.fhir.profiles.event import EXTENSION
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL, REFUSED
from joinedup.ledger.posting import reversal
from joinedup.money.away import NO_DAY, Stay, died_on, stay_of
from joinedup.money.commitments import PackageSaid, commitment_of, package_said
from joinedup.money.invoice_posting import posting_of
from joinedup.money.matching_rules import REASONS, Margins, Matched, margins, match
from tests.spec.money.invoices import (
    APPROVED,
    BEGINS,
    PREPARED,
    SAID,
    agreed,
    bill,
    line,
    promise,
    visits,
)

ALLOWED = Margins(units_over=Fraction(5), visits_short=Fraction(10))
ON = date(2018, 1, 16)
FIRST_MONTH = date(2018, 1, 31)


def matched(invoice: Any = None, commitment: Any = "as agreed", **changes: Any) -> Matched:
    """The bill, matched with a week of visits unless said otherwise."""
    held = agreed() if commitment == "as agreed" else commitment
    given = {"visits": visits(31), "allowed": ALLOWED} | changes
    return match(invoice or bill(), held, **given)


def reasons(*args: Any, **changes: Any) -> dict[str, str]:
    """Every reason by its code."""
    found = matched(*args, **changes)
    assert not found.is_accepted
    return {reason.code: reason.sentence for reason in found.reasons}


def test_a_bill_as_agreed_and_done_is_accepted() -> None:
    """Fourteen hours at £18.50 for the first week; seven visits of two hours are recorded."""
    assert matched().is_accepted
    assert matched(bill(line(units=Decimal("13.5")))).is_accepted


def test_how_far_a_bill_may_differ_is_a_dated_row() -> None:
    """House law 12: a place's own to set, and marked as such."""
    assert margins(on=ON) == ALLOWED


def test_without_a_package_or_a_promise_nothing_is_owed() -> None:
    """What nobody agreed is asked about, whoever bills it."""
    assert "Nothing is agreed" in reasons(commitment=None)["package"]
    assert commitment_of(SAID, []) is None
    taken_back = reversal(
        promise(), new_id="r", on=ON, words="Wrong", prepared_by=PREPARED, approved_by=APPROVED
    )
    assert commitment_of(SAID, [promise(), taken_back]) is None


def test_the_promises_of_others_are_not_counted() -> None:
    """Only entries of the package itself say what is agreed for it."""
    other = PackageSaid(id="ron", person="Patient/ron", unit="hour", begins=None, ends=None)
    assert commitment_of(other, [promise()]) is None


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"provider": "VZ902"}, "provider", "provided by VZ901, not VZ902"),
        ({"person": "Patient/ron"}, "person", "another person's"),
    ],
)
def test_another_party_is_asked_about(changes: dict[str, Any], code: str, said: str) -> None:
    """The provider and the person are those of the package."""
    assert said in reasons(bill(**changes))[code]


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"begins": date(2017, 12, 30)}, "dates", "2 days from 30 December 2017"),
        ({"ends": date(2018, 2, 12)}, "dates", "1 day from 12 February 2018"),
        ({"unit": "visit"}, "unit", "bills by the visit; the hour is agreed"),
        ({"unit_cost": 1_900}, "unit-cost", "£19.00 is billed; £18.50 is agreed on 1 January"),
        ({"unit_cost": 1_800}, "unit-cost", "£18.00 is billed"),
        ({"units": Decimal(15)}, "units", "15 hours billed; 14 hours agreed"),
        ({"vat": 5_180}, "vat", "£51.80 VAT is billed; £0.00 is agreed"),
        ({"net": 25_901}, "arithmetic", "14 at £18.50 is £259.00; £259.01 is billed"),
    ],
)
def test_each_difference_from_what_was_agreed_is_a_reason(
    changes: dict[str, Any], code: str, said: str
) -> None:
    """In figures, so that it is decided without opening anything else."""
    assert said in reasons(bill(line(**changes)))[code]


def test_a_package_that_ended_bears_no_bill_after() -> None:
    """Its promise may reach further: the package's own end counts."""
    ended = agreed(said=replace(SAID, ends=date(2018, 1, 5)))
    assert "2 days from 6 January" in reasons(commitment=ended)["dates"]


def test_a_little_more_than_agreed_is_let_through_within_what_is_promised() -> None:
    """BU-04: the tolerance is on a week's hours, never on the whole."""
    assert matched(bill(line(units=Decimal("14.5")))).is_accepted
    spent = posting_of(bill(), agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    six = [replace(spent, id=f"{n}") for n in range(6)]
    left = agreed(promise(), *six)
    assert left.left == 0
    assert "£259.00 is billed, £0.00 is left" in reasons(commitment=left)["beyond"]
    approved = agreed(promise(), *six, floor=-25_900)
    assert matched(commitment=approved).is_accepted


def test_half_a_penny_may_be_rounded_either_way() -> None:
    """A quarter of an hour at £18.51 is £4.6275: £4.62 and £4.63 are both sound."""
    held = agreed(promise(unit_cost=1_851))
    for net in (462, 463):
        short = line(units=Decimal("0.25"), unit_cost=1_851, net=net)
        assert matched(bill(short), held).is_accepted


def test_fewer_visits_than_billed_are_asked_about_and_nothing_else_of_them_is_said() -> None:
    """Hours against hours; the officer sees how long, never what happened."""
    found = reasons(visits=visits(7, minutes=90))
    assert found == {"visits": "14 hours billed; 10.5 hours recorded."}
    assert matched(visits=visits(7, minutes=110)).is_accepted
    assert "0 hours recorded" in reasons(visits=())["visits"]


def test_visits_of_another_week_package_or_provider_do_not_count() -> None:
    """Only what this provider did for this package in these days."""
    assert "visits" in reasons(visits=visits(7, first=date(2018, 1, 8)))
    for changes in ({"package": "ron"}, {"provider": "VZ902"}):
        assert "visits" in reasons(visits=[replace(v, **changes) for v in visits(7)])


def test_visits_are_counted_where_visits_are_billed() -> None:
    """Fourteen calls at £9.25 each, of which seven are recorded."""
    held = agreed(promise(unit_cost=925, hours=84), said=replace(SAID, unit="visit"))
    calls = bill(line(unit="visit", unit_cost=925))
    assert (
        reasons(calls, held, visits=visits(7))["visits"] == "14 visits billed; 7 visits recorded."
    )
    assert matched(calls, held, visits=[*visits(7), *visits(7)]).is_accepted


def test_a_week_in_a_home_needs_no_visits() -> None:
    """Beds are not visited."""
    held = agreed(promise(unit_cost=70_000, hours=6), said=replace(SAID, unit="week"))
    week = bill(line(unit="week", units=Decimal(1), unit_cost=70_000))
    assert matched(week, held, visits=()).is_accepted


def test_days_in_hospital_are_not_billed() -> None:
    """Domain 4.5: four whole days away leave three of seven; hours for all seven are too many."""
    stay = Stay(date(2018, 1, 2), date(2018, 1, 7))
    found = reasons(stays=[stay], visits=visits(2))
    assert found["hospital"] == "14 hours billed; for the days out of hospital 6 hours agreed."


def test_what_was_done_at_home_before_and_after_a_stay_is_owed() -> None:
    """The day of leaving home and the day of coming back are days of care."""
    stay = Stay(date(2018, 1, 2), date(2018, 1, 7))
    home = [v for v in visits(7) if v.day.day in (1, 2, 7)]
    assert matched(bill(line(units=Decimal(6))), stays=[stay], visits=home).is_accepted


def test_a_visit_recorded_while_she_was_in_hospital_is_asked_about() -> None:
    """Somebody was somewhere else than is written."""
    stay = Stay(date(2018, 1, 2), None)
    found = reasons(bill(line(units=Decimal(4))), stays=[stay])
    assert found["hospital"] == "5 visits recorded on days in hospital, the first 3 January 2018."


def test_care_after_a_death_is_not_owed() -> None:
    """BU-08: liability ends with the day."""
    found = reasons(died=date(2018, 1, 5))
    assert found["death"] == "It bills to 7 January 2018; the person died on 5 January 2018."
    assert matched(died=date(2018, 1, 7)).is_accepted


def test_somebody_who_died_on_an_unknown_day_is_asked_about() -> None:
    """A Patient that only says so, or says a month: no day is guessed."""
    assert "does not say on which day" in reasons(died=NO_DAY)["death"]
    assert died_on({"deceasedBoolean": True}) == died_on({"deceasedDateTime": "2018-01"}) == NO_DAY
    assert died_on({"deceasedBoolean": False}) is None and died_on({}) is None
    assert died_on({"deceasedDateTime": "2018-06-30T23:30:00Z"}) == date(2018, 7, 1)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, Stay(date(2018, 1, 2), date(2018, 1, 7))),
        (
            {"status": "in-progress", "period": {"start": "2018-01-02"}},
            Stay(date(2018, 1, 2), None),
        ),
        ({"period": {"start": "2018-01-02"}}, Stay(date(2018, 1, 2), date(2018, 1, 2))),
        (
            {"period": {"start": "2018-06-30T23:30:00Z", "end": "2018-07-02"}},
            Stay(date(2018, 7, 1), date(2018, 7, 2)),
        ),
        ({"class": {"code": "HH"}}, None),
        ({"class": {"code": "EMER"}}, None),
        ({"status": "planned"}, None),
        ({"status": "entered-in-error"}, None),
        ({"period": {}}, None),
        ({"resourceType": "EpisodeOfCare"}, None),
    ],
)
def test_a_stay_is_an_inpatients_and_took_place(
    changes: dict[str, Any], found: Stay | None
) -> None:
    """One that ended on a day nobody wrote down keeps nobody from home."""
    stay = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "IMP"},
        "period": {"start": "2018-01-02", "end": "2018-01-07"},
    }
    assert stay_of(stay | changes) == found


def test_days_that_an_accepted_invoice_bills_are_not_owed_twice() -> None:
    """Domain 4.5: also under another number."""
    earlier = bill(number="1999", state=ACCEPTED)
    found = reasons(bill(line(begins=date(2018, 1, 7), ends=date(2018, 1, 13))), before=[earlier])
    assert "Invoice 1999, accepted, bills 1 day of it too, the first 7 January" in found["overlap"]
    for state in (REFUSED, ADDITIONAL):
        assert matched(before=[replace(earlier, state=state)]).is_accepted
    assert (
        "twice itself" in reasons(bill(line(units=Decimal(7)), line(units=Decimal(7))))["overlap"]
    )


def test_weekdays_and_weekends_have_prices_of_their_own() -> None:
    """Two rates in the same days are not an overlap."""
    held = agreed(promise(hours=60), promise("promise-2", hours=24, unit_cost=2_100))
    both = bill(line(units=Decimal(10)), line(units=Decimal(4), unit_cost=2_100))
    assert matched(both, held).is_accepted
    swapped = bill(line(units=Decimal(4)), line(units=Decimal(10), unit_cost=2_100))
    assert matched(swapped, held).is_accepted  # the sum of the hours is as agreed


def test_a_rise_in_price_is_billed_on_its_own_days() -> None:
    """A line across the rise says neither price for all of its days."""
    held = agreed(
        promise(ends=date(2018, 1, 3), hours=6),
        promise("rise", begins=date(2018, 1, 4), hours=78, unit_cost=1_900),
    )
    assert "£19.00 is agreed on 4 January 2018" in reasons(commitment=held)["unit-cost"]
    two = bill(
        line(ends=date(2018, 1, 3), units=Decimal(6)),
        line(begins=date(2018, 1, 4), units=Decimal(8), unit_cost=1_900),
    )
    assert matched(two, held).is_accepted


def test_vat_is_billed_where_it_was_agreed() -> None:
    """A fifth of the net, to the penny; none or another part is asked about."""
    held = agreed(promise(vat=31_080))
    assert matched(bill(line(vat=5_180)), held).is_accepted
    assert "£51.80 is agreed" in reasons(bill(line(vat=5_190)), held)["vat"]
    assert "£0.00 VAT is billed" in reasons(bill(), held)["vat"]


def test_the_same_bill_again_changes_nothing() -> None:
    """A replay of a file is no second payment."""
    again = matched(before=[bill(state=ACCEPTED, decided_by=APPROVED)])
    assert again.again and not again.is_accepted and again.reasons == ()


def test_a_number_used_before_is_asked_about() -> None:
    """Domain 4.5, duplicate invoice numbers: other content, another date, or refused before."""
    other = bill(line(units=Decimal(13)), state=ACCEPTED)
    assert "other days, units or amounts" in reasons(before=[other])["number"]
    dated = bill(day=date(2017, 1, 9), package="ron", state=ACCEPTED)
    assert "dated 9 January 2017" in reasons(before=[dated])["number"]
    assert "the price" in reasons(before=[bill(state=REFUSED, words="Bill the price.")])[
        "refused"
    ].replace("Bill the price", "the price")
    assert matched(before=[bill()]).is_accepted


def test_every_reason_has_its_words() -> None:
    """No code reaches a page bare."""
    wrong = bill(
        line(units=Decimal(90), unit="visit", unit_cost=1, vat=3, net=7), provider="X", person="Y"
    )
    found = reasons(wrong, died=date(2018, 1, 1), before=[bill(state=ACCEPTED, number="8")])
    assert set(found) <= set(REASONS) and len(found) > 6


@pytest.mark.parametrize(
    ("frequency", "unit"),
    [
        ("Hourly", "hour"),
        ("Per session", "visit"),
        ("Weekly", "week"),
        ("One-off", "item"),
        ("", ""),
    ],
)
def test_a_package_says_by_what_it_is_paid(frequency: str, unit: str) -> None:
    """Client Level Data, Cost Frequency; what is not said is not compared."""
    part = {"url": "cost-frequency-unit-type", "valueString": frequency}
    said = package_said(
        {
            "resourceType": "EpisodeOfCare",
            "id": "p1",
            "patient": {"reference": "Patient/joyce"},
            "period": {"start": "2018-01-01"},
            "extension": [{"url": EXTENSION, "extension": [part]}],
        }
    )
    assert (said.unit, said.begins, said.ends) == (unit, BEGINS, None)
    assert said.person == "Patient/joyce"
