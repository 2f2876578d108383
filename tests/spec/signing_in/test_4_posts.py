"""Posts: nobody works here unless the record says so, and no longer than it says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from joinedup import record
from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Stale
from joinedup.signin import staff_rules
from joinedup.signin.staff_rules import Admission
from tests.spec.signing_in.people import (
    HOSPITAL,
    PASSWORD,
    Clock,
    admitted_worker,
    post,
    read_post,
    sign_in,
    staff,
    store,
)

Browsers = Callable[[], Client]
SESSION = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch, place: object) -> object:
    """The permit of somebody who manages a ward."""
    monkeypatch.setattr(staff_rules, "ADMITS", {"ward-manager": ("ward-nurse", "gp")})
    monkeypatch.setattr(staff, "ADMITS", {"ward-manager": ("ward-nurse", "gp")})
    return worker_permit("Practitioner/m", "Mo", Role.WARD_MANAGER, HOSPITAL, session=SESSION)


def wish(**changed: object) -> Admission:
    """Tonight's bank nurse, until tomorrow at this hour."""
    typed = {
        "given": "Ada",
        "family": "Obi",
        "sign_in": " Ada.Obi@marlbrook.example",
        "role": "ward-nurse",
        "place": "Location/ward-7|Ward 7",
        "until": datetime.now(UTC) + timedelta(days=1),
    }
    return Admission(**(typed | changed))


def test_a_post_ends_with_its_last_second(browser_of: Browsers, clock: Clock) -> None:
    """A period ending on a day ends with that day in London; one with an hour, then."""
    day = read_post(post("Practitioner/a", period={"end": "2026-07-17"}))
    assert day.is_held(datetime(2026, 7, 17, 22, 59, 59, tzinfo=UTC))
    assert not day.is_held(datetime(2026, 7, 17, 23, 0, tzinfo=UTC))
    inactive = read_post(post("Practitioner/a", active=False))
    assert not inactive.is_held(datetime(2026, 7, 17, tzinfo=UTC))
    later = read_post(post("Practitioner/a", period={"start": "2030-01-01"}))
    assert not later.is_held(datetime(2026, 7, 17, tzinfo=UTC))


def test_without_a_post_nobody_gets_in(browser_of: Browsers, clock: Clock) -> None:
    """The password is right, and the page says what to do."""
    worker = admitted_worker(period={"end": "2020-01-01"})
    answer = sign_in(browser_of(), worker)
    assert answer.status_code == 403 and "You have no post here now" in answer.content.decode()


def test_a_post_ended_in_the_record_stops_the_session(browser_of: Browsers, clock: Clock) -> None:
    """Whoever ended it, and however busy the session is: seen within five seconds."""
    worker, browser = admitted_worker(), browser_of()
    sign_in(browser, worker)
    assert browser.get("/account").status_code == 200
    store(post(worker.holder, id=worker.post, period={"end": "2020-01-01"}))
    clock.move(5)
    assert browser.get("/account").status_code == 302


def test_with_several_posts_one_chooses(browser_of: Browsers, clock: Clock) -> None:
    """What is seen and written down is for that one; a post of somebody else's is not taken."""
    worker, browser = admitted_worker(), browser_of()
    second = post(worker.holder, code=[{"coding": post("x", role="gp")["code"][0]["coding"]}])
    store(second, post("Practitioner/other", id="not-mine"))
    answer = sign_in(browser, worker)
    assert answer.status_code == 200 and "Which post is this for?" in answer.content.decode()
    refused = browser.post("/sign-in/post", {"post": "not-mine"})
    assert "Which post" in refused.content.decode()
    assert browser.post("/sign-in/post", {"post": second["id"]}).status_code == 302
    assert browser.get("/account").status_code == 200


def test_a_manager_admits_tonights_bank_nurse(
    manager: object, browser_of: Browsers, clock: Clock
) -> None:
    """Her post is in the record, her code opens her account once, and then she signs in."""
    admitted = staff.admit(manager, "Marlbrook General", wish())
    assert admitted.sign_in == "ada.obi@marlbrook.example" and admitted.code
    held = next(h for h in staff.staff_of(manager) if h.post.name == "Ada Obi")
    assert (held.post.place, held.post.organisation) == ("Ward 7", HOSPITAL)
    browser = browser_of()
    typed = {"name": admitted.sign_in, "code": admitted.code, "password": PASSWORD}
    assert browser.post("/sign-in/first", typed | {"code": "AAAA"}).status_code == 403
    assert browser.post("/sign-in/first", typed)["Location"] == "/sign-in/second"
    assert browser_of().post("/sign-in/first", typed).status_code == 403
    assert browser.get("/account").status_code == 302


