"""Money, chapter 4. One officer prepares, another approves, and nobody their own (BU-05).

What waits is a Task that carries what is to be posted; approving it posts it in the same commit.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.money.approval import (
    approve,
    payment_of,
    prepare,
    refuse_payment,
    waiting,
    withdraw,
)
from joinedup.record import Update, books
from joinedup.record.cluster import Urls
from tests.spec.record.place import COUNCIL, GP, PLACE, PRACTICE, joyce, put, service

PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, COUNCIL)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL)
REID = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL)
NOW = datetime(2018, 12, 3, 9, 30, tzinfo=UTC)
POT = Account(AccountKind.POT, "winter-2018/904")
PACKAGE = Account(AccountKind.PACKAGE, "s1")


@pytest.fixture(autouse=True)
def _joyce_has_care(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, COUNCIL)))
    put(joyce(), service("s1", "joyce", start="2018-12-01"))
    workers = ("patel", "okafor", "reid", *(f"o{n}" for n in range(6)))
    put(*({"resourceType": "Practitioner", "id": each} for each in workers))


def posting(identity: str, *entries: Entry) -> Posting:
    return Posting(
        id=identity,
        on=date(2018, 12, 3),
        words="The council's part of the winter grant",
        entries=entries,
        source="Contract/winter-2018/_history/1",
        prepared_by="",
        approved_by="",
    )


def given(pence: int, identity: str = "given") -> Posting:
    return posting(identity, Entry(Account(AccountKind.FUNDER, COUNCIL), -pence), Entry(POT, pence))


def promised(pence: int, identity: str = "promised") -> Posting:
    return posting(
        identity,
        Entry(POT, -pence, Book.COMMITTED),
        Entry(PACKAGE, pence, Book.COMMITTED, About(person="Patient/joyce")),
    )


def left(account: Account) -> int:
    found = {h.account: h.balance.left for h in books.held(PLACE, [*AccountKind])}
    return found.get(account, 0)


def test_what_one_prepares_another_approves() -> None:
    """Nothing moves until then; both names stand in the posting for good."""
    made = prepare(PATEL, given(100_000), now=NOW)
    assert left(POT) == 0
    (line,) = waiting(OKAFOR)
    assert (line.payment.words, line.mine) == ("The council's part of the winter grant", False)
    approve(OKAFOR, made.id, line.version, now=NOW)
    assert left(POT) == 100_000 and waiting(OKAFOR) == ()
    (kept,) = books.postings(OKAFOR)
    assert (kept.posting.prepared_by, kept.posting.approved_by) == (PATEL.worker, OKAFOR.worker)
    stands = payment_of(PATEL, made.id).payment
    assert (stands.answer, stands.answered_by) == ("approved", OKAFOR.worker)


def test_the_same_person_does_not_do_both() -> None:
    """Domain 4.7, 9: the same officer prepares and approves £400; refused, and the attempt is told.

    A posting that claims another prepared it is prepared in the name of who is signed in.
    """
    made = prepare(PATEL, replace(given(40_000), prepared_by=OKAFOR.worker), now=NOW)
    with pytest.raises(NotPermitted, match="cannot approve it"):
        approve(PATEL, made.id, 1, now=NOW)
    with pytest.raises(NotPermitted, match="Withdraw it"):
        refuse_payment(PATEL, made.id, 1, "no", now=NOW)
    with pytest.raises(NotPermitted, match="Approve it, or refuse it"):
        withdraw(OKAFOR, made.id, 1, now=NOW)
    assert left(POT) == 0


def test_what_was_prepared_is_what_is_posted() -> None:
    """A later version of the Task says other sums, or that it was approved: neither counts."""
    made = prepare(PATEL, given(40_000), now=NOW)
    task = made.resource
    parts = [dict(part) for part in task["input"]]
    parts[1]["valueString"] = parts[1]["valueString"].replace("40000", "90000")
    record.commit(OKAFOR, [Update({**task, "input": parts}, 1)])
    (listed,) = waiting(PATEL)
    assert (listed.said.entries[1].pence, listed.mine) == (40_000, True)
    approve(OKAFOR, made.id, 2, now=NOW)
    assert left(POT) == 40_000
    other = prepare(PATEL, given(5, "other"), now=NOW)
    with pytest.raises(NotPermitted, match="where it is posted"):
        record.commit(OKAFOR, [Update({**other.resource, "status": "completed"}, 1)])


def test_two_who_approve_at_once_post_once() -> None:
    """One is told that somebody was first."""
    made = prepare(PATEL, given(100_000), now=NOW)
    others = [
        worker_permit(f"Practitioner/o{n}", "An officer", Role.FINANCE_OFFICER, COUNCIL)
        for n in range(6)
    ]

    def try_to(permit: Permit) -> str:
        try:
            approve(permit, made.id, 1, now=NOW)
        except (Stale, Conflict) as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(try_to, others))
    assert answers.count("") == 1 and left(POT) == 100_000


def test_a_payment_beyond_the_pot_waits_on_and_says_why() -> None:
    """BU-04: it is still there when there is money, or to be refused with a reason."""
    funds = prepare(PATEL, given(10_000), now=NOW)
    approve(OKAFOR, funds.id, 1, now=NOW)
    made = prepare(PATEL, promised(10_001), now=NOW)
    with pytest.raises(Unprocessable, match=r"has £100\.00 left; £100\.01 would leave it"):
        approve(OKAFOR, made.id, 1, now=NOW)
    assert [w.payment.id for w in waiting(PATEL)] == [made.id]
    with pytest.raises(Invalid, match="letters why"):
        refuse_payment(OKAFOR, made.id, 1, " ", now=NOW)
    refuse_payment(OKAFOR, made.id, 1, "A penny too much", now=NOW)
    assert payment_of(PATEL, made.id).payment.why == "A penny too much"
    with pytest.raises(Stale):
        approve(OKAFOR, made.id, 1, now=NOW)
    assert left(PACKAGE) == 0


def test_asking_again_asks_once() -> None:
    """The same posting prepared twice is one; another under its id is a conflict."""
    assert prepare(PATEL, given(100), now=NOW).id == prepare(PATEL, given(100), now=NOW).id
    with pytest.raises(Conflict, match="under this id"):
        prepare(PATEL, given(200), now=NOW)
    made = prepare(PATEL, given(300, "g2"), now=NOW)
    withdraw(PATEL, made.id, 1, now=NOW)
    assert [w.said.id for w in waiting(PATEL)] == ["given"]


def test_what_is_not_sound_is_not_even_prepared() -> None:
    """Nor what is of a closed month; a floor and the end of a month are prepared like money."""
    with pytest.raises(Unprocessable, match=r"differ by £1\.00"):
        prepare(
            PATEL,
            posting(
                "x", Entry(POT, 100), Entry(PACKAGE, -200, about=About(person="Patient/joyce"))
            ),
            now=NOW,
        )
    end = Closing(
        id="close/2018-12", month=Month(2018, 12), words="Agreed", prepared_by="", approved_by=""
    )
    approve(OKAFOR, prepare(PATEL, end, now=NOW).id, 1, now=NOW)
    with pytest.raises(Unprocessable, match="2018-12 is closed"):
        prepare(PATEL, given(100), now=NOW)
    floor = Tolerance(
        id="floor/1", account=POT, floor=-500, words="Agreed", prepared_by="", approved_by=""
    )
    approve(OKAFOR, prepare(PATEL, floor, now=NOW).id, 1, now=NOW)
    assert [h.floor for h in books.held(OKAFOR, [AccountKind.POT])] == [-500]


def test_who_does_not_keep_the_books_does_neither() -> None:
    """A commissioner reads; a GP does not even that."""
    for permit in (GP, REID):
        with pytest.raises(NotPermitted, match="does not move the place's money"):
            prepare(permit, given(100), now=NOW)
    made = prepare(PATEL, given(100), now=NOW)
    with pytest.raises(Refusal):
        approve(GP, made.id, 1, now=NOW)
    with pytest.raises(NotPermitted):
        approve(REID, made.id, 1, now=NOW)
    assert [w.said.id for w in waiting(REID)] == ["given"] and waiting(GP) == ()


def test_nobody_deals_with_their_own_or_their_family_s_money() -> None:
    """BU-05: no approver approves for a relative; nor is it prepared by one."""
    linked = [{"target": {"reference": name}} for name in ("Practitioner/okafor", "Patient/joyce")]
    put({"resourceType": "Person", "id": "okafor", "link": linked})
    funds = prepare(PATEL, given(10_000), now=NOW)
    approve(OKAFOR, funds.id, 1, now=NOW)
    made = prepare(PATEL, promised(500), now=NOW)
    with pytest.raises(NotPermitted, match=r"about yourself\. Somebody else must"):
        approve(OKAFOR, made.id, 1, now=NOW)
    with pytest.raises(NotPermitted, match="about yourself"):
        prepare(OKAFOR, promised(600, "p2"), now=NOW)
    assert left(PACKAGE) == 0
