"""The pages that move an entry filed to the wrong person into the right person's record."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Problem, Refusal, Stale, Unprocessable
from joinedup.people.alerts.workers import refuse_kin
from joinedup.people.forms import errors_of
from joinedup.people.merge_queries import number_of_person, whole
from joinedup.people.pages import permit_for_people
from joinedup.people.presenters.identity import present_identity
from joinedup.people.presenters.kinds import KINDS, kind_of, title_of
from joinedup.people.presenters.life import Life, Statement
from joinedup.record.merge import move_entry
from joinedup.web.clock import now
from joinedup.web.dates import say
from joinedup.web.layout import render

__all__ = ["entries_of", "move_to_another"]

_LONGEST = 600
_MOST = 500


class Entry(Struct, frozen=True):
    """One entry as the list of them names it."""

    reference: str
    title: str
    kind: str
    when: str
    said_by: str


@require_safe
def entries_of(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return every entry of a record by name, each with the way to move it."""
    life = whole(permit_for_people(request), person_id)
    context = {
        "title": "Entries in the wrong record",
        "person": present_identity(life, now()),
        "moved": request.GET.get("moved") == "yes",
        "entries": [_entry(life, said) for said in _newest_first(life)[:_MOST]],
    }
    return render(request, "people/entries.jinja", context, here="people")


def _newest_first(life: Life) -> list[Statement]:
    known = [said for said in life.statements if kind_of(said)]
    known.sort(key=lambda said: said.happened.at.timestamp() if said.happened else 0, reverse=True)
    return known


def _entry(life: Life, said: Statement) -> Entry:
    return Entry(
        f"{said.type}/{said.id}",
        title_of(life, said),
        KINDS[kind_of(said)],
        say(said.happened) if said.happened else "no date",
        life.source(said.organisation).name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def move_to_another(request: HttpRequest, person_id: str, kind: str, entry_id: str) -> HttpResponse:
    """Return the entry and the form; move it, and go back to the record it left."""
    permit = permit_for_people(request)
    life = whole(permit, person_id)
    said = next((s for s in life.statements if (s.type, s.id) == (kind, entry_id)), None)
    if said is None:
        raise Http404
    refuse_kin(permit, [person_id], "move this entry")
    typed = {name: request.POST.get(name, "")[:_LONGEST] for name in ("number", "reason", "drop")}
    errors: dict[str, str] = {}
    held: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            _move(permit, said, typed, request.POST.get("version", ""))
            return redirect(f"/people/{person_id}/entries?moved=yes")
        except (Invalid, Stale) as refusal:
            errors = errors_of(refusal)
        except Unprocessable as refusal:
            held = tuple(problem.message for problem in refusal.problems)
    context = {
        "title": "Move an entry to another person",
        "person": present_identity(life, now()),
        "entry": _entry(life, said),
        "version": said.resource["meta"]["versionId"],
        "typed": typed,
        "errors": errors,
        "held": held,
    }
    status = 422 if errors or held else 200
    return render(request, "people/move.jinja", context, here="people", status=status)


def _move(permit: Permit, said: Statement, typed: dict[str, str], version: str) -> None:
    to = _right_person(permit, typed["number"])
    refuse_kin(permit, [to], "move this entry")
    move_entry(
        permit,
        f"{said.type}/{said.id}",
        to,
        reason=typed["reason"],
        drop_references=typed["drop"] == "yes",
        if_version=int(version) if version.isascii() and version.isdigit() else 0,
    )


def _right_person(permit: Permit, number: str) -> str:
    try:
        found = number_of_person(permit, number)
    except Refusal as refusal:
        raise Invalid(Problem("value", refusal.problems[0].message, "number")) from refusal
    if not found:
        raise Invalid(
            Problem("not-found", "Nobody in this place has that NHS number. Check it.", "number")
        )
    return found
