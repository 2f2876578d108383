"""The apps somebody let in, and ending one: what it holds is worth nothing at its next request."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from joinedup.access.scopes import read_scopes, special_of
from joinedup.access.words import Role
from joinedup.fhir.search.period import LONDON
from joinedup.people.my_cards import Card
from joinedup.signin.accounts import Account
from joinedup.signin.events import Door, happened
from joinedup.signin.session import held_by
from joinedup.smart.agreements import Agreement, agreements_of, end_agreement
from joinedup.smart.words import lines
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = ["APPS_CARD", "end_app", "my_apps"]

APPS_CARD = Card(
    "Apps I let in",
    "Apps you allowed to see your record, what they see, and how to end it.",
    "/my/apps",
)


class Shown(Struct, frozen=True, kw_only=True):
    """One app as the page says it."""

    id: str
    name: str
    made_by: str
    sees: tuple[str, ...]
    since: str
    used: str
    until: str
    goes_on: bool


@require_safe
def my_apps(request: HttpRequest) -> HttpResponse:
    """Return the apps that whoever is signed in has let in."""
    held = held_by(request)
    shown = {
        "title": "Apps I let in",
        "apps": _shown(held),
        "done": "ended" if "ended" in request.GET else "",
        "own": held.role in (Role.PERSON, Role.PROXY),
    }
    return render(request, "smart/my_apps.jinja", shown, here=_here(held))


@require_http_methods(["GET", "HEAD", "POST"])
def end_app(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Check, and end what was agreed with an app; somebody else's is as absent."""
    held = held_by(request)
    if request.method == "POST":
        if end_agreement(agreement_id, why="taken-back", account=held.key):
            happened(Door.APP_ENDED, account=held.key, session=None)
        return redirect("/my/apps?ended")
    found = next((app for app in _shown(held) if app.id == str(agreement_id)), None)
    if found is None:
        raise Http404
    shown = {"title": f"End {found.name}?", "app": found}
    return render(request, "smart/end_app.jinja", shown, here=_here(held))


def _here(held: Account) -> str:
    return "my" if held.role in (Role.PERSON, Role.PROXY) else ""


def _shown(held: Account) -> list[Shown]:
    return [_one(a, name, made_by, held) for a, name, made_by in agreements_of(held.key)]


def _one(agreement: Agreement, name: str, made_by: str, held: Account) -> Shown:
    own = held.role is Role.PERSON
    beyond = "" if own else ", of everybody you may see"
    whose = "" if own else ", of one person"
    return Shown(
        id=str(agreement.id),
        name=name,
        made_by=made_by,
        sees=tuple(line.says for line in lines(read_scopes(agreement.scopes), whose, beyond)),
        since=say(Moment(agreement.made_at.astimezone(LONDON))),
        used=say(Moment(agreement.used_at.astimezone(LONDON))),
        until=say(Moment(agreement.until.astimezone(LONDON))),
        goes_on="offline_access" in special_of(agreement.scopes),
    )
