"""The record, chapter 40. Money is posted in the commit of what it pays for, or not at all.

The rules of a posting are in the chapters on money (BU-01, BU-04, BU-05); here is what only the
tables can hold: once, whole, in an open month, above the floor, seen by whom it concerns.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting, reversal
from joinedup.record import Create, books
from joinedup.record.merge_move import move_entry
from joinedup.record.verify import verify
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    ACT_CODE,
    COUNCIL,
    GP,
    PLACE,
    PRACTICE,
    joyce,
    label,
    put,
    service,
)

PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, COUNCIL)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL)
REID = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL)

COUNCIL_GIVES = Account(AccountKind.FUNDER, COUNCIL)
POT = Account(AccountKind.POT, "winter-2018/904")
PACKAGE = Account(AccountKind.PACKAGE, "s1")
PROVIDER = Account(AccountKind.PROVIDER, "VL9X1")
JOYCE = About(person="Patient/joyce", care="home care", package="s1")
CARE = About(care="home care", package="s1")


def posting(identity: str, *entries: Entry, **changes: object) -> Posting:
    made = Posting(
        id=identity,
        on=date(2018, 12, 3),
        words="Home care, 14 hours a week",
        entries=entries,
        source="EpisodeOfCare/s1/_history/1",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
    )
    return replace(made, **changes)


def given(pence: int, identity: str = "given") -> Posting:
    return posting(identity, Entry(COUNCIL_GIVES, -pence), Entry(POT, pence))


def promised(pence: int, identity: str = "promised") -> Posting:
    return posting(
        identity,
        Entry(POT, -pence, Book.COMMITTED, CARE),
        Entry(PACKAGE, pence, Book.COMMITTED, JOYCE),
    )


def post(*postings: Posting | Tolerance | Closing) -> None:
    record.commit(OKAFOR, [], postings)


def left(*names: Account) -> list[int]:
    found = {h.account: h.balance.left for h in books.held(PLACE, [*AccountKind])}
    return [found.get(name, 0) for name in names]


@pytest.fixture(autouse=True)
def _joyce_has_care() -> None:
    put(joyce(), service("s1", "joyce", start="2018-12-01"))


def test_money_moves_in_the_commit_that_says_why() -> None:
    """House law 1: the change, its postings, one audit event each and the outbox, or nothing."""
    post(given(100_000))
    account = {
        "resourceType": "Account",
        "id": "a1",
        "status": "active",
        "subject": [{"reference": "Patient/joyce"}],
    }
    record.commit(OKAFOR, [Create(account, "a1")], [promised(40_000)])
    assert left(POT, PACKAGE) == [60_000, 40_000]
    with pytest.raises(Unprocessable, match=r"has £600.00 left; £700.00 would leave it"):
        record.commit(OKAFOR, [Create(account | {"id": "a2"}, "a2")], [promised(70_000, "p2")])
    with pytest.raises(Refusal):
        record.read(OKAFOR, "Account", "a2")
    assert left(POT, PACKAGE) == [60_000, 40_000]


def test_the_same_posting_again_changes_nothing(superuser: Superuser) -> None:
    """The id is the client's: asked again it is the same posting; with other words a conflict."""
    post(given(100_000))
    before = superuser.execute("select count(*) from record.audit_event").fetchone()
    post(given(100_000))
    assert superuser.execute("select count(*) from record.audit_event").fetchone() == before
    assert left(POT) == [100_000]
    with pytest.raises(Conflict, match="given was posted before with other content"):
        post(given(100_001))
    with pytest.raises(Unprocessable, match="same id"):
        record.commit(OKAFOR, [], [given(1, "x"), given(1, "x")])


@pytest.mark.parametrize("name", ["a|b", "|", "a|1|2|3"])
def test_an_account_of_any_name_says_what_it_lacks(name: str) -> None:
    """A stroke in a name is part of the name."""
    pot = Account(AccountKind.POT, name)
    with pytest.raises(Unprocessable) as refusal:
        post(posting("p", Entry(pot, -100), Entry(COUNCIL_GIVES, 100)))
    assert f"Pot {name} has £0.00 left; £1.00 would leave it" in str(refusal.value)


