"""Pages that change something: one bed, the outbreak of a ward, a bed for somebody.

What is refused is told on the page that asked, with what stands now; what was typed is kept.
"""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.beds import actions, infections, outbreaks
from joinedup.beds import presenters as shown
from joinedup.beds.desk import keeper
from joinedup.beds.forms import Typed, symptom_at, typed_of
from joinedup.beds.moves import SeenStay, move_to, release_bed, reserve_bed
from joinedup.beds.queries import hospital_then, named_stays, ward_of
from joinedup.beds.rules.outbreak import CERTAINTIES
from joinedup.beds.rules.states import CLOSURES
from joinedup.beds.standing import SeenPlace, StayNow, bed_now, stay_now
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotPermitted,
    Refusal,
    Stale,
    Unprocessable,
)
from joinedup.fhir.london import day_of
from joinedup.reference.codes.discharge import infections as infections_on
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace
from joinedup.web.versions import version_sent

__all__ = ["bed_page", "move_page", "outbreak_page"]

_WHICH = "Say which infection it is."
_WRITES = ["GET", "HEAD", "POST"]
_TOLD = (Conflict, Invalid, NotPermitted, Stale, Unprocessable)
_BED_FIELDS = ("do", "reason", "infection", "words", "certainty", "stay")
_OUTBREAK_FIELDS = ("do", "infection", "certainty", "day", "time")


def _said(request: HttpRequest, refusal: Refusal) -> list[str]:
    leave_trace(request, refusal)
    return list(dict.fromkeys(problem.message for problem in refusal.problems))


@require_http_methods(_WRITES)
def bed_page(request: HttpRequest, ward_id: str, bed_id: str) -> HttpResponse:
    """Return one bed with what may be done with it now; a POST does it and goes to the map."""
    permit = keeper(request, bed_now(keeper(request), bed_id).bed.hospital)
    typed, problems, status = typed_of(request.POST, _BED_FIELDS), [], 200
    if request.method == "POST":
        try:
            done = _act_on_bed(permit, SeenPlace(bed_id, version_sent(request.POST)), typed)
            return redirect(f"/beds/{ward_id}?done={done}")
        except _TOLD as refusal:
            problems, status = _said(request, refusal), refusal.status
    context = _bed_context(permit, bed_id) | {"problems": problems, "typed": typed.values}
    return render(request, "beds/bed.jinja", context, here="beds", status=status)


def _act_on_bed(permit: Permit, seen: SeenPlace, typed: Typed) -> str:
    at, wish = now(), typed.of("do")
    doing: Mapping[str, Callable[[], object]] = {
        "start": lambda: actions.start_cleaning(permit, seen),
        "clean": lambda: actions.finish_cleaning(permit, seen, at=at),
        "open": lambda: actions.open_bed(permit, seen),
        "close": lambda: actions.close_bed(
            permit,
            seen,
            typed.of("reason"),
            infection=typed.of("infection") if typed.of("reason") == "infection" else "",
            words=typed.of("words"),
            at=at,
        ),
        "let-go": lambda: release_bed(permit, _stay_seen(permit, typed.of("stay"))),
        "infection": lambda: infections.say_infection(
            permit, typed.of("stay"), typed.of("infection"), typed.of("certainty"), at=at
        ),
        "infection-over": lambda: infections.end_infection(
            permit, typed.of("stay"), typed.of("infection"), at=at
        ),
    }
    if wish not in doing:
        raise Invalid("Choose what is to be done with the bed.")
    is_of_infection = wish == "infection" or (wish, typed.of("reason")) == ("close", "infection")
    if is_of_infection and not typed.of("infection"):
        raise Invalid(_WHICH)
    doing[wish]()
    return "infection" if wish.startswith("infection") else wish


def _stay_seen(permit: Permit, stay: str) -> SeenStay:
    return SeenStay(stay, stay_now(permit, stay).stored.version)


def _bed_context(permit: Permit, bed_id: str) -> dict[str, object]:
    at, found = now(), bed_now(permit, bed_id)
    live = hospital_then(found.bed.hospital, at)
    (line,) = [line for line in live.shown.lines if line.bed.id == bed_id]
    kept = next((s.id for s in found.kept_for), None)
    stays = {s.id for s in (*found.lying, *found.kept_for)}
    names = {
        stay: shown.person_words(person, at)
        for stay, person in named_stays(permit, stays, detail="one bed").items()
    }
    ill = [live.infections[s.id] for s in found.lying if s.id in live.infections]
    acts = ("clean", "close", "open")
    may = {act: not found.problems(act) for act in acts}
    may["clean"] = may["clean"] or (line.state == "closed" and line.bed.condition != "clean")
    return {
        "title": f"{found.bed.name}, {found.ward.name}",
        "crumbs": [("Beds", "/beds"), (found.ward.name, f"/beds/{found.ward.id}")],
        "ward": found.ward,
        "bed": found.bed,
        "version": found.stored.version,
        "card": shown.card(
            line,
            version=found.stored.version,
            names=names,
            kept_for=kept,
            infection="; ".join(map(shown.isolation_words, ill)),
        ),
        "kept": kept if kept in names else None,
        "ill": ill[0] if ill else None,
        "may": may,
        "in_outbreak": found.ward.outbreak is not None,
        "closures": [
            (code, words)
            for code, words in CLOSURES.items()
            if code != "escalation-shut" or found.bed.escalation
        ],
        "infections": [(i.code, i.words) for i in infections_on(on=day_of(at))],
    }


