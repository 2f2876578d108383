"""The page that changes where a person lives and how to telephone them.

Two people may have it open at once: the first to save wins, the other is told, sees what is
recorded now, and keeps every word typed.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.fhir.issue import Invalid, Stale
from joinedup.people.actions import Statement, change_contact, own_statement
from joinedup.people.contact_rules import Contact, contact_of
from joinedup.people.forms import errors_of
from joinedup.people.pages import permit_for_people
from joinedup.people.presenters.words import human_name
from joinedup.web.layout import render

__all__ = ["change_contact_details"]

_FIELDS = ("telephone", "line", "town", "postcode")
_LONGEST = 400


@require_http_methods(["GET", "HEAD", "POST"])
def change_contact_details(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the form, or save it and go back to the person."""
    permit = permit_for_people(request)
    if request.method != "POST":
        stands = own_statement(permit, person_id)
        return _page(request, person_id, stands, contact_of(stands.patient))
    typed = _typed(request.POST)
    try:
        change_contact(permit, person_id, typed, _version(request.POST))
    except Stale:
        return _page(request, person_id, own_statement(permit, person_id), typed, stale=True)
    except Invalid as refusal:
        stands = own_statement(permit, person_id)
        seen = Statement(stands.patient, _version(request.POST))
        return _page(request, person_id, seen, typed, errors=errors_of(refusal))
    return redirect(f"/people/{person_id}")


def _typed(form: Mapping[str, str]) -> Contact:
    return Contact(**{name: form.get(name, "")[:_LONGEST].strip() for name in _FIELDS})


def _version(form: Mapping[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _page(
    request: HttpRequest,
    person_id: str,
    stands: Statement,
    typed: Contact,
    *,
    stale: bool = False,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    context = {
        "title": "Change contact details",
        "person_id": person_id,
        "name": human_name(stands.patient.get("name")) or "Name not recorded",
        "version": stands.version,
        "typed": typed,
        "recorded": contact_of(stands.patient) if stale else None,
        "errors": errors or {},
    }
    status = 412 if stale else 422 if errors else 200
    return render(request, "people/contact.jinja", context, here="people", status=status)