def test_a_pot_is_never_overdrawn_by_a_race() -> None:
    """BU-04: twelve want the last £1,000 in parts of £300; three have it, nine are told."""
    post(given(100_000))

    def ask(number: int) -> str:
        try:
            post(promised(30_000, f"p{number}"))
        except Unprocessable as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(12)))
    assert answers.count("") == 3
    assert all("£100.00 left" in a or "would leave it" in a for a in answers if a)
    assert left(POT, PACKAGE) == [10_000, 90_000]


def test_the_same_posting_by_two_at_once_is_posted_once() -> None:
    """Neither is shown an error of the store."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: post(given(100)), range(12)))
    assert left(POT) == [100]


def test_a_tolerance_is_a_floor_that_two_people_set() -> None:
    """BU-04: £50 below nothing, and not a penny more; it is not taken back below what is owed."""
    post(given(10_000))
    allowed = Tolerance(
        id="t1",
        account=POT,
        floor=-5_000,
        words="Until the second half of the grant comes",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
    )
    post(allowed)
    post(allowed)
    post(promised(15_000))
    with pytest.raises(Unprocessable, match=r"£0\.00 left; £0\.01 would leave it"):
        post(promised(1, "p2"))
    with pytest.raises(Unprocessable, match=r"at −£50\.00, below the floor of £0\.00 asked for"):
        post(replace(allowed, id="t2", floor=0))
    with pytest.raises(Unprocessable, match="cannot approve it"):
        post(replace(allowed, id="t3", approved_by=PATEL.worker, prepared_by=PATEL.worker))


def test_a_closed_month_takes_nothing_more() -> None:
    """What is found out later is posted to an open month, with its reason."""
    post(given(10_000))
    end = Closing(
        id="c1",
        month=Month(2018, 12),
        words="Agreed with the board",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
    )
    post(end)
    assert books.closed_months(OKAFOR) == (Month(2018, 12),)
    with pytest.raises(Unprocessable, match="2018-12 is closed"):
        post(promised(100))
    post(given(10_000))  # what was posted before it closed was posted
    post(replace(promised(100), on=date(2019, 1, 4)))
    with pytest.raises(Unprocessable, match="2018-12 is closed"):
        post(replace(end, id="c2"))


def test_what_is_taken_back_is_taken_back_once_and_whole() -> None:
    """BU-01: the wrong posting stays, and what puts it right stands after it."""
    post(given(10_000))
    made = promised(4_000)
    post(made)
    back = reversal(
        made,
        new_id="back",
        on=date(2018, 12, 5),
        words="Committed twice",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
    )
    with pytest.raises(Unprocessable, match="does not take back all of promised"):
        post(replace(back, id="b0", entries=promised(-3_000).entries))
    post(back)
    post(back)
    assert left(POT, PACKAGE) == [10_000, 0]
    with pytest.raises(Conflict, match="taken back before"):
        post(replace(back, id="b2"))
    with pytest.raises(Unprocessable, match="no posting nothing to take back"):
        post(replace(back, id="b3", reverses="nothing"))


def test_nobody_approves_in_another_name() -> None:
    """BU-05: who is signed in is who approves, and never who prepared."""
    with pytest.raises(NotPermitted, match="in no other name"):
        record.commit(PATEL, [], [given(100)])
    own = replace(given(100), approved_by=PATEL.worker)
    with pytest.raises(Unprocessable, match="cannot approve it"):
        record.commit(PATEL, [], [own])
    assert left(POT) == [0]


def test_who_may_not_move_money_moves_none() -> None:
    """A GP and a commissioner neither; a finance officer only for whom the place pays."""
    for permit in (GP, REID):
        with pytest.raises(Refusal):
            record.commit(permit, [], [replace(given(100), approved_by=permit.worker)])
    post(given(10_000))
    put({**joyce("mary"), "generalPractitioner": []})
    mary = Account(AccountKind.PACKAGE, "s9")
    unseen = posting(
        "unseen",
        Entry(POT, -5, Book.COMMITTED),
        Entry(mary, 5, Book.COMMITTED, About(person="Patient/mary")),
    )
    with pytest.raises(Unprocessable, match="not one you help to care for"):
        post(unseen)
    taken = posting(
        "taken",
        Entry(POT, -5, Book.COMMITTED),
        Entry(PACKAGE, 5, Book.COMMITTED, About(person="Patient/joyce")),
    )
    record.commit(PLACE, [], [unseen, taken])
    other = replace(
        taken, id="other", entries=(taken.entries[0], replace(taken.entries[1], account=mary))
    )
    with pytest.raises(Unprocessable, match="somebody else's"):
        post(other)


def test_the_place_is_seen_without_people_and_people_by_whom_they_concern() -> None:
    """A commissioner reads what left a pot, by month and kind of care, and nobody's package."""
    post(given(100_000), promised(40_000))
    seen = {h.account for h in books.held(REID, [*AccountKind])}
    assert seen == {COUNCIL_GIVES, POT}
    assert [k.posting.id for k in books.postings(REID)] == ["given"]
    moved = [
        (m.care, m.book, str(m.month), m.pence) for m in books.movements(REID, AccountKind.POT)
    ]
    assert moved == [
        ("", Book.ACTUAL, "2018-12", 100_000),
        ("home care", Book.COMMITTED, "2018-12", -40_000),
    ]
    assert [k.posting for k in books.postings(OKAFOR, account=PACKAGE)] == [promised(40_000)]
    assert {h.account for h in books.held(GP, [*AccountKind])} == set()
    assert books.postings(GP) == ()


