"""The page of operations that could be put off: chosen, confirmed one by one, told, looked at.

Who cannot be chosen has no box to tick, and a form sent without the page is refused the same way.
"""

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.issue import Conflict, NotPermitted, Problem, Refusal, Stale, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.days import read_day
from joinedup.measures import deferring
from joinedup.measures.desk import with_power
from joinedup.measures.operations import (
    HARM,
    PROPOSAL,
    TELLING,
    Entry,
    WaitingList,
    errands_of,
    put_off_by_age,
    waiting_list,
)
from joinedup.measures.words import clock_words
from joinedup.money.names import names_of
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["confirm", "keep_date", "operations", "pause", "propose", "review_harm", "tell"]

_WHOSE = "Operations are put off by the hospital’s own consultants, managers and coordinators."
_EXPECTED = (Unprocessable, Conflict, NotPermitted, Stale)
_LONGEST = 2_000
_DONE = {
    "proposed": "They are before a consultant now, one by one. Nothing is put off yet.",
    "confirmed": "The operation is put off. Tell the person the new date. Their clock goes on.",
    "kept": "The operation goes ahead as planned.",
    "told": "It is written down that they were told.",
    "looked": "What was found is written down.",
}


class Line(Struct, frozen=True, kw_only=True):
    """One person on the list, as the page shows them."""

    id: str
    version: int
    name: str
    operation: str
    priority: str
    planned: str
    waits: str
    breaches: bool
    obstacles: tuple[str, ...]
    was: str = ""
    confirmed: str = ""
    told: str = ""
    by: str = ""
    late: bool = False


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """Return the hospital's list: proposed, to choose from, not to be chosen, put off."""
    return _page(request, _permit(request))


def _permit(request: HttpRequest) -> Permit:
    return with_power(request, Power.PUT_OFF, _WHOSE)


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Put those chosen before a consultant; refused, what was ticked stays ticked."""
    permit = _permit(request)
    chosen = request.POST.getlist("entry")[:1000]
    return _done(
        request,
        permit,
        "proposed",
        lambda: deferring.propose(permit, permit.organisation, chosen, now=now()),
        chosen=frozenset(chosen),
    )


@require_POST
def confirm(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Put one person's operation off to the date that was typed."""
    permit = _permit(request)
    typed = request.POST.get("until", "")[:40]

    def act() -> None:
        until = read_day(typed)
        if until is None:
            words = "Give the new date, like 30/1/2018."
            raise Unprocessable(Problem("value", words, f"until-{entry_id}"))
        version = request.POST.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        deferring.confirm(permit, permit.organisation, entry_id, until, version=seen, now=now())

    return _done(request, permit, "confirmed", act, typed={f"until-{entry_id}": typed})


