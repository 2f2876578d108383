"""Every refusal is a page: its status, its words, and what was typed, kept."""

from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from joinedup.fhir import issue
from joinedup.fhir.issue import Refusal, SignInNeeded
from joinedup.web.refusals import forbidden_form, not_found, refusals_as_pages, server_error
from tests.spec.web.site import set_up

set_up()

KINDS = [
    kind
    for kind in vars(issue).values()
    if isinstance(kind, type) and issubclass(kind, Refusal) and kind not in (Refusal, SignInNeeded)
]
WORDS = "She said: “I want to go home.”"


def refused(error: Exception, request: HttpRequest | None = None) -> HttpResponse:
    request = request or RequestFactory().get("/somewhere")
    request.session = SimpleNamespace()
    answer = refusals_as_pages(lambda r: HttpResponse()).process_exception(request, error)
    assert answer is not None
    return answer


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_each_refusal_has_its_status_and_a_page(kind: type[Refusal]) -> None:
    """The set is closed: a new refusal without a page fails here."""
    answer = refused(kind("the reason"))
    assert answer.status_code == kind.status
    assert b"<h1" in answer.content and b"Go to the start page" in answer.content


@pytest.mark.parametrize("kind", [issue.Conflict, issue.Stale, issue.Unprocessable])
def test_what_was_typed_is_kept_on_the_page(kind: type[Refusal]) -> None:
    """Whoever loses a race loses no words (409, 412, 422); the form's own fields are not shown."""
    typed = {"what_matters": WORDS, "version": "3", "csrfmiddlewaretoken": "secret-mark"}
    answer = refused(kind("no"), RequestFactory().post("/plan", typed))
    page = answer.content.decode()
    assert WORDS in page and "What matters" in page
    assert "secret-mark" not in page


def test_typed_words_are_text_never_markup() -> None:
    """A script typed into a form is shown as it was typed."""
    request = RequestFactory().post("/plan", {"note": "<script>alert(1)</script>"})
    page = refused(issue.Stale("no"), request).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_no_relationship_says_so() -> None:
    """403 NO_RELATIONSHIP, as GP Connect words it (domain.md 1.2)."""
    answer = refused(issue.NotPermitted("NO_RELATIONSHIP"))
    assert answer.status_code == 403
    assert "No legitimate relationship exists with this person" in answer.content.decode()


def test_the_reason_of_a_hidden_record_is_never_told() -> None:
    """404 for hidden and absent, letter for letter, also where Django finds no address."""
    hidden = refused(issue.NotFound("There is no Patient/joyce that you can see."))
    absent = not_found(RequestFactory().get("/nothing"), Exception())
    assert hidden.content == absent.content and b"joyce" not in hidden.content


def test_no_sign_in_leads_to_the_sign_in_and_back() -> None:
    """The address asked for comes along, whole."""
    request = RequestFactory().get("/people/joyce", {"span": "all"})
    answer = refused(SignInNeeded("sign in"), request)
    assert answer["Location"] == "/sign-in?next=/people/joyce%3Fspan%3Dall"


def test_a_fault_of_ours_tells_nothing() -> None:
    """500: the words of the error stay in the log, and anything but a refusal is not caught."""
    request = RequestFactory().get("/")
    assert server_error(request).status_code == 500
    request.session = SimpleNamespace()
    middleware = refusals_as_pages(lambda r: HttpResponse())
    assert middleware.process_exception(request, KeyError("secret")) is None


def test_a_form_that_is_too_old_keeps_what_was_typed() -> None:
    """The sign-in ended while somebody was writing."""
    answer = forbidden_form(RequestFactory().post("/plan", {"note": WORDS}))
    assert answer.status_code == 403 and WORDS in answer.content.decode()
