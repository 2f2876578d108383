"""The winter page: how hard-pressed a hospital is, declared by name; what winter money did."""

from collections.abc import Mapping
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.beds.queries import hospital_then, hospitals
from joinedup.beds.rules.opel import LEVELS
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Problem, Refusal, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.measures import winter as shown
from joinedup.measures.desk import reader, with_power
from joinedup.measures.freed_days import freed_days
from joinedup.measures.pressure import (
    BY_HAND,
    declare,
    last_declared,
    level_of,
    measures_of,
    read_figure,
)
from joinedup.money.names import names_of
from joinedup.reference.codes.discharge import opel_levels, pressures
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["say_level", "winter"]

_LONGEST_WHY = 2_000
_DECLARES = "The level of pressure is declared by a director of the hospital."
_EXPECTED = (Unprocessable, Conflict, NotPermitted)
_DONE = {"declared": "The level is declared. Everybody who reads this page sees it now."}


@require_safe
def winter(request: HttpRequest) -> HttpResponse:
    """Return the winter page of a hospital; figures alone, which name nobody."""
    return _page(request, reader(request))


@require_POST
def say_level(request: HttpRequest) -> HttpResponse:
    """Declare a level and go back to the page; refused, everything typed is kept."""
    permit = with_power(request, Power.DECLARE_OPEL, _DECLARES)
    hospital, _ = _hospital(request, permit)
    typed = {code: request.POST.get(code, "")[:20] for code in BY_HAND}
    typed |= {name: request.POST.get(name, "")[:_LONGEST_WHY] for name in ("level", "why")}
    try:
        chosen, figures = _read(typed)
        declare(permit, hospital, chosen, figures, why=typed["why"], now=now())
    except _EXPECTED as refusal:
        return _page(request, permit, typed=typed, refusal=refusal)
    return redirect(f"/winter?hospital={hospital}&done=declared")


def _read(typed: Mapping[str, str]) -> tuple[int, dict[str, Decimal]]:
    """Return the level and figures as typed; Unprocessable names everything wrong at once."""
    found: dict[str, Decimal] = {}
    problems: list[Problem] = []
    units = {p.code: p.unit for p in pressures(on=day_of(now()))}
    for code in BY_HAND:
        try:
            value = read_figure(code, typed[code], unit=units[code])
        except Unprocessable as refusal:
            problems += refusal.problems
            continue
        if value is not None:
            found[code] = value
    if typed["level"] not in {str(level) for level in LEVELS}:
        problems.append(Problem("required", "Choose the level you declare: 1, 2, 3 or 4.", "level"))
    if problems:
        raise Unprocessable(*problems)
    return int(typed["level"]), found


def _hospital(request: HttpRequest, permit: Permit) -> tuple[str, tuple[str, ...]]:
    known = hospitals(permit)
    asked = (request.POST or request.GET).get("hospital", "")[:40]
    if asked and asked not in known:
        raise NotFound(f"{asked} has no beds that are known here.")
    return asked or next(iter(known), ""), known


def _page(
    request: HttpRequest,
    permit: Permit,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    if refusal is not None:
        leave_trace(request, refusal)
    hospital, known = _hospital(request, permit)
    names = names_of(permit, [f"Organization/{h}" for h in known], detail="whose winter")
    fields = {*BY_HAND, "level", "why"}
    errors: dict[str, list[str]] = {}
    for problem in refusal.problems if refusal else ():
        place = problem.path if problem.path in fields else "level"
        errors.setdefault(place, []).append(problem.message)
    context = {
        "title": "Winter",
        "hospital": hospital,
        "hospitals": [(code, names.get(f"Organization/{code}") or code) for code in known],
        "called": names.get(f"Organization/{hospital}") or hospital,
        "errors": errors,
        "done": _DONE.get(request.GET.get("done", ""), ""),
        "declares": permit.may(Power.DECLARE_OPEL) and permit.organisation == hospital,
        "puts_off": permit.may(Power.PUT_OFF),
        "levels": [(n, words) for n, _, words in opel_levels(on=day_of(now()))],
        "grants": shown.grant_lines(permit),
        **(_figures(permit, hospital, typed) if hospital else {"level": None}),
    }
    status = refusal.status if refusal else 200
    return render(request, "measures/winter.jinja", context, here="winter", status=status)


def _figures(permit: Permit, hospital: str, typed: Mapping[str, str] | None) -> dict[str, object]:
    then = hospital_then(hospital, now())
    measured = measures_of(permit, hospital, then, now=now())
    found = level_of(measured, on=day_of(now()))
    said = last_declared(permit, hospital, day_of(now()))
    by = names_of(permit, [said.sent_by], detail="who declared") if said else {}
    lines = shown.level_lines(measured, found, now())
    return {
        "level": shown.level(found, measured, said, by.get(said.sent_by, "") if said else ""),
        "lines": lines,
        "typed": typed or {line.code: line.typed for line in lines if line.by_hand},
        "live": shown.beds_then(then),
        "snapshot": shown.beds_then(shown.snapshot(hospital, now())),
        "ill": shown.infections(then),
        "home": shown.people_home(permit, hospital, now()),
        "freed": freed_days(permit, hospital, now=now()),
    }
