"""Money, chapter 25. A bill is accepted in one commit with its money, once, whoever else tries.

The chapters before are arithmetic; here is what only the record can hold (house.md, laws 1 and 3).
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Refusal, Unprocessable
from joinedup.fhir.profiles import agreement as agreements
from joinedup.fhir.profiles import invoice as invoices
from joinedup.fhir.profiles import invoice_exception as exceptions
from joinedup.fhir.profiles import visit as visit_profile
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL, Invoice
from joinedup.fhir.wire import read_resource
from joinedup.ledger.account import AccountKind
from joinedup.ledger.posting import Entry
from joinedup.ledger.shares import proxy_shares_2018, winter_2018
from joinedup.money.agreement_rules import agreement_of_grant, grant_of
from joinedup.money.commitments import Commitment, commitment_of
from joinedup.money.invoice_posting import posting_of
from joinedup.money.matching_rules import Matched, margins, match
from joinedup.money.pay_run_rules import authorise, owed, postings_of, prepare
from joinedup.record import Put, books
from joinedup.record.cluster import Urls
from tests.spec.money.invoices import (
    APPROVED,
    COUNCIL,
    PACKAGE,
    POT,
    PREPARED,
    PROVIDER,
    SAID,
    bill,
    line,
    posting,
    promise,
    visits,
)
from tests.spec.record.place import COUNCIL as COUNCIL_ID
from tests.spec.record.place import GP, PLACE, find, ids, joyce, put, service

OKAFOR = worker_permit(APPROVED, "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL_ID)
ON = date(2018, 1, 16)


@pytest.fixture(autouse=True)
def _joyce_has_care(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (COUNCIL_ID, "VZ901", "Y90001")))
    put(*({"resourceType": "Practitioner", "id": w} for w in ("patel", "okafor")))
    put(joyce(), service(PACKAGE.name, "joyce", start="2018-01-01"))
    put(*(visit_profile.build(v, f"v{n}") for n, v in enumerate(visits(42))))
    gift = posting("gift", Entry(COUNCIL, -300_000), Entry(POT, 300_000))
    record.commit(OKAFOR, [], [gift, promise()])


def agreed() -> Commitment:
    """What the ledger says is promised to Joyce's package."""
    kept = books.postings(PLACE, account=PACKAGE)
    found = commitment_of(SAID, [k.posting for k in kept])
    assert found is not None
    return found


def bills() -> list[Invoice]:
    """The bills kept of Joyce."""
    found = find(PLACE, "Invoice", subject="Patient/joyce").entries
    return [invoices.read(read_resource(one.body)) for one in found]


def matched(invoice: Invoice) -> Matched:
    """The bill beside what the record has, as the place's own job looks at it."""
    made = find(PLACE, "Encounter", **{"episode-of-care": PACKAGE.name, "_count": "100"}).entries
    return match(
        invoice,
        agreed(),
        visits=[visit_profile.read(read_resource(one.body)) for one in made],
        before=bills(),
        allowed=margins(on=ON),
    )


