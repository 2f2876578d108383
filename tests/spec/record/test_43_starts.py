"""The record, chapter 43. Who starts care writes one posting, from what two officers set aside.

Decision 0020. The pure rules are the chapter on authorities (money, 5); here the tables hold them,
whatever is sent past Python: `_past_python` leaves out every refusal in words.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, starting, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotPermitted, Refusal, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import Authority, Start, give_back, set_aside, start_posting
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting, reversal
from joinedup.record import Create, books, database
from joinedup.record.cluster import Urls
from joinedup.record.starts import authorities
from joinedup.record.verify import verify
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    COUNCIL,
    HOSPITAL,
    PLACE,
    joyce,
    put,
    service,
    stay,
)

LEE = worker_permit("Practitioner/lee", "Mr Lee", Role.DISCHARGE_COORDINATOR, HOSPITAL)
PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, COUNCIL)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL)
STANDS = datetime(2018, 1, 16, 12, tzinfo=UTC)
TODAY = date(2018, 1, 16)

POT = Account(AccountKind.POT, "winter-2018/904")
JANUARY = Authority(pot=POT.name, month=Month(2018, 1), approved_by=OKAFOR.worker)
START = Start(
    person="Patient/joyce",
    package="s1",
    paper="EpisodeOfCare/s1/_history/1",
    care="Reablement",
    provider="VZ901",
    begins=TODAY,
    ends=date(2018, 2, 26),
    unit_cost=2_000,
    units=Decimal(30),
)


def start(
    identity: str = "start/1",
    authority: Authority = JANUARY,
    *,
    on: date = TODAY,
    by: str = LEE.worker,
    package: str = "s1",
) -> Posting:
    wish = replace(START, package=package, paper=f"EpisodeOfCare/{package}/_history/1")
    return start_posting(authority, wish, posting_id=identity, on=on, by=by)


def post(posting: Posting, permit: Permit = OKAFOR) -> None:
    signed = replace(posting, prepared_by=PATEL.worker, approved_by=permit.worker)
    record.commit(permit, [], [signed])


def left(*names: Account) -> list[int]:
    found = {h.account: h.balance.left for h in books.held(PLACE, [*AccountKind])}
    return [found.get(name, 0) for name in names]


def aside(pence: int, identity: str = "aside", pot: Account = POT, month: int = 1) -> Posting:
    return set_aside(
        pot, Month(2018, month), pence, posting_id=identity, words="Starts", paper="Minute 4"
    )


def given(pence: int, pot: Account = POT) -> Posting:
    return Posting(
        id=f"given/{pot.name}",
        on=TODAY,
        words="Grant",
        source="Letter",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
        entries=(Entry(Account(AccountKind.FUNDER, "DH"), -pence), Entry(pot, pence)),
    )


@pytest.fixture(autouse=True)
def _set_aside(record_database: Urls) -> Iterator[None]:
    """Joyce lies in hospital; £1,000 of the grant are set aside for January."""
    database.configure(record_database.application, moment=STANDS)
    put(
        *({"resourceType": "Practitioner", "id": p} for p in ("lee", "patel", "okafor")),
        joyce(),
        joyce("ray"),
        stay("h1", "joyce", start="2018-01-10T10:00:00Z"),
        service("s1", "joyce", start="2018-01-16"),
        service("s2", "ray", start="2018-01-16"),
    )
    post(given(500_000))
    post(aside(100_000))
    yield
    database.close()


def test_care_is_started_with_its_package_in_one_commit() -> None:
    """The package and its promise, or neither; approved in the name of who set the money aside."""
    permit = starting(LEE)
    package = service("s9", "joyce", start="2018-01-16")
    del package["managingOrganization"]
    (found,) = authorities(permit, TODAY)
    assert found == JANUARY
    record.commit(permit, [Create(package, "s9")], [start(package="s9")])
    assert left(POT, JANUARY.account) == [400_000, 40_000]
    again = service("s10", "joyce", start="2018-01-16")
    with pytest.raises(Unprocessable, match="Too little is left") as refusal:
        record.commit(permit, [Create(again, "s10")], [start("start/2", package="s10")])
    assert "£" not in str(refusal.value), "who starts care is told no sum"
    with pytest.raises(Refusal):
        record.read(PLACE, "EpisodeOfCare", "s10")
    (kept,) = books.postings(PLACE, ids=["start/1"])
    assert (kept.posting.prepared_by, kept.posting.approved_by) == (LEE.worker, OKAFOR.worker)
    assert not verify().reasons


def test_who_starts_care_sees_no_money() -> None:
    """Neither the pots nor the package's account, nor that they were posted."""
    record.commit(starting(LEE), [], [start()])
    for permit in (LEE, starting(LEE)):
        assert not books.held(permit, [*AccountKind])
        assert not books.postings(permit)
    assert not authorities(LEE, TODAY), "without the permit that starts care, not even that"
    assert not authorities(OKAFOR, TODAY)


