"""Money, chapter 54. Part of a pot set aside for urgent starts, in the browser (decision 0020).

Two officers set it aside, coordinators start care from it, two officers give the rest back; on the
pages about the pot it is counted once.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from joinedup import record
from joinedup.access.permit import starting, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.invoice import ADDITIONAL
from joinedup.ledger.authority import Start, start_posting
from joinedup.money.agreement_rules import grant_of
from joinedup.money.approval import approve, waiting
from joinedup.money.commitments import PackageSaid, commitment_of
from joinedup.money.grant_rules import grant_page
from joinedup.money.invoice_posting import posting_of
from joinedup.money.queries import agreement_of
from joinedup.record import books, database
from joinedup.record.cluster import Cluster
from joinedup.record.starts import authorities
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import (
    GRANT_AT,
    GRANT_ID,
    NOW,
    OKAFOR,
    PATEL,
    POOL_ID,
    desks,
    plain,
    send,
    words,
)
from tests.spec.money.invoices import bill
from tests.spec.record.place import HOSPITAL, PLACE, put, stay

if TYPE_CHECKING:
    from django.test import Client

AT = f"/money/agreements/{GRANT_ID}/starts"
ASIDE = {"do": "aside", "month": "2018-12", "pounds": "10,000", "paper": "Minute 4", "words": "x"}
LEE = worker_permit("Practitioner/lee", "Mr Lee", Role.DISCHARGE_COORDINATOR, HOSPITAL)


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with desks(cluster) as visitors:
        from django.test import override_settings

        database.configure(database.address(), moment=NOW)
        put({"resourceType": "Practitioner", "id": "lee"}, stay("h1", "joyce", start="2018-11-20"))
        with override_settings(JOINEDUP_NOW=NOW):
            yield visitors


@pytest.fixture(scope="module")
def officer(sign_in: Visitors) -> "Client":
    return sign_in("finance-officer")


def _approve() -> None:
    for one in waiting(OKAFOR):
        approve(OKAFOR, one.payment.id, one.version, now=NOW)


def test_two_officers_set_it_aside(officer: "Client") -> None:
    """Until the second approves, no care can be started from it (BU-05)."""
    assert "Nothing is set aside yet" in words(officer, AT)
    assert "Set aside for urgent starts" in words(officer, GRANT_AT)
    answer = send(officer, AT, **ASIDE)
    assert answer.status_code == 302, plain(answer)
    told = words(officer, answer["Location"])
    assert "Moved" in told and "£10,000.00" in told
    assert "what is set aside from winter-2018/904 for urgent starts in December 2018" in told
    assert not authorities(starting(LEE), NOW.date())
    _approve()
    (found,) = authorities(starting(LEE), NOW.date())
    assert found.approved_by == OKAFOR.worker
    told = words(officer, AT)
    assert "December 2018 £10,000.00 £0.00 £0.00 £10,000.00" in told
    assert "£40,001.00 is left to set aside or promise" in told


def test_what_is_started_is_counted_once(officer: "Client") -> None:
    """Allocated, promised and left are those of the whole pot; beside them what is set aside."""
    (authority,) = authorities(starting(LEE), NOW.date())
    care = Start(
        person="Patient/joyce",
        package="s1",
        paper="EpisodeOfCare/s1/_history/1",
        care="reablement",
        provider="VZ901",
        begins=date(2018, 12, 3),
        ends=date(2018, 12, 30),
        unit_cost=2_000,
        units=Decimal(30),
    )
    made = start_posting(authority, care, posting_id="start/1", on=NOW.date(), by=LEE.worker)
    record.commit(starting(LEE), [], [made])
    told = words(officer, GRANT_AT)
    assert "Given £50,001.00" in told and "Promised £600.00" in told
    assert "£9,400.00 of it set aside for urgent starts" in told
    assert "December 2018 £10,000.00 £600.00 £0.00 £9,400.00" in told
    assert "Reablement £600.00 £0.00 1" in told
    assert "All months £50,001.00 £600.00 £0.00" in told
    assert "£40,001.00 is left to promise" in words(
        officer, f"/money/agreements/{GRANT_ID}/promise"
    )


def test_both_ways_of_adding_up_a_grant_agree() -> None:
    """The page's figures and those folded from postings, with money that went aside and back."""
    kept = agreement_of(OKAFOR, GRANT_ID, "grant")
    page = grant_page(grant_of(kept.agreement), [k.posting for k in books.every_posting(PLACE)])
    assert (page.whole.allocated, page.whole.committed) == (5_000_100, 60_000)
    assert "not said" not in page.by_care


