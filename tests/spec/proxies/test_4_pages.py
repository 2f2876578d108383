"""Proxies, chapter 4. What each page answers: whose it is, what was not granted, what ended."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.people.proxies.asking import invite
from joinedup.people.proxies.deciding import allow, end_trust
from joinedup.people.proxies.reading import trust_of
from joinedup.people.proxies.resources import related, trust
from joinedup.people.proxies.rules import known
from joinedup.record import Create
from joinedup.record.cluster import Urls
from tests.security.access.visitors import Visitors, visitors
from tests.spec.proxies.circle import (
    GP,
    JOYCE,
    NOW,
    SUSAN,
    allowed,
    case,
    decision,
    invited,
    stand,
    susan,
    wish,
)
from tests.spec.record.place import PRACTICE, label, put, weight
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
FOR = "/my/for/joyce"


@pytest.fixture
def susans(record_database: Urls) -> Iterator["Client"]:
    """Susan's browser; Joyce has said nothing yet."""
    stand()
    with visitors(SUSAN) as sign_in:
        yield sign_in("person")


@pytest.fixture
def others(record_database: Urls) -> Iterator[Visitors]:
    """Joyce's, her GP's and a receptionist's browsers."""
    stand()
    put({"resourceType": "Practitioner", "id": "ash"})
    reception = worker_permit("Practitioner/c", "C", Role.RECEPTIONIST, PRACTICE)
    with visitors(JOYCE, GP, reception) as sign_in:
        yield sign_in


def text(browser: "Client", address: str, status: int = 200) -> str:
    """What an address shows, but for the form token, which is new each time."""
    answer = browser.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return re.sub(r'value="\w{64}"', "", str(answer.content.decode()))


def test_nothing_is_there_before_it_was_allowed(susans: "Client") -> None:
    """Not even that there is such a person."""
    absent = text(susans, "/my/for/nobody", 404)
    assert text(susans, FOR, 404) == absent
    invited()
    assert text(susans, FOR, 404) == absent


def test_every_page_says_whose_it_is(susans: "Client") -> None:
    """Above everything, on each of them; one's own says nothing of the other."""
    allowed("contacts", "visits", "medicines", "who-looked")
    pages = ("", "/visits", "/contacts", "/medicines", "/who-looked")
    for page in pages:
        shown = text(susans, FOR + page)
        assert "You are looking at Joyce Hallam’s record, as their daughter." in shown
    assert "Joyce" not in text(susans, "/my/summary")


def test_her_looks_are_in_the_log_as_looks(susans: "Client") -> None:
    """By the name Joyce gave, and because she trusts her."""
    allowed("visits", "who-looked")
    text(susans, f"{FOR}/visits")
    shown = " ".join(text(susans, f"{FOR}/who-looked").split())
    assert "looked at" in shown and "found you in a search, because you trust" not in shown


def test_what_is_labelled_leaves_no_trace(susans: "Client") -> None:
    """ON-05: absent from the page, its counts and the log of it."""
    allowed("summary", "visits", "who-looked")
    before = text(susans, f"{FOR}/summary")
    secret = label("https://joinedup.example/CodeSystem/label", "third-party")
    problem = {
        "code": {"text": "What the neighbour said"},
        "subject": {"reference": "Patient/joyce"},
    }
    put({"resourceType": "Condition", "id": "c1", "meta": secret, **problem})
    put(weight("w2", meta=secret))
    assert text(susans, f"{FOR}/summary") == before


def test_what_ended_leads_to_the_list_and_says_no_more(susans: "Client") -> None:
    """At the next click; and never why."""
    consent = allowed()
    end_trust(GP, "joyce", consent, 1, reason="worry", words="Afraid of her", now=NOW)
    answer = susans.get(f"{FOR}/visits")
    assert answer.status_code == 302 and answer.headers["Location"] == "/my/others?ended"
    shown = text(susans, "/my/others?ended")
    assert "You can no longer see that record" in shown
    assert "Afraid" not in shown and "worry" not in shown and "pressure" not in shown