@pytest.mark.parametrize(
    ("role", "told"),
    [(Role.WARD_NURSE, "does not start"), (Role.SOCIAL_WORKER, "does not start")],
)
def test_few_start_paid_care(role: Role, told: str) -> None:
    """Coordinators and brokers; an app never."""
    with pytest.raises(NotPermitted, match=told):
        starting(worker_permit("Practitioner/x", "X", role, HOSPITAL))
    with pytest.raises(NotPermitted, match="in their own pages"):
        starting(replace(LEE, through_token=True))
    assert starting(worker_permit("Practitioner/x", "X", Role.BROKER, COUNCIL))


FEBRUARY = replace(JANUARY, month=Month(2018, 2))
OTHER = replace(JANUARY, pot="winter-2018/999")
S1 = Account(AccountKind.PACKAGE, "s1")
JOYCE = start().entries[1].about
BARE = replace(JOYCE, unit_cost=None, units=None)
TRICKS = {
    "an authority that does not exist": start("t", OTHER),
    "of another month": start("t", FEBRUARY, on=date(2018, 2, 1)),
    "of a month that is over": start("t", on=date(2018, 1, 2)),
    "a day to come": start("t", on=date(2018, 1, 17)),
    "approved by another officer": replace(start("t"), approved_by="Practitioner/moss"),
    "approved by herself": replace(
        start("t"), prepared_by="Practitioner/x", approved_by=LEE.worker
    ),
    "in another name": replace(start("t"), prepared_by="Practitioner/x"),
    "in another book": replace(
        start("t"),
        entries=(
            Entry(JANUARY.account, -100, Book.ACTUAL, About()),
            Entry(S1, 100, Book.ACTUAL, BARE),
        ),
    ),
    "let go of": replace(
        start("t"),
        entries=(
            Entry(JANUARY.account, -100, Book.RELEASED, About()),
            Entry(S1, 100, Book.RELEASED, BARE),
        ),
    ),
    "from the pot itself": replace(
        start("t"),
        source="authority/" + POT.name,
        entries=(
            Entry(POT, -100, Book.COMMITTED, About()),
            Entry(S1, 100, Book.COMMITTED, BARE),
        ),
    ),
    "to a provider": replace(
        start("t"),
        entries=(
            Entry(JANUARY.account, -100, Book.COMMITTED, About()),
            Entry(Account(AccountKind.PROVIDER, "VZ901"), 100, Book.COMMITTED, About()),
        ),
    ),
    "back to the pot": replace(
        start("t"),
        entries=(Entry(JANUARY.account, -100, about=About()), Entry(POT, 100, about=About())),
    ),
    "from one account of hers to another": replace(
        start("t"),
        entries=(
            Entry(Account(AccountKind.DIRECT_PAYMENT, "joyce"), 100, Book.ACTUAL, BARE),
            Entry(S1, -100, Book.ACTUAL, BARE),
        ),
    ),
    "to two packages": replace(
        start("t"),
        entries=(
            Entry(JANUARY.account, -200, Book.COMMITTED, About()),
            Entry(S1, 100, Book.COMMITTED, BARE),
            Entry(S1, 100, Book.COMMITTED, BARE),
        ),
    ),
    "under another document": replace(start("t"), source="EpisodeOfCare/s1/_history/1"),
    "a bigger sum": replace(
        start("t"),
        entries=tuple(
            replace(e, pence=e.pence // abs(e.pence) * 100_100, about=replace(e.about, units=None))
            for e in start("t").entries
        ),
    ),
    "for somebody she does not see": replace(
        start("t", package="s2"),
        entries=tuple(
            replace(e, about=replace(e.about, person="Patient/ray")) if e.about.person else e
            for e in start("t", package="s2").entries
        ),
    ),
}


def _past_python(patch: pytest.MonkeyPatch) -> None:
    """Send what Python would refuse to the tables."""
    patch.setattr("joinedup.record.write.refuse_books", lambda *_: None)


@pytest.mark.parametrize("what", TRICKS)
def test_the_tables_take_nothing_but_a_start(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each trick is refused by Python in words, or by the tables; and by the tables alone."""
    before = left(POT, JANUARY.account, S1)
    with pytest.raises(Refusal):
        record.commit(starting(LEE), [], [TRICKS[what]])
    _past_python(monkeypatch)
    with pytest.raises(Refusal):
        record.commit(starting(LEE), [], [TRICKS[what]])
    assert left(POT, JANUARY.account, S1) == before
    record.commit(starting(LEE), [], [start()])
    assert left(JANUARY.account, S1) == [40_000, 60_000], "and the same start, as it should be"


def test_in_a_race_of_twenty_the_floor_holds() -> None:
    """£1,000 start one package of £600, whoever else asks; everybody else is told."""

    def ask(number: int) -> str:
        try:
            record.commit(starting(LEE), [], [start(f"start/{number}")])
        except Unprocessable as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(20)))
    assert answers.count("") == 1
    assert all("Too little is left" in a for a in answers if a)
    assert left(JANUARY.account, S1) == [40_000, 60_000]


def test_what_is_given_back_starts_nothing_more() -> None:
    """Two officers withdraw it; money let go of later does not bring it back to life."""
    record.commit(starting(LEE), [], [start()])
    rest = give_back(
        JANUARY.account, 40_000, posting_id="rest", on=TODAY, words="Withdrawn", paper="Minute 5"
    )
    post(rest)
    begun = start()
    back = reversal(begun, new_id="back", on=TODAY, words="Died", prepared_by="", approved_by="")
    post(back)
    assert left(POT, JANUARY.account) == [440_000, 60_000]
    assert not authorities(starting(LEE), TODAY)
    with pytest.raises(Unprocessable, match="does not stand for this start"):
        record.commit(starting(LEE), [], [start("start/2")])
    post(aside(10_000, "aside/2"))
    assert authorities(starting(LEE), TODAY) == (JANUARY,)
    record.commit(starting(LEE), [], [start("start/2")])
    assert not verify().reasons


@pytest.mark.parametrize(
    "wrong",
    [
        replace(
            aside(100, "w"),
            entries=(Entry(Account(AccountKind.FUNDER, "DH"), -100), Entry(JANUARY.account, 100)),
        ),
        replace(aside(100, "w"), on=date(2018, 2, 1)),
        replace(
            aside(100, "w"),
            entries=(Entry(JANUARY.account, -100), Entry(Account(AccountKind.POT, "another"), 100)),
        ),
        replace(
            aside(100, "w"),
            entries=(
                Entry(JANUARY.account, -100, Book.COMMITTED),
                Entry(S1, 100, Book.COMMITTED, BARE),
            ),
        ),
    ],
)
def test_officers_use_it_for_nothing_else(wrong: Posting) -> None:
    """It comes from its own pot in its own month, goes back there, and is promised by starts."""
    with pytest.raises(Unprocessable, match="does not stand for this"):
        post(wrong)


def test_a_label_she_does_not_see_keeps_the_start_from_her() -> None:
    """Money under a label is written by who sees it, as the package is."""
    hidden = replace(START, label=1)
    posting = start_posting(JANUARY, hidden, posting_id="l", on=TODAY, by=LEE.worker)
    with pytest.raises(Refusal):
        record.commit(starting(LEE), [], [posting])


def test_what_was_stored_past_everything_is_found(superuser: Superuser) -> None:
    """The auditor asks again of every start who set its money aside."""
    record.commit(starting(LEE), [], [start()])
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update record.posting set approved = 'Practitioner/x' where id = 'start/1'")
    assert "a start that no officer set money aside for" in verify().reasons
