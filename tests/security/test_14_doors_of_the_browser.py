"""What a browser keeps, follows and sends: sessions, ways onward, hosts, caches, two tabs.

Issue 2, bad input; trust 8; ASVS 5.0 chapters 7 and 14 say the same.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.record import database, exchange
from joinedup.record.cluster import Cluster
from tests.conftest import ROOT, _Copied
from tests.security.access.addresses import ADDRESSES, FORM, PUBLIC
from tests.security.access.door import at_the_api
from tests.security.access.stage import SYSTEM
from tests.security.access.visitors import Visitors, visitors
from tests.security.test_11_bad_input_in_pages import set_people
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()

COOKIE = "joinedup-session"
PERSON = "/people/referral"


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        set_people()
        with visitors() as visitors_of:
            yield visitors_of
        database.close()


# Sessions -----------------------------------------------------------------------------------------


def test_a_session_that_was_there_before_is_not_the_one_after(sign_in: Visitors) -> None:
    """Session fixation: a key somebody planted opens nothing, before and after the sign-in."""
    victim, thief = sign_in("gp"), sign_in("gp")
    planted = "planted" * 5
    victim.cookies[COOKIE] = planted
    thief.cookies[COOKIE] = planted
    victim.post("/sign-in", {"account": "gp", "next": "/"})
    assert victim.cookies[COOKIE].value != planted
    assert victim.get(PERSON).status_code == 200
    assert thief.get(PERSON).status_code == 302


def test_every_sign_in_has_a_new_key_and_ends_the_old_one(sign_in: Visitors) -> None:
    """ASVS 5.0, 7.2.4: also where somebody signs in again in the same browser."""
    browser, copied = sign_in("gp"), sign_in("gp")
    before = browser.cookies[COOKIE].value
    browser.post("/sign-in", {"account": "ward-nurse", "next": "/"})
    assert browser.cookies[COOKIE].value != before
    copied.cookies[COOKIE] = before
    assert copied.get(PERSON).status_code == 302


def test_after_signing_out_the_pages_are_gone(sign_in: Visitors) -> None:
    """The way back asks the server again, and the server asks for a sign-in."""
    browser = sign_in("gp")
    page = browser.get(PERSON)
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    browser.post("/sign-out")
    again = browser.get(PERSON)
    assert again.status_code == 302 and b"Zz" not in again.content
    assert again.headers["Cache-Control"] == "no-store"


def test_of_two_organisations_in_two_tabs_the_older_writes_nothing(sign_in: Visitors) -> None:
    """The form of the first tab was made for another sign-in: it is not sent as the second."""
    from django.test import Client

    browser: Client = Client(enforce_csrf_checks=True)
    _click(browser, "gp")
    form = browser.get(f"{PERSON}/contact").content.decode()
    sent = {"csrfmiddlewaretoken": _secret(form), "telephone": "01632 960009", "version": "0"}
    _click(browser, "finance-officer")
    answer = browser.post(f"{PERSON}/contact", sent)
    assert answer.status_code == 403 and b"01632 960009" in answer.content  # typed words are kept
    said = record.everything(SYSTEM, "referral", types=("Patient",)).entries
    assert not any("960009" in each.body for each in said)


def _click(browser: "Client", role: str) -> None:
    page = browser.get("/tour").content.decode()
    if "csrfmiddlewaretoken" not in page:
        page = browser.get("/accessibility").content.decode()
    sent = {"csrfmiddlewaretoken": _secret(page), "account": role, "next": "/"}
    assert browser.post("/sign-in", sent).status_code == 302


def _secret(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


@pytest.mark.parametrize("address", [a for a, rule in ADDRESSES.items() if rule == FORM])
def test_a_form_without_its_secret_is_sent_by_nobody(address: str, sign_in: Visitors) -> None:
    """Cross-site request forgery: a form of another site changes nothing."""
    assert sign_in
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    at = "/" + address.replace("<str:person_id>", "referral").replace("<str:post_id>", "x")
    at = at.replace("<uuid:kept_id>", "00000000-0000-0000-0000-000000000000")
    answer = browser.post(at.replace("<slug:name>", "cis2"), {"reason": "5"})
    assert answer.status_code == 403 and b"Send the form again" in answer.content


# Onward -------------------------------------------------------------------------------------------

AWAY = [
    "https://evil.example", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "http:evil.example",
    "https:/evil.example", "javascript:alert(1)", "data:text/html,x", "//evil.example/%2e%2e",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "/%0d%0aLocation: //evil.example",
    "\r\n//evil.example", "//testserver@evil.example", "https://testserver.evil.example",
    "https://testserver@evil.example", "//evil.example?testserver", "/\x00/evil.example",
    "ftp://testserver/", "//[::1]/", "https://testserver\\.evil.example", "evil.example",
    "/\u2044evil.example", "\u3002evil.example", "%2f%2fevil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", AWAY)
def test_nobody_is_led_away_by_signing_in(wanted: str, sign_in: Visitors) -> None:
    """Open redirect: onward is always a path of this host, and one line."""
    browser = sign_in("gp")
    answer = browser.post("/sign-in", {"account": "gp", "next": wanted})
    to = answer.headers["Location"]
    assert answer.status_code == 302 and to.startswith("/")
    assert not to.startswith(("//", "/\\", "/%5C", "/%09", "/\t")), to
    assert "\r" not in to and "\n" not in to
    page = browser.get(f"/sign-in?next={quote(wanted)}").content.decode()
    assert 'value="//' not in page and 'value="http' not in page and 'value="/\\' not in page


def test_where_one_wanted_to_go_is_kept(sign_in: Visitors) -> None:
    """A path of ours is gone on to, with its question."""
    answer = sign_in("gp").post("/sign-in", {"account": "gp", "next": "/people/?family=O%27Neil"})
    assert answer.headers["Location"] == "/people/?family=O%27Neil"


# Hosts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/people/", "/livez", "/tour", "/static/x.css"])
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "", "a b"])  # fmt: skip  # noqa: E501
def test_a_host_that_is_not_ours_is_refused(path: str, host: str, sign_in: Visitors) -> None:
    """No page is made for it: no link, no cookie and no way onward can carry its name."""
    answer = sign_in("gp").get(path, HTTP_HOST=host)
    if path == "/livez" and not host:
        return
    assert answer.status_code in (400, 404), answer.status_code
    assert b"evil.example" not in answer.content and not answer.cookies


def test_a_host_that_somebody_else_names_is_not_believed(sign_in: Visitors) -> None:
    """X-Forwarded-Host and the like are read by nobody."""
    told = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_FORWARDED": "host=evil.example",
            "HTTP_X_HOST": "evil.example", "HTTP_X_ORIGINAL_URL": "/people/none"}  # fmt: skip
    answer = sign_in("gp").get(PERSON, **told)
    assert answer.status_code == 200 and b"evil.example" not in answer.content
    with at_the_api(SYSTEM) as ask:
        told_at_api = ask("GET", "/Patient?_count=1", None, {"X-Forwarded-Host": "evil.example"})
        refused = ask("GET", "/Patient?_count=1", None, {"Host": "evil.example"})
    assert told_at_api[0] == 200 and "evil.example" not in told_at_api[2]
    assert refused[0] == 400 and "evil.example" not in refused[2]


# Caches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["gp", "person", "privacy-officer", "ward-manager"])
def test_no_cache_keeps_a_page_of_somebody(role: str, sign_in: Visitors) -> None:
    """Whatever it answers: no-store, for browsers and for what stands between."""
    browser = sign_in(role)
    for address in (a for a, rule in ADDRESSES.items() if rule != PUBLIC):
        at = "/" + address.replace("<str:person_id>", "referral").replace("<slug:slug>", "problems")
        at = at.replace("<uuid:kept_id>", "00000000-0000-0000-0000-000000000000")
        answer = browser.get(at.replace("<", "").replace(">", ""))
        assert answer.headers["Cache-Control"] == "no-store", (address, answer.status_code)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address


# Exports ------------------------------------------------------------------------------------------

_SAFE_WRITERS = {
    "joinedup/people/rights/cells.py",
    "joinedup/planning/report/tables.py",
    "joinedup/money/csv_text.py",
    "joinedup/beds/rules/bed_return.py",
    "joinedup/discharge/rules/returns.py",
    "joinedup/money/csv_pages.py",  # these answer with what the others wrote
    "joinedup/money/pay_run_pages.py",
    "joinedup/discharge/hub_pages.py",
    "joinedup/measures/return_files.py",
}
"""Where cells are made safe before they are written."""
_OF_NOBODY = {
    "joinedup/demo/files.py": "an invented council's file, to be imported",
    "joinedup/demo/money.py": "an invented provider's file, to be imported",
    "joinedup/reference/money/derive.py": "public figures",
    "joinedup/reference/organisations/derive.py": "public lists",
    "joinedup/reference/places/derive/__main__.py": "public figures",
}
_WRITES = re.compile(r"DictWriter|\.writerows?\(|csv\.writer|to_csv|text/csv")


def test_files_for_spreadsheets_are_written_in_one_place() -> None:
    """CSV formulas: nobody else writes cells, so nobody forgets to make them safe."""
    paths = (ROOT / "joinedup").rglob("*.py")
    found = {str(p.relative_to(ROOT)) for p in paths if _WRITES.search(p.read_text())}
    assert found <= _SAFE_WRITERS | set(_OF_NOBODY)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", " =", "\ufeff="])
def test_no_cell_begins_a_formula(start: str) -> None:
    """What somebody typed as their name is shown, and never run."""
    from joinedup.money.csv_text import write_table
    from joinedup.people.rights.cells import csv_lines

    lines = "".join(csv_lines(["Name"], [[f'{start}HYPERLINK("//evil.example","a")']]))
    cell = lines.splitlines()[1].strip('"')
    assert cell.startswith("'")
    written = write_table(["Name"], [[f'{start}HYPERLINK("//evil.example","a")']])
    plain = written.split("\r\n", 1)[1].strip('"')  # what only began with a blank begins without
    assert plain.startswith("HYPERLINK" if start.isspace() else "'")


# What a question costs ----------------------------------------------------------------------------

_GP = worker_permit("Practitioner/far", "Dr Far", Role.GP, "E99901")
_NUMBERS = {"hidden": "9990012008", "absent": "9990099907"}


def _statements(query: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, int]:
    """Ask the API; return the status, what it said without the number, and the statements sent."""
    count = 0
    for name in ("_answer_of", "_under"):
        real = getattr(exchange, name)

        def counted(*given: Any, real: Any = real) -> Any:
            nonlocal count
            count += 1
            return real(*given)

        monkeypatch.setattr(exchange, name, counted)
    with at_the_api(_GP) as ask:
        status, _, body = ask("GET", query)
    monkeypatch.undo()
    return status, body, count


@pytest.mark.parametrize(
    "form", ["identifier=https://fhir.nhs.uk/Id/nhs-number|{}", "identifier={}"]
)
def test_a_hidden_nhs_number_costs_what_an_absent_one_does(
    form: str, sign_in: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, not a clock: how long each takes is PostgreSQL's, under one plan."""
    assert sign_in
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": _NUMBERS["hidden"]}
    record.commit(SYSTEM, [record.Put({"resourceType": "Patient", "id": "numbered",
                                       "identifier": [number]})], dangling="keep")  # fmt: skip
    told = [
        _statements("/Patient?" + form.format(n), monkeypatch)[i]
        for n in _NUMBERS.values()
        for i in (0, 2)
    ]
    assert told[:2] == told[2:] and told[0] == 200 and told[1] >= 1
    body = _statements("/Patient?" + form.format(_NUMBERS["hidden"]), monkeypatch)[1]
    assert '"entry"' not in body
