"""Notices, chapter 3. A person chooses what to be told of, and how; nobody chooses for them."""

import threading
from collections.abc import Iterator

import pytest

from joinedup import record
from joinedup.access.permit import person_permit
from joinedup.fhir.issue import Invalid, NotPermitted, Refusal, Stale
from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.people.told.choosing import choose, standing_of
from joinedup.record.cluster import Urls
from tests.security.access.visitors import Visitors, visitors
from tests.spec.notices.people import EMAIL, LANDLINE, NOON, SURGERY, flag, set_scene
from tests.spec.record.place import put

HERS = person_permit("joyce", "Joyce Hallam")


@pytest.fixture
def sign_in(record_database: Urls) -> Iterator[Visitors]:
    """Joyce's browser."""
    set_scene(telecom=[EMAIL, LANDLINE])
    with visitors(HERS) as sign_in:
        yield sign_in


def test_she_chooses_and_the_page_says_what_stands(sign_in: Visitors) -> None:
    """With what her record knows of how to reach her, so that she can say if it is wrong."""
    put(flag("957331000000109"))
    browser = sign_in("person")
    page = browser.get("/my/told").content.decode()
    assert "joyce@mail.example" in page and "large print" in page
    saved = browser.post("/my/told", {"what": "everything", "way": "email", "version": "0"})
    assert saved.status_code == 302
    stands = standing_of(HERS, "joyce")
    assert stands.choice == Choice(what="everything", way="email") and stands.version == 1
    assert "Your choice is saved" in browser.get("/my/told?done=1").content.decode()


def test_what_is_missing_is_said(sign_in: Visitors) -> None:
    """A text message needs a mobile number; her practice will ask."""
    browser = sign_in("person")
    browser.post("/my/told", {"what": "expected", "way": "text", "version": "0"})
    assert "has no mobile number" in browser.get("/my/told").content.decode()


def test_a_form_without_an_answer_comes_back_with_what_was_chosen(sign_in: Visitors) -> None:
    """And says which question."""
    answer = sign_in("person").post("/my/told", {"way": "letter", "version": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Choose what you want to be told of." in page
    assert 'value="letter" checked' in page


def test_an_old_page_loses(sign_in: Visitors) -> None:
    """Her other tab was first: nothing is saved, and what she chose is kept on the page."""
    browser = sign_in("person")
    assert browser.post("/my/told", {"what": "nothing", "way": "", "version": "0"}).status_code
    late = browser.post("/my/told", {"what": "everything", "way": "", "version": "0"})
    assert late.status_code == 412 and "Look at what stands now" in late.content.decode()
    found = standing_of(HERS, "joyce").choice
    assert found is not None and found.what == told.NOTHING


def test_two_tabs_at_once_leave_one_choice(sign_in: Visitors) -> None:
    """One id a person decides."""
    gate, ended = threading.Barrier(4), []

    def run(what: str) -> None:
        gate.wait()
        try:
            choose(HERS, "joyce", Choice(what=what), version=0, at=NOON)
            ended.append("saved")
        except Refusal as refusal:
            ended.append(type(refusal).__name__)

    kinds = [told.EVERYTHING, told.NOTHING, told.EXPECTED, told.NOTHING]
    threads = [threading.Thread(target=run, args=(what,)) for what in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["Stale"] * 3 + ["saved"]


def test_nobody_else_chooses_for_her(sign_in: Visitors) -> None:
    """Nor with words that are none."""
    with pytest.raises(NotPermitted):
        choose(SURGERY, "joyce", Choice(), version=0, at=NOON)
    with pytest.raises(Invalid):
        choose(HERS, "joyce", Choice(what="all", way="pigeon"), version=0, at=NOON)
    choose(HERS, "joyce", Choice(), version=0, at=NOON)
    with pytest.raises(Stale):
        choose(HERS, "joyce", Choice(), version=0, at=NOON)
    assert sign_in("gp").get("/my/told").status_code == 403
    assert record.read(HERS, "Consent", told.choice_id("joyce")).version == 1