@require_POST
def keep_date(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Let one person's operation go ahead, with the reason that was typed."""
    permit = _permit(request)
    why = request.POST.get("why", "")[:_LONGEST]
    return _done(
        request,
        permit,
        "kept",
        lambda: deferring.keep_date(permit, permit.organisation, entry_id, why=why, now=now()),
        typed={f"why-{entry_id}": why},
    )


@require_POST
def tell(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Write down that one person was told of the new date."""
    permit = _permit(request)
    way = request.POST.get("way", "")[:40]
    return _done(
        request,
        permit,
        "told",
        lambda: deferring.tell(permit, permit.organisation, entry_id, way=way, now=now()),
    )


@require_POST
def review_harm(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Write down whether waiting has harmed one person."""
    permit = _permit(request)
    found = request.POST.get("found", "")[:_LONGEST]
    return _done(
        request,
        permit,
        "looked",
        lambda: deferring.review_harm(
            permit, permit.organisation, entry_id, found=found, now=now()
        ),
        typed={f"found-{entry_id}": found},
    )


@require_POST
def pause(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Refuse to pause a waiting time clock, and say why: there is no pause."""
    permit = _permit(request)
    return _done(
        request,
        permit,
        "",
        lambda: deferring.pause(permit, permit.organisation, entry_id, now=now()),
    )


def _done(
    request: HttpRequest,
    permit: Permit,
    done: str,
    act: Callable[[], object],
    *,
    typed: Mapping[str, str] | None = None,
    chosen: frozenset[str] = frozenset(),
) -> HttpResponse:
    try:
        act()
    except _EXPECTED as refusal:
        return _page(request, permit, refusal=refusal, typed=typed, chosen=chosen)
    return redirect(f"/winter/operations?done={done}")


def _page(
    request: HttpRequest,
    permit: Permit,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    chosen: frozenset[str] = frozenset(),
) -> HttpResponse:
    if refusal is not None:
        leave_trace(request, refusal)
    today = day_of(now())
    listed = waiting_list(permit, permit.organisation, on=today)
    context = {
        "title": "Operations that could be put off",
        "crumbs": [("Winter", "/winter")],
        "errors": _errors(refusal),
        "typed": typed or {},
        "chosen": chosen,
        "done": _DONE.get(request.GET.get("done", ""), ""),
        "confirms": permit.role is Role.CONSULTANT,
        "hidden": listed.hidden,
        "unreadable": len(listed.unreadable),
        "ways": deferring.WAYS,
        **_lists(permit, listed, today),
    }
    status = refusal.status if refusal else 200
    return render(request, "measures/operations.jinja", context, here="winter", status=status)


def _errors(refusal: Refusal | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in refusal.problems if refusal else ():
        place = problem.path if problem.path.startswith(("until-", "why-", "found-")) else "list"
        found.setdefault(place, []).append(problem.message)
    return found


def _lists(permit: Permit, listed: WaitingList, today: date) -> dict[str, object]:
    own = permit.organisation
    before, telling, harm = (errands_of(permit, own, kind) for kind in (PROPOSAL, TELLING, HARM))
    people = [e.said.person for e in listed.entries]
    workers = [d.confirmed_by for e in listed.entries for d in e.said.deferrals]
    names = names_of(permit, [*people, *workers], detail="who waits for an operation")
    lines = {e.said.id: _line(e, names) for e in listed.entries}
    ahead = [e for e in listed.entries if e.said.planned and e.said.planned >= today]
    open_ones = [e for e in ahead if e.said.id not in before]
    put_off = [e for e in listed.entries if e.said.deferrals]
    return {
        "proposed": [lines[e.said.id] for e in listed.entries if e.said.id in before],
        "selectable": [lines[e.said.id] for e in open_ones if not e.obstacles],
        "kept": [lines[e.said.id] for e in _faulty(listed, before, today)],
        "put_off": [lines[e.said.id] for e in put_off],
        "telling": set(telling),
        "harm": set(harm),
        "bed_days": sum(e.said.bed_days * len(e.said.deferrals) for e in put_off),
        "ages": put_off_by_age(permit, listed, on=today) if put_off else (),
        "staff_hours": sum(e.said.staff_hours * len(e.said.deferrals) for e in put_off),
    }


def _faulty(listed: WaitingList, before: Mapping[str, object], today: date) -> list[Entry]:
    """Return who cannot be chosen: with a reason, of those planned from today on or not at all."""
    return [
        e
        for e in listed.entries
        if e.obstacles
        and e.said.id not in before
        and (e.said.planned is None or e.said.planned >= today)
    ]


def _line(entry: Entry, names: Mapping[str, str]) -> Line:
    said = entry.said
    last = said.deferrals[-1] if said.deferrals else None
    late = bool(last and entry.redate_by and last.until > entry.redate_by)
    return Line(
        id=said.id,
        version=entry.stored.version,
        name=names.get(said.person) or "Withheld from you",
        operation=said.operation,
        priority=said.priority,
        planned=_day(said.planned) or "no date",
        waits="not known" if entry.weeks is None else f"{entry.weeks} weeks",
        breaches=entry.breaches,
        obstacles=entry.obstacles,
        was=_day(last.planned) if last else "",
        confirmed=f"{names.get(last.confirmed_by, 'a consultant')}, {clock_words(last.at)}"
        if last
        else "",
        told=clock_words(last.told_at) if last and last.told_at else "",
        by=_day(entry.redate_by) if entry.redate_by else "",
        late=late,
    )


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
