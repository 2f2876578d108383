"""Returns, chapter 2. The day's return in the browser: looked at, sent, amended, counted by name.

domain.md 9.9 example 10; DI-08, DI-09. Six roles look; two send.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.measures.sent import sent_on
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.discharge.stays import november
from tests.spec.money.desk import plain, words
from tests.spec.record.place import CONFIDENTIALITY, HOSPITAL, put
from tests.spec.returns.hospital import (
    DAY,
    NEXT_ELEVEN,
    NOWAK,
    admit,
    at,
    forty_two,
    gone,
    hospital,
    offices,
    rewrite,
)

if TYPE_CHECKING:
    from django.test import Client

AT = "/returns/2025-11-03"
KIND = "discharge-sitrep"
READERS = ("discharge-coordinator", "ward-manager", "consultant", "commissioner", "analyst")


@pytest.fixture
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    """The hospital on the morning after, with everybody of the day in the record."""
    with hospital(cluster), offices() as visitors:
        admit(forty_two(), came=november(3, 23, 59))
        yield visitors


@pytest.fixture
def nowak(sign_in: Visitors) -> "Client":
    return sign_in("discharge-coordinator")


def sent(browser: "Client") -> Any:
    return browser.post(f"{AT}/send", {"hospital": HOSPITAL})


def listed(browser: "Client", of: str, version: int = 1) -> str:
    return words(browser, f"{AT}/people?of={of}&version={version}&hospital={HOSPITAL}")


def test_sitrep_at_eleven_shows_42_15_27_and_clicking_27_lists_27_people(
    nowak: "Client",
) -> None:
    """9.9 example 10, from first look to the amendment of the next day."""
    before = words(nowak, AT)
    assert "Not sent yet. It is due at 11:00 on 4 November 2025" in before
    assert "Ready to go home at some time of the day 42" in before
    assert sent(nowak).status_code == 302
    page = words(nowak, AT)
    assert "Sent by Nowak at 10:50 on 4 November 2025" in page
    assert "Went home or on 15" in page and "by 17:00 10" in page
    assert "Still waiting at midnight 27" in page
    assert "Counted again from the record as it stood when this was sent: the same." in page
    who = listed(nowak, "remaining")
    assert "27 people on Monday 3 November 2025, as counted in version 1" in who
    assert [f"Still-{n:02}" in who for n in range(27)] == [True] * 27
    assert "withheld" not in who

    rewrite([gone("still-00", november(3, 12))])
    with at(november(5)):
        changed = words(nowak, AT)
        assert "The record has changed since" in changed
        assert "Still waiting at midnight 27 26" in changed
        amended = nowak.post(f"{AT}/amend", {"hospital": HOSPITAL, "why": "One had gone"})
        assert amended.status_code == 302
        page = words(nowak, AT)
    assert (
        "Version 2 Sent by Nowak at 09:00 on 5 November 2025. Amended because: One had gone" in page
    )
    assert page.count("when this was sent: the same.") == 2
    assert "26 people" in listed(nowak, "remaining", 2)
    assert "27 people" in listed(nowak, "remaining", 1)


def test_who_may_not_see_somebody_counts_them_and_is_told_how_many(sign_in: Visitors) -> None:
    """A restricted person, and roles that see figures alone."""
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
    from joinedup.fhir.profiles import readiness
    from tests.spec.returns.hospital import still

    put(readiness.build(still("still-05", november(3, 5))) | label)
    assert sent(sign_in("discharge-coordinator")).status_code == 302
    who = listed(sign_in("commissioner"), "remaining")
    assert "27 of 27 are withheld from you" in who and "Still-" not in who
    assert "27 of 27 are withheld" in listed(sign_in("analyst"), "remaining")
    assert "Still-05" in listed(sign_in("consultant"), "remaining")


@pytest.mark.parametrize("hidden", ["Task", "Encounter"])
def test_nobody_is_named_behind_a_number_that_was_counted_from_what_is_kept_from_its_reader(
    sign_in: Visitors, hidden: str
) -> None:
    """A name behind a number tells what is counted: Mr Nowak sees her, and not this of her."""
    from joinedup.fhir.profiles import readiness
    from tests.spec.returns.hospital import encounter, still

    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
    one = still("still-05", november(3, 5))
    made = {"Task": readiness.build, "Encounter": encounter}
    put(made[hidden](one) | label)
    assert sent(sign_in("discharge-coordinator")).status_code == 302
    who = listed(sign_in("discharge-coordinator"), "remaining")
    assert "1 of 27 is withheld from you" in who and "Still-05" not in who and "Still-06" in who


def test_every_role_finds_its_page_or_is_refused(sign_in: Visitors) -> None:
    """Six read; everybody else is told no, and sees no number."""
    assert sent(sign_in("discharge-coordinator")).status_code == 302
    for role in READERS:
        assert "Still waiting at midnight 27" in words(sign_in(role), f"{AT}?hospital={HOSPITAL}")
    for role in ("gp", "ward-nurse", "broker", "provider-worker", "social-worker", "person"):
        for address in ("/returns", AT, f"{AT}/people?of=remaining", f"{AT}/sitrep.csv"):
            answer = sign_in(role).get(address)
            assert answer.status_code == 403 and "Still waiting" not in plain(answer), (
                role,
                address,
            )
    for role in ("consultant", "commissioner", "analyst", "gp"):
        for act in ("send", "amend"):
            answer = sign_in(role).post(f"{AT}/{act}", {"hospital": HOSPITAL, "why": "x"})
            assert answer.status_code == 403, (role, act)
    assert len(sent_on(NOWAK, KIND, HOSPITAL, DAY)) == 1


def test_what_was_not_sent_is_not_a_number(sign_in: Visitors) -> None:
    """Missing is never zero, on the list, on the day and in the files."""
    page = words(sign_in("commissioner"), "/returns")
    assert "No hospital has sent a return yet" in page
    assert sent(sign_in("ward-manager")).status_code == 302
    page = words(sign_in("commissioner"), "/returns")
    assert "Sunday 2 November 2025 not sent not sent not sent Late due 11:00" in page
    assert "Monday 3 November 2025 42 15 27" in page
    assert "It was due" in words(
        sign_in("commissioner"), f"/returns/2025-11-02?hospital={HOSPITAL}"
    )
    lines = rows(sign_in("commissioner"), "/returns/months/2025-11/days.csv")
    assert [line["date"] for line in lines] == ["2025-11-03"]


def rows(browser: "Client", address: str) -> list[dict[str, str]]:
    answer = browser.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_files_have_the_national_columns(nowak: "Client") -> None:
    """The day as CSV and as a MeasureReport; the month's waits and reasons."""
    assert sent(nowak).status_code == 302
    (line,) = rows(nowak, f"{AT}/sitrep.csv")
    assert line["do_not_meet_criteria_to_reside"] == "42" and line["discharged_by_1700"] == "10"
    assert line["remaining_in_hospital"] == "27" and line["org_code"] == HOSPITAL
    report = json.loads(nowak.get(f"{AT}/sitrep.json").content)
    assert report["resourceType"] == "MeasureReport" and report["status"] == "complete"
    (waits,) = rows(nowak, "/returns/months/2025-11/waits.csv")
    assert waits["patients_discharged_volume"] == "15" and waits["1_day_delay_volume"] == "10"
    assert rows(nowak, "/returns/months/2025-11/reasons.csv") == []
    page = words(nowak, "/returns/months/2025-11")
    assert "1 of 3 days that are over were sent" in page
    assert "15 people left in this month after they were ready" in page
    assert "66.7% left on a later day than they were ready, after 1.0 days on average" in page


