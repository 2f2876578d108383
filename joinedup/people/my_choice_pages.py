"""The pages on which a person decides: form, check what it means, confirm, done.

Each check carries the version it was made from; where another tab was first the page says so
(412), shows what stands now, and keeps what was chosen.
"""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, NotPermitted, Stale
from joinedup.people.my_actions import end_consent, object_to, set_permission
from joinedup.people.my_consents import Agreed, is_permission, objection_id, permission_id
from joinedup.people.my_pages import choices_of
from joinedup.people.my_queries import agreed, organisations, whose
from joinedup.people.pages import permit_of
from joinedup.people.presenters.my_agreed import PERMISSION_WORDS
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["my_end", "my_objection", "my_permission"]

_METHODS = ["GET", "HEAD", "POST"]
_BACK = "/my/agreed"

OBJECTION_MEANS = (
    "From that moment nobody who works there sees what is in your record.",
    "They may ask you the same things again, and may not know of your allergies or medicines.",
    (
        "In an emergency somebody may still open it. They must say why, the privacy officer is "
        "told, and you see it in your log."
    ),
    "They still know your name and how to reach you. You can change this at any time.",
)
PERMISSION_MEANS: Mapping[str, tuple[str, ...]] = {
    "yes": (
        "Those who care for you see what they need, and need not ask you again.",
        "Everybody who looks is in your log.",
    ),
    "ask": (
        "Your GP practice sees your record as before.",
        "Everybody else must ask you first, each time. If you cannot answer, care may take longer.",
        "In an emergency somebody may still open it; you see that in your log.",
    ),
    "no": (
        "Your GP practice sees your record as before. Nobody else does.",
        "Hospital, council and carers may not know of your allergies, medicines or plans.",
        "In an emergency somebody may still open it; you see that in your log.",
    ),
}
_END_MEANS: Mapping[str, tuple[str, ...]] = {
    "objection": ("Those who work there see your record again while they care for you.",),
    "proxy": (
        "They can no longer see anything of your record through you.",
        "Your GP practice can give it again if you ask.",
    ),
    "permission-given": ("The worker you said yes to can no longer open your record by it.",),
}


class _Check(Struct, frozen=True, kw_only=True):
    """One thing to confirm: what it is, what it means, and what the form sends."""

    title: str
    says: str
    means: tuple[str, ...]
    action: str
    fields: Mapping[str, str]
    version: int
    button: str


@require_http_methods(_METHODS)
def my_objection(request: HttpRequest) -> HttpResponse:
    """Choose an organisation, check, and object to its seeing the record."""
    permit, person_id = _person(request)
    named = organisations(permit)
    sent = request.POST if request.method == "POST" else request.GET
    code = sent.get("organisation", "")
    if code not in named:
        asked = "organisation" in sent
        return _form(request, "people/my_object.jinja", asked=asked, organisations=named)
    check = _Check(
        title="Check before you object",
        says=f"You do not want {named[code]} to see your record.",
        means=OBJECTION_MEANS,
        action="/my/agreed/object",
        fields={"organisation": code},
        version=_version_of(agreed(permit, person_id), objection_id(person_id, code)),
        button="Confirm that they may not see it",
    )

    def confirm(version: int) -> None:
        object_to(permit, person_id, code, version=version, at=now())

    return _checked(request, check, confirm, "objected")


@require_http_methods(_METHODS)
def my_permission(request: HttpRequest) -> HttpResponse:
    """Choose yes, ask or no, check, and set permission to view."""
    permit, person_id = _person(request)
    sent = request.POST if request.method == "POST" else request.GET
    answer = sent.get("answer", "")
    if not is_permission(answer):
        stands = choices_of(permit, person_id).answer
        return _form(
            request,
            "people/my_permission.jinja",
            asked="asked" in sent or "answer" in sent,
            answers=PERMISSION_WORDS,
            stands=stands,
        )
    consents = agreed(permit, person_id)
    check = _Check(
        title="Check your answer",
        says=PERMISSION_WORDS[answer],
        means=PERMISSION_MEANS[answer],
        action="/my/agreed/permission",
        fields={"answer": answer},
        version=_version_of(consents, permission_id(person_id)),
        button="Save this answer",
    )

    def confirm(version: int) -> None:
        set_permission(permit, person_id, answer, consents, version=version, at=now())

    return _checked(request, check, confirm, "permission")


@require_http_methods(_METHODS)
def my_end(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Check, and end an objection, what a proxy was trusted with, or a yes that was given."""
    permit, person_id = _person(request)
    found = next((c for c in agreed(permit, person_id) if c.id == consent_id), None)
    if found is None or found.kind not in _END_MEANS:
        raise Http404
    choice = choices_of(permit, person_id).of(consent_id)
    if choice is None and request.method != "POST":
        return redirect(_BACK)  # it was ended already
    is_objection = found.kind == "objection"
    who = choice.who if choice else "They"
    check = _Check(
        title="Check before you end this",
        says=f"{who} may see your record again." if is_objection else f"You end this for: {who}.",
        means=_END_MEANS[found.kind],
        action=f"/my/agreed/{consent_id}/end",
        fields={},
        version=found.version,
        button="Confirm that they may see it" if is_objection else "Confirm that it ends",
    )

    def confirm(version: int) -> None:
        end_consent(permit, found, version=version, at=now())

    return _checked(request, check, confirm, "objection-ended" if is_objection else "trust-ended")


def _person(request: HttpRequest) -> tuple[Permit, str]:
    permit = permit_of(request)
    person_id = whose(permit)
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person decides this.")
    return permit, person_id


def _version_of(consents: tuple[Agreed, ...], consent_id: str) -> int:
    return next((c.version for c in consents if c.id == consent_id), 0)


def _form(request: HttpRequest, template: str, *, asked: bool, **context: object) -> HttpResponse:
    shown = {"title": "What I agreed to", "is_error": asked, **context}
    return render(request, template, shown, here="my", status=422 if asked else 200)


def _checked(
    request: HttpRequest, check: _Check, confirm: Callable[[int], None], done: str
) -> HttpResponse:
    """Show the check; a POST confirms it, or shows it again where another was first."""
    if request.method != "POST":
        return _check_page(request, check)
    try:
        confirm(_sent_version(request))
    except (Stale, Conflict):
        return _check_page(request, check, is_stale=True)
    return redirect(f"{_BACK}?done={done}")


def _check_page(request: HttpRequest, check: _Check, *, is_stale: bool = False) -> HttpResponse:
    context = {"title": check.title, "check": check, "is_stale": is_stale}
    return render(
        request, "people/my_check.jinja", context, here="my", status=412 if is_stale else 200
    )


def _sent_version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