def test_a_charge_on_top_is_paid_by_the_pot_itself() -> None:
    """What is set aside starts care; more than was promised is the pot's to pay."""
    (kept,) = books.postings(PLACE, ids=["start/1"])
    said = PackageSaid(id="s1", person="Patient/joyce", unit="hour", begins=None, ends=None)
    commitment = commitment_of(said, [kept.posting])
    on_top = bill(package="s1", state=ADDITIONAL)
    posting = posting_of(
        on_top, commitment, on=NOW.date(), prepared_by=PATEL.worker, approved_by=OKAFOR.worker
    )
    pots = {e.account.name for e in posting.entries if e.account.kind == 2}
    assert pots == {"winter-2018/904"}


def test_the_rest_goes_back_by_two_officers(officer: "Client") -> None:
    """All of it, and nothing more is started from it after."""
    assert "Give back what is left of December 2018" in words(officer, AT)
    answer = send(officer, AT, do="back", month="2018-12")
    assert answer.status_code == 302, plain(answer)
    assert "£9,400.00 set aside for urgent starts in December 2018 goes back" in words(
        officer, answer["Location"]
    )
    _approve()
    assert not authorities(starting(LEE), NOW.date())
    told = words(officer, GRANT_AT)
    assert "December 2018 £600.00 £600.00 £0.00 £0.00" in told
    assert "Given £50,001.00" in told and "of it set aside" not in told
    answer = send(officer, AT, do="back", month="2018-12")
    assert answer.status_code == 422
    assert "Nothing is left of what was set aside" in plain(answer)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"month": "2018-11"}, "not over and not closed"),
        ({"month": "2019-04"}, "not over and not closed"),
        ({"month": "soon"}, "Choose the month"),
        ({"pounds": ""}, "write pounds and pence"),
        ({"pounds": "-5"}, "more than nothing"),
        ({"paper": ""}, "Name the paper"),
        ({"words": ""}, "what it is for"),
        ({"do": "both"}, "Use the buttons"),
    ],
)
def test_what_cannot_be_set_aside_is_told_beside_its_field(
    officer: "Client", wrong: dict[str, str], told: str
) -> None:
    """And what was typed stays on the page."""
    answer = send(officer, AT, **(ASIDE | wrong))
    assert answer.status_code in (400, 422)
    assert told in plain(answer)
    assert wrong.get("paper", "Minute 4") in answer.content.decode()


def test_more_than_the_pot_has_is_refused_when_it_is_approved(officer: "Client") -> None:
    """The floor of the pot holds for what is set aside as for a promise (BU-04)."""
    answer = send(officer, AT, **(ASIDE | {"pounds": "90,000"}))
    task = answer["Location"].rpartition("/")[2]
    (one,) = [w for w in waiting(OKAFOR) if w.payment.id == task]
    with pytest.raises(Unprocessable, match="would leave it"):
        approve(OKAFOR, task, one.version, now=NOW)


def test_readers_read_and_change_nothing(sign_in: Visitors) -> None:
    """A commissioner sees what is set aside, and has no form."""
    reader = sign_in("commissioner")
    assert "For starts in" in words(reader, GRANT_AT)
    assert words(reader, AT, 403)
    assert f"/money/agreements/{POOL_ID}/starts" not in reader.get(GRANT_AT).content.decode()
