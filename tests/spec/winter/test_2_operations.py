"""Winter, chapter 2. Operations put off: who can be chosen, a consultant each, told, clock goes on.

WI-02, WI-05; domain.md 10.3 examples 2, 3 and 4; bad input of 10.2b. Through the pages.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.beds.rules.waiting import is_breach, waited_weeks
from joinedup.fhir.issue import NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles.elective import Deferral, build, read
from joinedup.fhir.profiles.parts import Reference
from joinedup.measures.deferring import confirm, propose
from joinedup.record import Update
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import plain, words
from tests.spec.record.place import HOSPITAL, joyce, put
from tests.spec.returns.hospital import MARSH, NOWAK, ODUYA, at, hospital, offices
from tests.spec.winter.operations import DAY, NOW, elective, listed, twelve
from tests.spec.winter.ward import january

if TYPE_CHECKING:
    from django.test import Client

LIST = "/winter/operations"


@pytest.fixture
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with hospital(cluster, now=NOW), offices(now=NOW) as visitors:
        yield visitors


def asked(browser: "Client", *numbers: int) -> Any:
    return browser.post(f"{LIST}/propose", {"entry": [f"list-{n}" for n in numbers]})


def put_off(browser: "Client", number: int, until: str, version: int = 1) -> Any:
    typed = {"until": until, "version": str(version)}
    return browser.post(f"{LIST}/list-{number}/confirm", typed)


def entry(number: int) -> Any:
    return read(record.read(MARSH, "ServiceRequest", f"list-{number}").resource)


def test_twelve_are_proposed_ten_go_to_clinicians_and_two_cannot_be_selected(
    sign_in: Visitors,
) -> None:
    """10.3 example 2: cancer and P2 have no box; a form that names them is refused whole."""
    twelve()
    nowak = sign_in("discharge-coordinator")
    page = nowak.get(LIST).content.decode()
    assert page.count('type="checkbox"') == 10
    assert 'value="list-11"' not in page and 'value="list-12"' not in page
    said = words(nowak, LIST)
    assert "Can be put off: 10" in said and "Cannot be chosen: 2" in said
    assert "Cancer is never put off." in said and "Priority P2 is never put off." in said
    refused = asked(nowak, *range(1, 13))
    assert refused.status_code == 422 and "Cancer is never put off." in plain(refused)
    assert "Waiting for a consultant" not in words(nowak, LIST)
    assert asked(nowak, *range(1, 11)).status_code == 302
    assert "Waiting for a consultant: 10" in words(sign_in("consultant"), LIST)


def test_put_off_at_week_15_for_5_weeks_waits_20_and_breaches_18_and_nothing_pauses(
    sign_in: Visitors,
) -> None:
    """10.3 example 3: the clock goes on through the deferral; “pause” is refused in words."""
    start = DAY - timedelta(weeks=15)
    listed(elective(1, clock_start=start, planned=DAY))
    assert asked(sign_in("ward-manager"), 1).status_code == 302
    until = DAY + timedelta(weeks=5)
    assert put_off(sign_in("consultant"), 1, f"{until:%d/%m/%Y}").status_code == 302
    kept = entry(1)
    assert (kept.clock_start, kept.clock_stop, kept.planned) == (start, None, until)
    assert waited_weeks(kept, until) == 20 and is_breach(kept, until)
    with at(NOW + timedelta(weeks=5)):
        said = words(sign_in("consultant"), LIST)
    assert "Has waited 20 weeks, more than 18 weeks ; the clock goes on" in said
    answer = sign_in("consultant").post(f"{LIST}/list-1/pause")
    assert answer.status_code == 422 and "never paused" in plain(answer)
    assert entry(1) == kept


def test_cancelled_on_the_day_10_january_has_a_new_date_by_7_february_tracked(
    sign_in: Visitors,
) -> None:
    """10.3 example 4: 28 days from the day; a later date is marked as too late."""
    listed(elective(1, planned=DAY), elective(2, planned=DAY), elective(3))
    assert asked(sign_in("discharge-coordinator"), 1, 2, 3).status_code == 302
    for number, until in ((1, "7/2/2018"), (2, "8/2/2018"), (3, "20/2/2018")):
        assert put_off(sign_in("consultant"), number, until).status_code == 302
    said = words(sign_in("discharge-coordinator"), LIST)
    by = "the new date is due by 7 February 2018 (28 days)"
    assert said.count(by) == 2 and said.count("Too late") == 1
    assert "from 10 January 2018 to 8 February 2018 , confirmed by Marsh" in said


def test_each_is_told_and_each_has_the_harm_looked_at(sign_in: Visitors) -> None:
    """WI-02: who told them, how and when; a consultant writes down whether waiting harmed them."""
    listed(elective(1))
    coordinator, consultant = sign_in("discharge-coordinator"), sign_in("consultant")
    assert asked(coordinator, 1).status_code == 302
    assert put_off(consultant, 1, "30/1/2018").status_code == 302
    assert "How Waits-1 was told of the new date" in words(coordinator, LIST)
    assert coordinator.post(f"{LIST}/list-1/told", {"way": "by pigeon"}).status_code == 422
    assert coordinator.post(f"{LIST}/list-1/told", {"way": "by telephone"}).status_code == 302
    assert entry(1).deferrals[-1].told_at == NOW
    said = words(coordinator, LIST)
    assert "Told at 09:00 on 10 January 2018" in said and "How Waits-1 was told" not in said
    assert "A consultant is to look whether waiting has harmed them" in said
    assert coordinator.post(f"{LIST}/list-1/harm", {"found": "No harm"}).status_code == 403
    assert consultant.post(f"{LIST}/list-1/harm", {"found": " "}).status_code == 422
    assert consultant.post(f"{LIST}/list-1/harm", {"found": "More pain"}).status_code == 302
    assert "harmed them" not in words(coordinator, LIST)


def test_who_was_put_off_twice_cannot_be_again(sign_in: Visitors) -> None:
    """WI-02: twice is the most, through the whole of the pages."""
    listed(elective(1))
    for until in ("20/1/2018", "25/1/2018"):
        assert asked(sign_in("discharge-coordinator"), 1).status_code == 302
        version = record.read(MARSH, "ServiceRequest", "list-1").version
        assert put_off(sign_in("consultant"), 1, until, version).status_code == 302
    said = words(sign_in("discharge-coordinator"), LIST)
    assert "Was put off 2 times before." in said and "Can be put off: 0" in said
    assert asked(sign_in("discharge-coordinator"), 1).status_code == 422
    assert "were to use 6 bed-days and 40 staff hours" in said


def test_a_consultant_who_says_no_keeps_the_date(sign_in: Visitors) -> None:
    """With a reason; the person can be proposed again another day."""
    listed(elective(1))
    consultant = sign_in("consultant")
    assert asked(consultant, 1).status_code == 302
    assert consultant.post(f"{LIST}/list-1/keep", {"why": ""}).status_code == 422
    assert sign_in("ward-manager").post(f"{LIST}/list-1/keep", {"why": "No"}).status_code == 403
    assert consultant.post(f"{LIST}/list-1/keep", {"why": "She cannot walk"}).status_code == 302
    assert entry(1).planned == date(2018, 1, 17) and entry(1).deferrals == ()
    assert asked(consultant, 1).status_code == 302
    assert "Waiting for a consultant: 1" in words(consultant, LIST)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("", "Give the new date"),
        ("soon", "Give the new date"),
        ("31/2/2018", "Give the new date"),
        ("10/1/2018", "later than today and than the old one"),
        ("17/1/2018", "later than today and than the old one"),
        ("1/1/2017", "later than today and than the old one"),
    ],
)
def test_a_new_date_is_a_later_day(sign_in: Visitors, until: str, told: str) -> None:
    """What was typed stays in its field."""
    listed(elective(1))
    assert asked(sign_in("consultant"), 1).status_code == 302
    answer = put_off(sign_in("consultant"), 1, until)
    assert answer.status_code == 422 and told in plain(answer)
    assert entry(1).deferrals == ()


def test_a_list_that_is_wrong_is_told_and_nobody_on_it_is_chosen(sign_in: Visitors) -> None:
    """10.2b: no clock start, no such priority, two clocks on one referral, what cannot be read."""
    listed(elective(1, clock_start=None), elective(2, priority="P9"), elective(5, planned=None))
    for number in (3, 4):
        listed(elective(number))
        again = build(elective(number)) | {"basedOn": [{"reference": "ServiceRequest/referral-1"}]}
        put(again)
    broken = build(elective(6))
    put({**broken, "extension": []})
    said = words(sign_in("discharge-coordinator"), LIST)
    assert "Can be put off: 0" in said and "Cannot be chosen: 5" in said
    assert "No clock start: say when the referral was received." in said
    assert "“P9” is no priority" in said and "Has no date that could be put off." in said
    assert said.count("Two clocks run on one referral") == 2
    assert "1 on the list cannot be read, and cannot be chosen." in said
    for number in range(1, 7):
        assert asked(sign_in("discharge-coordinator"), number).status_code in (404, 422)


def test_of_two_consultants_who_confirm_one_does(sign_in: Visitors) -> None:
    """The version decides; the other is told that it changed."""
    listed(elective(1))
    propose(NOWAK, HOSPITAL, ["list-1"], now=NOW)

    def one(day: int) -> str:
        until = date(2018, 2, day)
        try:
            confirm(MARSH, HOSPITAL, "list-1", until, version=1, now=NOW)
        except (Stale, Unprocessable, Refusal):
            return "told"
        return "confirmed"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, (1, 2, 3, 4)))
    assert answers.count("confirmed") == 1 and len(entry(1).deferrals) == 1


def test_nobody_else_opens_the_list_or_acts_on_it(sign_in: Visitors) -> None:
    """Commissioner and analyst see no names; a ward nurse and a GP put nobody off."""
    twelve()
    for role in ("commissioner", "analyst", "finance-officer", "ward-nurse", "gp", "person"):
        answer = sign_in(role).get(LIST)
        assert answer.status_code == 403 and "Waits-" not in plain(answer), role
        assert asked(sign_in(role), 1).status_code == 403, role
    for role in ("discharge-coordinator", "ward-manager"):
        assert asked(sign_in(role), 1).status_code in (302, 409)
        assert put_off(sign_in(role), 1, "30/1/2018").status_code in (403, 422)
    assert entry(1).deferrals == ()


@pytest.mark.usefixtures("sign_in")
def test_a_deferral_cannot_be_written_around_the_page() -> None:
    """Not by a manager's commit, not in a consultant's name by another, and none is taken away."""
    listed(elective(1))
    by_marsh = Deferral(
        at=january(10),
        confirmed_by=Reference("Practitioner/marsh"),
        planned=date(2018, 1, 17),
        until=date(2018, 2, 1),
    )
    made = build(replace(elective(1), deferrals=(by_marsh,)))
    for permit in (ODUYA, NOWAK):
        with pytest.raises(NotPermitted, match="A consultant confirms"):
            record.commit(permit, [Update(made, 1)])
    token = replace(MARSH, through_token=True)
    with pytest.raises(NotPermitted, match="A consultant confirms"):
        record.commit(token, [Update(made, 1)])
    record.commit(MARSH, [Update(made, 1)])
    with pytest.raises(NotPermitted, match="never taken away"):
        record.commit(MARSH, [Update(build(elective(1)), 2)])


def test_a_restricted_person_on_the_list_is_counted_and_not_shown(sign_in: Visitors) -> None:
    """Law 13: “withheld” is not “nobody”."""
    from tests.spec.record.place import CONFIDENTIALITY

    listed(elective(1))
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}}
    put(build(elective(1)) | label)
    said = words(sign_in("discharge-coordinator"), LIST)
    assert "1 more waits whom you may not see" in said and "Waits-1" not in said


def test_who_was_put_off_is_compared_with_everybody_listed(sign_in: Visitors) -> None:
    """WI-06: by age; whose date of birth is missing is told, and not left out."""
    listed(elective(1), elective(2), elective(3))
    put(joyce("waits-2", birthDate="1980-02-01", name=[{"family": "Waits-2"}]))
    nameless = joyce("waits-3", name=[{"family": "Waits-3"}])
    put({name: value for name, value in nameless.items() if name != "birthDate"})
    assert asked(sign_in("consultant"), 1).status_code == 302
    assert put_off(sign_in("consultant"), 1, "30/1/2018").status_code == 302
    said = words(sign_in("consultant"), LIST)
    assert "18 to 64 0 of 1 1 of 3" in said and "80 and over 1 of 1 1 of 3" in said
    assert "not known 0 of 1 1 of 3" in said
