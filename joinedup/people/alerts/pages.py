"""The privacy officer's list of alerts, beside that of broken glass."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.period import LONDON
from joinedup.people.alerts.rules import FINDINGS
from joinedup.people.alerts.settling import Line, alerts, may_review, settle
from joinedup.people.forms import errors_of
from joinedup.people.pages import permit_for_people
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render
from joinedup.web.roles import role_words

__all__ = ["alerts_page"]


@require_http_methods(["GET", "HEAD", "POST"])
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Return every alert with its reasons in words; save what was found of one."""
    permit = permit_for_people(request)
    may_review(permit)
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        task, version = request.POST.get("task", "")[:64], request.POST.get("version", "")
        finding, words = request.POST.get("finding", "")[:32], request.POST.get("words", "")[:2_000]
        number = int(version) if version.isdecimal() and len(version) < 10 else 0
        try:
            settle(permit, task, number, finding=finding, words=words, now=now())
            return redirect("/access/alerts")
        except Invalid as refusal:
            errors = errors_of(refusal)
            typed = {f"words-{task}": words, f"finding-{task}": finding}
    found = alerts(permit)
    context = {
        "title": "Alerts",
        "waiting": [_row(line) for line in found if not line.alert.is_settled],
        "settled": [_row(line) for line in found if line.alert.is_settled],
        "findings": FINDINGS,
        "errors": errors,
        "typed": typed,
    }
    return render(request, "people/alerts/list.jinja", context, status=422 if errors else 200)


def _row(line: Line) -> dict[str, object]:
    alert, looked = line.alert, line.alert.looked.astimezone(LONDON)
    return {
        "id": alert.id,
        "version": alert.version,
        "person": line.person or "Name not known",
        "href": f"/people/{alert.person.removeprefix('Patient/')}",
        "worker": alert.worker_name or alert.worker,
        "role": role_words(alert.role),
        "organisation": line.organisation or alert.organisation,
        "when": f"{say(Moment(looked))}, {looked:%H:%M}",
        "why": alert.why,
        "finding": FINDINGS.get(alert.finding, ""),
        "notes": alert.notes,
    }
