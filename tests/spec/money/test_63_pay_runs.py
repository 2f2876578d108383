"""Money, chapter 63. Providers are paid what they are owed, once: prepared by one officer,
authorised by another, neither of them a payee (BU-05, domain 4.2)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    Refusal,
    Stale,
    Unprocessable,
)
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Entry
from joinedup.money.approval import approve, waiting
from joinedup.money.general_ledger import read_journal
from joinedup.money.invoices import take_in
from joinedup.money.journal import journal_of_month
from joinedup.money.pay_run_rules import BANK, PayLine, read_payment_file
from joinedup.money.pay_runs import (
    authorise_run,
    due,
    payment_file_of,
    posted_of,
    prepare_return,
    prepare_run,
    refuse_run,
    run_of,
    runs,
    withdraw_run,
)
from joinedup.record import Update
from joinedup.record.cluster import Urls
from tests.spec.money.invoices import posting
from tests.spec.money.officers import (
    COUNCIL,
    NOW,
    OKAFOR,
    PACKAGE,
    PATEL,
    POT,
    PROVIDER,
    REID,
    actual,
    at_the_desk,
    file_of,
    left,
    made_visits,
    set_scene,
)
from tests.spec.record.place import GP, PLACE, put

OTHER = Account(AccountKind.PROVIDER, "VZ902")
TODAY, YESTERDAY = date(2018, 1, 16), date(2018, 1, 15)


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()


def owe(pence: int, provider: Account = PROVIDER, *, on: date = YESTERDAY) -> None:
    """Let a provider be owed something."""
    name = f"owed/{provider.name}/{on}/{pence}"
    record.commit(PLACE, [], [posting(name, Entry(POT, -pence), Entry(provider, pence), on=on)])


def test_what_is_owed_to_a_day_is_prepared_to_the_penny() -> None:
    """That day counts; what came later waits for the next; who is even is not there."""
    owe(25_901)
    owe(10_000, OTHER)
    owe(777, OTHER, on=TODAY)
    assert due(PATEL, YESTERDAY) == {"VZ901": 25_901, "VZ902": 10_000}
    made = prepare_run(PATEL, YESTERDAY, now=NOW)
    assert made.said.lines == (("VZ901", 25_901), ("VZ902", 10_000))
    assert (made.mine, run_of(OKAFOR, made.said.run).mine) == (True, False)
    assert actual(BANK) == 0
    with pytest.raises(Conflict, match="waits already"):
        prepare_run(OKAFOR, TODAY, now=NOW)


def test_another_authorises_and_every_line_is_posted_at_once() -> None:
    """The same officer again changes nothing; the file is the same bytes each time."""
    owe(25_901)
    owe(10_000, OTHER)
    made = prepare_run(PATEL, TODAY, now=NOW)
    for _ in range(2):
        done = authorise_run(OKAFOR, made.said.run, made.version, now=NOW)
        assert (done.said.answer, actual(BANK)) == ("authorised", 35_901)
    assert {p.id for p in posted_of(OKAFOR, done.run).values()} == {
        "payrun/2018-01-16/VZ901",
        "payrun/2018-01-16/VZ902",
    }
    assert left(PROVIDER) == left(OTHER) == 0 and due(PATEL, TODAY) == {}
    (listed,) = runs(PATEL)
    assert (listed.said.prepared_by, listed.said.answered_by) == (PATEL.worker, OKAFOR.worker)
    file = payment_file_of(PATEL, made.said.run)
    assert file == payment_file_of(OKAFOR, made.said.run)
    run, lines = read_payment_file(file)
    assert (run, lines) == ("2018-01-16", (PayLine("VZ901", 25_901), PayLine("VZ902", 10_000)))
    with pytest.raises(Unprocessable, match="owed anything"):
        prepare_run(PATEL, TODAY, now=NOW)


def test_nobody_authorises_their_own_run_or_their_own_pay() -> None:
    """BU-05: preparer, authoriser and payee are three."""
    owe(100)
    made = prepare_run(PATEL, TODAY, now=NOW)
    with pytest.raises(NotPermitted, match="cannot authorise it"):
        authorise_run(PATEL, made.said.run, 1, now=NOW)
    with pytest.raises(NotPermitted, match="Take it back"):
        refuse_run(PATEL, made.said.run, 1, "no", now=NOW)
    with pytest.raises(NotPermitted, match="Authorise it, or refuse"):
        withdraw_run(OKAFOR, made.said.run, 1, now=NOW)
    payee = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, "VZ901")
    with pytest.raises(Unprocessable, match="money that comes to them"):
        authorise_run(payee, made.said.run, 1, now=NOW)
    _two_accounts_of_one()
    with pytest.raises(NotPermitted, match="your other account"):
        authorise_run(OKAFOR, made.said.run, 1, now=NOW)
    assert actual(BANK) == 0


def _two_accounts_of_one() -> None:
    """Ms Patel has married, and has both accounts."""
    workers = ("patel", "okafor")
    links = [{"target": {"reference": f"Practitioner/{each}"}} for each in workers]
    links.append({"target": {"reference": "Patient/mary"}})
    put({"resourceType": "Person", "id": "one", "link": links})


def test_what_was_prepared_is_what_is_paid() -> None:
    """A later version of the Task says other sums, or that it was authorised: neither counts."""
    owe(40_000)
    made = prepare_run(PATEL, TODAY, now=NOW)
    task = record.read(OKAFOR, "Task", made.said.id).resource
    parts = [dict(part) for part in task["input"]]
    parts[3]["valueString"] = parts[3]["valueString"].replace("40000", "90000")
    record.commit(OKAFOR, [Update({**task, "input": parts}, 1)])
    authorise_run(OKAFOR, made.said.run, 2, now=NOW)
    assert actual(BANK) == 40_000
    owe(5)
    other = prepare_run(PATEL, TODAY, now=NOW)
    assert other.said.run == "2018-01-16-2"
    task = record.read(OKAFOR, "Task", other.said.id).resource
    with pytest.raises(NotPermitted, match="where it is posted"):
        record.commit(OKAFOR, [Update({**task, "status": "completed"}, 1)])
    with pytest.raises(Conflict, match="nobody has authorised"):
        payment_file_of(OKAFOR, other.said.run)


def test_a_run_that_would_pay_more_than_is_owed_by_now_pays_nobody() -> None:
    """Money paid elsewhere since it was prepared: all of it waits, and who looks is told."""
    owe(500)
    owe(900, OTHER)
    made = prepare_run(PATEL, TODAY, now=NOW)
    record.commit(PLACE, [], [posting("by hand", Entry(OTHER, -1), Entry(BANK, 1), on=TODAY)])
    with pytest.raises(Unprocessable, match=r"VZ902 has £8\.99 left; £9\.00 would leave it"):
        authorise_run(OKAFOR, made.said.run, 1, now=NOW)
    assert left(PROVIDER) == 500 and run_of(PATEL, made.said.run).is_open
    with pytest.raises(Invalid, match="letters why"):
        refuse_run(OKAFOR, made.said.run, 1, " ", now=NOW)
    refuse_run(OKAFOR, made.said.run, 1, "Heron was paid a penny by hand", now=NOW)
    with pytest.raises(Stale):
        authorise_run(OKAFOR, made.said.run, 1, now=NOW)
    assert prepare_run(PATEL, TODAY, now=NOW).said.lines == (("VZ901", 500), ("VZ902", 899))


def test_two_who_authorise_at_once_pay_once() -> None:
    """One is told that somebody was first, or finds it done; withdrawing loses likewise."""
    owe(25_901)
    made = prepare_run(PATEL, TODAY, now=NOW)
    others = [
        worker_permit(f"Practitioner/{name}", name, Role.FINANCE_OFFICER, COUNCIL)
        for name in ("okafor", "reid", "okafor", "reid")
    ]

    def attempt(number: int) -> str:
        try:
            if number == len(others):
                withdraw_run(PATEL, made.said.run, 1, now=NOW)
            else:
                authorise_run(others[number], made.said.run, 1, now=NOW)
        except Refusal as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(attempt, range(5)))
    answer = run_of(PATEL, made.said.run).said.answer
    assert actual(BANK) == (25_901 if answer == "authorised" else 0) and answer


def test_a_payment_that_came_back_is_owed_again() -> None:
    """Domain 4.2: sent, then returned. Two officers, and the next run pays it."""
    owe(25_901)
    made = authorise_run(OKAFOR, prepare_run(PATEL, TODAY, now=NOW).said.run, 1, now=NOW)
    with pytest.raises(Invalid, match="what the bank told"):
        prepare_return(PATEL, made.said.run, "VZ901", " ", now=NOW)
    with pytest.raises(NotFound, match="nothing to VZ902"):
        prepare_return(PATEL, made.said.run, "VZ902", "Closed", now=NOW)
    back = prepare_return(PATEL, made.said.run, "VZ901", "Account closed", now=NOW)
    approve(OKAFOR, back.id, 1, now=NOW)
    assert (actual(BANK), due(PATEL, TODAY)) == (0, {"VZ901": 25_901})
    again = prepare_run(PATEL, TODAY, now=NOW)
    authorise_run(OKAFOR, again.said.run, 1, now=NOW)
    assert actual(BANK) == 25_901 and waiting(PATEL) == ()
    assert payment_file_of(PATEL, made.said.run) != payment_file_of(PATEL, again.said.run)


def test_two_who_prepare_at_once_prepare_one_run() -> None:
    """The other is told whose stands."""
    owe(100)

    def ask(permit: Permit) -> str:
        try:
            return prepare_run(permit, TODAY, now=NOW).said.run
        except Conflict as refusal:
            return str(refusal)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, (PATEL, OKAFOR)))
    assert answers.count("2018-01-16") == 1 and len(runs(PATEL)) == 1
    assert any("pay run" in answer for answer in answers), answers


def test_the_journal_of_a_bill_does_not_tell_its_package() -> None:
    """A package is somebody's, and an officer takes the journal of many whom they do not see."""
    made_visits()
    take_in(PATEL, file_of(), now=NOW)
    (waits,) = waiting(OKAFOR)
    approve(OKAFOR, waits.payment.id, waits.version, now=NOW)
    said = journal_of_month(PATEL, Month(2018, 1)).decode()
    assert "invoice/VZ901/2044" in said and PACKAGE.name not in said


