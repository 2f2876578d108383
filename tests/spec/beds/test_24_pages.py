"""The pages of beds: numbers with their time and denominator, a map that lives, forms that tell.

Domain.md 10.2 WI-03, WI-04; 10.3 examples 1, 5, 6 and 7; house.md, laws 3, 4 and 13.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from joinedup import record
from joinedup.access.words import Role
from joinedup.beds.actions import close_bed, finish_cleaning
from joinedup.beds.infections import say_infection
from joinedup.beds.moves import move_to
from joinedup.beds.outbreaks import begin
from joinedup.fhir.profiles import spell as spells
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.visitors import Visitors, visitors
from tests.spec.beds.kept import (
    FOUR,
    MANAGER,
    NOW,
    NURSE,
    SEVEN,
    SYSTEM,
    bed_id,
    lie,
    lying,
    open_hospital,
    put,
    seen,
    seen_stay,
    state,
    worker,
)
from tests.spec.beds.wards import january

if TYPE_CHECKING:
    from django.test import Client

TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)
ONE, TWO, THREE = (bed_id(SEVEN, n) for n in (1, 2, 3))
MAP = f"/beds/{SEVEN}"


@pytest.fixture(scope="module")
def signed(cluster: Cluster) -> Iterator[Visitors]:
    """Who signs in: one record for the signing in of all, each test has beds of its own."""
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        with visitors(NURSE, MANAGER, worker(Role.COMMISSIONER, "hussain", "E99901")) as lent:
            yield lent
        database.close()


@pytest.fixture(autouse=True)
def _hospital(
    cluster: Cluster, signed: Visitors, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A hospital of six and four beds at ten o'clock on 10 January 2018."""
    from django.conf import settings

    monkeypatch.setattr(settings, "JOINEDUP_NOW", NOW)
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        open_hospital()
        yield


@pytest.fixture
def nurse(signed: Visitors) -> "Client":
    return signed("ward-nurse")


def text(answer: Any) -> str:
    """The words of a page, without its marks."""
    return " ".join(unescape(TAGS.sub(" ", answer.content.decode())).split())


def sent(browser: "Client", address: str, **fields: object) -> Any:
    return browser.post(address, {name: str(value) for name, value in fields.items()})


def mark(answer: Any) -> str:
    """What the part that lives says that it has seen."""
    found = re.search(r"seen=([0-9a-f.]+)", answer.content.decode())
    assert found is not None
    return found[1]


def test_how_full_it_is_now_and_at_eight_each_with_its_time(nurse: "Client") -> None:
    """10.3 example 6."""
    for n in (1, 2, 3):
        lie(f"p{n}", bed_id(SEVEN, n))
    stands = record.read(SYSTEM, "Encounter", "stay-p1").resource
    left = january(10, 9)
    put(spells.with_end(stands, left, method="1", destination="19"), at=left)
    said = text(nurse.get("/beds"))
    assert "Now, at 10:00 on 10 January 2018 7 free, 2 in use" in said
    assert "At 08:00 on 10 January 2018 7 free, 3 in use" in said
    assert "2 of 10 open beds, 20.0%, at 10:00" in said and "3 of 10 open beds, 30.0%" in said


def test_how_full_it_is_says_what_it_is_out_of_and_by_which_policy(nurse: "Client") -> None:
    """10.3 example 1, at the size of ten beds."""
    for n in range(1, 6):
        lie(f"p{n}", bed_id(SEVEN, n))
    for bed in (bed_id(SEVEN, 5), bed_id(FOUR, 1), bed_id(FOUR, 2)):
        close_bed(NURSE, seen(bed), "infection", infection="norovirus", at=NOW)
    said = text(nurse.get("/beds"))
    assert "5 of 10 open beds, 50.0%" in said
    assert "Here empty beds closed for infection count as open" in said
    said = text(nurse.get("/beds?policy=closed-out"))
    assert "5 of 8 open beds, 62.5%" in said
    assert "Here empty beds closed for infection do not count as open" in said


def test_flu_and_closed_beds_stand_apart(nurse: "Client") -> None:
    """10.3 example 7: their sum is beds affected, and nothing else."""
    say_infection(NURSE, lie("ida", ONE), "flu", "confirmed", at=NOW)
    close_bed(NURSE, seen(TWO), "infection", infection="norovirus", at=NOW)
    said = text(nurse.get("/beds"))
    assert "1 bed with flu; 1 bed closed for infection, 1 of them empty" in said
    assert "beds affected 2" in said


