"""Forms that were sent after the sign-in had ended: kept, sealed, for an hour, for their owner.

Whoever sends one is asked to sign in again and then shown what they typed, with a button that
sends it. Nobody else can be shown it, and passwords and codes are never kept.
"""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.fhir.issue import NotFound, SignInNeeded
from joinedup.signin import clock
from joinedup.signin.models import KeptRow
from joinedup.signin.rules import Standing
from joinedup.signin.sealed import open_sealed, seal
from joinedup.signin.session import held_by, seat_of
from joinedup.web.layout import render

__all__ = ["KEPT_FOR", "keep_forms", "kept_form"]

KEPT_FOR = timedelta(hours=1)
_MOST_LETTERS = 1_000_000
_MOST_FORMS = 20
_NEVER = frozenset({"csrfmiddlewaretoken", "password", "new_password", "code", "credential"})
_HIDDEN = frozenset({"version"})
View = Callable[[HttpRequest], HttpResponse]


class _KeepForms:
    """Middleware, the innermost: it alone sees that a form was refused for want of a sign-in."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, SignInNeeded) or request.method != "POST":
            return None
        seat = seat_of(request)
        if seat is None or seat.stands is Standing.OPEN:
            return None
        kept = _keep(request, seat.account)
        return redirect(f"/sign-in?next={quote(f'/kept/{kept}')}") if kept else None


keep_forms = _KeepForms
"""The middleware that keeps what was typed when a form meets the end of its sign-in."""


def _keep(request: HttpRequest, account: str) -> UUID | None:
    fields = [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name not in _NEVER
    ]
    if not fields or sum(len(value) for _, value in fields) > _MOST_LETTERS:
        return None
    KeptRow.objects.filter(until__lt=clock.now()).delete()
    if KeptRow.objects.filter(account=account).count() >= _MOST_FORMS:
        return None
    held = {"path": request.get_full_path(), "fields": fields}
    row = KeptRow(account=account, sealed=b"", until=clock.now() + KEPT_FOR)
    row.sealed = seal("kept-form", held, bound=f"{account} {row.id}")
    row.save(force_insert=True)
    return row.id


@require_http_methods(["GET", "HEAD", "POST"])
def kept_form(request: HttpRequest, kept_id: UUID) -> HttpResponse:
    """Show a kept form to its owner, ready to be sent; a POST forgets it."""
    held = held_by(request)
    row = KeptRow.objects.filter(id=kept_id, account=held.key, until__gt=clock.now()).first()
    kept = open_sealed("kept-form", row.sealed, bound=f"{held.key} {kept_id}") if row else None
    if row is None or kept is None:
        raise NotFound("Nothing is kept here for you.")
    if request.method == "POST":
        row.delete()
        return redirect("/")
    shown = [(n.replace("_", " "), v) for n, v in kept["fields"] if n not in _HIDDEN and v.strip()]
    context = {
        "title": "What you typed was kept",
        "action": kept["path"],
        "fields": kept["fields"],
        "shown": shown,
        "kept_id": kept_id,
    }
    return render(request, "signin/kept.jinja", context)