def test_the_practice_sees_both_and_what_stays_withheld(others: Visitors) -> None:
    """And a yes that was not ticked is not a yes."""
    secret = label("https://joinedup.example/CodeSystem/label", "third-party")
    put(weight("w2", meta=secret))
    invited("visits", "letters")
    gp, asked = others("gp"), case().asked
    address = f"/people/joyce/proxies/{asked.id}"
    shown = text(gp, address)
    assert "Susan Whitlock" in shown and "Joyce Hallam" in shown and "third party" in shown
    sent = {"version": "1", "answer": "yes", "functions": "visits", "basis": "own"}
    assert gp.post(address, sent).status_code == 422
    days = {"until-day": "1", "until-month": "1", "until-year": "2000"}
    assert gp.post(address, {**sent, **days, "is_safe": "yes"}).status_code == 422
    assert case().asked.state == "verifying"
    refused = gp.post(
        address, {"version": str(asked.version), "answer": "no", "reason": "not-safe"}
    )
    assert refused.status_code == 302 and case().asked.state == "rejected"
    assert gp.get(address).status_code == 302


def test_an_invitation_waits_on_both_lists(others: Visitors) -> None:
    """For Joyce to take back, for the practice to know of; without a link that leads nowhere."""
    invite(JOYCE, wish(), NOW)
    mine, gp = others("person"), others("gp")
    assert "They have not used the code yet" in text(mine, "/my/agreed")
    listed = text(gp, "/people/joyce/proxies")
    assert "Invited; they have not used their code yet" in listed
    assert "/people/joyce/proxies/" not in listed


def test_reception_knows_nothing_of_it(others: Visitors) -> None:
    """Who may see whose record is for who approves it."""
    allowed()
    browser = others("receptionist")
    for address in ("/proxies", "/people/joyce/proxies", FOR, "/my/others", "/access/alerts"):
        text(browser, address, 403)


def test_family_of_either_is_offered_no_decision(others: Visitors) -> None:
    """The GP is Susan herself: neither yes, nor no, nor the end of it; a sent form is refused."""
    targets = [{"reference": "Patient/susan"}, {"reference": "Practitioner/ash"}]
    put({"resourceType": "Person", "id": "ash", "link": [{"target": t} for t in targets]})
    invited()
    gp, asked = others("gp"), case().asked
    address = f"/people/joyce/proxies/{asked.id}"
    shown = text(gp, address)
    assert "You cannot decide this" in shown and "This is about yourself." in shown
    assert "<form" not in shown[shown.index("<h1") : shown.index("</main>")]
    no = {"version": str(asked.version), "answer": "no", "reason": "not-safe"}
    assert gp.post(address, no).status_code == 403 and case().asked.state == "verifying"
    colleague = worker_permit("Practitioner/other", "Dr Other", Role.GP, PRACTICE)
    found = case(colleague)
    consent = allow(found, colleague, decision(), found.asked.version, NOW).id
    end = f"/people/joyce/proxies/{consent}/end"
    shown = text(gp, end)
    assert "This is about yourself." in shown and "End it now" not in shown
    assert gp.post(end, {"version": "1", "reason": "worry"}).status_code == 403
    assert trust_of(SUSAN, "joyce") is not None


@pytest.mark.parametrize(
    ("end", "stands"), [(None, True), ("2017", False), ("2017-12-31", False), ("2999-01", True)]
)
def test_an_end_is_read_however_it_was_written(
    others: Visitors, end: str | None, stands: bool
) -> None:
    """None, a year, a month or a day; the practice's page and hers say the same as the record."""
    consent = trust("joyce", "susan", wish(), basis="told", at=NOW)
    consent["provision"]["period"] = {"start": "2016"} | ({"end": end} if end else {})
    found = (related("joyce", known(susan()), wish()), consent)
    record.commit(GP, [Create(each, str(each["id"])) for each in found])
    assert (trust_of(SUSAN, "joyce") is not None) is stands
    assert ("Susan Whitlock" in text(others("person"), "/my/agreed")) is stands
    listed = text(others("gp"), "/people/joyce/proxies")
    assert ("End this" in listed) is stands


def test_who_can_say_that_something_is_wrong_is_said(susans: "Client") -> None:
    """A proxy reads and does not write (ON-01): the page says who can, and by telephone (ON-08)."""
    allowed("summary", "visits")
    shown = text(susans, FOR)
    assert "Joyce Hallam does this on their own pages" in shown and "by telephone" in shown
    assert "You cannot say it for them here." in text(susans, f"{FOR}/visits")
    for refused in ("/my/wrong?entry=Observation/w1", "/my/rights"):
        assert "Joyce" not in text(susans, refused, 404 if "entry" in refused else 200)