def test_an_outbreak_stands_on_the_place_the_map_and_the_choice_of_beds(nurse: "Client") -> None:
    """10.3 example 5: admissions are blocked meanwhile, and the page says so."""
    stay = lie("ida")
    begin(NURSE, seen(SEVEN), "norovirus", "suspected", last_symptom=NOW, at=NOW)
    assert "Closed to admissions Norovirus" in text(nurse.get("/beds"))
    assert "Closed to admissions. Norovirus" in text(nurse.get(MAP))
    said = text(nurse.get(f"/beds/move/{stay}"))
    assert "Closed to admissions: Ward 7" in said and "Ward 4 Bed 1" in said
    refused = sent(nurse, f"/beds/move/{stay}", do="move", bed=ONE, version=1)
    assert refused.status_code == 422
    assert "Ward 7 is closed: suspected norovirus. Nobody is admitted." in text(refused)


def test_an_outbreak_is_begun_and_ended_on_its_page(nurse: "Client") -> None:
    address = f"{MAP}/outbreak"
    wrong = sent(nurse, address, do="begin", infection="norovirus", certainty="suspected",
                 day="tomorrow", time="25", version=1)  # fmt: skip
    assert wrong.status_code == 400
    assert "Write a day, like 16/1/2018" in text(wrong) and "Write a time" in text(wrong)
    begun = sent(nurse, address, do="begin", infection="norovirus", certainty="suspected",
                 day="7/1/2018", time="07:30", version=1)  # fmt: skip
    assert begun.status_code == 302
    assert state(ONE) == "closed"
    said = text(nurse.get(address))
    assert "the terminal clean has not been done" in said and "open the ward" not in said
    sent(nurse, address, do="clean", version=seen(SEVEN).version)
    assert "It is over: open the ward" in text(nurse.get(address))
    sent(nurse, address, do="end", version=seen(SEVEN).version)
    assert state(ONE) == "available" and "Earlier outbreaks" in text(nurse.get(address))


def test_the_map_names_those_whom_the_reader_sees(nurse: "Client", signed: Visitors) -> None:
    """Who may not see somebody sees that the bed is in use, and no more."""
    lie("ida", ONE)
    assert "Bed 1 In use Ida" in text(nurse.get(MAP))
    other = text(signed("commissioner").get(MAP))
    assert "Bed 1 In use Somebody you may not see" in other and "Ida" not in other


def test_the_map_lives_and_says_nothing_while_nothing_changed(nurse: "Client") -> None:
    """An unchanged poll answers 204; a change elsewhere is shown, and so is it by loading again."""
    shown = mark(nurse.get(MAP))
    assert nurse.get(f"{MAP}/live?seen={shown}").status_code == 204
    stay = lie("ida", ONE)
    fresh = nurse.get(f"{MAP}/live?seen={shown}")
    assert fresh.status_code == 200 and "Ida" in text(fresh)
    move_to(MANAGER, seen_stay(stay), TWO, at=NOW)
    after = nurse.get(f"{MAP}/live?seen={mark(fresh)}")
    assert "Bed 1 To be cleaned" in text(after) and "Bed 2 In use Ida" in text(after)
    assert nurse.get(f"{MAP}/live?seen={mark(after)}").status_code == 204
    finish_cleaning(MANAGER, seen(ONE), at=NOW)
    assert "Bed 1 Free" in text(nurse.get(f"{MAP}/live?seen={mark(after)}"))
    say_infection(MANAGER, stay, "flu", "suspected", at=NOW)
    assert "Flu, suspected" in text(nurse.get(f"{MAP}/live?seen={mark(after)}"))


def test_a_poll_that_finds_nothing_leaves_no_look_behind(nurse: "Client") -> None:
    """Nobody was looked at, so nobody's log says so."""
    lie("ida", ONE)
    shown = mark(nurse.get(MAP))
    looks = _looks()
    for _ in range(5):
        nurse.get(f"{MAP}/live?seen={shown}")
    assert _looks() == looks


def _looks() -> int:
    with database.connection() as lent, lent.transaction():
        database.entered(lent, SYSTEM)
        row = lent.execute("select count(*) from record.audit_event").fetchone()
    assert row is not None
    return int(str(row[0]))


def test_the_numbers_of_the_place_live_too(signed: Visitors) -> None:
    browser = signed("commissioner")
    shown = mark(browser.get("/beds"))
    assert browser.get(f"/beds/live?seen={shown}").status_code == 204
    lie("ida", ONE)
    assert "9 free, 1 in use" in text(browser.get(f"/beds/live?seen={shown}"))