@require_http_methods(_WRITES)
def outbreak_page(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Return the outbreak of a ward and what may be said of it; a POST says it."""
    permit = keeper(request, ward_of(keeper(request), ward_id).ward.hospital)
    typed, problems, status = typed_of(request.POST, _OUTBREAK_FIELDS), [], 200
    if request.method == "POST":
        try:
            _act_on_ward(permit, SeenPlace(ward_id, version_sent(request.POST)), typed)
            return redirect(f"/beds/{ward_id}?done=outbreak")
        except _TOLD as refusal:
            problems, status = _said(request, refusal), refusal.status
    at, found = now(), ward_of(permit, ward_id)
    running = found.ward.outbreak
    context = {
        "title": f"Outbreak on {found.ward.name}",
        "crumbs": [("Beds", "/beds"), (found.ward.name, f"/beds/{ward_id}")],
        "ward": found.ward,
        "version": found.stored.version,
        "running": running,
        "said": shown.outbreak_words(found.ward),
        "missing": shown.reopening_words(found.ward, at),
        "last_symptom": shown.clock_words(running.last_symptom) if running else "",
        "cleaned": shown.clock_words(running.cleaned) if running and running.cleaned else "",
        "before": [shown.past_outbreak(one) for one in found.ward.outbreaks if one.over],
        "infections": [(i.code, i.words) for i in infections_on(on=day_of(at))],
        "certainties": CERTAINTIES,
        "problems": problems,
        "typed": typed.values,
        "day": typed.of("day") or f"{day_of(at):%d/%m/%Y}",
    }
    return render(request, "beds/outbreak.jinja", context, here="beds", status=status)


def _act_on_ward(permit: Permit, seen: SeenPlace, typed: Typed) -> None:
    at, wish, infection = now(), typed.of("do"), typed.of("infection")
    if wish in ("begin", "confirm") and not infection:
        raise Invalid(_WHICH)
    if wish == "begin":
        symptom = symptom_at(typed, at)
        outbreaks.begin(permit, seen, infection, typed.of("certainty"), last_symptom=symptom, at=at)
    elif wish == "confirm":
        outbreaks.confirm(permit, seen, infection)
    elif wish == "symptom":
        outbreaks.say_symptom(permit, seen, symptom_at(typed, at))
    elif wish == "clean":
        outbreaks.say_clean(permit, seen, at)
    elif wish == "end":
        outbreaks.end(permit, seen, at=at)
    else:
        raise Invalid("Choose what is to be said of the outbreak.")


@require_http_methods(_WRITES)
def move_page(request: HttpRequest, stay_id: str) -> HttpResponse:
    """Return the free beds for somebody; a POST moves them, or keeps a bed for them.

    Whoever is second to a bed is told who was first if they may see them, and sees what is free.
    """
    permit = keeper(request)
    stay = stay_now(permit, stay_id)
    keeper(request, stay.spell.hospital)
    typed, problems, status = typed_of(request.POST, ("do", "bed", "team")), [], 200
    if request.method == "POST":
        try:
            return _moved(permit, SeenStay(stay_id, version_sent(request.POST)), typed)
        except _TOLD as refusal:
            problems, status = _said(request, refusal), refusal.status
            stay = stay_now(permit, stay_id)
    context = _move_context(permit, stay) | {"problems": problems, "typed": typed.values}
    return render(request, "beds/move.jinja", context, here="beds", status=status)


def _moved(permit: Permit, seen: SeenStay, typed: Typed) -> HttpResponse:
    bed_id, at = typed.of("bed"), now()
    if not bed_id:
        raise Invalid("Choose a bed.")
    bed = bed_now(permit, bed_id)
    if typed.of("do") == "keep":
        reserve_bed(permit, seen, bed_id, at=at)
        return redirect(f"/beds/{bed.bed.ward}?done=kept")
    if typed.of("do") != "move":
        raise Invalid("Choose whether they move now, or the bed is kept for them.")
    move_to(permit, seen, bed_id, at=at, keeps_team=typed.of("team") == "keep")
    return redirect(f"/beds/{bed.bed.ward}?done=moved")


def _move_context(permit: Permit, stay: StayNow) -> dict[str, object]:
    at, spell = now(), stay.spell
    live = hospital_then(spell.hospital, at)
    names = named_stays(permit, [spell.id], detail="a bed for somebody")
    who = shown.person_words(names[spell.id], at) if spell.id in names else "Somebody"
    wards = {ward.id: ward for ward in live.wards}
    own = [line for line in live.shown.lines if spell.id in line.spells]
    kept = {b.bed for b in spell.beds if b.status in ("reserved", "planned")}
    free = [
        {
            "ward": ward.name,
            "beds": [
                (line.bed.id, line.bed.name, line.bed.id in kept)
                for line in live.shown.of_ward(ward.id).lines
                if line.state == "available" or line.bed.id in kept
            ],
        }
        for ward in live.wards
        if ward.outbreak is None
    ]
    here = own[0] if own else None
    team = wards.get(spell.team) or (wards.get(here.bed.ward) if here else None)
    return {
        "title": f"A bed for {who}",
        "crumbs": [("Beds", "/beds")]
        + ([(wards[here.bed.ward].name, f"/beds/{here.bed.ward}")] if here else []),
        "who": who,
        "stay": spell.id,
        "version": stay.stored.version,
        "here": f"{here.bed.name}, {wards[here.bed.ward].name}" if here else "",
        "team": team.name if team else "",
        "free": [one for one in free if one["beds"]],
        "closed": [ward.name for ward in live.wards if ward.outbreak is not None],
    }
