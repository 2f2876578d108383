"""A provider's phone link: nobody guesses one, it names nobody, and it does one thing.

Trust 2; issue 4. Through the pages, as a browser without a sign-in sees them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from joinedup.access.permit import Permit
from joinedup.brokerage.actions import Sent, hold, offer_to
from joinedup.brokerage.links import new_secret
from joinedup.brokerage.queries import placement_of
from joinedup.record import database
from joinedup.record.cluster import Urls
from joinedup.web import clock
from tests.security.access.visitors import visitors
from tests.spec.brokerage.scene import EVENING, HOLT, MARTIN, NOW, NOWAK, set_scene, sought
from tests.spec.record.place import PLACE
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
TONIGHT = (NOW + timedelta(hours=8)).isoformat()


@pytest.fixture
def phone(record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator["Client"]:
    """A browser that is signed in to nothing, in the place of the chapters on finding care."""
    from django.test import Client

    database.configure(record_database.application, moment=NOW)
    set_scene()
    with visitors(HOLT):
        monkeypatch.setattr(clock.settings, "JOINEDUP_NOW", NOW)
        yield Client()
    database.close()


@pytest.fixture
def sent(phone: "Client") -> Sent:
    """An offer that went out, held for Joyce Hallam."""
    return hold(NOWAK, sought().id, EVENING, now=NOW)


def test_it_shows_needs_area_and_times_and_nobodys_name(phone: "Client", sent: Sent) -> None:
    for step in ("", "?say=yes", "?say=no"):
        page = phone.get(f"/o/{sent.secret}{step}").content.decode()
        assert "MQ1" in page and "Reablement" in page
        for name in ("Joyce", "Hallam", "joyce", "stay-", "asked-", sent.kept.id):
            assert name not in page, (step, name)


def test_it_answers_once_and_then_says_what_was_answered(phone: "Client", sent: Sent) -> None:
    at = f"/o/{sent.secret}"
    assert phone.post(at, {"do": "yes", "starts": TONIGHT}).status_code == 302
    page = phone.get(at).content.decode()
    assert "You said yes, for today at 18:00" in page and "Joyce" not in page
    again = phone.post(at, {"do": "no", "reason": "area"})
    assert again.status_code == 409 and "answered or over" in again.content.decode()
    assert placement_of(PLACE, sent.kept.id).placement.state == "accepted-offer"


def test_what_it_may_do_is_answer_its_own_offer(phone: "Client", sent: Sent) -> None:
    """No other offer of the same placement, and no other act, by the same link."""
    other = offer_to(NOWAK, sent.kept.id, ["hb-tomorrow"], now=NOW)[0]
    for words in ({"do": "hold", "slot": "kf-later"}, {"do": "came"}, {"do": ""}):
        assert phone.post(f"/o/{sent.secret}", words).status_code in (400, 422)
    asked = {"do": "no", "reason": "area", "offer": other.offer, "offer_id": "o2"}
    phone.post(f"/o/{sent.secret}", asked)
    offers = placement_of(PLACE, sent.kept.id).placement.offers
    assert [o.state for o in offers] == ["declined", "open"]
    for address in ("/placements", f"/placements/{sent.kept.id}", "/offers", "/people/joyce"):
        assert phone.get(address).status_code == 302, address


def test_a_form_from_elsewhere_answers_nothing(phone: "Client", sent: Sent) -> None:
    """Sent without the token of its own page: refused, and the offer stays open."""
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/o/{sent.secret}", {"do": "no", "reason": "area"}).status_code == 403
    assert placement_of(PLACE, sent.kept.id).placement.offers[0].state == "open"


def test_wrong_and_ended_links_look_the_same(
    phone: "Client", sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = phone.get(f"/o/{new_secret()}")
    monkeypatch.setattr(clock.settings, "JOINEDUP_NOW", NOW + timedelta(hours=2))
    ended = phone.get(f"/o/{sent.secret}")
    assert wrong.status_code == ended.status_code == 404
    assert ended.content.replace(b"12:00", b"10:00") == wrong.content


def test_who_guesses_is_stopped_and_learns_nothing(phone: "Client", sent: Sent) -> None:
    """After ten wrong ones from an address even a right one is a page that is not there."""
    told = {phone.get(f"/o/{new_secret()}").status_code for _ in range(12)}
    assert told == {404}
    assert phone.get(f"/o/{sent.secret}").status_code == 404
    elsewhere = phone.get(f"/o/{sent.secret}", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_no_page_or_cache_keeps_it(phone: "Client", sent: Sent) -> None:
    answer = phone.get(f"/o/{sent.secret}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "sessionid" not in answer.cookies and "joinedup-session" not in answer.cookies


@pytest.mark.parametrize("who", [HOLT, MARTIN])
def test_a_provider_reads_its_own_offers_and_no_other(
    who: Permit, phone: "Client", sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another's offer is a page that is not there, and its placement is for who finds care."""
    is_own = who is HOLT
    with visitors(who) as sign_in:
        monkeypatch.setattr(clock.settings, "JOINEDUP_NOW", NOW)
        worker = sign_in("provider-worker")
        listed = worker.get("/offers").content.decode()
        at = f"/offers/{sent.kept.id}/o1"
        opened = worker.get(at)
        assert (at in listed, opened.status_code) == (is_own, 200 if is_own else 404)
        assert "Joyce" not in listed and b"Joyce" not in opened.content
        assert worker.get(f"/placements/{sent.kept.id}").status_code == 403
        assert worker.get("/capacity").status_code == 403
        answer = worker.post(at, {"do": "no", "reason": "area"})
        assert answer.status_code == (302 if is_own else 404)