def test_somebody_is_moved_and_the_bed_cleaned_from_the_map(nurse: "Client") -> None:
    stay = lie("ida", ONE)
    done = sent(nurse, f"/beds/move/{stay}", do="move", bed=TWO, team="new", version=1)
    assert done.status_code == 302 and lying(TWO) == (stay,)
    said = text(nurse.get(f"{MAP}?done=moved"))
    assert "They are in their new bed" in said and "Bed 1 To be cleaned" in said
    for wish, words in (("start", "Being cleaned"), ("clean", "Free")):
        sent(nurse, f"{MAP}/{ONE}", do=wish, version=seen(ONE).version)
        assert f"Bed 1 {words}" in text(nurse.get(MAP))


def test_a_boarder_is_shown_with_the_team_that_looks_after_them(nurse: "Client") -> None:
    stay = lie("ida", ONE)
    sent(nurse, f"/beds/move/{stay}", do="move", bed=bed_id(FOUR, 1), team="keep", version=1)
    assert "Ida here since 10 January 2018 Ward 7 looks after them" in text(
        nurse.get(f"/beds/{FOUR}")
    )


def test_who_was_second_is_told_who_is_in_the_bed_and_what_is_free(nurse: "Client") -> None:
    """House.md, law 3; domain.md 9.7."""
    lie("ida", ONE)
    bo = lie("bo", TWO)
    refused = sent(nurse, f"/beds/move/{bo}", do="move", bed=ONE, version=1)
    assert refused.status_code == 409
    said = text(refused)
    assert "Ida lies in Bed 1. Choose another bed." in said and "Bed 3" in said


def test_a_bed_is_kept_and_let_go_on_its_page(nurse: "Client") -> None:
    stay = lie("ida")
    sent(nurse, f"/beds/move/{stay}", do="keep", bed=ONE, version=1)
    assert "Kept for Ida" in text(nurse.get(MAP))
    assert "They have come: put them into the bed" in text(nurse.get(f"{MAP}/{ONE}"))
    sent(nurse, f"{MAP}/{ONE}", do="let-go", stay=stay, version=1)
    assert state(ONE) == "available"


def test_a_bed_is_closed_with_a_reason_and_opened_on_its_page(nurse: "Client") -> None:
    address = f"{MAP}/{ONE}"
    none = sent(nurse, address, do="close", version=1)
    assert none.status_code == 422 and "is no reason" in text(none)
    sent(nurse, address, do="close", reason="maintenance", words="No bell", version=1)
    assert "Repairs: No bell, since 10:00 on 10 January 2018" in text(nurse.get(MAP))
    stale = sent(nurse, address, do="open", version=1)
    assert stale.status_code == 412
    sent(nurse, address, do="open", version=2)
    assert state(ONE) == "available"


def test_an_infection_is_written_down_confirmed_and_over_on_the_beds_page(nurse: "Client") -> None:
    stay, address = lie("ida", ONE), f"{MAP}/{ONE}"
    said = {"stay": stay, "infection": "flu", "version": 1}
    sent(nurse, address, do="infection", certainty="suspected", **said)
    assert "Flu, suspected" in text(nurse.get(MAP))
    sent(nurse, address, do="infection", certainty="confirmed", **said)
    assert "Flu, confirmed by a test" in text(nurse.get(MAP))
    sent(nurse, address, do="infection-over", **said)
    assert "Flu" not in text(nurse.get(MAP))


def test_people_in_no_bed_are_shown_to_who_gives_beds(nurse: "Client", signed: Visitors) -> None:
    """10.2b: nobody in a corridor is left out."""
    lie("ida")
    assert "People in no bed Ida waiting since" in text(nurse.get("/beds"))
    said = text(signed("commissioner").get("/beds"))
    assert "People in no bed 1" in said and "Ida" not in said


@pytest.mark.parametrize(
    ("day", "told"),
    [("2018-01-06", "6 January 2018"), ("06/01/2018", "6 January 2018"), ("never", "10 January")],
)
def test_any_past_morning_can_be_shown(nurse: "Client", day: str, told: str) -> None:
    assert f"At 08:00 on {told}" in text(nurse.get(f"/beds?day={day}"))


def test_what_is_no_ward_and_no_bed_is_not_there(nurse: "Client") -> None:
    for address in ("/beds/nowhere", f"{MAP}/nowhere", f"/beds/{ONE}", "/beds/move/nowhere"):
        assert nurse.get(address).status_code == 404