def test_every_look_at_somebodys_money_is_in_their_log(superuser: Superuser) -> None:
    """A list is one event that names its people (domain.md 1.4)."""
    post(given(100_000), promised(40_000))
    books.held(OKAFOR, [AccountKind.PACKAGE])
    rows = superuser.execute(
        "select action, worker, person <> 0, detail from record.audit_event"
        " order by seq desc limit 2"
    ).fetchall()
    assert rows[0] == ("money", OKAFOR.worker, True, "1 accounts")
    assert rows[1][:3] == ("posted", OKAFOR.worker, True) and "sha256:" in rows[1][3]


def test_what_was_posted_cannot_be_changed(superuser: Superuser) -> None:
    """Not even by the owner's own hand; an entry alone, or an unbalanced posting, is refused."""
    post(given(100_000))
    for statement in (
        "update record.entry set pence = 1",
        "delete from record.posting",
        "truncate record.decision",
        "update record.account set person = 5",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
            superuser.execute(statement.encode())
    with pytest.raises(psycopg.DatabaseError, match=r"unbalanced\|given"):
        superuser.execute(
            "insert into record.entry (posting, line, day, kind, name, book, pence, person, class,"
            " label, about) values ('given', 9, '2018-12-03', 2, 'x', 3, 5, 0, 15, 0, '{}')"
        )


def test_what_a_package_costs_is_under_the_labels_of_the_package(superuser: Superuser) -> None:
    """Put on the package later, they hide its money too, in the same commit; and what comes after.

    A commissioner's sums stay whole: what left the pot names nobody.
    """
    post(given(100_000), promised(40_000))
    said = service("s1", "joyce", start="2018-12-01")
    put(said | {"meta": label(ACT_CODE, "SDV")})
    assert books.held(OKAFOR, [AccountKind.PACKAGE]) == ()
    assert [k.posting.id for k in books.postings(OKAFOR)] == ["given"]
    with pytest.raises(Refusal):
        post(promised(100, "p2"))
    record.commit(PLACE, [], [promised(100, "p2")])
    assert [k.posting.id for k in books.postings(OKAFOR)] == ["given"]
    assert left(POT) == [59_900]
    assert sum(m.pence for m in books.movements(REID, AccountKind.POT)) == 59_900
    assert list(verify()) == []
    put(said)
    assert [h.balance.left for h in books.held(OKAFOR, [AccountKind.PACKAGE])] == [40_100]
    assert list(verify()) == []
    superuser.execute("update record.account set label = 32 where kind = 3")
    superuser.execute("update record.entry set label = 0")
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
        superuser.execute("update record.entry set label = 0, pence = 1")


def test_a_package_that_money_was_posted_for_stays_whose_it_was() -> None:
    """Moving the entry to somebody else would leave its money with the wrong person."""
    put(joyce("mary"))
    reception = worker_permit("Practitioner/ray", "Ray", Role.GP, PRACTICE)
    post(given(100_000), promised(40_000))
    with pytest.raises(Unprocessable, match="Ask finance to take it back"):
        move_entry(reception, "EpisodeOfCare/s1", "mary", reason="Typed into the wrong record")