def test_the_journal_of_a_month_adds_up_and_names_nobody() -> None:
    """What is owed and paid, for a partner's general ledger; promises are no part of it."""
    owe(25_901)
    authorise_run(OKAFOR, prepare_run(PATEL, TODAY, now=NOW).said.run, 1, now=NOW)
    file = journal_of_month(PATEL, Month(2018, 1))
    assert read_journal(file) == 500_000 + 2 * 25_901
    said = file.decode()
    assert "payrun/2018-01-16/VZ901" in said and "joyce" not in said.lower()
    assert journal_of_month(PATEL, Month(2017, 1)).decode().count("\r\n") == 2


def test_a_run_goes_by_the_pages() -> None:
    """Prepared, authorised, downloaded; what stands in the way is told."""
    owe(25_901)
    with at_the_desk(PATEL) as browser:
        page = browser.post("/money/pay-runs", {"due-to": "2018-01-17"})
        assert page.status_code == 400 and "today or a day before" in page.content.decode()
        made = browser.post("/money/pay-runs", {"due-to": "2018-01-16"})
        assert made.headers["Location"] == "/money/pay-runs/2018-01-16?done=prepared"
        page = browser.get("/money/pay-runs/2018-01-16").content.decode()
        assert "somebody else must authorise it" in page and "Kingfisher Home Care" in page
        assert browser.get("/money/pay-runs/2018-01-16/file").status_code == 409
    with at_the_desk(OKAFOR) as browser:
        where = "/money/pay-runs/2018-01-16"
        assert browser.post(where, {"do": "authorise", "version": "7"}).status_code == 412
        assert browser.post(where, {"do": "authorise", "version": "1"}).status_code == 302
        page = browser.get(where).content.decode()
        assert "1 payment, £259.01, check " in page and "no bank details" in page
        file = browser.get(f"{where}/file")
        assert file.headers["Content-Disposition"] == (
            'attachment; filename="pay-run-2018-01-16.csv"'
        )
        assert file.content == browser.get(f"{where}/file").content
        assert "Authorised" in browser.get("/money/pay-runs").content.decode()
        journal = browser.get("/money/journal?month=2018-01")
        assert read_journal(journal.content) > 0
        assert browser.get("/money/journal?month=x").status_code == 302


def test_it_is_for_finance_officers() -> None:
    """A commissioner sees that there was a run, and neither prepares nor authorises one."""
    owe(100)
    made = prepare_run(PATEL, TODAY, now=NOW)
    for permit in (REID, GP):
        with pytest.raises(Refusal):
            prepare_run(permit, TODAY, now=NOW)
        with pytest.raises(Refusal):
            authorise_run(permit, made.said.run, 1, now=NOW)
        with pytest.raises(NotPermitted):
            payment_file_of(permit, made.said.run)
        with pytest.raises(NotPermitted):
            journal_of_month(permit, Month(2018, 1))
    assert [k.said.run for k in runs(REID)] == [made.said.run] and runs(GP) == ()
    with at_the_desk(REID) as browser:
        for where in ("pay-runs", f"pay-runs/{made.said.run}", "pay-runs/x/file", "journal"):
            assert browser.get(f"/money/{where}").status_code == 403, where
