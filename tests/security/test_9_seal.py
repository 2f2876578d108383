"""What is refused is in the audit too, and the audit cannot be turned against itself.

A refusal leaves an event of outcome 4 in a transaction of its own; outside, hidden and absent look
the same. The seal over all of it is in tests/spec/record/test_30_seal.py.
"""

from typing import Any

import django
import psycopg
import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import ResolverMatch

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.api import dispatch, gate
from joinedup.api.request import Asked
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal
from joinedup.fhir.key import resource_key
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from joinedup.web.refusals import refusals_as_pages
from tests.spec.record.place import GP, PRACTICE, joyce, put

ANALYST = worker_permit("Practitioner/dean", "Mr Dean", Role.ANALYST, PRACTICE)
STRANGER = worker_permit("Practitioner/eve", "Ms Eve", Role.WARD_NURSE, "RZ999")
PERMITS = {p.worker: p for p in (GP, ANALYST, STRANGER)}
Refused = tuple[str, str, int, str]


@pytest.fixture(autouse=True, scope="module")
def _pages() -> None:
    django.setup(set_prefix=False)


@pytest.fixture(autouse=True)
def _a_place(record_database: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    assert record_database.application
    put({"resourceType": "Organization", "id": PRACTICE}, joyce())
    monkeypatch.setattr(gate, "_readers", [PERMITS.__getitem__])


@pytest.fixture
def refusals(record_database: Urls) -> "Told":
    """The refusals written down, as a superuser reads them."""
    return Told(record_database.application.replace("joinedup_app@", "postgres@"))


class Told:
    def __init__(self, url: str) -> None:
        self.url = url

    def of(self, permit: Permit) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as superuser:
            return superuser.execute(
                "select action, detail, person, outcome from record.audit_event"
                " where worker = %s and outcome <> 0 order by seq",
                [permit.worker],
            ).fetchall()


def ask(permit: Permit, method: str, *parts: str) -> tuple[int, bytes]:
    """Ask the API in this process."""
    came = {"REQUEST_METHOD": method, "HTTP_AUTHORIZATION": f"Bearer {permit.worker}"}
    path = "/fhir/" + "/".join(parts)
    _, told = dispatch.answer(Asked(method, "http://here", path, parts, came))
    return told.status, told.body


def test_asking_for_a_hidden_person_is_written_down(refusals: Told) -> None:
    """Hidden and absent: the same answer, the same trace, one event each."""
    hidden = ask(STRANGER, "GET", "Patient", "joyce")
    absent = ask(STRANGER, "GET", "Patient", "nobody")
    assert (hidden[0], hidden[1].replace(b"joyce", b"nobody")) == absent == (404, absent[1])
    assert refusals.of(STRANGER) == [
        ("refused", "GET fhir/<type>/<id>", resource_key("Patient", name), 4)
        for name in ("joyce", "nobody")
    ]


def test_everything_and_history_of_a_hidden_person_too(refusals: Told) -> None:
    """From every door at which a person is named."""
    for parts in (("Patient", "joyce", "$everything"), ("Patient", "joyce", "_history")):
        assert ask(STRANGER, "GET", *parts)[0] == 404
    assert ask(STRANGER, "DELETE", "Patient", "joyce")[0] == 404
    assert [person for _, _, person, _ in refusals.of(STRANGER)] == [
        resource_key("Patient", "joyce")
    ] * 3


def test_what_is_allowed_leaves_no_refusal(refusals: Told) -> None:
    """One event for one look, as before; and a wrong address is no refusal of anybody."""
    assert ask(GP, "GET", "Patient", "joyce")[0] == 200
    assert ask(GP, "GET", "Observation", "nothing")[0] == 404
    assert refusals.of(GP) == []


def _page(permit: Permit | None, refusal: Refusal, **named: str) -> int:
    request: HttpRequest = RequestFactory().get("/people/joyce")
    request.permit = permit  # type: ignore[attr-defined]  # put there by the sign-in
    request.signed_in = None  # type: ignore[attr-defined]  # nobody's name on the page
    request.resolver_match = ResolverMatch(_page, (), named, route="people/<person_id>")
    response = refusals_as_pages(lambda _: None).process_exception(request, refusal)  # type: ignore[arg-type,return-value]  # no view is called
    assert response is not None
    return int(response.status_code)


def test_a_refused_page_is_written_down(refusals: Told) -> None:
    """What a role may not do, such as printing or taking a copy; and a hidden person's page."""
    assert _page(ANALYST, NotPermitted("Your role does not print records.")) == 403
    assert _page(ANALYST, NotFound("There is nothing."), person_id="joyce") == 404
    assert _page(ANALYST, NotFound("There is nothing.")) == 404
    assert _page(None, NotPermitted("No.")) == 403
    assert refusals.of(ANALYST) == [
        ("refused", "GET people/<person_id>", 0, 4),
        ("refused", "GET people/<person_id>", resource_key("Patient", "joyce"), 4),
    ]


def test_refusals_do_not_upset_the_walk_nor_make_somebody_known(refusals: Told) -> None:
    """Nothing was stored, so nothing of it is looked for; the seal covers them like any event."""
    ask(STRANGER, "GET", "Patient", "joyce")
    ask(STRANGER, "GET", "Patient", "nobody")
    assert len(refusals.of(STRANGER)) == 2
    assert list(verify()) == []
