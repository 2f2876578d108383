"""Money, chapter 62. Bills that do not match wait for somebody, who says why; money waits again.

Accepting prepares the payment for another officer; sending back moves nothing. Versions decide.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from joinedup.fhir.issue import Invalid, NotPermitted, Refusal, Stale
from joinedup.fhir.profiles import invoice as bills
from joinedup.money.approval import approve, refuse_payment, waiting
from joinedup.money.exceptions import Question, accept, question_of, questions, send_back
from joinedup.money.invoices import take_in
from joinedup.record.cluster import Urls
from tests.spec.money.officers import (
    NOW,
    OKAFOR,
    PACKAGE,
    PATEL,
    PROVIDER,
    REID,
    actual,
    at_the_desk,
    file_line,
    file_of,
    left,
    made_visits,
    set_scene,
)
from tests.spec.record.place import PLACE, find, put

TOO_MANY = file_of(file_line(units="14.7", net="271.95"))


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()


def asked(data: bytes = TOO_MANY) -> Question:
    """A bill that no visit was recorded for."""
    take_in(PATEL, data, now=NOW)
    return questions(PATEL)[0]


def bill_state(number: str = "2044") -> tuple[str, str, str]:
    """State, who decided and why, as kept."""
    found = find(PLACE, "Invoice", identifier=number).entries
    bill = bills.read(found[0].resource)
    return bill.state, bill.decided_by, bill.words


def test_accepted_after_all_it_waits_for_another() -> None:
    """Who decided stands with the bill; who approved stands with the posting."""
    found = asked()
    with pytest.raises(Invalid, match="Say why it is owed"):
        accept(PATEL, found.asked.id, 1, words=" ", now=NOW, additional=False)
    accept(PATEL, found.asked.id, 1, words="Paper sheets seen", now=NOW, additional=False)
    assert questions(PATEL) == () and actual(PROVIDER) == 0
    (line,) = waiting(OKAFOR)
    with pytest.raises(NotPermitted):
        approve(PATEL, line.payment.id, 1, now=NOW)
    approve(OKAFOR, line.payment.id, 1, now=NOW)
    assert bill_state() == ("accepted", PATEL.worker, "Paper sheets seen")
    assert (actual(PROVIDER), left(PACKAGE)) == (27_195, 155_400 - 27_195)


def test_an_additional_charge_leaves_the_package_as_it_is() -> None:
    """It is paid from the pot alone, and holds no day."""
    found = asked()
    accept(PATEL, found.asked.id, 1, words="The storm", now=NOW, additional=True)
    (line,) = waiting(OKAFOR)
    assert line.payment.words.endswith("an additional charge")
    assert line.payment.people == ("Patient/joyce",), "no entry of it names her, and it is hers"
    assert waiting(REID) == ()
    approve(OKAFOR, line.payment.id, 1, now=NOW)
    assert bill_state() == ("additional", PATEL.worker, "The storm")
    assert (actual(PROVIDER), left(PACKAGE)) == (27_195, 155_400)
    made_visits()
    assert take_in(PATEL, file_of(file_line(number="N2")), now=NOW).count("prepared") == 1


def test_days_that_are_billed_already_are_not_accepted_again() -> None:
    """Whoever wants to pay them all the same says that it is on top."""
    made_visits()
    take_in(PATEL, file_of(file_line(), file_line(number="N2")), now=NOW)
    (found,) = questions(PATEL)
    with pytest.raises(Invalid, match=r"bills 7 days of it too.*as an additional charge"):
        accept(PATEL, found.asked.id, 1, words="Twice then", now=NOW, additional=False)
    accept(PATEL, found.asked.id, 1, words="Two came", now=NOW, additional=True)
    for line in waiting(OKAFOR):
        approve(OKAFOR, line.payment.id, 1, now=NOW)
    assert actual(PROVIDER) == 2 * 25_900 and left(PACKAGE) == 155_400 - 25_900


def test_sent_back_it_says_why_and_a_corrected_one_is_looked_at() -> None:
    """The same number with other amounts comes as a question that tells what was said before."""
    found = asked()
    with pytest.raises(Invalid, match="Say why, for the provider"):
        send_back(PATEL, found.asked.id, 1, words="", now=NOW)
    send_back(PATEL, found.asked.id, 1, words="14 hours were agreed", now=NOW)
    assert bill_state() == ("refused", PATEL.worker, "14 hours were agreed")
    assert not take_in(PATEL, TOO_MANY, now=NOW).changed
    made_visits()
    assert take_in(OKAFOR, file_of(), now=NOW).count("exception") == 1
    (again,) = questions(PATEL)
    assert again.asked.reasons[0][0] == "number" and again.bill.state == "received"
    accept(PATEL, again.asked.id, again.version, words="Corrected", now=NOW, additional=False)
    approve(OKAFOR, waiting(OKAFOR)[0].payment.id, 1, now=NOW)
    assert (bill_state()[0], actual(PROVIDER)) == ("accepted", 25_900)


def test_a_payment_that_was_refused_is_a_question_again_and_can_be_accepted_again() -> None:
    """Each attempt has a posting of its own; one is posted."""
    found = asked()
    accept(PATEL, found.asked.id, 1, words="Seen", now=NOW, additional=False)
    refuse_payment(OKAFOR, waiting(OKAFOR)[0].payment.id, 1, "Which sheets?", now=NOW)
    (again,) = questions(OKAFOR)
    assert again.asked.reasons == (("not-approved", "Mr Okafor: Which sheets?"),)
    accept(OKAFOR, again.asked.id, again.version, words="Found them", now=NOW, additional=False)
    (line,) = waiting(PATEL)
    assert line.said.id.endswith(f"{PACKAGE.name}/2")
    approve(PATEL, line.payment.id, 1, now=NOW)
    assert actual(PROVIDER) == 27_195 and bill_state()[1] == OKAFOR.worker


def test_two_who_decide_at_once_decide_once() -> None:
    """One is told that somebody was first; there is one payment at most."""
    found = asked()

    def attempt(number: int) -> str:
        try:
            if number % 2:
                send_back(PATEL, found.asked.id, 1, words="No", now=NOW)
            else:
                accept(OKAFOR, found.asked.id, 1, words="Yes", now=NOW, additional=number == 2)
        except Refusal as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, range(6)))
    assert answers.count("") == 1, answers
    is_refused = bill_state()[0] == "refused"
    assert len(waiting(OKAFOR)) == (0 if is_refused else 1) and questions(PATEL) == ()
    with pytest.raises(Stale):
        send_back(PATEL, found.asked.id, 1, words="No", now=NOW)


def test_the_work_list_is_filtered_and_a_decision_made_in_the_browser() -> None:
    """Oldest first, reasons in plain words; what was typed is kept where it cannot be."""
    made_visits()
    take_in(PATEL, file_of(file_line(), file_line(number="N2")), now=NOW)
    with at_the_desk(OKAFOR) as browser:
        page = browser.get("/money/exceptions").content.decode()
        assert "1 of 1 invoice, £259.00 in all" in page
        assert "Days that another invoice bills already" in page and "Joyce Hallam" in page
        page = browser.get("/money/exceptions?reason=number&provider=VZ902").content.decode()
        assert "None of them fits" in page
        where = f"/money/exceptions/{questions(PATEL)[0].asked.id}"
        sent = {"version": "1", "do": "accepted", "words": "Twice then"}
        answer = browser.post(where, sent)
        page = answer.content.decode()
        assert answer.status_code == 400 and "as an additional charge" in page
        assert "Twice then" in page
        assert browser.post(where, {"version": "1", "words": "x"}).status_code == 400
        assert browser.post(where, sent | {"do": "additional"}).status_code == 302
        page = browser.get(where).content.decode()
        assert "Accepted as an additional charge" in page and "Mr Okafor" in page
        assert browser.post(where, sent | {"do": "refused"}).status_code == 412
    (extra,) = [w.payment.id for w in waiting(PATEL) if "additional" in w.payment.words]
    with at_the_desk(PATEL) as browser:
        page = browser.get(f"/money/approvals/{extra}").content.decode()
        assert "Accepted as an additional charge" in page and "Twice then" in page


def test_a_file_comes_in_by_the_browser() -> None:
    """Wrong: every problem. Right: what became of each. Again: nothing was changed."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    made_visits()

    def file(data: bytes) -> dict[str, object]:
        return {"file": SimpleUploadedFile("bills.csv", data, "text/csv")}

    with at_the_desk(PATEL) as browser:
        wrong = file_of(file_line(cost="18.505"), file_line(number="N2", ends="x"))
        answer = browser.post("/money/invoices", file(wrong))
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Line 2, Unit cost (pounds)" in page and "Line 3, To" in page
        assert "No invoice has come in yet" in page
        assert browser.post("/money/invoices", {}).status_code == 400
        good = file_of(file_line(), file_line(number="N2"))
        page = browser.post("/money/invoices", file(good)).content.decode()
        assert "<strong>1 matched</strong>" in page and "£518.00 in all" in page
        page = browser.post("/money/invoices", file(good)).content.decode()
        assert "Nothing was changed" in page
        page = browser.get("/money/invoices?provider=vz901&number=n2&is=waits").content.decode()
        assert page.count('<th scope="row">') == 1
        page = browser.get("/money/invoices?is=accepted").content.decode()
        assert "No invoice fits" in page


