"""The tour of the invented place: who is in it, the whole loop, and which steps are built.

Each later issue lights its step by giving it a `link`: what to open, and as whom. Steps without
one are shown greyed, and say so.
"""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from joinedup.access.words import Role
from joinedup.demo.cast import DAUGHTER, MAN, NOW, WOMAN
from joinedup.demo.shape import Outline
from joinedup.signin.accounts import ACCOUNTS, account
from joinedup.site.invented import ask_reset
from joinedup.site.tour_loop import LOOP, place_spots
from joinedup.web.layout import render
from joinedup.web.pages import accessibility

__all__ = ["reset", "tour", "urlpatterns"]


class Cast(Struct, frozen=True):
    """One person of the story, and as whom their record is opened."""

    name: str
    age: int
    about: str
    link: str
    words: str
    account: str
    account_name: str


_ABOUT = (
    (
        WOMAN,
        Role.WARD_NURSE,
        (
            "lives alone and lies in bed 12 on Ward 7. Her hip was mended on 5 January. She could "
            "leave when there is somebody to help her wash and dress at home."
        ),
    ),
    (
        DAUGHTER,
        Role.SOCIAL_WORKER,
        (
            "lives an hour away, works three days a week and is Joyce’s main carer. She has a "
            "record of her own, at a surgery in another town."
        ),
    ),
    (
        MAN,
        Role.SOCIAL_WORKER,
        (
            "went home last month with help from the council, and is well. His record shows the "
            "loop closed."
        ),
    ),
)


def _cast(person: Outline, role: Role, about: str) -> Cast:
    held = account(role.value)
    return Cast(
        name=person.name,
        age=person.age(NOW.date()),
        about=about,
        link=f"/people/{person.id}",
        words=f"Open {person.given[0]}’s record",
        account=held.name,
        account_name=held.full_name,
    )


@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """Return the tour; outside an invented place there is none."""
    if not settings.JOINEDUP_INVENTED:
        raise Http404
    context = {
        "title": "The tour",
        "cast": [_cast(*row) for row in _ABOUT],
        "loop": LOOP,
        "spots": place_spots(LOOP),
        "accounts": ACCOUNTS,
        "was_reset": "reset" in request.GET,
    }
    return render(request, "site/tour.jinja", context, here="tour")


@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Ask for the invented place to be brought back to its beginning; signs everybody out."""
    if not settings.JOINEDUP_INVENTED:
        raise Http404
    ask_reset(Path(settings.JOINEDUP_HOME))
    request.session.flush()
    return redirect("/tour?reset")


urlpatterns = [
    path("tour", tour, name="tour"),
    path("tour/reset", reset, name="reset"),
    path("accessibility", accessibility, name="accessibility"),
]
