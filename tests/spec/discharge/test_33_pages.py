"""Going home, chapter 33. The page of a stay and the hub's list, in browsers.

A refusal says what is wrong and keeps what was typed.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

import pytest

from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.visitors import Visitors, visitors
from tests.spec.discharge import ward
from tests.spec.discharge.stays import november
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
STAY = f"/stays/{ward.SPELL}"
NEEDS = "Needs one person to help her wash in the morning"
_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        try:
            ward.build_ward(november(1))
            ward.made_ready(november(3))
            workers = (ward.NURSE, ward.COORDINATOR, ward.SOCIAL_WORKER, ward.BROKER)
            with visitors(*workers) as sign_in, pytest.MonkeyPatch.context() as patched:
                from joinedup.discharge import hub_pages, stay_pages

                for pages in (hub_pages, stay_pages):
                    patched.setattr(pages, "now", lambda: november(4, 10))
                yield sign_in
        finally:
            database.close()


@pytest.fixture(scope="module")
def nurse(sign_in: Visitors) -> "Client":
    return sign_in("ward-nurse")


@pytest.fixture(scope="module")
def coordinator(sign_in: Visitors) -> "Client":
    return sign_in("discharge-coordinator")


def words(browser: "Client", address: str, status: int = 200) -> str:
    """What a page says, without its tags."""
    answer = browser.get(address)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return plain(answer.content.decode())


def plain(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(unescape(_TAGS.sub(" ", page)).split())


def send(browser: "Client", address: str, status: int = 302, **typed: str) -> str:
    """Send a form as its page had it, with what was typed; what the answer says."""
    page = browser.get(address).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = browser.post(address, {**hidden, **typed})
    assert answer.status_code == status, plain(answer.content.decode())[:3000]
    return plain(answer.content.decode())


def test_1_what_stands_and_what_to_do_next(nurse: "Client") -> None:
    said = words(nurse, STAY)
    for told in (
        "Joyce Hallam",
        "Waiting to go home",
        "waited 1 day",
        "Decide how they go home",
        "Waiting to be referred to the care transfer hub",
        "Susan Whitlock, Daughter and main carer Not asked",
        "All eleven were answered, and none keeps them here.",
    ):
        assert told in said, told


def test_2_the_pathway_follows_from_plain_questions(nurse: "Client") -> None:
    """Nothing answered: each question says so; what was typed stays."""
    said = send(nurse, f"{STAY}/pathway", 400, place="own-home")
    assert "Say whether they need new help." in said and "Choose where" not in said
    answered = {"lives_there": "yes", "new_care": "yes", "to_recover": "no"}
    send(nurse, f"{STAY}/pathway", place="own-home", **answered)
    assert "Pathway 1: Home with new or more help" in words(nurse, STAY)


def test_3_a_prescribed_package_is_refused_and_the_words_are_kept(nurse: "Client") -> None:
    """9.1: a ward describes needs; 9.7."""
    typed = {
        "purpose": "help-at-home",
        "hub": "904",
        "need-washing": "Needs QDS double-handed care",
    }
    page = f"{STAY}/refer"
    said = send(nurse, page, 422, do="send", **typed)
    assert "says what to provide, not what is needed" in said
    assert "Needs QDS double-handed care" in said
    send(nurse, page, do="extra", **typed)
    assert "A draft: not sent" in words(nurse, STAY)
    assert "Needs QDS double-handed care" in words(nurse, page)


def test_4_the_hub_sees_it_the_moment_it_is_sent(nurse: "Client", coordinator: "Client") -> None:
    """DI-03: what is waited for changes by itself, both times."""
    typed = {"purpose": "help-at-home", "hub": "904", "need-washing": NEEDS}
    send(nurse, f"{STAY}/refer", do="send", **typed)
    assert "Waiting for the hub to say that it has the referral" in words(nurse, STAY)
    said = words(coordinator, "/hub")
    assert "Joyce Hallam" in said and "Sent, not answered" in said
    address = f"/hub/{ward.the_referral().id}"
    assert NEEDS in words(coordinator, address)
    said = send(coordinator, address, 422, do="reject", reason="No")
    assert "Say why the hub cannot take this on, and what would help." in said
    send(coordinator, address, do="receive")
    send(coordinator, address, do="ask", reason="Is there a step into the house?")
    assert "Is there a step into the house?" in words(nurse, STAY)
    send(nurse, f"{STAY}/answer", words="One step, with a rail.")
    send(coordinator, address, do="accept")
    stay = words(nurse, STAY)
    assert "Accepted by the hub" in stay and "Waiting for the hub to confirm needs" in stay


def test_5_the_list_is_a_file_too_and_brokers_read_it(sign_in: Visitors) -> None:
    broker = sign_in("broker")
    assert "Joyce Hallam" in words(broker, "/hub")
    answer = broker.get("/hub.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "Joyce Hallam" in answer.content.decode()
    referral = broker.get(f"/hub/{ward.the_referral().id}").content.decode()
    assert "Answer the ward" not in referral and NEEDS in referral


def test_6_leaving_is_refused_until_somebody_answers_for_it(
    nurse: "Client", coordinator: "Client"
) -> None:
    """DI-04."""
    leaving = {"at": "2025-11-04T10:00", "destination": "19"}
    said = send(nurse, f"{STAY}/leave", 422, **leaving)
    assert "nobody leaves before a start is confirmed" in said
    said = send(nurse, f"{STAY}/leave", 422, at="2025-11-09T10:00", destination="19")
    assert "still to come" in said
    assert words(nurse, f"{STAY}/risk", 403)
    send(coordinator, f"{STAY}/risk", why="Her daughter stays until the first visit.")
    send(nurse, f"{STAY}/leave", **leaving)
    said = words(nurse, STAY)
    assert "Gone home" in said and "Teams that were told" in said
    assert "They have left already" in send(nurse, f"{STAY}/leave", 422, **leaving)


def test_7_somebody_who_saved_first_is_told_of_and_nothing_typed_is_lost(nurse: "Client") -> None:
    page = nurse.get(f"{STAY}/told").content.decode()
    assert 'name="version"' in page
    answer = nurse.post(f"{STAY}/told", {"version": "1", "who": "person", "way": "Easy Read"})
    assert answer.status_code == 400  # consent was not said
    typed = {"version": "1", "who": "person", "way": "Easy Read", "consent": "Agreed"}
    answer = nurse.post(f"{STAY}/told", typed)
    said = answer.content.decode()
    assert answer.status_code == 412 and "It now stands so" in said
    assert re.search(r'value="Easy Read" checked', said)


def test_8_no_such_act_and_no_such_stay(nurse: "Client") -> None:
    assert nurse.get(f"{STAY}/promote").status_code == 404
    assert nurse.get("/stays/nobody").status_code == 404
