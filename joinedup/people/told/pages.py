"""The page of how a person is told: what stands, and a form with two questions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotPermitted, Stale
from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.people.forms import errors_of
from joinedup.people.my_queries import whose
from joinedup.people.pages import permit_of
from joinedup.people.told.choosing import Standing, choose, standing_of
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["WAY_WORDS", "WHAT_WORDS", "my_told"]

WHAT_WORDS = {
    told.EXPECTED: "What I am waiting for: who comes and when, letters, plans, answers",
    told.EVERYTHING: "Everything that is new",
    told.NOTHING: "Nothing. I look for myself",
}
WAY_WORDS = {
    "": "Choose for me, from what my record says",
    "email": "By e-mail",
    "text": "By text message to my mobile",
    "letter": "By letter to my home",
    "telephone": "My practice telephones me",
}
_NEED_WORDS = {
    "email": "information by e-mail",
    "text": "text messages",
    "telephone": "to be telephoned",
    "easy-read": "Easy Read",
    "large-print": "large print",
    "signs": "British Sign Language",
    "braille": "Braille",
    "read-out": "somebody to read to you",
    "interpreter": "an interpreter",
}


@require_http_methods(["GET", "HEAD", "POST"])
def my_told(request: HttpRequest) -> HttpResponse:
    """Show how the person is told; a POST saves what they chose, or shows it again and says why."""
    permit = permit_of(request)
    person_id = whose(permit)
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person decides this.")
    if request.method != "POST":
        return _page(request, permit, person_id)
    typed = Choice(what=request.POST.get("what", "")[:20], way=request.POST.get("way", "-")[:20])
    try:
        choose(permit, person_id, typed, version=version_sent(request.POST), at=now())
    except Invalid as refusal:
        return _page(request, permit, person_id, typed=typed, errors=errors_of(refusal))
    except Stale as refusal:
        return _page(request, permit, person_id, typed=typed, stale=refusal.problems[0].message)
    return redirect("/my/told?done=1")


def _page(
    request: HttpRequest,
    permit: Permit,
    person_id: str,
    *,
    typed: Choice | None = None,
    errors: dict[str, str] | None = None,
    stale: str = "",
) -> HttpResponse:
    stands = standing_of(permit, person_id)
    chosen = typed or stands.choice or Choice()
    context = {
        "title": "How I am told",
        "stands": stands,
        "chosen": chosen,
        "whats": WHAT_WORDS,
        "ways": WAY_WORDS,
        "needs": [_NEED_WORDS[need] for need in stands.needs],
        "missing": _missing(stands, chosen),
        "errors": errors or {},
        "stale": stale,
        "done": request.GET.get("done") == "1" and not errors and not stale,
    }
    status = 422 if errors else 412 if stale else 200
    return render(request, "told/my_told.jinja", context, here="my", status=status)


def _missing(stands: Standing, chosen: Choice) -> str:
    """Return what has to be known for the chosen way, and is not; "" where all is."""
    mobile = any(t.replace(" ", "").startswith(("07", "+447")) for t in stands.telephones)
    if chosen.way == "email" and not stands.emails:
        return "Your record has no e-mail address. Your practice will ask you for it."
    if chosen.way == "text" and not mobile:
        return "Your record has no mobile number. Your practice will ask you for it."
    return ""
