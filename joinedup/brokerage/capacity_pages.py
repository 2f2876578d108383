"""What is free in the place, by area and time; and a provider's own page to tell of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.brokerage import presenters as shown
from joinedup.brokerage.capacity import own_locations, own_starts, tell
from joinedup.brokerage.desk import finder, giver
from joinedup.brokerage.forms import SKILLS, errors_of, read_date, typed_of
from joinedup.brokerage.queries import every_start, providers_of
from joinedup.brokerage.rules.figures import Grid, grid
from joinedup.brokerage.rules.matching import may_be_offered
from joinedup.brokerage.rules.pricing import CARE_WORDS
from joinedup.brokerage.rules.telling import Wish, lines
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Problem, Refusal, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import BANDS, HOMES, FreeStart
from joinedup.fhir.search.period import LONDON
from joinedup.record.slots import held_slots
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["capacity", "mine"]

_AT_HOME = tuple(service for service in CARE_WORDS if service not in HOMES)
_FIELDS = ("service", "area", "band", "count", "hours", "carers", "skills", "day", "location")


@require_safe
def capacity(request: HttpRequest) -> HttpResponse:
    """Return what is free: areas by time of day for help at home, areas by kind for care homes."""
    permit, at = finder(request), now()
    told = every_start(permit)
    providers = providers_of(permit, (s.location for s in told))
    starts, left_out = _offerable(told, providers, at)
    held = held_slots(permit, [s.id for s in starts])
    asked = request.GET.get("service", "")
    service = asked if asked in _AT_HOME else _AT_HOME[1]
    home = grid((s for s in starts if s.service == service), held, columns=BANDS, now=at)
    places = (s for s in starts if s.service in HOMES)
    homes = grid(places, held, columns=HOMES, now=at, by_service=True)
    context = {
        "title": "Care that is free",
        "service": service,
        "services": [(s, CARE_WORDS[s]) for s in _AT_HOME],
        "bands": [words.partition(", ") for words in BANDS.values()],
        "home": home,
        "home_age": _age(home, at),
        "kinds": [CARE_WORDS[h] for h in HOMES],
        "homes": homes,
        "homes_age": _age(homes, at),
        "left_out": left_out,
    }
    return render(request, "brokerage/capacity.jinja", context, here="capacity")


def _offerable(
    told: Iterable[FreeStart], providers: Mapping[str, CareProvider], at: datetime
) -> tuple[list[FreeStart], list[str]]:
    """Return the starts a broker may use, and by name the providers that are left out (MS-01)."""
    kept: list[FreeStart] = []
    left_out: set[str] = set()
    for start in told:
        provider = providers.get(start.location)
        if provider and may_be_offered(provider, start.service, on=day_of(at)):
            kept.append(start)
        elif provider:
            left_out.add(provider.name)
    return kept, sorted(left_out)


def _age(found: Grid, at: datetime) -> str:
    """How old the figures are, of how many: no number is shown without it."""
    if found.oldest is None or found.newest is None:
        return "No provider has told of any."
    newest, oldest = (shown.length_words(at - told) for told in (found.newest, found.oldest))
    providers = f"{found.providers} provider{'' if found.providers == 1 else 's'}"
    ages = f"{newest} ago" if newest == oldest else f"between {newest} and {oldest} ago"
    return (
        f"{found.starts} free, {found.held} held or taken, as {providers} told"
        f" {ages}. Counted at {shown.clock_words(at)}."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Return what one's own provider has free, or store what it tells and show it."""
    permit, at = giver(request), now()
    typed: dict[str, str] = {"carers": "1", "day": f"{at:%-d/%-m/%Y}"}
    errors: dict[str, tuple[str, ...]] = {}
    status = 200
    if request.method == "POST":
        typed = typed_of(request.POST)
        try:
            tell(permit, _wish(typed, at), now=at)
        except (Invalid, Unprocessable, Conflict, NotPermitted) as refusal:
            leave_trace(request, refusal)
            errors, status = errors_of(_plainly(refusal), _FIELDS), refusal.status
        else:
            return redirect("/capacity/mine?done=told")
    return render(
        request,
        "brokerage/mine.jinja",
        _mine(permit, at)
        | {"typed": typed, "errors": errors, "done": request.GET.get("done") == "told"},
        here="mine",
        status=status,
    )


def _plainly(refusal: Refusal) -> Refusal:
    if isinstance(refusal, Conflict):
        return Conflict(
            "Somebody has just held one of these for a person. Nothing was changed: look again."
        )
    return refusal


def _mine(permit: Permit, at: datetime) -> dict[str, object]:
    starts = own_starts(permit)
    held = held_slots(permit, [s.id for s in starts])
    return {
        "title": "What we have free",
        "locations": own_locations(permit),
        "lines": list(_lines(lines(starts, held), at)),
        "services": CARE_WORDS.items(),
        "bands": BANDS.items(),
        "skills": SKILLS,
    }


def _lines(
    found: Iterable[tuple[FreeStart, int, int]], at: datetime
) -> Iterable[dict[str, object]]:
    for start, free, held in found:
        yield {
            "care": CARE_WORDS[start.service],
            "area": start.area,
            "band": shown.band_words(start.band).capitalize() or "A place",
            "carers": start.carers,
            "skills": ", ".join(sorted(s.replace("-", " ") for s in start.skills)),
            "from": shown.when_words(start.at, at),
            "free": free,
            "held": held,
            "age": shown.length_words(at - start.told_at),
        }


_FIRST_HOUR = {"": 10, "morning": 8, "midday": 12, "tea": 16, "evening": 18, "night": 22}


def _wish(typed: dict[str, str], at: datetime) -> Wish:
    """What was typed; the first moment is the first hour of its time of day that is to come."""
    problems = []
    numbers = {}
    for name in ("count", "carers", "hours"):
        try:
            numbers[name] = float(typed.get(name) or "0")
        except ValueError:
            problems.append(Problem("value", "Write a number.", name))
    try:
        day = read_date(typed.get("day", ""))
    except ValueError:
        problems.append(Problem("value", "Write a day, like 16/1/2018.", "day"))
    if problems:
        raise Invalid(*problems)
    band = typed.get("band", "")
    begins = datetime.combine(day, time(_FIRST_HOUR.get(band, 10)), LONDON)
    is_today = day == at.astimezone(LONDON).date()
    return Wish(
        location=typed.get("location", ""),
        service=typed.get("service", ""),
        area=typed.get("area", "").upper(),
        band=band,
        count=_whole(numbers["count"]),
        at=max(begins, at) if is_today else begins,
        week_minutes=_whole(numbers["hours"] * 60),
        carers=_whole(numbers["carers"]),
        skills=frozenset(typed.get("skills", "").split()),
    )


def _whole(number: float) -> int:
    """Return a number without its parts; one that is none is below nothing, and refused by rule."""
    return int(number) if abs(number) < 10**6 else -1
