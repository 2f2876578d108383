"""Money, chapter 20. What is kept of money beside the ledger: bills, visits, agreements, questions.

Each is plain FHIR R4, written, read back and checked by `joinedup.fhir.profiles`.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.check import check as check_fhir
from joinedup.fhir.classes import LABEL_CODES, DataClass, Label, class_of
from joinedup.fhir.derive import derive
from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.fhir.profiles import agreement as agreements
from joinedup.fhir.profiles import invoice as invoices
from joinedup.fhir.profiles import invoice_exception as exceptions
from joinedup.fhir.profiles import visit as visits
from joinedup.fhir.profiles.invoice import Invoice, InvoiceLine
from joinedup.fhir.profiles.pounds import money_of, pence_of, read_share, write_share
from joinedup.fhir.profiles.visit import Visit
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.ledger.grant import Grant
from joinedup.ledger.pool import Pool
from joinedup.money.agreement_rules import (
    agreement_of_grant,
    agreement_of_pool,
    grant_of,
    pool_of,
)

PENCE = st.integers(0, 10**14)
SHARE = st.fractions(0, 1, max_denominator=9_973)
NAME = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
JANUARY = date(2018, 1, 1)


def line(**changes: Any) -> InvoiceLine:
    """A week of two hours a day at £18.50."""
    made = InvoiceLine(
        begins=JANUARY,
        ends=date(2018, 1, 7),
        units=Decimal(14),
        unit="hour",
        unit_cost=1_850,
        net=25_900,
    )
    return replace(made, **changes)


def bill(*lines: InvoiceLine, **changes: Any) -> Invoice:
    """Harbour Home Care's invoice 2044 for Joyce's care at home."""
    made = Invoice(
        provider="AB1",
        number="2044",
        day=date(2018, 1, 9),
        package="joyce-home-care",
        person="Patient/joyce",
        lines=lines or (line(),),
    )
    return replace(made, **changes)


def stored(resource: dict[str, Any]) -> dict[str, Any]:
    """What the record has of it: sound FHIR R4, written to the last digit and read again."""
    assert check_fhir(resource) == ()
    return read_resource(write_resource(resource))


@given(st.lists(st.tuples(PENCE, st.decimals(0, 500, places=3), PENCE), min_size=1, max_size=5))
def test_a_bill_reads_back_as_it_was_written(figures: list[tuple[int, Decimal, int]]) -> None:
    """Pence, quarters of an hour and days, whatever they are."""
    lines = tuple(line(net=net, units=units, vat=vat) for net, units, vat in figures)
    counted = [item["sequence"] for item in invoices.build(bill(*lines))["lineItem"]]
    assert counted == list(range(1, len(lines) + 1))
    for state in (invoices.RECEIVED, invoices.ACCEPTED, invoices.REFUSED):
        made = bill(*lines, state=state, decided_by="Practitioner/okafor", words="Because.")
        made = bill(*lines) if state == invoices.RECEIVED else made
        assert invoices.read(stored(invoices.build(made))) == made


def test_the_same_bill_has_the_same_id_however_its_number_is_typed() -> None:
    """A replay is the same resource; so is one typed with a blank or in small letters."""
    assert bill(number="inv 2044").id == bill(number="INV2044").id
    assert bill(number="2045").id != bill().id
    assert bill(provider="AB2").id != bill().id
    assert bill(package="ron").id != bill().id
    assert bill(person="Patient/joined-to").id == bill().id


def test_a_bill_is_the_same_when_day_and_lines_are() -> None:
    """Domain 4.5: a duplicate number with another content is found, whatever was decided of it."""
    decided = bill(state=invoices.ACCEPTED, decided_by="Practitioner/okafor")
    assert invoices.same_bill(bill(), decided)
    assert not invoices.same_bill(bill(), bill(line(units=Decimal(15))))
    assert not invoices.same_bill(bill(), bill(day=date(2018, 1, 10)))


def test_it_is_money_of_the_person_and_of_nobody_else() -> None:
    """Class financial; no organisation sees the person because it sent a bill."""
    made = invoices.build(bill())
    rows = derive(made, write_resource(made))
    assert rows.data_class == DataClass.FINANCIAL
    assert rows.reach == ()
    assert rows.claims == ()


def test_an_accepted_bill_holds_each_day_it_bills() -> None:
    """House law 3: two bills for one day of one package are never both accepted."""
    accepted = bill(line(), line(ends=date(2018, 1, 2)), state=invoices.ACCEPTED)
    made = invoices.build(accepted)
    held = derive(made, write_resource(made)).claims
    assert held == tuple(f"invoiced/joyce-home-care/2018-01-{day:02d}" for day in range(1, 8))


@pytest.mark.parametrize("state", [invoices.RECEIVED, invoices.REFUSED, invoices.ADDITIONAL])
def test_one_that_waits_is_refused_or_additional_holds_no_day(state: str) -> None:
    """An additional charge stands beside what was billed; somebody named says why."""
    made = bill(state=state, decided_by="Practitioner/okafor", words="The nights of the storm.")
    assert invoices.days_held(invoices.build(made)) == ()


def test_an_additional_charge_without_a_name_and_a_reason_is_refused() -> None:
    """Nobody gets round the days held by a word."""
    for said in ({}, {"decided_by": "Practitioner/okafor"}, {"words": "The storm."}):
        made = invoices.build(bill(state=invoices.ADDITIONAL, **said))
        with pytest.raises(Unprocessable, match="who decided"):
            invoices.days_held(made)


def test_an_accepted_bill_that_does_not_say_what_it_bills_is_refused() -> None:
    """One written by hand, or of a thousand years, cannot slip by without its days."""
    made = invoices.build(bill(state=invoices.ACCEPTED))
    with pytest.raises(Unprocessable, match="says its package"):
        invoices.days_held({**made, "extension": []})
    with pytest.raises(Unprocessable, match="says its package"):
        invoices.days_held({**made, "lineItem": [{"sequence": 1}]})
    for half in ({"status": "issued"}, {"extension": made["extension"][:1]}):
        with pytest.raises(Unprocessable, match="says its package"):
            invoices.days_held({**made, **half})
    assert invoices.days_held({**made, "status": "entered-in-error"}) == ()
    long = invoices.build(bill(line(ends=date(3018, 1, 1)), state=invoices.ACCEPTED))
    with pytest.raises(Unprocessable, match="366 days"):
        invoices.days_held(long)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"units": Decimal(-1)}, "above zero"),
        ({"unit_cost": 0}, "above zero"),
        ({"vat": -1}, "above zero"),
        ({"ends": date(2017, 12, 31)}, "1 to 366 days"),
        ({"ends": date(2019, 1, 2)}, "1 to 366 days"),
    ],
)
def test_what_is_no_line_is_said(changes: dict[str, Any], said: str) -> None:
    """Credits are given by reversing; a line is a year at most."""
    assert [p.message for p in invoices.check(bill(line(**changes))) if said in p.message]
    assert invoices.check(bill()) == ()


def test_a_bill_has_lines_and_not_endlessly_many() -> None:
    """Limits on everything from outside."""
    assert "1 to 60 lines" in invoices.check(replace(bill(), lines=()))[0].message
    assert "1 to 60 lines" in invoices.check(bill(*[line()] * 61))[0].message


@given(PENCE, st.booleans())
def test_pounds_are_exact(pence: int, below: bool) -> None:
    """FHIR Money, through JSON and back, to the penny."""
    pence = -pence if below else pence
    assert pence_of(read_resource(write_resource({"m": money_of(pence)}))["m"]) == pence


@pytest.mark.parametrize(
    "money",
    [
        {"value": Decimal("1.005"), "currency": "GBP"},
        {"value": Decimal(1), "currency": "EUR"},
        {"value": True, "currency": "GBP"},
        {"value": Decimal(1)},
        {},
    ],
)
def test_part_pennies_and_other_money_are_refused(money: dict[str, Any]) -> None:
    """Domain 12.3b: what is not pounds and pence is said, never rounded."""
    with pytest.raises(Invalid):
        pence_of(money)


def test_a_visit_says_when_and_for_which_package() -> None:
    """The hour the clocks go back is an hour longer than it looks."""
    start = datetime(2017, 10, 29, 0, 30, tzinfo=LONDON)
    made = Visit(
        person="Patient/joyce",
        package="joyce-home-care",
        provider="AB1",
        start=start,
        end=datetime(2017, 10, 29, 1, 30, tzinfo=LONDON, fold=1),
    )
    assert made.time == timedelta(hours=2)
    back = visits.read(stored(visits.build(made, "v1")))
    assert (back.time, back.day, back.package) == (made.time, start.date(), "joyce-home-care")
    assert visits.check(back) == ()


def test_a_visit_is_of_the_day_england_had() -> None:
    """Half past midnight in summer is yesterday in Greenwich, and today here."""
    start = datetime(2018, 6, 30, 23, 30, tzinfo=UTC)
    made = Visit(
        person="Patient/joyce", package="p", provider="AB1", start=start, end=start.replace(hour=23)
    )
    assert made.day == date(2018, 7, 1)
    assert "ends after it begins" in visits.check(made)[0].message
    long = replace(made, end=start + timedelta(days=3))
    assert "several" in visits.check(long)[0].message


def test_a_stay_in_hospital_or_a_visit_to_come_is_no_visit() -> None:
    """Only what took place at home, for a package, counts."""
    start = datetime(2018, 1, 2, 9, tzinfo=UTC)
    made = visits.build(
        Visit(
            person="Patient/joyce",
            package="p",
            provider="AB1",
            start=start,
            end=start + timedelta(hours=1),
        ),
        "v1",
    )
    assert visits.is_visit(made)
    changes: tuple[dict[str, Any], ...] = (
        {"class": {"code": "IMP"}},
        {"status": "planned"},
        {"episodeOfCare": []},
        {"period": {"start": "2018-01-02", "end": "2018-01-02"}},
    )
    for change in changes:
        assert not visits.is_visit(made | change)
        with pytest.raises(KeyError):
            visits.read(made | change)


def test_a_question_about_a_bill_is_money_and_shows_nobody_anything() -> None:
    """Its reasons are codes with sentences; what was decided, by whom and why, stays in it."""
    waiting = exceptions.InvoiceException(
        invoice=bill().id,
        person="Patient/joyce",
        reasons=(("unit-cost", "£19.00 is billed, £18.50 was agreed."), ("visits", "Few.")),
        asked_at=datetime(2018, 1, 9, 10, tzinfo=UTC),
    )
    made = exceptions.build(waiting)
    assert class_of(made, names_somebody=True) is DataClass.FINANCIAL
    owned = made | {"owner": {"reference": "Organization/AB1"}}
    assert derive(owned, write_resource(owned)).reach == ()
    assert exceptions.read(stored(made)) == waiting
    at = datetime(2018, 1, 10, 10, tzinfo=UTC)
    done = exceptions.decided(
        waiting, "refused", by="Practitioner/okafor", at=at, words="Bill the agreed price."
    )
    assert exceptions.read(stored(exceptions.build(done))) == done
    with pytest.raises(KeyError):
        exceptions.decided(waiting, "perhaps", by="Practitioner/okafor", at=at, words="")


@given(
    st.dictionaries(NAME, st.tuples(PENCE, SHARE, SHARE, PENCE), min_size=2, max_size=5),
    st.lists(NAME, max_size=3),
)
def test_a_pool_reads_back_as_it_was_agreed(
    partners: dict[str, tuple[int, Fraction, Fraction, int]], functions: list[str]
) -> None:
    """BU-09: host, contributions, risk share, functions, VAT, how it ends; thirds stay thirds."""
    host = next(iter(partners))
    pool = Pool(
        name="Better Care Fund",
        host=host,
        year="2018-19",
        contributions={name: p[0] for name, p in partners.items()},
        overspend={name: p[1] for name, p in partners.items()},
        underspend={name: p[2] for name, p in partners.items()},
        functions=tuple(functions),
        vat_by=host,
        ends="Six months after either partner says so.",
        minimums={name: p[3] for name, p in partners.items()},
    )
    made = stored(agreements.build(agreement_of_pool(pool), "pool-1"))
    assert pool_of(agreements.read(made)) == pool
    assert list(pool_of(agreements.read(made)).contributions) == list(partners)
    with pytest.raises(Invalid, match="not a grant"):
        grant_of(agreements.read(made))


@given(st.dictionaries(NAME, SHARE, min_size=1, max_size=160), PENCE, st.booleans())
def test_a_grant_reads_back_with_its_shares(
    shares: dict[str, Fraction], total: int, proxy: bool
) -> None:
    """Domain 9.5: and with the word that they are not the real ones, where they are not."""
    grant = Grant(
        name="winter-2018",
        year="2018-19",
        total=total,
        shares=shares,
        shares_source="Share of people of 65 and more, mid-2017",
        shares_are_proxy=proxy,
    )
    made = stored(agreements.build(agreement_of_grant(grant), "grant-1"))
    assert grant_of(agreements.read(made)) == grant
    assert made["applies"] == {"start": "2018-04-01", "end": "2019-03-31"}
    with pytest.raises(Invalid, match="not a pool"):
        pool_of(agreements.read(made))


def test_a_bill_bears_the_labels_of_its_care() -> None:
    """Who does not see the care sees neither its bill nor the question about it."""
    label = {"system": LABEL_CODES, "code": "adoption"}
    asked = exceptions.InvoiceException(
        invoice=bill().id,
        person="Patient/joyce",
        reasons=(("visits", "Few."),),
        asked_at=datetime(2018, 1, 9, 10, tzinfo=UTC),
    )
    for made in (
        invoices.build(bill(), security=[label]),
        exceptions.build(asked, security=[label]),
    ):
        assert derive(made, write_resource(stored(made))).label == Label.ADOPTION


def test_an_agreement_names_nobody() -> None:
    """Partners are organisations; a Contract about anything else is none of these."""
    other = {"resourceType": "Contract", "id": "c1", "type": {"text": "Tenancy"}}
    assert not agreements.is_agreement(other)
    with pytest.raises(KeyError):
        agreements.read(other)


@pytest.mark.parametrize("text", ["", "3", "3/0", "/3", "3/", "-/3", "1.5/2", "3/-5", "9" * 300])
def test_what_is_no_share_is_refused(text: str) -> None:
    """A share is written as two whole numbers."""
    with pytest.raises(Invalid, match="not a share"):
        read_share(text)


@given(st.fractions())
def test_shares_are_exact(share: Fraction) -> None:
    """A third is not 0.333."""
    assert read_share(write_share(share)) == share
