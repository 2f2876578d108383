"""Pages of who finds care: the list, one placement with what matches now, and beginning to look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.brokerage import presenters as shown
from joinedup.brokerage.actions import Sent, hold, let_go, offer_to, seek
from joinedup.brokerage.desk import finder
from joinedup.brokerage.forms import (
    SKILLS,
    errors_of,
    moment,
    override_typed,
    typed_of,
    wanted_typed,
)
from joinedup.brokerage.paying import estimate_of, start_care
from joinedup.brokerage.queries import (
    KeptPlacement,
    matches_of,
    needs_of_referral,
    placement_of,
    placements,
    providers_of,
    waiting_referrals,
)
from joinedup.brokerage.rules.figures import to_first_offer
from joinedup.brokerage.rules.matching import next_free
from joinedup.brokerage.rules.pricing import CARE_WORDS
from joinedup.brokerage.starting import lose_start
from joinedup.fhir.issue import Conflict, Invalid, NotFound, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles.slot import BANDS
from joinedup.ledger.money import in_pounds
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace
from joinedup.web.versions import version_sent

__all__ = ["new_placement", "placement", "placements_page"]

_WRITES = ["GET", "HEAD", "POST"]
_EXPECTED = (Invalid, Unprocessable, Conflict, Stale)
_CRUMBS = [("Finding care", "/placements")]
_WANTED = "service area begins bands visits minutes carers skills short_reason words urgent".split()
_FIELDS = ("slots", "reason", "starts", "allowed_by", "allowed_review")
_OPEN = "requested,received,accepted,ready"
_MOST_OVER = 20


@require_safe
def placements_page(request: HttpRequest) -> HttpResponse:
    """Return who waits for care to be found, where each stands, how long a first offer takes."""
    permit, at = finder(request), now()
    every = placements(permit)
    waiting = waiting_referrals(permit, [k.placement.referral for k in every])
    people = [k.placement.person for k in every] + [person for _, person in waiting]
    names = shown.names_of(permit, people)
    lines = [_line(kept, names) for kept in every]
    context = {
        "title": "Finding care",
        "open": [one for one in lines if one["open"]],
        "over": [one for one in lines if not one["open"]][:_MOST_OVER],
        "waiting": [
            (referral, names.get(person, "Somebody you cannot see")) for referral, person in waiting
        ],
        "figure": shown.to_offer_words(to_first_offer(k.placement for k in every)),
        "as_of": shown.clock_words(at),
    }
    return render(request, "brokerage/placements.jinja", context, here="placements")


def _line(kept: KeptPlacement, names: dict[str, str]) -> dict[str, object]:
    placement, at = kept.placement, now()
    words, tone = shown.STATE_WORDS[placement.state]
    held = f"Held until {shown.clock_words(placement.held_until)}" if placement.held_until else ""
    begun = placement.begun
    return {
        "id": kept.id,
        "open": placement.state not in ("started", "cancelled"),
        "name": names.get(placement.person, "Somebody you cannot see"),
        "words": words,
        "tone": tone,
        "care": CARE_WORDS[placement.wanted.service],
        "needs": dict(shown.needs_of(placement.wanted)).get("Visits", ""),
        "area": placement.wanted.area,
        "since": shown.when_words(placement.asked_at, at),
        "held": held,
        "starts": shown.when_words(begun.at, at) if begun else "",
        "reason": placement.reason,
    }


@require_http_methods(_WRITES)
def new_placement(request: HttpRequest, referral_id: str) -> HttpResponse:
    """Return the form of what is wanted for a referral, or begin to look and go to its page."""
    permit, at = finder(request), now()
    found = dict(waiting_referrals(permit, ()))
    if referral_id not in found:
        raise NotFound("Nothing is to be found for this referral, or it is being looked for.")
    person = found[referral_id]
    typed = {
        "area": shown.area_of(permit, person),
        "visits": "2",
        "minutes": "30",
        "carers": "1",
        "personal_care": "yes",
    }
    typed |= {"urgent": "yes", "service": "reablement", "begins": f"{at:%-d/%-m/%Y}"}
    errors: dict[str, tuple[str, ...]] = {}
    if request.method == "POST":
        typed = typed_of(request.POST)
        try:
            made = seek(permit, referral_id, wanted_typed(typed), now=at)
        except _EXPECTED as refusal:
            leave_trace(request, refusal)
            errors = errors_of(refusal, tuple(_WANTED))
        else:
            return redirect(f"/placements/{made.id}")
    context = {
        "title": "Look for care",
        "crumbs": _CRUMBS,
        "referral": referral_id,
        "name": shown.names_of(permit, [person]).get(person, ""),
        "needs": needs_of_referral(permit, referral_id),
        "services": CARE_WORDS.items(),
        "bands": BANDS.items(),
        "skills": SKILLS,
        "typed": typed,
        "errors": errors,
    }
    status = 422 if errors else 200
    return render(request, "brokerage/new.jinja", context, here="placements", status=status)


@require_http_methods(_WRITES)
def placement(request: HttpRequest, placement_id: str) -> HttpResponse:
    """Return one placement, or do what was asked of it: hold, offer, lose, start.

    A refusal stands on the page with the placement as it is now, and what can be done next.
    """
    permit = finder(request)
    refusal: Refusal | None = None
    sent: tuple[Sent, ...] = ()
    if request.method == "POST":
        try:
            sent = _done(request, permit, placement_id)
        except _EXPECTED as problem:
            leave_trace(request, problem)
            refusal = problem
        else:
            if not sent:
                return redirect(f"/placements/{placement_id}")
    return _placement_page(request, permit, placement_id, sent=sent, refusal=refusal)


def _done(request: HttpRequest, permit: Permit, placement_id: str) -> tuple[Sent, ...]:
    """Do one thing; the offers that went out, whose links are shown now and never again."""
    at, version, what = now(), version_sent(request.POST), request.POST.get("do", "")
    override = override_typed(typed_of(request.POST))
    if what == "hold":
        slot = request.POST.get("slot", "")[:64]
        return (hold(permit, placement_id, slot, now=at, override=override, version=version),)
    if what == "offer":
        slots = [s[:64] for s in request.POST.getlist("slots")]
        return offer_to(permit, placement_id, slots, now=at, override=override, version=version)
    if what == "start":
        starts = moment(request, "starts")
        start_care(permit, placement_id, starts=starts, now=at, version=version)
    elif what == "lose":
        reason = request.POST.get("reason", "")[:500].strip()
        is_begun = placement_of(permit, placement_id).placement.begun is not None
        lost = lose_start if is_begun else let_go
        lost(permit, placement_id, reason=reason, now=at, version=version)
    else:
        raise Invalid("The page asked for nothing. Load it again.")
    return ()


def _placement_page(
    request: HttpRequest,
    permit: Permit,
    placement_id: str,
    *,
    sent: tuple[Sent, ...],
    refusal: Refusal | None,
) -> HttpResponse:
    at = now()
    kept = placement_of(permit, placement_id)
    one = kept.placement
    providers = providers_of(permit, [o.location for o in one.offers])
    is_looking = one.state in ("package-sought", "offers")
    matches = matches_of(permit, one, at) if is_looking else None
    free = matches.free if matches else ()
    context = {
        **_line(kept, shown.names_of(permit, [one.person])),
        "title": "Find care",
        "crumbs": _CRUMBS,
        "person": one.person.removeprefix("Patient/"),
        "version": kept.version,
        "lines": shown.needs_of(one.wanted),
        "looking": is_looking,
        "matches": [shown.match_shown(m, at) for m in free if not m.needs_override],
        "inadequate": [shown.match_shown(m, at) for m in free if m.needs_override],
        "barred": matches.barred if matches else (),
        "offers": [
            shown.offer_shown(o, one, providers.get(o.location), at) for o in reversed(one.offers)
        ],
        "links": [(s.provider, s.telephone, _address(request, s.secret)) for s in sent],
        "problems": [p.message for p in refusal.problems if p.severity == "error"]
        if refusal
        else [],
        "next": [shown.match_shown(m, at) for m in next_free(matches)]
        if matches and isinstance(refusal, Conflict)
        else [],
        "typed": typed_of(request.POST),
        "may_lose": one.state in ("offers", "accepted-offer", "start-confirmed"),
        "start": _start(permit, kept) if one.state == "accepted-offer" else None,
        "as_of": shown.clock_words(at),
    }
    status = refusal.status if refusal else 200
    return render(request, "brokerage/placement.jinja", context, here="placements", status=status)


def _start(permit: Permit, kept: KeptPlacement) -> dict[str, object]:
    """What confirming the start means: when, and what it promises from what was set aside."""
    accepted = kept.placement.accepted
    assert accepted is not None and accepted.starts is not None, "a yes says when"
    found: dict[str, object] = {
        "at": accepted.starts.isoformat(),
        "words": shown.when_words(accepted.starts, now()),
        "urgent": kept.placement.wanted.urgent,
    }
    try:
        estimate = estimate_of(permit, kept.placement, now())
    except Unprocessable as problem:
        return found | {"problem": problem.problems[0].message}
    if estimate is None:
        return found
    cost = estimate.cost
    unit = f"{cost.unit}s" if cost.units != 1 else cost.unit
    return found | {
        "pounds": in_pounds(estimate.pence),
        "cost": f"{cost.units.normalize():f} {unit} at {in_pounds(cost.unit_pence)}",
        "days": (cost.ends - cost.begins).days + 1,
        "stands": bool(estimate.stands),
    }


def _address(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(f"/o/{secret}")
