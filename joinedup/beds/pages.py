"""Pages that are read: how full each hospital is now and at 08:00, and the map of one ward.

The parts that live are asked for again every few seconds, and answered 204 while nothing changed;
loading the page again shows the same (house.md, law 13).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.beds import presenters as shown
from joinedup.beds.desk import keeps, reader
from joinedup.beds.known import hospitals_of, stamp_of_hospital, stamp_of_ward
from joinedup.beds.queries import (
    HospitalThen,
    WardNow,
    hospital_then,
    named_stays,
    ward_of,
)
from joinedup.beds.rules.occupancy import CLOSED_OUT, CLOSED_STAY, POLICIES
from joinedup.beds.rules.picture import counts, snapshot_at
from joinedup.fhir.issue import Refusal
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.days import read_day
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["bed_map", "bed_map_live", "beds", "beds_live", "map_context"]

_NOTHING_NEW = 204
_WITHIN = timedelta(days=400)


@require_safe
def beds(request: HttpRequest) -> HttpResponse:
    """Return the picture of each hospital now and at 08:00, with what each number is out of."""
    permit = reader(request)
    context = _place_context(request, permit) | {"title": "Beds"}
    return render(request, "beds/place.jinja", context, here="beds")


@require_safe
def beds_live(request: HttpRequest) -> HttpResponse:
    """Return the part of `beds` that lives; 204 while nothing has changed."""
    permit = reader(request)
    if request.GET.get("seen") == _place_stamp(permit):
        return HttpResponse(status=_NOTHING_NEW)
    return render(request, "beds/place_live.jinja", _place_context(request, permit))


def _place_stamp(permit: Permit) -> str:
    return ".".join(stamp_of_hospital(hospital) for hospital in hospitals_of(permit))


def _place_context(request: HttpRequest, permit: Permit) -> dict[str, object]:
    at, policy = now(), request.GET.get("policy", "")
    policy = policy if policy in POLICIES else CLOSED_STAY
    day = _day_asked(request.GET.get("day", ""), at)
    other = CLOSED_OUT if policy == CLOSED_STAY else CLOSED_STAY
    found = [_of_hospital(permit, one, at, day, policy) for one in hospitals_of(permit)]
    return {
        "hospitals": found,
        "day": day.isoformat(),
        "day_typed": f"{day:%d/%m/%Y}",
        "policy": policy,
        "other": other,
        "other_words": POLICIES[other],
        "seen": _place_stamp(permit),
    }


def _day_asked(text: str, at: datetime) -> date:
    """Return the day whose 08:00 is asked for: today's once it has come, otherwise yesterday's."""
    last = day_of(at) if snapshot_at(day_of(at)) <= at else day_of(at) - timedelta(days=1)
    try:
        asked = date.fromisoformat(text) if "-" in text else read_day(text)
    except ValueError:
        asked = None
    return asked if asked and last - _WITHIN <= asked <= last else last


def _of_hospital(
    permit: Permit, hospital: str, at: datetime, day: date, policy: str
) -> dict[str, object]:
    eight = snapshot_at(day)
    live = hospital_then(hospital, at)
    then = hospital_then(hospital, eight, known=eight)
    later = hospital_then(hospital, eight)
    columns = [
        shown.column(live.shown, f"Now, at {shown.clock_words(at)}", policy=policy),
        shown.column(then.shown, f"At {shown.clock_words(eight)}", policy=policy),
    ]
    if counts(later.shown) != counts(then.shown):
        head = f"At {shown.clock_words(eight)}, with what came later"
        columns.append(shown.column(later.shown, head, policy=policy))
    return {
        "id": hospital,
        "name": _hospital_name(permit, hospital),
        "columns": columns,
        "table": shown.table_of(tuple(columns)),
        "wards": [shown.ward_row(ward, live.shown) for ward in live.wards],
        "waiting": _waiting(permit, live) if keeps(permit, hospital) else None,
        "unknown": len(live.shown.unknown_bed),
    }


def _hospital_name(permit: Permit, hospital: str) -> str:
    try:
        found = record.read(permit, "Organization", hospital).resource
    except Refusal:
        return hospital
    return str(found.get("name", hospital))


def _waiting(permit: Permit, live: HospitalThen) -> list[tuple[str, str, str]]:
    """Return who is in no bed, of those that the reader sees: stay, name, since when."""
    named = named_stays(permit, live.shown.without_bed, detail="people in no bed")
    return [
        (stay, shown.person_words(person, live.shown.at), _since(live, stay))
        for stay, person in named.items()
    ]


def _since(live: HospitalThen, stay: str) -> str:
    spell = live.stays[stay]
    since = max((b.until for b in spell.beds if b.until), default=spell.admitted)
    return shown.clock_words(since) if since else ""


@require_safe
def bed_map(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Return the map of a ward: each bed, its state, and who lies there for those who may see."""
    permit = reader(request)
    context = map_context(permit, ward_of(permit, ward_id))
    context["done"] = _DONE.get(request.GET.get("done", ""), "")
    return render(request, "beds/map.jinja", context, here="beds")