def test_what_is_wrong_is_said_field_by_field(manager: object) -> None:
    """And nothing is stored."""
    past = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(Invalid) as refusal:
        staff.admit(manager, "", wish(given=" ", role="system", until=past, sign_in=""))
    assert {p.path for p in refusal.value.problems} == {"given", "role", "until", "sign_in"}
    assert staff.staff_of(manager) == ()


def test_a_sign_in_name_is_one_persons(manager: object) -> None:
    """Who has worked here before keeps their account; another of the name is refused."""
    staff.admit(manager, "", wish())
    with pytest.raises(Conflict):
        staff.admit(manager, "", wish(given="Eve"))
    staff.admit(manager, "", wish())
    assert len({h.post.practitioner for h in staff.staff_of(manager)}) == 1


def test_a_leaver_is_out_at_once(manager: object, browser_of: Browsers, clock: Clock) -> None:
    """The post stays in the record with its end; a stale click does not end another's change."""
    worker, browser = admitted_worker(), browser_of()
    sign_in(browser, worker)
    version = record.read(system_permit("test"), "PractitionerRole", worker.post).version
    with pytest.raises(Stale):
        staff.end_post(manager, worker.post, version + 1)
    ended = staff.end_post(manager, worker.post, version)
    assert ended.ends is not None
    assert browser.get("/account").status_code == 302
    assert sign_in_is_refused(browser_of(), worker, clock)


def sign_in_is_refused(browser: Client, worker: object, clock: Clock) -> bool:
    """Whether a later sign-in is refused too."""
    clock.move(30)
    return sign_in(browser, worker).status_code == 403


def test_only_managers_and_only_their_own_organisation(manager: object) -> None:
    """A GP does not admit; a manager does not end a post elsewhere, nor learn that it exists."""
    gp = worker_permit("Practitioner/g", "G", Role.GP, HOSPITAL)
    with pytest.raises(NotPermitted):
        staff.admit(gp, "", wish())
    away = post("Practitioner/b", organization={"reference": "Organization/E99901"})
    store({"resourceType": "Organization", "id": "E99901", "name": "Council"}, away)
    for act in (lambda i: staff.end_post(manager, i, 1), lambda i: staff.invite_again(manager, i)):
        with pytest.raises(NotFound):
            act(away["id"])
    assert UUID(SESSION)


def test_the_first_manager_is_let_in_by_a_command(
    place: object, browser_of: Browsers, clock: Clock
) -> None:
    """`joinedup invite NAME PRACTITIONER`: only somebody the record knows, and one name each."""
    store({"resourceType": "Practitioner", "id": "mo", "name": [{"family": "Lee"}]})
    code = staff.invite_practitioner("Mo.Lee@marlbrook.example", "mo")
    typed = {"name": "mo.lee@marlbrook.example", "code": code, "password": PASSWORD}
    assert browser_of().post("/sign-in/first", typed)["Location"] == "/sign-in/second"
    with pytest.raises(NotFound):
        staff.invite_practitioner("x", "nobody")
    store({"resourceType": "Practitioner", "id": "jo"})
    with pytest.raises(Conflict):
        staff.invite_practitioner("mo.lee@marlbrook.example", "jo")


def test_the_pages_of_a_manager(manager: object, browser_of: Browsers, clock: Clock) -> None:
    """List, form, mistake beside its field with what was typed, and the code to pass on."""
    browser = browser_of()
    sign_in(browser, admitted_worker(role="ward-manager"))
    assert "Grace Adeyemi" in browser.get("/staff").content.decode()
    form = browser.get("/staff/admit").content.decode()
    assert "Ward 7" in form and "08:00" in form
    until = datetime.now(UTC) + timedelta(days=2)
    typed = {
        "given": "Ada",
        "family": "Obi",
        "sign_in": "ada@marlbrook.example",
        "role": "ward-nurse",
        "place": "Location/ward-7",
        "day": "31",
        "month": "2",
        "year": str(until.year),
        "hour": "8:00",
    }
    wrong = browser.post("/staff/admit", typed)
    assert wrong.status_code == 400 and "Enter a date and a time" in wrong.content.decode()
    assert 'value="ada@marlbrook.example"' in wrong.content.decode()
    right = typed | {"day": str(until.day), "month": str(until.month)}
    page = browser.post("/staff/admit", right).content.decode()
    assert "Ada Obi can sign in" in page and "ada@marlbrook.example" in page
    held = next(h for h in staff.staff_of(manager) if h.post.name == "Ada Obi")
    assert browser.post(f"/staff/{held.post.id}/end", {"version": "1"}).status_code == 302
    assert "Ada Obi" not in browser.get("/staff").content.decode()
