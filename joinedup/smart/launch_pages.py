"""Opening an app from a person's page: it is told whose record is open, and asks to be let in.

SMART App Launch 2.2, 2.0.5 (EHR launch). What it is told is a word of chance, good once, for five
minutes, and only for the sign-in that opened it.
"""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from joinedup import record
from joinedup.fhir.issue import NotFound
from joinedup.people.pages import permit_for_people
from joinedup.signin import clock
from joinedup.signin.session import held_by, seat_of
from joinedup.smart.clients import Client
from joinedup.smart.context import name_of
from joinedup.smart.launching import launchable
from joinedup.smart.rules import LAUNCH_LASTS, form_target, hash_of
from joinedup.smart.tables import change
from joinedup.web.layout import render

__all__ = ["open_app"]


@require_http_methods(["GET", "HEAD", "POST"])
def open_app(request: HttpRequest, person_id: str) -> HttpResponse:
    """Show the apps that can be opened for a person; a POST opens one."""
    permit = permit_for_people(request)
    stored = record.read(permit, "Patient", person_id)
    apps = {c.id: c for c in launchable(permit)}
    if request.method == "POST":
        client = apps.get(request.POST.get("app", ""))
        if client is None:
            raise NotFound("There is no such app here.")
        return _opened(request, client, person_id)
    name = name_of(stored)
    shown = {
        "title": f"Open an app for {name}",
        "name": name,
        "person_id": person_id,
        "apps": list(apps.values()),
    }
    response = render(request, "smart/open.jinja", shown, here="people")
    targets = sorted({form_target(c.launch) for c in apps.values()})
    response.form_target = " ".join(targets)  # type: ignore[attr-defined]  # read by site.headers
    return response


def _opened(request: HttpRequest, client: Client, person_id: str) -> HttpResponse:
    seat = seat_of(request)
    assert seat is not None, "who has a permit is signed in"
    launch = secrets.token_urlsafe(32)
    change(
        "insert into smart.launch (hash, client, account, session, person, until)"
        " values (%s, %s, %s, %s, %s, %s)",
        hash_of(launch),
        client.id,
        held_by(request).key,
        seat.id,
        person_id,
        clock.now() + LAUNCH_LASTS,
    )
    parts = urlsplit(client.launch)
    base = request.build_absolute_uri("/fhir")
    pairs = [*parse_qsl(parts.query), ("iss", base), ("launch", launch)]
    response = HttpResponse(status=302)
    response["Location"] = urlunsplit(parts._replace(query=urlencode(pairs)))
    return response