def test_a_reason_that_was_typed_is_kept_when_the_amendment_is_refused(nowak: "Client") -> None:
    assert sent(nowak).status_code == 302
    answer = nowak.post(f"{AT}/amend", {"hospital": HOSPITAL, "why": "I think"})
    assert answer.status_code == 422 and "Nothing differs from what was sent" in plain(answer)
    rewrite([gone("still-00", november(3, 12))])
    answer = nowak.post(f"{AT}/amend", {"hospital": HOSPITAL, "why": "  "})
    assert answer.status_code == 422 and "Say what was wrong" in plain(answer)
    with at(datetime(2025, 11, 19, 9, tzinfo=UTC)):
        late = nowak.post(f"{AT}/amend", {"hospital": HOSPITAL, "why": "Found late"})
        assert late.status_code == 422 and "until 18 November 2025" in plain(late)
        assert "It could be amended until 18 November 2025" in words(nowak, AT)


def test_sent_twice_is_sent_once(nowak: "Client") -> None:
    """A double click: the second is told so, and one version stands."""
    assert sent(nowak).status_code == 302
    answer = sent(nowak)
    assert answer.status_code == 409 and "has been sent already" in plain(answer)
    assert len(sent_on(NOWAK, KIND, HOSPITAL, DAY)) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/returns/2025-02-30", 404),
        ("/returns/20251103", 404),
        ("/returns/nothing", 404),
        ("/returns/9999-12-31", 404),
        ("/returns/0001-01-01", 404),
        ("/returns/2025-11-03?hospital=RX9", 404),
        ("/returns/2025-11-03/people?of=secrets", 404),
        ("/returns/2025-11-03/people?of=remaining&version=7", 404),
        ("/returns/2025-11-03/sitrep.csv", 404),
        ("/returns/months/2025-13", 404),
        ("/returns/months/2025-11/secrets.csv", 404),
    ],
)
def test_addresses_that_mean_nothing(sign_in: Visitors, address: str, status: int) -> None:
    """Told so in words; nothing breaks."""
    assert sign_in("discharge-coordinator").get(address).status_code == status


def test_a_day_still_to_come_cannot_be_sent(nowak: "Client") -> None:
    page = words(nowak, f"/returns/{NEXT_ELEVEN:%Y-%m-%d}")
    assert "This day is not over: the numbers are those so far" in page
    answer = nowak.post(f"/returns/{NEXT_ELEVEN:%Y-%m-%d}/send", {"hospital": HOSPITAL})
    assert answer.status_code == 422 and "not over yet" in plain(answer)
