"""An app asks, somebody lets it in, and it reads what they ticked (SMART App Launch 2.2, 2.0)."""

import pytest
from django.test import Client as Browser

from joinedup.fhir.issue import Invalid
from tests.spec.smart.app import BACK, fhir, field, known, offered, signed_in
from tests.spec.smart.conftest import JOYCE

pytestmark = pytest.mark.usefixtures("place")
OWN = "launch/patient patient/Patient.rs patient/Observation.rs"


def test_a_person_lets_an_app_read_their_record() -> None:
    """The whole way: asked, ticked, code, token, and the record as they see it themselves."""
    app, joyce = known(), signed_in("person")
    told = app.tokens(joyce, OWN)
    assert told["token_type"] == "Bearer" and told["expires_in"] == 300
    assert told["patient"] == JOYCE and "refresh_token" not in told
    token = told["access_token"]
    assert fhir(token, f"/Patient/{JOYCE}").json["id"] == JOYCE
    found = {r["id"] for r in fhir(token, "/Observation").entries}
    assert found == {f"blood-{JOYCE}", f"pressure-{JOYCE}"}


def test_the_page_says_who_asks_and_for_what() -> None:
    """The app's name and who makes it, each thing in plain words, where one is sent back to."""
    text = signed_in("person").get(known().wish(f"{OWN} offline_access")).content.decode()
    for words in (
        "Let Pressure Diary in?", "Diary Makers Ltd", "your record", "https://app.example",
        "See test results and measurements", "See name, birth date, address and NHS number",
        "Go on when you are not signed in", "Do not let it in",
    ):  # fmt: skip
        assert words in text, words
    assert "patient/" not in text.replace('value="patient/', ""), (
        "no scope is shown as it is written"
    )


def test_unticking_narrows() -> None:
    """What is not ticked is not granted, and the app is told so."""
    app = known()
    told = app.tokens(signed_in("person"), OWN, ticks=["patient/Observation.rs"])
    assert told["scope"].split() == ["launch/patient", "patient/Observation.rs"]
    assert fhir(told["access_token"], "/Observation").status == 200
    assert fhir(told["access_token"], f"/Patient/{JOYCE}").status == 403


def test_what_was_not_offered_cannot_be_ticked() -> None:
    """A scope slipped into the form is not granted: only what the page offered is looked at."""
    told = known().tokens(
        signed_in("person"), OWN, ticks=["patient/Observation.rs", "user/*.cruds", "patient/*.rs"]
    )
    assert told["scope"].split() == ["launch/patient", "patient/Observation.rs"]


def test_nothing_ticked_is_asked_again() -> None:
    """With words, and nothing granted."""
    joyce = signed_in("person")
    page = joyce.get(known().wish(OWN)).content.decode()
    answer = joyce.post("/smart/decide", {"sealed": field(page), "answer": "yes"})
    assert answer.status_code == 422 and "Tick at least one thing" in answer.content.decode()


def test_no_is_told_to_the_app() -> None:
    """And there is no code."""
    app = known()
    sent = app.let_in(signed_in("person"), OWN, answer="no")
    assert sent == {"error": "access_denied", "state": app.state, "iss": "http://testserver"}


def test_who_is_not_signed_in_signs_in_first() -> None:
    """And is then shown the page, with all that was asked."""
    from django.test import Client

    app, browser = known(), Client()
    answer = browser.get(app.wish(OWN))
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=/smart/")
    page = browser.get(answer["Location"]).content.decode()
    assert "/smart/authorize?" in page.replace("&amp;", "&")


def test_a_worker_chooses_whose_record_by_nhs_number() -> None:
    """Only somebody they see: anybody else is as absent, in the same words."""
    app, gp = known(), signed_in("gp")
    told = app.tokens(gp, OWN, nhs_number="999 000 0026")
    assert told["patient"] == "bob"
    page = gp.get(app.wish(OWN)).content.decode()
    assert "Whose record is this for?" in page and not offered(page)
    for number in ("9990000034", "12345", "", "9990000018x"):
        answer = gp.post("/smart/person", {"sealed": field(page), "nhs_number": number})
        assert answer.status_code == 422 and b"nobody of that NHS number" in answer.content


def test_what_one_may_not_do_is_not_offered() -> None:
    """A person writes no results: `cruds` is offered as `rs`. An analyst sees nobody."""
    told = known().tokens(signed_in("person"), "launch/patient patient/Observation.cruds")
    assert told["scope"] == "launch/patient patient/Observation.rs"
    page = signed_in("analyst").get(known("other").wish("user/Observation.rs"))
    assert page.status_code == 403 and "may not see" in page.content.decode()


