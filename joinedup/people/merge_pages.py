"""The pages that compare two records, join them, and part them again.

The record refuses what a worker may not do; these pages say so before, and keep what was typed.
"""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit, joining
from joinedup.fhir.issue import Invalid, Problem, Stale
from joinedup.people.alerts.workers import refuse_kin
from joinedup.people.forms import errors_of
from joinedup.people.merge_queries import kept_id_of, like, older_of, whole
from joinedup.people.merge_rules import coming_together, compared, practice_of
from joinedup.people.pages import permit_for_people
from joinedup.people.presenters.identity import present_identity
from joinedup.people.presenters.life import Life
from joinedup.record.merge import merge, unmerge
from joinedup.record.sight import reached
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["compare_records", "join_which", "part_records"]

_LONGEST = 600


@require_safe
def join_which(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return the records that are like this one, to compare them with it."""
    permit = _may_join(request)
    if kept := kept_id_of(permit, person_id):
        return redirect(f"/people/{kept}/join")
    life = whole(permit, person_id)
    older = older_of(life)
    own = {person_id, *(record.id for record in older)}
    found = like(permit, life.person.resource, now())
    context = {
        "title": "Two records of one person",
        "person": present_identity(life, now()),
        "older": older,
        "known": found is not None,
        "found": [one for one in (found or ()) if one.id not in own],
    }
    return render(request, "people/join_which.jinja", context, here="people")


@require_http_methods(["GET", "HEAD", "POST"])
def compare_records(request: HttpRequest, person_id: str, other_id: str) -> HttpResponse:
    """Return both records side by side; join them, and go to the one that is kept.

    Nobody joins their own record, or their family's: whoever signs in to one would see both.
    """
    permit = _may_join(request)
    refuse_kin(permit, reached(permit, (person_id, other_id)), "compare these records")
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _join(permit, request.POST, person_id, other_id)
            return redirect(f"/people/{person_id}")
        except Stale:
            errors = {"reason": "One of the records changed while you were looking. Compare again."}
        except Invalid as refusal:
            errors = errors_of(refusal)
    lives = whole(permit, person_id), whole(permit, other_id)
    one, other = (present_identity(life, now()) for life in lives)
    context = {
        "title": "Compare two records",
        "one": one,
        "other": other,
        "lines": compared(one, other, (practice_of(lives[0]), practice_of(lives[1]))),
        "coming": coming_together(*lives),
        "versions": tuple(map(_version_of, lives)),
        "typed": request.POST.get("reason", "")[:_LONGEST],
        "errors": errors,
    }
    status = 422 if errors else 200
    return render(request, "people/join.jinja", context, here="people", status=status)


def _may_join(request: HttpRequest) -> Permit:
    """Return the permit; refuses who may not join records before anything is shown."""
    permit = permit_for_people(request)
    joining(permit)
    return permit


def _version_of(life: Life) -> str:
    return str(life.person.resource["meta"]["versionId"])


def _join(permit: Permit, form: Mapping[str, str], person_id: str, other_id: str) -> None:
    versions = _number(form, "one_version"), _number(form, "other_version")
    problems = []
    if not form.get("reason", "").strip():
        problems.append(Problem("required", "Write down how you know.", "reason"))
    if form.get("sure") != "yes":
        problems.append(Problem("required", "Say that you have compared the two records.", "sure"))
    if problems:
        raise Invalid(*problems)
    merge(permit, person_id, other_id, reason=form.get("reason", ""), if_versions=versions)


def _number(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@require_http_methods(["GET", "HEAD", "POST"])
def part_records(request: HttpRequest, person_id: str, other_id: str) -> HttpResponse:
    """Return what parting does; part them, and list what somebody has to decide."""
    permit = _may_join(request)
    life = whole(permit, person_id)
    older = next((record for record in older_of(life) if record.id == other_id), None)
    if older is None:
        raise Http404
    refuse_kin(permit, [person_id, other_id], "part these records")
    errors: dict[str, str] = {}
    person = present_identity(life, now())
    context: dict[str, object] = {"title": "Part two records", "person": person, "older": older}
    if request.method == "POST":
        try:
            parted = unmerge(permit, person_id, other_id, reason=request.POST.get("reason", ""))
            context["title"] = "The records are parted"
            return render(
                request, "people/parted.jinja", context | {"parted": parted}, here="people"
            )
        except Invalid as refusal:
            errors = errors_of(refusal)
    context |= {"errors": errors, "typed": request.POST.get("reason", "")[:_LONGEST]}
    status = 422 if errors else 200
    return render(request, "people/part.jinja", context, here="people", status=status)
