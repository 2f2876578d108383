"""Money, chapter 60. The pages where a second officer looks, and approves or says why not."""

import re

import pytest

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid
from joinedup.ledger.account import AccountKind
from joinedup.money.approval import approve, payment_of, prepare, refuse_payment, waiting
from joinedup.money.month_ends import open_months, prepare_month_end, prepare_tolerance
from joinedup.record import books
from joinedup.record.audit import AuditQuery, search_events
from joinedup.record.cluster import Urls
from tests.spec.money.invoices import promise
from tests.spec.money.officers import (
    NOW,
    OKAFOR,
    PATEL,
    POT,
    REID,
    at_the_desk,
    given,
    left,
    set_scene,
)
from tests.spec.record.place import PLACE


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()


def test_the_list_says_what_waits_and_which_is_ones_own() -> None:
    """Who prepared it, when, how much and what for; mine is somebody else's to approve."""
    prepare(PATEL, promise("p2", hours=10), now=NOW)
    prepare(OKAFOR, given(1_000, "g2"), now=NOW, words="The second part")
    with at_the_desk(OKAFOR) as browser:
        page = browser.get("/money/approvals").content.decode()
    assert "2 payments wait, £195.00 in all" in page
    assert "£185.00" in page and "For Joyce Hallam" in page and "Prepared by Ms Patel" in page
    assert page.count("I have looked at this") == 1
    assert page.count("Somebody else must approve this") == 1


def test_what_would_be_posted_is_told_in_words_and_approved() -> None:
    """From which account to which, with names; the version seen is sent."""
    made = prepare(PATEL, promise("p2", hours=10), now=NOW)
    with at_the_desk(OKAFOR) as browser:
        page = browser.get(f"/money/approvals/{made.id}").content.decode()
        assert "the pot winter-2018/925" in page and "£185.00" in page
        assert "set aside for the package joyce-home-care of Joyce Hallam" in page
        assert "10 at £18.50" in page
        sent = {"do": "approve", "version": "1"}
        answer = browser.post(f"/money/approvals/{made.id}", sent)
        assert answer.status_code == 302 and left(POT) == 500_000 - 155_400 - 18_500
        page = browser.get(f"/money/approvals/{made.id}").content.decode()
        assert "Approved by" in page and "Approve and post" not in page
        again = browser.post(f"/money/approvals/{made.id}", sent)
        assert again.status_code == 412 and "while you were reading" in again.content.decode()


def test_too_little_money_is_told_and_nothing_typed_is_lost() -> None:
    """BU-04: it waits on; a refusal without a reason keeps what stood there."""
    made = prepare(PATEL, promise("p2", hours=1_000), now=NOW)
    with at_the_desk(OKAFOR) as browser:
        where = f"/money/approvals/{made.id}"
        answer = browser.post(where, {"do": "approve", "version": "1", "why": "Half a thought"})
        page = answer.content.decode()
        assert answer.status_code == 422 and "has £3,446.00 left" in page
        assert "Half a thought" in page
        answer = browser.post(where, {"do": "refuse", "version": "1", "why": " "})
        assert answer.status_code == 400 and "letters why" in answer.content.decode()
        answer = browser.post(where, {"do": "refuse", "version": "1", "why": "Ten times too much"})
        assert answer.status_code == 302
    assert payment_of(PATEL, made.id).payment.why == "Ten times too much"


def test_nobody_answers_their_own() -> None:
    """Domain 4.7, 9, in the browser: refused with words, and the attempt is in the audit.

    Taking it back is theirs.
    """
    made = prepare(PATEL, given(40_000, "g2"), now=NOW)
    with at_the_desk(PATEL) as browser:
        where = f"/money/approvals/{made.id}"
        page = browser.get(where).content.decode()
        assert "somebody else must approve it" in page and "Approve and post" not in page
        answer = browser.post(where, {"do": "approve", "version": "1"})
        assert answer.status_code == 403 and "cannot approve it" in answer.content.decode()
        assert refusals_of(PATEL) == 1
        browser.post("/money/approvals", {"ticked": f"{made.id}@1"})
        assert refusals_of(PATEL) == 2
        assert browser.post(where, {"do": "withdraw", "version": "1"}).status_code == 302
    assert left(POT) == 500_000 - 155_400


