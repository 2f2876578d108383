"""Money, chapter 29. The papers of money: a program writes none, and an answer stays (BU-05).

Two officers are worth nothing where one of them, with a program in her name, revives what the other
took back, moves the days of a bill that waits, or makes an answer another.
"""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles import payment as profile
from joinedup.fhir.profiles.agreement import POOL, Agreement, Part, agreed, build, prepared
from joinedup.fhir.search.query import parse_query
from joinedup.money.approval import approve, payment_of, prepare, withdraw
from joinedup.money.invoices import take_in
from joinedup.record import Change, Create, Delete, Stored, Update
from joinedup.record.cluster import Urls
from tests.spec.money.officers import (
    NOW,
    OKAFOR,
    PATEL,
    POT,
    file_of,
    given,
    left,
    made_visits,
    set_scene,
)

PROGRAM = replace(OKAFOR, session="token")


@pytest.fixture(autouse=True)
def _joyce_has_care(record_database: Urls) -> None:
    assert record_database.application
    set_scene()


def refuses(permit: Permit, change: Change) -> bool:
    try:
        record.commit(permit, [change])
    except NotPermitted:
        return True
    return False


def _prepared() -> Stored:
    return prepare(PATEL, given(100_00, "more"), now=NOW)


def _as_new(stored: Stored) -> Change:
    """The payment as it was before anybody answered."""
    task = {k: v for k, v in stored.resource.items() if k not in ("output", "statusReason")}
    return Update(task | {"status": "requested"}, stored.version)


def _as_answered(stored: Stored) -> Change:
    said = profile.answered(stored.resource, "refused", by=PATEL.worker, at=NOW, why="No")
    return Update(said, stored.version)


@pytest.mark.parametrize("permit", [PROGRAM, OKAFOR])
def test_what_was_taken_back_is_not_revived(permit: Permit) -> None:
    """Otherwise who approves would do so alone: the preparer no longer means it."""
    before = left(POT)
    taken_back = withdraw(PATEL, _prepared().id, 1, now=NOW)
    assert refuses(permit, _as_new(taken_back))
    assert payment_of(OKAFOR, taken_back.id).payment.answer == "withdrawn"
    assert left(POT) == before


@pytest.mark.parametrize("permit", [PROGRAM, OKAFOR])
@pytest.mark.parametrize(
    "change", [_as_new, _as_answered, lambda stored: Delete("Task", stored.id)]
)
def test_what_was_approved_stays_approved(
    permit: Permit, change: Callable[[Stored], Change]
) -> None:
    """It was posted: a page that called it refused, or knew nothing of it, would lie."""
    approved = approve(OKAFOR, _prepared().id, 1, now=NOW)
    assert refuses(permit, change(approved))
    assert payment_of(OKAFOR, approved.id).payment.answered_by == OKAFOR.worker


def test_a_program_answers_and_prepares_nothing() -> None:
    """An answer in another's name is no answer."""
    assert refuses(PROGRAM, _as_answered(_prepared()))
    task = {**_prepared().resource, "id": "payment-0000000000000000"}
    assert refuses(PROGRAM, Create(task, "payment-0000000000000000"))


def test_a_bill_is_not_changed_while_it_waits_nor_accepted_unpaid() -> None:
    """Its days are those that were looked at; accepted, its money was posted."""
    made_visits()
    take_in(PATEL, file_of(), now=NOW)
    (stored,) = record.search(PATEL, parse_query("Invoice", [])).entries
    bill = bills.read(stored.resource)
    moved = tuple(
        replace(line, begins=date(2017, 12, 1), ends=date(2017, 12, 7)) for line in bill.lines
    )
    accepted = replace(bill, state=bills.ACCEPTED, decided_by=PATEL.worker)
    for other in (replace(bill, lines=moved), accepted):
        assert refuses(PROGRAM, Update(bills.build(other), stored.version))
    assert refuses(PATEL, Delete("Invoice", stored.id))


def test_an_accepted_bill_keeps_its_days() -> None:
    """Were they let go, they could be billed and paid again."""
    made_visits()
    take_in(PATEL, file_of(), now=NOW)
    (waits,) = record.search(OKAFOR, parse_query("Task", [("status", "requested")])).entries
    approve(OKAFOR, waits.id, 1, now=NOW)
    (stored,) = record.search(PATEL, parse_query("Invoice", [])).entries
    again = replace(bills.read(stored.resource), state=bills.RECEIVED, decided_by="")
    for permit in (PATEL, PROGRAM):
        assert refuses(permit, Update(bills.build(again), stored.version))


def test_a_program_does_not_write_who_bears_an_overspend() -> None:
    """Nor that shares are the real ones; and an agreement under which money moved stays."""
    written = Agreement(kind=POOL, name="Pool", year="2017-18", parts=(Part(name="904", gives=1),))
    pool = prepared(written, "p1", by=PATEL.worker)
    assert refuses(PROGRAM, Create(pool, "p1"))
    record.commit(PATEL, [Create(pool, "p1")])
    assert refuses(PROGRAM, Update(pool | {"title": "Another pool"}, 1))
    assert refuses(PATEL, Delete("Contract", "p1"))


def test_a_pool_is_agreed_by_another_than_who_wrote_it_down() -> None:
    """BU-05, BU-09, whichever door it comes through; then what was agreed stays."""
    written = Agreement(kind=POOL, name="Pool", year="2017-18", parts=(Part(name="904", gives=1),))
    pool = prepared(written, "p1", by=PATEL.worker)
    assert refuses(PATEL, Create(build(written, "p1"), "p1")), "agreed from the start"
    assert refuses(OKAFOR, Create(pool, "p1")), "in another's name"
    record.commit(PATEL, [Create(pool, "p1")])
    assert refuses(PATEL, Update(agreed(pool), 1))
    assert refuses(OKAFOR, Update(agreed(pool) | {"title": "Another"}, 1))
    assert refuses(OKAFOR, Update(pool | {"author": {"reference": PATEL.worker}, "title": "X"}, 1))
    record.commit(OKAFOR, [Update(agreed(pool), 1)])
    assert refuses(PATEL, Update(agreed(pool) | {"title": "Another"}, 2))
