"""Going home, chapter 23. The pages of the board and of the round, in the browser of a nurse.

Every page works by reload alone; a part of it asks again, and is answered with nothing while
nothing has changed.
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
from tests.spec.discharge.wards import NOW, build_wards, needs_bed, waits
from tests.spec.record.place import NURSE, put
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        try:
            build_wards()
            with visitors(NURSE) as sign_in, pytest.MonkeyPatch.context() as patched:
                from joinedup.discharge import board_pages, round_pages

                for pages in (board_pages, round_pages):
                    patched.setattr(pages, "now", lambda: NOW)
                yield sign_in
        finally:
            database.close()


@pytest.fixture
def nurse(sign_in: Visitors) -> "Client":
    return sign_in("ward-nurse")


def words(browser: "Client", address: str, status: int = 200) -> str:
    """What a page says, without its tags."""
    answer = browser.get(address)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return plain(answer.content.decode())


def plain(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(unescape(_TAGS.sub(" ", page)).split())


def test_the_board_says_who_lies_where_and_what_they_wait_for(nurse: "Client") -> None:
    found = words(nurse, "/board")
    assert "4 people in a bed. 2 waiting to go home, 1 of them past the time to chase." in found
    assert "Ward 7, Bed 10 Joyce Joyce , 92 Waiting to go home 5 Nov, 5 days" in found
    assert "Late: 6 Nov 09:00" in found
    assert "Ward 11, Bed 1 Stan Stan , 92 Not reviewed yet" in found
    assert found.index("Joyce Joyce") < found.index("Arthur Arthur") < found.index("Olive Olive")


def test_reasons_and_owners_are_bars_with_their_numbers(nurse: "Client") -> None:
    """Of the people on the page, with the day and hour it was so."""
    found = words(nurse, "/board/w7")
    assert "Waits for People Days so far No care at home is free 1 7" in found
    assert "Owner People Days so far council 1 7" in found
    assert "as it was on 10 Nov 10:00" in found


def test_a_filter_says_how_many_it_leaves_out(nurse: "Client") -> None:
    found = words(nurse, "/board?pathway=1")
    assert "1 person in a bed" in found
    assert "3 more are on the board and not chosen here." in found
    assert "Nobody is on this board whom you chose." in words(nurse, "/board?pathway=3")


def test_an_unchanged_board_answers_204_and_a_change_shows(nurse: "Client") -> None:
    page = nurse.get("/board/w7").content.decode()
    again = re.search(r'hx-get="([^"]+)"', page)
    assert again
    address = unescape(again[1])
    assert nurse.get(address).status_code == 204
    put(waits("olive", 9))
    answer = nurse.get(address)
    assert answer.status_code == 200
    assert "Olive" in answer.content.decode()
    assert "<html" not in answer.content.decode(), "the part alone"
    assert "3 waiting to go home" in plain(answer.content.decode())


def test_the_chart_of_waiting_has_its_numbers_in_a_table(nurse: "Client") -> None:
    found = words(nurse, "/board/waiting")
    assert "told from 12 mornings on" in found
    assert "10 November 2025 2" in found
    assert "4 November 2025 1" in found
    assert "3 November 2025" not in found, "before anybody was reviewed is not nobody"


def test_a_round_is_one_person_after_the_other(nurse: "Client") -> None:
    assert "3 of 3 are still to be reviewed" in words(nurse, "/board/w7/round")
    found = words(nurse, "/board/w7/round/s-olive")
    assert "Bed 1, 1 of 3 Olive Olive, 92" in found
    assert "Nobody has reviewed them yet." in found
    answer = nurse.post("/board/w7/round/s-olive", _form(nurse, "s-olive", rest="no"))
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/board/w7/round/s-arthur?done=s-olive",
    )
    assert "Saved. Olive Olive, Bed 1: waiting to go home." in words(
        nurse, answer.headers["Location"]
    )


def _form(browser: "Client", spell: str, **typed: str) -> dict[str, str]:
    page = browser.get(f"/board/w7/round/{spell}").content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    checked = dict(re.findall(r'name="(answer-[a-z0-9-]+)" value="(yes|no)" checked', page))
    return {"version": version[1], "score": "1", "reason": "medicines", **checked, **typed}


def test_what_was_left_open_is_told_in_one_line_and_beside_each(nurse: "Client") -> None:
    answer = nurse.post("/board/w7/round/s-olive", _form(nurse, "s-olive"))
    found = plain(answer.content.decode())
    assert answer.status_code == 400
    assert "Not saved yet 10 questions are not answered" in found
    assert found.count("Answer yes or no.") == 10


def test_the_answers_of_before_are_in_the_form_without_the_score(nurse: "Client") -> None:
    nurse.post("/board/w7/round/s-olive", _form(nurse, "s-olive", rest="no", score="2"))
    form = _form(nurse, "s-olive")
    assert len([name for name in form if name.startswith("answer-")]) == 10
    found = words(nurse, "/board/w7/round/s-olive")
    assert "did not need the bed. NEWS2 score 2 then." in found
    sent = nurse.post("/board/w7/round/s-olive", {**form, "score": "3"})
    assert sent.status_code == 302, "a digit and Enter"


def test_the_second_of_two_is_told_and_keeps_what_they_typed(nurse: "Client") -> None:
    mine = _form(nurse, "s-arthur", score="7", rest="no")
    put(needs_bed("arthur"))
    answer = nurse.post("/board/w7/round/s-arthur", mine)
    found = plain(answer.content.decode())
    assert answer.status_code == 412
    assert "Somebody else has reviewed or changed this stay since you opened it" in found
    assert 'name="score" inputmode="numeric" value="7"' in answer.content.decode()


def test_who_is_no_clinician_reads_the_board_and_makes_no_round(sign_in: Visitors) -> None:
    """DI-01; the commissioner does not even read it: it names people."""
    coordinator = sign_in("discharge-coordinator")
    assert "Begin the round" not in words(coordinator, "/board/w7")
    words(coordinator, "/board/w7/round", 403)
    assert coordinator.post("/board/w7/round/s-olive", {}).status_code == 403
    words(sign_in("commissioner"), "/board", 403)


def test_a_ward_or_a_stay_that_is_not_there_is_not_found(nurse: "Client") -> None:
    words(nurse, "/board/w99", 404)
    words(nurse, "/board/w7/round/s-stan", 404)
    words(nurse, "/board/w7/round/nobody", 404)
