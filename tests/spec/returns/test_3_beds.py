"""Returns, chapter 3. The beds at 08:00: counted, sent, amended, counted again; never typed.

WI-03, DI-08; bad input of domain.md 10.2b, line by line. Through the page.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.beds.rules.bed_return import KIND
from joinedup.fhir.issue import NotPermitted, Unprocessable
from joinedup.fhir.profiles.bed import build_bed
from joinedup.measures.bed_returns import beds_again, build_beds, send_beds
from joinedup.measures.sent import sent_on
from joinedup.record.cluster import Cluster
from joinedup.record.stood import latest
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import plain, words
from tests.spec.record.place import HOSPITAL, put
from tests.spec.returns.hospital import MARSH, NOWAK, REID, at, hospital, offices
from tests.spec.returns.test_2_pages import rows
from tests.spec.winter.ward import NOW, TODAY, bed, closed_for, has_flu, january, lie, two_wards

if TYPE_CHECKING:
    from django.test import Client

AT = "/returns/2018-01-16/beds"


@pytest.fixture
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with hospital(cluster, now=NOW), offices(now=NOW) as visitors:
        two_wards()
        yield visitors


def sent(browser: "Client", day: str = "2018-01-16") -> Any:
    return browser.post(f"/returns/{day}/beds/send", {"hospital": HOSPITAL})


def counts(day: date = TODAY) -> dict[str, int]:
    return build_beds(NOWAK, HOSPITAL, day, stood_at=latest()).counts


def test_the_beds_are_sent_amended_and_counted_again(sign_in: Visitors) -> None:
    """What is put right later is a version of its own, and each version counts to itself."""
    nowak = sign_in("discharge-coordinator")
    assert "Not sent yet. It is due at 11:00 on 16 January 2018" in words(nowak, AT)
    assert sent(nowak).status_code == 302
    page = words(sign_in("commissioner"), f"{AT}?hospital={HOSPITAL}")
    assert "General and acute: Beds open 20" in page
    assert "General and acute: Beds with somebody in them 14" in page
    assert "when this was sent: the same." in page
    lie("found", "w7-9", january(16, 7))
    amend = {"hospital": HOSPITAL, "why": "Somebody in bed 9 was missed"}
    with at(january(17, 9)):
        assert "with somebody in them 14 15" in words(nowak, AT)
        assert nowak.post(f"{AT}/amend", amend).status_code == 302
    one, two = sent_on(REID, KIND, HOSPITAL, TODAY)
    assert (one.counts["general/occupied"], two.counts["general/occupied"]) == (14, 15)
    assert [beds_again(REID, version) for version in (one, two)] == [{}, {}]
    (line,) = rows(nowak, "/returns/2018-01-16/beds.csv")
    assert line["ga_beds_occupied"] == "15" and line["beds_closed_dv_norovirus"] == "10"


def test_a_closed_bed_is_one_bed_closed_for_one_reason(sign_in: Visitors) -> None:
    """10.2b: never in void and in D&V; and flu beds are beds in use."""
    has_flu("four-1")
    found = counts()
    assert (found["general/closed-infection"], found["general/closed-infection-empty"]) == (10, 4)
    assert found["general/closed-other-empty"] == 0 and found["general/flu-confirmed"] == 1
    parts = ("occupied", "available", "cleaning", "reserved", "closed-infection-empty")
    assert sum(found[f"general/{p}"] for p in parts) == found["general/beds"] == 20
    assert found["general/occupied"] <= found["general/open"]


def test_people_in_no_bed_are_counted(sign_in: Visitors) -> None:
    """10.2b: corridor patients."""
    from joinedup.fhir.profiles.spell import Spell, build
    from tests.spec.record.place import joyce

    trolley = Spell(
        id="trolley", person="Patient/trolley", hospital=HOSPITAL, admitted=january(16, 6)
    )
    put(joyce("trolley"), build(trolley))
    assert counts()["without-bed"] == 1
    assert sent(sign_in("ward-manager")).status_code == 302
    assert "People in no bed 1" in words(sign_in("analyst"), f"{AT}?hospital={HOSPITAL}")


def test_the_same_numbers_as_the_day_before_are_pointed_out(sign_in: Visitors) -> None:
    """10.2b: yesterday's copy. It may be true, so it is told and not refused."""
    nowak = sign_in("discharge-coordinator")
    assert sent(nowak, "2018-01-15").status_code == 302
    assert "Every number is that of the day before" in words(nowak, AT)
    lie("new", "w7-9", january(15, 12))
    assert "Every number is that of the day before" not in words(nowak, AT)


def test_a_hospital_without_beds_in_the_record_is_missing_and_not_nought(
    cluster: Cluster,
) -> None:
    """10.2b: trust missing ≠ 0."""
    with hospital(cluster, now=NOW), offices(now=NOW) as visitors:
        nowak = visitors("discharge-coordinator")
        assert "That is not nought beds" in words(nowak, AT)
        answer = sent(nowak)
        assert answer.status_code == 422 and "not nought beds" in plain(answer)
        assert sent_on(NOWAK, KIND, HOSPITAL, TODAY) == ()


def test_a_snapshot_still_to_come_and_another_s_hands(sign_in: Visitors) -> None:
    """Before 08:00 nothing is sent; a consultant and a commissioner send nothing at all."""
    answer = sent(sign_in("discharge-coordinator"), "2018-01-17")
    assert answer.status_code == 422 and "still to come" in plain(answer)
    assert "The 08:00 of this day is still to come" in words(
        sign_in("consultant"), "/returns/2018-01-17/beds"
    )
    for role in ("consultant", "commissioner", "analyst", "gp"):
        assert sent(sign_in(role)).status_code == 403, role
    assert sign_in("gp").get(AT).status_code == 403
    for permit in (MARSH, REID):
        with pytest.raises(NotPermitted):
            send_beds(permit, HOSPITAL, TODAY, now=NOW, stood_at=latest())


@pytest.mark.usefixtures("sign_in")
def test_an_empty_bed_that_is_closed_is_no_longer_free() -> None:
    """WI-03: it moves from free to closed, once; and it can be sent."""
    put(*(build_bed(bed("w7", n, closure=closed_for("norovirus"))) for n in (9, 10)))
    found = counts()
    assert found["general/closed-infection"] == 12 and found["general/available"] == 0
    assert send_beds(NOWAK, HOSPITAL, TODAY, now=NOW, stood_at=latest()).counts == found
    with pytest.raises(Unprocessable, match="still to come"):
        send_beds(NOWAK, HOSPITAL, date(2018, 1, 17), now=NOW, stood_at=latest())