def refusals_of(permit: Permit) -> int:
    """How often the audit says that somebody was refused."""
    found = search_events(PLACE, AuditQuery(count=100))
    return sum(e.action == "refused" and e.worker == permit.worker for e in found)


def test_several_are_ticked_and_each_stands_by_itself() -> None:
    """One that cannot be is told; the others are posted."""
    ids = [prepare(PATEL, given(1_000 + n, f"g{n}"), now=NOW).id for n in range(3)]
    large = prepare(PATEL, promise("p2", hours=1_000), now=NOW).id
    with at_the_desk(OKAFOR) as browser:
        ticked = [f"{one}@1" for one in (*ids, large)] + ["nothing@1", f"{ids[0]}@x"]
        page = browser.post("/money/approvals", {"ticked": ticked}).content.decode()
    assert re.search(r"3 approved</strong>, 3 not", page), page
    assert left(POT) == 500_000 - 155_400 + 3_003
    assert [w.payment.id for w in waiting(PATEL)] == [large]


def test_a_month_that_is_over_is_closed_by_two() -> None:
    """Not this one, none to come, and each once; a refused one may be asked for again."""
    with pytest.raises(Invalid, match="January 2018 is not over"):
        prepare_month_end(PATEL, "2018-01", "Agreed", now=NOW)
    assert str(open_months(PATEL, now=NOW)[0]) == "2017-12"
    with at_the_desk(PATEL) as browser:
        answer = browser.post(
            "/money/decisions", {"do": "month-end", "month": "2017-12", "words": ""}
        )
        assert answer.status_code == 422 and "who agreed" in answer.content.decode()
        for month in ("0000-01", "9999-12"):
            asked = {"do": "month-end", "month": month, "words": "Agreed"}
            assert browser.post("/money/decisions", asked).status_code == 422
            assert browser.get(f"/money/journal?month={month}").status_code == 302
    made = prepare_month_end(PATEL, "2017-12", "Agreed", now=NOW)
    refuse_payment(OKAFOR, made.id, 1, "A bill is missing", now=NOW)
    made = prepare_month_end(PATEL, "2017-12", "Agreed, with the bill", now=NOW)
    approve(OKAFOR, made.id, 1, now=NOW)
    assert [str(m) for m in books.closed_months(OKAFOR)] == ["2017-12"]
    with pytest.raises(Invalid, match="closed already"):
        prepare_month_end(PATEL, "2017-12", "Agreed", now=NOW)


def test_a_tolerance_is_prepared_for_a_pot() -> None:
    """BU-04: pounds as people write them; what is wrong is said beside its field."""
    with at_the_desk(PATEL) as browser:
        sent = {"do": "tolerance", "pot": POT.name, "pounds": "50.005", "words": "Until March"}
        answer = browser.post("/money/decisions", sent)
        page = answer.content.decode()
        assert answer.status_code == 422 and "fraction of a penny" in page and "50.005" in page
    made = prepare_tolerance(PATEL, POT.name, "£50", "Until March", now=NOW)
    approve(OKAFOR, made.id, 1, now=NOW)
    assert [h.floor for h in books.held(OKAFOR, [AccountKind.POT])] == [-5_000]
    with pytest.raises(Invalid, match="Choose the pot"):
        prepare_tolerance(PATEL, "none", "50", "Why", now=NOW)


def test_these_pages_are_finance_officers_alone() -> None:
    """A commissioner reads what the pots bought, and moves nothing."""
    with at_the_desk(REID) as browser:
        for where in ("/money/approvals", "/money/approvals/none", "/money/decisions"):
            assert browser.get(where).status_code == 403, where
            assert browser.post(where, {"do": "approve"}).status_code == 403, where
