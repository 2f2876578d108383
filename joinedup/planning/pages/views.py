"""The pages: what may be played and was, one run's answers, and the form that plays.

What plays is imported when it is first asked for: a web server whose place never plans should not
load a simulator.
"""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from markupsafe import Markup

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import NotPermitted, SignInNeeded
from joinedup.web.layout import render

__all__ = ["may_plan", "plan", "plan_results", "play"]

_FIRST_PLACE = "QJM"  # the file's own place, where a form is first shown


def may_plan(request: HttpRequest) -> None:
    """Refuse whoever does not plan: figures of a place are for those who answer for it."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    if not permit.may(Power.PLAN):
        raise NotPermitted("Planning is for commissioners and analysts of the place.")


def _home() -> Path:
    return Path(settings.JOINEDUP_HOME)


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Return the ready scenarios, each with its form, and the runs that are kept."""
    may_plan(request)
    from joinedup.planning.pages.plays import kept_runs, playing_now
    from joinedup.planning.places import names
    from joinedup.planning.scenarios.ready import ready_scenarios

    context = {
        "title": "Planning",
        "scenarios": [
            (name, title) for name, title in ready_scenarios().items() if _fits_a_page(name)
        ],
        "places": names(),
        "first": _FIRST_PLACE,
        "kept": kept_runs(_home()),
        "playing": playing_now(),
    }
    return render(request, "planning/plan.jinja", context, here="plan")


def _fits_a_page(name: str) -> bool:
    """Whether it is played in one system in half a minute; England's is for the command line."""
    return not name.startswith("flu-")


@require_POST
def play(request: HttpRequest) -> HttpResponse:
    """Begin to play a ready scenario in a place, and go to where its answers will be."""
    may_plan(request)
    from joinedup.planning.pages.plays import begin

    scenario, place = request.POST.get("scenario", ""), request.POST.get("place", "")
    return redirect("plan-results", begin(scenario, place, home=_home()))


@require_safe
def plan_results(request: HttpRequest, slug: str) -> HttpResponse:
    """Return what a run says: headlines, charts each with its table, what is not known."""
    may_plan(request)
    from joinedup.planning.pages.plays import playing_now, results_of
    from joinedup.planning.report.page import as_part

    playing = playing_now(slug)
    results = results_of(slug, home=_home())
    if playing is not None and (results is None or playing is playing_now()):
        context: dict[str, object] = {"title": "Being played", "playing": playing}
        return render(request, "planning/playing.jinja", context, here="plan")
    if results is None:
        raise Http404
    body = Markup(as_part(results))  # noqa: S704  # every value in it is escaped as it is written
    context = {"title": results.title, "r": results, "body": body}
    return render(request, "planning/results.jinja", context, here="plan")