def test_nobody_decides_about_their_family_s_bill() -> None:
    """BU-05."""
    found = asked()
    linked = [{"target": {"reference": name}} for name in ("Practitioner/okafor", "Patient/joyce")]
    put({"resourceType": "Person", "id": "okafor", "link": linked})
    for act in (
        lambda: accept(OKAFOR, found.asked.id, 1, words="x", now=NOW, additional=False),
        lambda: send_back(OKAFOR, found.asked.id, 1, words="x", now=NOW),
    ):
        with pytest.raises(NotPermitted, match="about yourself"):
            act()


def test_nobody_approves_a_charge_on_top_for_their_family() -> None:
    """BU-05: no entry of it names anybody, and it is known all the same whose it is."""
    found = asked()
    accept(PATEL, found.asked.id, 1, words="The storm", now=NOW, additional=True)
    linked = [{"target": {"reference": name}} for name in ("Practitioner/okafor", "Patient/joyce")]
    put({"resourceType": "Person", "id": "okafor", "link": linked})
    with pytest.raises(NotPermitted, match="about yourself"):
        approve(OKAFOR, waiting(OKAFOR)[0].payment.id, 1, now=NOW)


def test_these_pages_are_finance_officers_alone() -> None:
    """A commissioner neither sees a bill nor decides about one."""
    found = asked()
    assert questions(REID) == ()
    with pytest.raises(Refusal):
        question_of(REID, found.asked.id)
    with pytest.raises(NotPermitted):
        send_back(REID, found.asked.id, 1, words="x", now=NOW)
    with at_the_desk(REID) as browser:
        for where in ("invoices", "exceptions", f"exceptions/{found.asked.id}"):
            assert browser.get(f"/money/{where}").status_code == 403, where
            if where != "exceptions":  # the list sends nothing
                assert browser.post(f"/money/{where}", {"do": "refused"}).status_code == 403, where