def test_a_worker_opens_an_app_for_a_person() -> None:
    """EHR launch: a word good once, for this sign-in and this app; the app is told whose record."""
    from urllib.parse import parse_qsl, urlsplit

    app, gp = known(launch="https://app.example/launch"), signed_in("gp")
    page = gp.get("/smart/open/bob").content.decode()
    assert "Open Pressure Diary" in page
    answer = gp.post("/smart/open/bob", {"app": app.id})
    sent = dict(parse_qsl(urlsplit(answer["Location"]).query))
    assert answer["Location"].startswith("https://app.example/launch?")
    assert sent["iss"] == "http://testserver/fhir"
    asked = {"launch": sent["launch"]}
    told = app.tokens(gp, "launch patient/Observation.rs", **asked)
    assert told["patient"] == "bob"
    again = app.let_in(gp, "launch patient/Observation.rs", **asked)
    assert again["error"] == "invalid_request", "a launch serves once"
    other = gp.post("/smart/open/bob", {"app": app.id})["Location"]
    stolen = dict(parse_qsl(urlsplit(other).query))["launch"]
    assert app.let_in(signed_in("gp"), "launch patient/*.rs", launch=stolen)["error"]


def test_an_app_is_not_opened_for_whom_one_does_not_see() -> None:
    """As absent as anybody."""
    from joinedup import record
    from joinedup.access.permit import system_permit
    from joinedup.record import Put
    from tests.load.people import patient

    known(launch="https://app.example/launch")
    record.commit(system_permit("test"), [Put(patient(id="carl"))], dangling="keep")
    gp = signed_in("gp")
    assert gp.get("/smart/open/carl").status_code == gp.get("/smart/open/nobody").status_code == 404


def test_the_person_page_leads_to_the_apps_that_can_be_opened() -> None:
    """Where there is one for this worker's role; a role whom the policy lets give nothing has none.

    An app without a launch address, or one that nobody of this role could let in, is not offered.
    """
    gp = signed_in("gp")
    reception = signed_in("receptionist")
    link = 'href="/smart/open/bob"'

    def shown(browser: Browser) -> bool:
        page = browser.get("/people/bob")
        assert page.status_code == 200
        return link in page.content.decode()

    known("diary")
    assert not shown(gp)
    assert "no app here" in gp.get("/smart/open/bob").content.decode()
    known("opens", launch="https://app.example/launch", scopes="launch patient/Condition.rs")
    assert shown(gp) and not shown(reception)
    page = reception.get("/smart/open/bob").content.decode()
    assert "no app here" in page and "opens" not in page
    assert reception.post("/smart/open/bob", {"app": "opens"}).status_code == 404
    assert gp.post("/smart/open/bob", {"app": "diary"}).status_code == 404


def test_an_app_that_is_opened_asks_for_launch() -> None:
    """Else it would be told a word that it may not use, and nobody would know why."""
    with pytest.raises(Invalid, match="the scope launch"):
        known(launch="https://app.example/launch", scopes="launch/patient patient/*.rs")


def test_only_the_page_that_lets_in_leads_to_the_app() -> None:
    """Its form may lead to the app's own address, and to no other; no other page's may."""
    joyce = signed_in("person")
    policy = joyce.get(known().wish(OWN)).headers["Content-Security-Policy"]
    assert "form-action 'self' https://app.example;" in policy
    assert "form-action 'self';" in joyce.get("/my/apps").headers["Content-Security-Policy"]
    assert BACK not in policy


def test_who_they_are_is_told_where_it_was_asked() -> None:
    """`openid fhirUser`: an ID token for this app alone, signed by a key that is public."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    from tests.spec.smart.app import ORIGIN

    app, joyce = known(), signed_in("person")
    told = app.tokens(joyce, f"openid fhirUser {OWN}", nonce="n-1")
    keys = KeySet.import_key_set(joyce.get("/smart/keys").json())
    claims = jwt.decode(told["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == ORIGIN and claims["aud"] == app.id and claims["nonce"] == "n-1"
    assert claims["fhirUser"] == f"{ORIGIN}/fhir/Patient/{JOYCE}"
    other = known("other").tokens(joyce, f"openid {OWN}")
    second = jwt.decode(other["id_token"], keys, algorithms=["RS256"]).claims
    assert second["sub"] != claims["sub"] and "fhirUser" not in second
