"""Money, chapter 55. Where a second officer is asked, and what becomes of what none sees."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal
from joinedup.fhir.profiles.agreement import GRANT, POOL
from joinedup.money.actions import agree_pool, prepare_gift, refuse_pool_draft
from joinedup.money.approval import approve, refuse_payment, waiting, withdraw
from joinedup.money.held import held_back
from joinedup.money.moving_forms import GiveWish
from joinedup.money.pot_rules import figures_of
from joinedup.money.queries import agreement_of, draft_of, moved_under
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import (
    GRANT as GRANT_FORM,
)
from tests.spec.money.desk import (
    NOW,
    OKAFOR,
    PATEL,
    desks,
    plain,
    send,
    words,
)
from tests.spec.money.desk import (
    POOL as POOL_FORM,
)
from tests.spec.money.test_52_promises import AT, PROMISE
from tests.spec.record.place import CONFIDENTIALITY, COUNCIL, GP, label, put, service

if TYPE_CHECKING:
    from django.test import Client

PRIVACY = worker_permit("Practitioner/price", "Mx Price", Role.PRIVACY_OFFICER, COUNCIL)
NEW = POOL_FORM | {"name": "Falls pool"}
NEW_ID = "pool-falls-pool-2018-19"
NEW_AT = f"/money/pools/{NEW_ID}"


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with desks(cluster) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def officer(sign_in: Visitors) -> "Client":
    return sign_in("finance-officer")


def test_a_pool_is_nothing_until_a_second_officer_agrees(officer: "Client") -> None:
    """BU-05, BU-09: who bears an overspend is not one person's to write."""
    assert send(officer, "/money/pools/new", **NEW)["Location"].startswith(NEW_AT)
    told = words(officer, NEW_AT)
    assert "Another officer must agree to it before anything is given to it" in told
    assert "You wrote this down. Somebody else must agree to it." in told
    assert "Falls pool, 2018-19 : written down, and waits" in words(officer, "/money")
    for address in ("give", "promise", "starts"):
        assert officer.get(f"/money/agreements/{NEW_ID}/{address}").status_code == 404
    answer = send(officer, NEW_AT, do="agree", version="1")
    assert answer.status_code == 403 and "Ask another" in plain(answer)
    with pytest.raises(NotPermitted):
        agree_pool(PATEL, NEW_ID, 1)
    agree_pool(OKAFOR, NEW_ID, 1)
    assert agreement_of(PATEL, NEW_ID, POOL).agreement.name == "Falls pool"
    assert "Record a contribution" in words(officer, NEW_AT)
    with pytest.raises(NotFound):
        draft_of(PATEL, NEW_ID)


def test_one_that_was_refused_is_written_anew(officer: "Client") -> None:
    """And one that waits is not written a second time."""
    again = NEW | {"name": "Other pool"}
    assert send(officer, "/money/pools/new", **again).status_code == 302
    assert send(officer, "/money/pools/new", **again).status_code == 409
    refuse_pool_draft(OKAFOR, "pool-other-pool-2018-19", 1)
    with pytest.raises(NotFound):
        agreement_of(PATEL, "pool-other-pool-2018-19", POOL)
    assert send(officer, "/money/pools/new", **again).status_code == 302
    assert draft_of(OKAFOR, "pool-other-pool-2018-19").prepared_by == PATEL.worker


def test_two_gifts_approved_in_the_same_instant_stay_within_our_part(
    officer: "Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is within it and not both: one writes the next version of the agreement, one is told."""
    gifts = GRANT_FORM | {"name": "Gifts", "total": "1,000"}
    assert send(officer, "/money/grants/new", **gifts).status_code == 302
    (first,) = waiting(OKAFOR)
    refuse_payment(OKAFOR, first.payment.id, first.version, "In two parts", now=NOW)
    kept = agreement_of(PATEL, "grant-gifts-2018-19", GRANT)
    wish = GiveWish(funder="DH", pence=30_000, on=NOW.date(), paper="Letter", words="Part")
    with monkeypatch.context() as patched:  # prepared in the same instant
        patched.setattr("joinedup.money.actions._refuse_more_than_own", lambda *_, **__: None)
        for token in ("one", "two"):
            prepare_gift(PATEL, kept, wish, token=token, now=NOW)
    both = Barrier(2, timeout=20)

    def looked(*asked: Any) -> Any:
        found = moved_under(*asked)
        both.wait()
        return found

    monkeypatch.setattr("joinedup.money.approval.moved_under", looked)

    def answer(task: str) -> str:
        try:
            approve(OKAFOR, task, 1, now=NOW)
        except Refusal as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(answer, [w.payment.id for w in waiting(OKAFOR)]))
    assert told[0] == "" and "while you were reading" in told[1]
    assert figures_of(moved_under(PATEL, kept)).given == 30_000
    monkeypatch.setattr("joinedup.money.approval.moved_under", moved_under)
    (left,) = waiting(OKAFOR)
    assert "this would be more" in answer(left.payment.id)
    withdraw(PATEL, left.payment.id, left.version, now=NOW)


def test_what_nobody_in_finance_sees_is_told_without_what_it_is(
    sign_in: Visitors, officer: "Client"
) -> None:
    """A package came under a label while its promise waited: its preparer reads that, no more."""
    assert send(officer, AT, **PROMISE).status_code == 302
    assert not held_back(PATEL)
    labelled = service("s1", "joyce", start="2018-12-01")
    put(labelled | {"meta": label(CONFIDENTIALITY, "R")})
    assert not waiting(PATEL) and not waiting(OKAFOR)
    (one,) = held_back(PATEL)
    assert one.prepared_by == PATEL.worker
    assert held_back(OKAFOR) == (), "somebody else prepared it"
    assert held_back(PRIVACY) == (one,)
    assert "1 payment that you prepared is not in this list" in words(officer, "/money/approvals")
    told = words(officer, "/money/held")
    assert one.id.rpartition("-")[2][:8] in told
    for secret in ("Joyce", "Hallam", "home care", "1,036", "s1"):
        assert secret not in told
    with pytest.raises(NotPermitted):
        held_back(GP)
    put(labelled)
    assert held_back(PATEL) == () and len(waiting(OKAFOR)) == 1