def accept(invoice: Invoice) -> None:
    """The bill, accepted, and its money in one commit."""
    accepted = replace(invoice, state=ACCEPTED, decided_by=APPROVED)
    money = posting_of(accepted, agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    record.commit(OKAFOR, [Put(invoices.build(accepted))], [money])


def left() -> list[int]:
    """What the pot, the package and the provider have."""
    kinds = [AccountKind.POT, AccountKind.PACKAGE, AccountKind.PROVIDER]
    found = {h.account: h.balance.left for h in books.held(PLACE, kinds)}
    return [found.get(account, 0) for account in (POT, PACKAGE, PROVIDER)]


def test_a_bill_that_matches_is_accepted_and_its_money_moves() -> None:
    """From the record to the record: visits, promise, bill, posting."""
    assert left() == [144_600, 155_400, 0]
    assert matched(bill()).is_accepted
    accept(bill())
    assert left() == [144_600, 129_500, 25_900]


def test_the_same_bill_again_is_found_and_moves_nothing() -> None:
    """A file sent twice, or a commit tried twice."""
    accept(bill())
    assert matched(bill(number=" 2044")).again
    accept(bill())
    assert left() == [144_600, 129_500, 25_900]
    assert len(bills()) == 1


def test_two_bills_for_one_day_are_never_both_accepted() -> None:
    """House law 3: twelve try at once with days that overlap; one is accepted, eleven are told."""
    many = [bill(line(begins=date(2018, 1, 1 + n % 3)), number=f"N{n}") for n in range(12)]
    commitment = agreed()

    def attempt(invoice: Invoice) -> str:
        accepted = replace(invoice, state=ACCEPTED, decided_by=APPROVED)
        money = posting_of(accepted, commitment, on=ON, prepared_by=PREPARED, approved_by=APPROVED)
        try:
            record.commit(OKAFOR, [Put(invoices.build(accepted))], [money])
        except Conflict:
            return "told"
        return "accepted"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(attempt, many))
    assert answers == ["accepted"] + ["told"] * 11
    assert left() == [144_600, 129_500, 25_900]


def test_an_additional_charge_stands_beside_the_first_and_is_named() -> None:
    """It holds no day; who decided and why is in it."""
    accept(bill())
    extra = bill(number="2045", state=ADDITIONAL, decided_by=APPROVED, words="The storm.")
    money = posting_of(extra, agreed(), on=ON, prepared_by=PREPARED, approved_by=APPROVED)
    record.commit(OKAFOR, [Put(invoices.build(extra))], [money])
    assert left() == [144_600 - 25_900, 129_500, 51_800]


def test_a_bill_beyond_what_was_agreed_is_refused_with_its_paper() -> None:
    """BU-04: neither the money moves nor is the bill accepted."""
    most = bill(line(units=Decimal(85), ends=date(2018, 2, 11)))
    with pytest.raises(Unprocessable):
        accept(most)
    assert left() == [144_600, 155_400, 0]
    assert bills() == []


def test_an_exception_is_seen_by_who_sees_the_money_and_by_nobody_for_it() -> None:
    """A GP who does not care for Joyce sees neither bill nor question."""
    put(invoices.build(bill()))
    waiting = exceptions.InvoiceException(
        invoice=bill().id,
        person="Patient/joyce",
        reasons=(("visits", "14 hours billed; 10 hours recorded."),),
        asked_at=datetime(2018, 1, 16, 10, tzinfo=UTC),
    )
    put(exceptions.build(waiting))
    assert ids(find(OKAFOR, "Task")) == [waiting.id]
    assert ids(find(GP, "Task")) == ids(find(GP, "Invoice")) == []
    with pytest.raises(Refusal):
        record.read(GP, "Task", waiting.id)


def test_a_pay_run_taken_up_again_pays_once() -> None:
    """As after a crash between two providers: the same postings, by their ids."""
    accept(bill())
    due = owed([k.posting for k in books.postings(PLACE, account=PROVIDER)], ON)
    run = authorise(prepare("r1", due, on=ON, due_to=ON, prepared_by=PREPARED), APPROVED)
    for _ in range(3):
        record.commit(OKAFOR, [], postings_of(run))
    assert left() == [144_600, 129_500, 0]
    assert owed([k.posting for k in books.postings(PLACE, account=PROVIDER)], ON) == {}


def test_a_grant_of_all_councils_is_kept_and_names_nobody() -> None:
    """152 shares, each exact, seen by the commissioner and by no GP."""
    reid = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL_ID)
    grant = winter_2018(proxy_shares_2018())
    put(agreements.build(agreement_of_grant(grant), "winter-2018"))
    kept = read_resource(record.read(reid, "Contract", "winter-2018").body)
    assert grant_of(agreements.read(kept)) == grant
    with pytest.raises(Refusal):
        record.read(GP, "Contract", "winter-2018")
