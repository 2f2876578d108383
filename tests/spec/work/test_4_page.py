"""My work, chapter 4. The page: every role's list, its menu, its buttons, its poll."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from joinedup.record.cluster import Urls
from tests.security.access.visitors import Visitors, visitors
from tests.spec.record.place import put
from tests.spec.work.errands import (
    ANALYST,
    COORDINATOR,
    NURSE,
    OFFICER,
    call,
    set_scene,
    task,
)

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def sign_in(record_database: Urls) -> Iterator[Visitors]:
    """Browsers of the workers."""
    set_scene()
    with visitors(COORDINATOR, NURSE, OFFICER, ANALYST) as sign_in:
        yield sign_in


def said(browser: "Client", address: str) -> str:
    """A page's text."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(answer.content.decode().split())


def test_an_empty_list_says_so(sign_in: Visitors) -> None:
    """And the menu shows no number."""
    page = said(sign_in("analyst"), "/work")
    assert "Nothing waits for you." in page and ">My work</a>" in page


def test_the_menu_counts_what_the_list_shows(sign_in: Visitors) -> None:
    """On every page of hers."""
    put(call("c1"), call("c2", "mary"))
    browser = sign_in("discharge-coordinator")
    assert ">My work (2)</a>" in said(browser, "/people/")
    page = said(browser, "/work")
    assert "2 things wait. None is late." in page and "All (2)" in page
    assert 'href="/people/joyce"' in page and "Telephone somebody who went home: Joyce" in page


def test_the_menu_is_counted_twice_a_minute_and_is_no_other_sessions(sign_in: Visitors) -> None:
    """A count on each page of everybody would cost more than the page; the list is always true."""
    put(call("c1"))
    browser = sign_in("discharge-coordinator")
    assert ">My work (1)</a>" in said(browser, "/people/")
    put(call("c2"))
    assert ">My work (1)</a>" in said(browser, "/people/")
    assert ">My work</a>" in said(sign_in("analyst"), "/account")
    assert ">My work (2)</a>" in said(sign_in("discharge-coordinator"), "/people/")
    assert "2 things wait" in said(browser, "/work")
    assert ">My work (2)</a>" in said(browser, "/people/")


def test_taking_and_giving_back(sign_in: Visitors) -> None:
    """Without JavaScript, by buttons; the list says whose it is."""
    put(call("c1"))
    browser = sign_in("discharge-coordinator")
    taken = browser.post("/work/c1/take", {"version": "1", "view": "team"})
    assert taken.status_code == 302 and taken["Location"] == "/work?view=team&done=take"
    assert "You took this" in said(browser, "/work?view=mine")
    nurse = said(sign_in("ward-nurse"), "/work")
    assert "Cara Cole took this" in nurse or "Somebody took this" in nurse
    assert browser.post("/work/c1/give-back", {"version": "2"}).status_code == 302
    assert browser.post("/work/c1/done", {"version": "3"}).status_code == 302
    assert "Nothing waits for you." in said(browser, "/work")


def test_who_comes_second_is_told_above_the_list(sign_in: Visitors) -> None:
    """With the list as it is now."""
    put(call("c1"))
    first, second = sign_in("discharge-coordinator"), sign_in("ward-nurse")
    assert first.post("/work/c1/take", {"version": "1"}).status_code == 302
    late = second.post("/work/c1/take", {"version": "1"})
    assert late.status_code == 412
    assert "A colleague changed this while you were reading" in late.content.decode()


def test_an_unchanged_list_answers_204(sign_in: Visitors) -> None:
    """And the list alone once something has changed."""
    put(call("c1"))
    browser = sign_in("discharge-coordinator")
    page = said(browser, "/work")
    seen = page.split("&amp;seen=")[1].split('"')[0]
    unchanged = browser.get(f"/work/list?view=all&seen={seen}", headers={"HX-Request": "true"})
    assert unchanged.status_code == 204 and unchanged.content == b""
    put(call("c2"))
    changed = browser.get(f"/work/list?view=all&seen={seen}", headers={"HX-Request": "true"})
    text = changed.content.decode()
    assert changed.status_code == 200 and "2 things wait" in text and "<html" not in text


def test_a_page_that_asks_again_keeps_nobody_signed_in(sign_in: Visitors) -> None:
    """A list left open on a ward is not a worker who is there (DCB0160: unattended screens)."""
    from joinedup.signin.models import SessionRow

    browser = sign_in("discharge-coordinator")
    browser.get("/work")
    row = SessionRow.objects.get(account__contains="discharge-coordinator", ended_at=None)
    earlier = row.seen_at - timedelta(minutes=5)
    SessionRow.objects.filter(id=row.id).update(seen_at=earlier)
    before = SessionRow.objects.get(id=row.id).seen_at
    browser.get("/work/list?view=all&seen=1", headers={"HX-Request": "true"})
    assert SessionRow.objects.get(id=row.id).seen_at == before
    browser.get("/work")
    assert SessionRow.objects.get(id=row.id).seen_at > before


def test_every_page_that_a_line_leads_to_is_there() -> None:
    """A kind whose page is not there yet is named here, and nowhere else."""
    from django.urls import NoReverseMatch, reverse

    from joinedup.work.rules import KINDS

    lost = set()
    for name, kind in KINDS.items():
        try:
            reverse(kind.page, args=["x"] * len(kind.given)) if kind.page else lost.add(name)
        except NoReverseMatch:
            lost.add(name)
    assert lost == {"adt-held"}  # settled by `joinedup hl7 again`, until it has a page


def test_a_link_leads_where_it_is_done(sign_in: Visitors) -> None:
    """Whose is it? has a page a question."""
    put(task("identity", "i1", authoredOn="2018-01-15T09:00:00Z"))
    assert 'href="/identity/i1"' in said(sign_in("privacy-officer"), "/work")


@pytest.mark.parametrize("role", ["person", "proxy"])
def test_people_have_no_such_page(sign_in: Visitors, role: str) -> None:
    """Refused, and their menu does not offer it."""
    browser = sign_in(role)
    assert browser.get("/work").status_code == 403
    assert "My work" not in browser.get("/account").content.decode()
