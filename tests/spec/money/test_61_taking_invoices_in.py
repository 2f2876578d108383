"""Money, chapter 61. A provider's file comes in whole, and each bill finds its way (BU-01, BU-04).

What matches waits for another officer's approval; what does not is a question for somebody.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal
from joinedup.fhir.profiles import invoice as bills
from joinedup.fhir.profiles.invoice import Invoice
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.period import Month
from joinedup.money.approval import approve, refuse_payment, waiting, withdraw
from joinedup.money.exceptions import questions
from joinedup.money.invoices import take_in
from joinedup.money.journal import journal_of_month
from joinedup.money.names import names_of
from joinedup.money.payment_words import present, references_in
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.spec.money.invoices import promise
from tests.spec.money.officers import (
    COUNCIL,
    NOW,
    NUMBER,
    OKAFOR,
    PACKAGE,
    PATEL,
    PROVIDER,
    REID,
    actual,
    file_line,
    file_of,
    left,
    made_visits,
    set_scene,
)
from tests.spec.record.place import ACT_CODE, GP, PLACE, PRACTICE, find, label, put, service, stay


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()
    made_visits()


def kept() -> list[Invoice]:
    """The bills in the record."""
    return [bills.read(s.resource) for s in find(PLACE, "Invoice").entries]


def states() -> dict[str, str]:
    """What became of each, by number."""
    return {bill.number: bill.state for bill in kept()}


def counted(kind: str) -> list[int]:
    """Versions of everything of a type."""
    return [s.version for s in find(PLACE, kind).entries]


SECOND = {"number": "2045", "begins": "08/01/2018", "ends": "14/01/2018", "day": "15/01/2018"}


def test_a_bill_that_matches_waits_for_another_officer() -> None:
    """Nothing is owed before; then bill, claim on its days and money are one commit."""
    found = take_in(PATEL, file_of(), now=NOW)
    assert (found.count("prepared"), found.count("exception")) == (1, 0)
    assert (states(), actual(PROVIDER)) == ({"2044": "received"}, 0)
    (line,) = waiting(OKAFOR)
    assert line.payment.people == ("Patient/joyce",)
    approve(OKAFOR, line.payment.id, line.version, now=NOW)
    assert (states(), actual(PROVIDER)) == ({"2044": "accepted"}, 25_900)
    assert left(PACKAGE) == 155_400 - 25_900


def test_a_bill_that_does_not_match_is_a_question() -> None:
    """The officer reads hours and amounts, and no word of what was done in a visit."""
    found = take_in(PATEL, file_of(file_line(units="20", net="370.00")), now=NOW)
    assert found.count("exception") == 1 and waiting(OKAFOR) == ()
    (asked,) = questions(OKAFOR)
    assert {code for code, _ in asked.asked.reasons} == {"units", "visits"}
    assert ("visits", "20 hours billed; 14 hours recorded.") in asked.asked.reasons
    with pytest.raises(Refusal):
        record.read(PATEL, "Encounter", "visit-0")


def test_days_in_hospital_are_known_without_being_shown() -> None:
    """Domain 4.5: invoices overlapping hospital stay."""
    put(stay("s1", "joyce", start="2018-01-02", end="2018-01-06"))
    take_in(PATEL, file_of(), now=NOW)
    (asked,) = questions(OKAFOR)
    assert {code for code, _ in asked.asked.reasons} == {"hospital"}


def test_the_same_file_again_changes_nothing() -> None:
    """And says so, whatever was decided meanwhile."""
    two = file_of(file_line(), file_line(**SECOND, units="20", net="370.00"))
    assert take_in(PATEL, two, now=NOW).changed
    before = counted("Invoice"), counted("Task")
    found = take_in(OKAFOR, two, now=NOW)
    assert not found.changed and found.count("again") == 2
    (line,) = waiting(OKAFOR)
    approve(OKAFOR, line.payment.id, 1, now=NOW)
    assert not take_in(PATEL, two, now=NOW).changed
    assert (len(counted("Invoice")), len(counted("Task"))) == (2, 2)
    assert before == ([1, 1], [1, 1]) and actual(PROVIDER) == 25_900


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"package": "nothing"}, "Line 3, Package: no package of this number"),
        ({"person": "mary"}, "Line 3, NHS number or person: package joyce-home-care is somebody"),
        ({"cost": "18.505"}, "Line 3, Unit cost (pounds): the amount, '18.505', has a fraction"),
        (
            {"cost": "1850", "net": "25900"},
            "Line 3, Unit cost (pounds): £1,850.00 is about a hundred times more",
        ),
        ({"provider": "VZ902"}, "Line 3, Provider ODS code: VZ902 is another provider"),
        ({"units": "", "ends": "x"}, "Line 3, To: 'x' is no date"),
    ],
)
def test_one_wrong_line_keeps_the_whole_file_out(changes: dict[str, str], said: str) -> None:
    """Every problem with its line; nothing of the file is kept."""
    with pytest.raises(Invalid) as refusal:
        take_in(PATEL, file_of(file_line(), file_line(**(SECOND | changes))), now=NOW)
    told = [p.message for p in refusal.value.problems]
    assert any(t.startswith(said) for t in told), told
    assert (kept(), waiting(OKAFOR), questions(OKAFOR)) == ([], (), ())


@pytest.mark.parametrize("person", ["9990000026", "mary", "nobody"])
def test_whom_the_officer_does_not_pay_for_is_nobody_here(person: str) -> None:
    """Whether there is such a person is not told."""
    with pytest.raises(Invalid, match=r"Line 2.*nobody you buy care for is known by this number"):
        take_in(PATEL, file_of(file_line(person=person)), now=NOW)


@pytest.mark.parametrize(("person", "cost"), [("mary", "1850"), (NUMBER, "18.50")])
def test_prices_and_hours_of_whom_the_officer_does_not_see_are_not_told(
    person: str, cost: str
) -> None:
    """Neither by pence typed for pounds, nor by billing the package to somebody who is seen."""
    cared_for = service("marys-care", "mary", start="2018-01-01")
    put({**cared_for, "managingOrganization": {"reference": f"Organization/{PRACTICE}"}})
    theirs = promise("promise-m", person="Patient/mary", package="marys-care")
    moved = replace(theirs.entries[1], account=Account(AccountKind.PACKAGE, "marys-care"))
    record.commit(PLACE, [], [replace(theirs, entries=(theirs.entries[0], moved))])
    line = file_line(person=person, package="marys-care", cost=cost, net="259.00")
    with pytest.raises(Invalid) as refusal:
        take_in(
            PATEL, file_of(line.replace("259.00", "25900.00") if cost == "1850" else line), now=NOW
        )
    told = " ".join(p.message for p in refusal.value.problems)
    assert "no package of this number is known here" in told
    assert "agreed" not in told and "left" not in told and kept() == []


def test_a_provider_nobody_knows_bills_nothing() -> None:
    """The code is a slip of the hand, or worse."""
    with pytest.raises(Invalid, match="VZ999 is no provider known here"):
        take_in(PATEL, file_of(file_line(provider="VZ999")), now=NOW)


def test_a_number_that_came_before_with_other_amounts_is_refused() -> None:
    """Domain 4.5: duplicate invoice numbers. The first stands as it is."""
    take_in(PATEL, file_of(), now=NOW)
    other = file_of(file_line(units="13", net="240.50"))
    with pytest.raises(Invalid, match="2044 came before with other days or amounts, and waits"):
        take_in(PATEL, other, now=NOW)
    (line,) = waiting(OKAFOR)
    approve(OKAFOR, line.payment.id, 1, now=NOW)
    with pytest.raises(Invalid, match=r"and was accepted\. Send it under a new number"):
        take_in(PATEL, other, now=NOW)


def test_bills_that_overlap_in_one_file_are_not_both_prepared() -> None:
    """The second is a question that names the first."""
    found = take_in(PATEL, file_of(file_line(), file_line(number="2046")), now=NOW)
    assert [b.fate for b in found.bills] == ["prepared", "exception"]
    told = "Invoice 2044, which waits for approval, bills 7 days of it too"
    assert told in found.bills[1].reasons[0]


def test_two_bills_for_one_day_are_never_both_accepted() -> None:
    """House law 3: eight come in at once and are approved at once; one is owed, whoever was first.

    Two that come at the same moment may both be prepared: the days they claim decide.
    """
    made_visits(7)
    files = [file_of(file_line(number=f"N{n}")) for n in range(8)]

    def attempt(act: Any) -> str:
        try:
            act()
        except (Conflict, Refusal) as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda f: attempt(lambda: take_in(PATEL, f, now=NOW)), files))
    assert taken.count("") == 8
    ids = [w.payment.id for w in waiting(OKAFOR)]
    assert len(ids) + len(questions(OKAFOR)) == 8 and ids

    def officer(number: int) -> Permit:
        name = f"Practitioner/o{number}"
        return worker_permit(name, "An officer", Role.FINANCE_OFFICER, COUNCIL)

    put(*({"resourceType": "Practitioner", "id": f"o{n}"} for n in range(len(ids))))
    pairs = [(officer(n), task) for n, task in enumerate(ids)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda p: attempt(lambda: approve(p[0], p[1], 1, now=NOW)), pairs))
    assert answers.count("") == 1, answers
    assert all("bills one of these days already" in a for a in answers if a), answers
    assert actual(PROVIDER) == 25_900 and list(states().values()).count("accepted") == 1


def test_two_prepared_for_the_same_days_are_settled_by_the_first_approval() -> None:
    """The second waits on and is told why; refused, it is a question again."""
    first = take_in(PATEL, file_of(), now=NOW)
    assert first.count("prepared") == 1
    (one,) = waiting(OKAFOR)
    withdraw(PATEL, one.payment.id, 1, now=NOW)
    (asked,) = questions(OKAFOR)
    assert asked.asked.reasons[0][0] == "taken-back"
    second = take_in(PATEL, file_of(file_line(number="N1")), now=NOW)
    assert second.count("prepared") == 1, "the first waits for nobody's approval now"
    (two,) = waiting(OKAFOR)
    refuse_payment(OKAFOR, two.payment.id, 1, "Ask them which it is", now=NOW)
    found = {q.bill.number: q.asked.reasons for q in questions(OKAFOR)}
    assert found["N1"] == (("not-approved", "Mr Okafor: Ask them which it is"),)
    assert actual(PROVIDER) == 0 and set(states().values()) == {"received"}


def test_nobody_takes_in_their_own_family_s_bill() -> None:
    """BU-05."""
    linked = [{"target": {"reference": name}} for name in ("Practitioner/patel", "Patient/joyce")]
    put({"resourceType": "Person", "id": "patel", "link": linked})
    with pytest.raises(NotPermitted, match="about yourself"):
        take_in(PATEL, file_of(), now=NOW)
    assert kept() == []


def test_nobody_approves_a_bill_of_whom_they_work_for_or_their_other_account_s() -> None:
    """BU-05: preparer, approver and payee are three, and three people."""
    take_in(PATEL, file_of(), now=NOW)
    (waits,) = waiting(OKAFOR)
    with pytest.raises(NotPermitted, match="money that comes to them"):
        approve(replace(OKAFOR, organisation="VZ901"), waits.payment.id, 1, now=NOW)
    targets = ("Practitioner/patel", "Practitioner/okafor", "Patient/mary")
    links = [{"target": {"reference": each}} for each in targets]
    put({"resourceType": "Person", "id": "one", "link": links})
    with pytest.raises(NotPermitted, match="your other account"):
        approve(OKAFOR, waits.payment.id, 1, now=NOW)
    assert actual(PROVIDER) == 0


def test_a_label_put_on_the_package_later_hides_its_bills_and_what_waits() -> None:
    """Who does not see the care does not see what it costs; taken off, they are seen again."""
    take_in(
        PATEL,
        file_of(file_line(), file_line(**(SECOND | {"units": "20", "net": "370.00"}))),
        now=NOW,
    )
    assert len(questions(OKAFOR)) == 1 and len(waiting(OKAFOR)) == 1
    cared_for = service(PACKAGE.name, "joyce", start="2018-01-01")
    put({**cared_for, "meta": label(ACT_CODE, "DVD")})
    assert waiting(OKAFOR) == () and find(OKAFOR, "Invoice").entries == ()
    assert find(OKAFOR, "Task").entries == ()
    put(cared_for)
    assert len(questions(OKAFOR)) == 1 and len(find(OKAFOR, "Invoice").entries) == 2
    (waits,) = waiting(OKAFOR)
    approve(OKAFOR, waits.payment.id, waits.version, now=NOW)
    assert actual(PROVIDER) == 25_900 and list(verify()) == []


def test_it_is_for_finance_officers() -> None:
    """Of the place; a commissioner reads what the pots bought."""
    for permit in (REID, GP):
        with pytest.raises(NotPermitted):
            take_in(permit, file_of(), now=NOW)


@pytest.mark.parametrize("how", ["another post", "another account", "as a patient's"])
def test_whoever_works_for_the_provider_in_any_way_leaves_its_money_alone(how: str) -> None:
    """BU-05: a second post, a second account of theirs, or one under the link to their record."""
    post = {
        "resourceType": "PractitionerRole",
        "id": "second",
        "active": True,
        "practitioner": {"reference": "Practitioner/okafor"},
        "organization": {"reference": "Organization/VZ901"},
    }
    links = {"another account": ["Practitioner/okafor", "Practitioner/night"]}
    links["as a patient's"] = [*links["another account"], "Patient/mary"]
    if how in links:
        post["practitioner"] = {"reference": "Practitioner/night"}
        put({"resourceType": "Practitioner", "id": "night"})
        targets = [{"target": {"reference": name}} for name in links[how]]
        put({"resourceType": "Person", "id": "okafor", "link": targets})
    take_in(PATEL, file_of(), now=NOW)
    put(post)
    (waits,) = waiting(OKAFOR)
    with pytest.raises(NotPermitted, match="money that comes to them"):
        approve(OKAFOR, waits.payment.id, 1, now=NOW)
    put(post | {"active": False})
    approve(OKAFOR, waits.payment.id, 1, now=NOW)


def test_what_was_read_for_a_bill_was_read_by_who_took_it_in(record_database: Urls) -> None:
    """The audit names the officer, not a job; what was read beyond their own sight too."""
    take_in(PATEL, file_of(), now=NOW)
    journal_of_month(OKAFOR, Month(2018, 1))
    url = record_database.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(url, autocommit=True) as superuser:
        found = superuser.execute("select worker, detail from record.audit_event").fetchall()
    assert (PATEL.worker, "invoices matched") in found
    assert (OKAFOR.worker, "postings") in found
    assert not [row for row in found if str(row[0]).startswith("system/invoices")]


def test_a_list_names_who_bills_and_not_its_code() -> None:
    """Money that waits is read by people."""
    take_in(PATEL, file_of(), now=NOW)
    found = waiting(OKAFOR)
    shown = present(found[0], names_of(OKAFOR, references_in(found), detail="money that waits"))
    assert shown.words == "Invoice 2044 of 09/01/2018 by Kingfisher Home Care (VZ901)"