_DONE = {
    "moved": "They are in their new bed. The bed they left is to be cleaned.",
    "kept": "The bed is kept for them.",
    "let-go": "The bed is no longer kept.",
    "start": "The bed is being cleaned.",
    "clean": "The bed is clean.",
    "close": "The bed is closed.",
    "open": "The bed is open.",
    "infection": "It is written down, and counted.",
    "outbreak": "It is written down. The beds of the ward follow.",
}


@require_safe
def bed_map_live(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Return the map alone, as its page asks for it again; 204 while nothing has changed."""
    permit = reader(request)
    if request.GET.get("seen") == stamp_of_ward(ward_id):
        return HttpResponse(status=_NOTHING_NEW)
    return render(request, "beds/map_live.jinja", map_context(permit, ward_of(permit, ward_id)))


def map_context(permit: Permit, found: WardNow) -> dict[str, Any]:
    """Return what a bed map shows of a ward as it stands."""
    at = now()
    seen = stamp_of_ward(found.ward.id)
    live = hospital_then(found.ward.hospital, at)
    part = live.shown.of_ward(found.ward.id)
    kept = _kept_for(live)
    on_ward = tuple(s.id for s in live.stays.values() if s.ward == found.ward.id and not s.left)
    here = {stay for line in part.lines for stay in line.spells}
    awaited = {kept[line.bed.id] for line in part.lines if line.bed.id in kept}
    people = named_stays(permit, here | awaited | {*on_ward}, detail="bed map")
    names = {stay: shown.person_words(person, at) for stay, person in people.items()}
    versions = {bed.id: stored.version for bed, stored in found.beds}
    wards = {ward.id: ward.name for ward in live.wards}
    return {
        "title": f"Beds of {found.ward.name}",
        "crumbs": [("Beds", "/beds")],
        "ward": found.ward,
        "at": shown.clock_words(at),
        "counted": shown.ward_row(found.ward, live.shown),
        "outbreak": shown.outbreak_words(found.ward),
        "cards": [
            shown.card(
                line,
                version=versions.get(line.bed.id, 0),
                names=names,
                kept_for=kept.get(line.bed.id),
                since=_lying_since(live, line.bed.id, line.spells),
                boards=_team_words(live, wards, line.spells),
                infection=_infection_words(live, line.spells),
            )
            for line in part.lines
        ],
        "in_no_bed": [(stay, names[stay]) for stay in on_ward if stay in names],
        "keeps": keeps(permit, found.ward.hospital),
        "seen": seen,
    }


def _infection_words(live: HospitalThen, spells: tuple[str, ...]) -> str:
    said = (shown.isolation_words(live.infections.get(stay)) for stay in spells)
    return "; ".join(words for words in said if words)


def _kept_for(live: HospitalThen) -> dict[str, str]:
    return {
        bed.bed: stay.id
        for stay in live.stays.values()
        for bed in stay.beds
        if bed.status in ("reserved", "planned") and stay.left is None
    }


def _lying_since(live: HospitalThen, bed: str, spells: tuple[str, ...]) -> str:
    times = [b.since for s in spells for b in live.stays[s].beds if b.bed == bed and b.since]
    return shown.day_words(day_of(times[-1])) if times else ""


def _team_words(live: HospitalThen, wards: Mapping[str, str], spells: tuple[str, ...]) -> str:
    teams = (wards.get(live.stays[s].team, "") for s in spells)
    return next((f"{team} looks after them" for team in teams if team), "")
