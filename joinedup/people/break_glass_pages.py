"""The pages of broken glass: giving the reason, and the privacy officer's list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.fhir.search.period import LONDON
from joinedup.people.break_glass import Broken, break_glass, broken_glass, review
from joinedup.people.break_glass_offer import may_break_glass, offer_page
from joinedup.people.forms import errors_of
from joinedup.people.pages import permit_for_people
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["broken_glass_page", "open_without_relationship"]


@require_POST
def open_without_relationship(request: HttpRequest, person_id: str) -> HttpResponse:
    """Open a record for four hours for the reason given, and go to it."""
    permit = permit_for_people(request)
    if not may_break_glass(request, permit, person_id):
        raise NotFound(f"There is no Patient/{person_id} that you can see.")
    typed = {
        "reason": request.POST.get("reason", "")[:8],
        "words": request.POST.get("words", "")[:2_000],
    }
    try:
        break_glass(permit, person_id, **typed, now=now())
    except Invalid as refusal:
        return offer_page(request, permit, person_id, typed=typed, errors=errors_of(refusal))
    return redirect(f"/people/{person_id}")


@require_http_methods(["GET", "HEAD", "POST"])
def broken_glass_page(request: HttpRequest) -> HttpResponse:
    """Return every record that was opened without a relationship; save what was found of one."""
    permit = permit_for_people(request)
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        task, note = request.POST.get("task", "")[:64], request.POST.get("note", "")[:2_000]
        try:
            review(permit, task, version_sent(request.POST), note, now())
            return redirect("/access/break-glass")
        except Invalid as refusal:
            errors, typed = errors_of(refusal), {task: note}
    lines = broken_glass(permit)
    context = {
        "title": "Broken glass",
        "waiting": [_row(line) for line in lines if not line.glass.reviewed],
        "reviewed": [_row(line) for line in lines if line.glass.reviewed],
        "errors": errors,
        "typed": typed,
    }
    status = 422 if errors else 200
    return render(request, "people/break_glass_list.jinja", context, status=status)


def _row(line: Broken) -> dict[str, object]:
    glass, begins = line.glass, line.glass.starts.astimezone(LONDON)
    return {
        "id": glass.id,
        "version": line.version,
        "person": line.person or "Name not known",
        "href": f"/people/{glass.person.removeprefix('Patient/')}",
        "worker": line.worker or glass.worker,
        "when": f"{say(Moment(begins))}, {begins:%H:%M}",
        "until": glass.until,
        "why": glass.why,
        "note": glass.note,
    }
