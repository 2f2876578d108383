"""Winter, chapter 1. The level of pressure: calculated, declared by name, seen by partners.

WI-01, WI-03; domain.md 10.3 examples 6, 7 and 8. Through the page.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.fhir.issue import Conflict, Unprocessable
from joinedup.measures.pressure import declare, last_declared, read_figure
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import plain, words
from tests.spec.record.place import HOSPITAL, put
from tests.spec.returns.hospital import MARSH, REID, hospital, offices
from tests.spec.winter.ward import NOW, TODAY, bed, closed_for, has_flu, january, lie, two_wards

if TYPE_CHECKING:
    from django.test import Client

EMERGENCY = {
    "handover-minutes": "62",
    "four-hour-percent": "58.5",
    "attendances-percent": "118",
    "majors-percent": "110",
    "treatment-minutes": "",
    "twelve-hour-percent": "6",
}


@pytest.fixture
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    """Two wards at ten in the morning."""
    with hospital(cluster, now=NOW), offices(now=NOW) as visitors:
        two_wards()
        yield visitors


def say(browser: "Client", level: str, why: str = "", **figures: str) -> Any:
    typed = {**EMERGENCY, **figures, "level": level, "why": why, "hospital": HOSPITAL}
    return browser.post("/winter/level", typed)


def test_calculated_3_declared_2_with_a_reason_is_seen_by_partners_as_2_calc_3(
    sign_in: Visitors,
) -> None:
    """10.3 example 8: the figures give 3; the director says 2, and why; both stand."""
    director = sign_in("consultant")
    assert say(director, "2").status_code == 422
    refused = plain(say(director, "2"))
    assert "The measures give 3. Say why 2 is declared." in refused and "58.5" not in refused
    assert say(director, "2", "Two wards open again at noon").status_code == 302
    for role in ("commissioner", "analyst", "finance-officer", "discharge-coordinator"):
        page = words(sign_in(role), "/winter")
        assert "Declared 2 (calc 3) by Marsh at 10:00 on 16 January 2018" in page, role
        assert "Why it was declared so: Two wards open again at noon" in page
    kept = last_declared(REID, HOSPITAL, TODAY)
    assert kept and (kept.counts["declared"], kept.counts["reckoned"]) == (2, 3)


def test_each_measure_has_its_figure_and_age_and_the_missing_are_named(sign_in: Visitors) -> None:
    """Law 13: nobody measured the emergency department, and that is not calm."""
    page = words(sign_in("commissioner"), "/winter")
    assert "6 of 10 measures are missing" in page
    assert "Mean ambulance handover Missing Nobody has measured it today –" in page
    assert "General and acute beds in use 70 per cent of open beds now 0 of 3" in page
    ready = "Beds in use by people waiting to go home 14.3 per cent of beds in use now 1 of 3"
    assert ready in page
    assert "Escalation beds open and beds closed for infection 10 beds now 1 of 3" in page
    assert "Declared Not yet today" in page and "Score 2 of 12 from 4 of 10 measures" in page
    assert say(sign_in("ward-manager"), "3").status_code == 302
    page = words(sign_in("commissioner"), "/winter")
    assert "Mean ambulance handover 62 minutes now, typed 3 of 3" in page
    assert "1 of 10 measures are missing" in page and "Median time to treatment" in page


def test_the_snapshot_and_the_live_number_stand_side_by_side_with_their_times(
    sign_in: Visitors,
) -> None:
    """10.3 example 6: two came at nine; at eight there were two fewer."""
    lie("nine-1", "w7-9", january(16, 9))
    page = words(sign_in("commissioner"), "/winter")
    assert "Beds At 08:00 on 16 January 2018 At 10:00 on 16 January 2018" in page
    assert "In use 14 15" in page and "Free 2 1" in page
    assert "70.0% of 20 open beds 75.0% of 20 open beds" in page


def test_flu_and_norovirus_beds_are_shown_apart_and_each_bed_is_affected_once(
    sign_in: Visitors,
) -> None:
    """10.3 example 7, WI-03: somebody with flu on the closed ward is one bed affected."""
    has_flu("seven-3")
    has_flu("four-1")
    has_flu("seven-4", "suspected")
    page = words(sign_in("analyst"), "/winter")
    assert "Beds with flu 2 confirmed by a test; 1 more suspected" in page
    assert "Beds closed for diarrhoea and vomiting 10 4 of them empty" in page
    assert "Beds affected 11 each bed once" in page
    assert "Free 2 2" in page


def test_a_closed_bed_is_never_free(sign_in: Visitors) -> None:
    """WI-03: closing an empty bed takes it out of what is free, and adds one closed."""
    from joinedup.fhir.profiles.bed import build_bed

    put(build_bed(bed("w7", 10, closure=closed_for("norovirus"))))
    page = words(sign_in("analyst"), "/winter")
    assert "Free 1 1" in page and "vomiting 11 5 of them empty" in page


def test_who_may_not_declare_is_refused(sign_in: Visitors) -> None:
    """A director of the hospital alone: no coordinator, no commissioner, no ward nurse."""
    for role in ("discharge-coordinator", "commissioner", "analyst", "finance-officer", "gp"):
        assert say(sign_in(role), "3").status_code == 403, role
    for role in ("ward-nurse", "gp", "broker", "social-worker", "person"):
        assert sign_in(role).get("/winter").status_code == 403, role
    assert last_declared(REID, HOSPITAL, TODAY) is None


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("handover-minutes", "-5", "is no figure"),
        ("handover-minutes", "ten", "is no figure. Write minutes"),
        ("majors-percent", "1e9", "is no figure"),
        ("majors-percent", "99.99", "is no figure"),
        ("twelve-hour-percent", "٣", "is no figure"),
        ("attendances-percent", "9" * 12, "is no figure"),
        ("level", "5", "Choose the level you declare: 1, 2, 3 or 4."),
        ("level", "", "Choose the level"),
    ],
)
def test_bad_figures_are_named_beside_their_field_and_nothing_typed_is_lost(
    sign_in: Visitors, field: str, text: str, told: str
) -> None:
    typed = {**EMERGENCY, "level": "3", "why": "Kept words", "hospital": HOSPITAL, field: text}
    answer = sign_in("consultant").post("/winter/level", typed)
    assert answer.status_code == 422 and told in plain(answer)
    assert b"Kept words" in answer.content
    assert last_declared(REID, HOSPITAL, TODAY) is None


def test_a_figure_is_read_as_it_is_typed() -> None:
    """Blank is missing, and never nought."""
    assert read_figure("x", "61.5 %", unit="per cent") == Decimal("61.5")
    assert read_figure("x", "0", unit="minutes") == 0
    assert read_figure("x", "  ", unit="minutes") is None
    with pytest.raises(Unprocessable):
        read_figure("x", "1.2.3", unit="minutes")


@pytest.mark.usefixtures("sign_in")
def test_two_who_declare_in_one_moment_do_not_hide_each_other() -> None:
    """Each version is a resource: who comes second is told, or stands as the next version."""

    def one(level: int) -> str:
        try:
            declare(MARSH, HOSPITAL, level, {}, why="Both said at ten", now=NOW)
        except Conflict as refused:
            return str(refused)
        return "declared"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, (1, 2, 3, 4)))
    last = last_declared(REID, HOSPITAL, TODAY)
    assert last and last.version == answers.count("declared") >= 1
    told = [answer for answer in answers if answer != "declared"]
    assert all("Somebody declared a level just now" in answer for answer in told)
