"""Where a provider answers: its own list when signed in, and the page of a secret link on a phone.

Both show needs, area and times. The signed-in page shows who it is once the start is confirmed and
the provider's workers may see the person; a link never does: it could be passed on.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.brokerage import presenters as shown
from joinedup.brokerage.answers import confirm_visit, own_offer, own_offers, say_no, say_yes
from joinedup.brokerage.desk import giver
from joinedup.brokerage.forms import moment
from joinedup.brokerage.links import answers_as, offer_behind
from joinedup.brokerage.queries import KeptPlacement, start_of
from joinedup.brokerage.rules.matching import earliest
from joinedup.brokerage.rules.placing import REASONS
from joinedup.fhir.issue import Conflict, Gone, Invalid, NotFound, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles.placement import Offer, Placement
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["offer", "offer_link", "offers"]

_WRITES = ["GET", "HEAD", "POST"]
_EXPECTED = (Invalid, Unprocessable, Conflict, Stale)
_MOST_LISTED = 100


@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """Return what was offered to one's own provider: what waits for an answer first."""
    permit, at = giver(request), now()
    found = [_line(kept, one, at) for kept, one in own_offers(permit)]
    context = {
        "title": "Offers to us",
        "waiting": [one for one in found if one["open"]],
        "starting": [one for one in found if one["starting"]],
        "others": [one for one in found if not (one["open"] or one["starting"])][:_MOST_LISTED],
    }
    return render(request, "brokerage/offers.jinja", context, here="offers")


def _line(kept: KeptPlacement, one: Offer, at: datetime) -> dict[str, Any]:
    placement = kept.placement
    words, tone = shown.OFFER_WORDS[one.state]
    is_open = one.state == "open" and one.until > at
    if one.state == "open" and not is_open:
        words, tone = shown.OFFER_WORDS["lapsed"]
    starting = one.state == "accepted" and placement.state == "start-confirmed"
    return {
        "address": f"/offers/{kept.id}/{one.id}",
        "open": is_open,
        "starting": starting,
        "words": "Somebody came" if placement.state == "started" and one.starts else words,
        "tone": tone,
        "needs": shown.needs_of(placement.wanted),
        "at": shown.when_words(one.at, at),
        "until": shown.clock_words(one.until),
        "starts": shown.when_words(placement.begun.at, at)
        if placement.begun and one.state == "accepted"
        else "",
    }


@require_http_methods(_WRITES)
def offer(request: HttpRequest, placement_id: str, offer_id: str) -> HttpResponse:
    """Return one offer to one's own provider, or take its answer."""
    permit = giver(request)
    kept, one = own_offer(permit, placement_id, offer_id)
    here = f"/offers/{placement_id}/{offer_id}"
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _answer(request, permit, kept, one)
        except _EXPECTED as problem:
            leave_trace(request, problem)
            refusal = problem
            kept, one = own_offer(permit, placement_id, offer_id)
        else:
            return redirect(here)
    who = _who(permit, kept.placement, one)
    return _page(request, kept, one, here=here, refusal=refusal, who=who)


@require_http_methods(_WRITES)
def offer_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Return the offer behind a secret link, on a phone and without signing in, or take its answer.

    A link that is wrong or over is NotFound in the same words; who tries many is refused unread.
    """
    linked = offer_behind(secret, now())
    kept, one = linked.kept, linked.offer
    permit = answers_as(one.provider)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _answer(request, permit, kept, one)
        except _EXPECTED as problem:
            refusal = problem
            linked = offer_behind(secret, now())
            kept, one = linked.kept, linked.offer
        else:
            return redirect(f"/o/{secret}")
    return _page(request, kept, one, here=f"/o/{secret}", refusal=refusal)


def _answer(request: HttpRequest, permit: Permit, kept: KeptPlacement, one: Offer) -> None:
    at, what = now(), request.POST.get("do", "")
    if what == "yes":
        say_yes(permit, kept.id, one.id, starts=moment(request, "starts"), now=at)
    elif what == "no":
        reason = request.POST.get("reason", "")[:40]
        words = request.POST.get("words", "").strip()[:300]
        say_no(permit, kept.id, one.id, reason=reason, words=words, now=at)
    elif what == "came":
        confirm_visit(permit, kept.id, one.id, at=at, now=at)
    else:
        raise Invalid("The page asked for nothing. Load it again.")


def _who(permit: Permit, placement: Placement, one: Offer) -> tuple[str, str] | None:
    """Who it is, once the provider's workers may see them: (id, name)."""
    if one.state != "accepted" or placement.begun is None:
        return None
    try:
        names = shown.names_of(permit, [placement.person])
    except (NotFound, Gone):
        return None
    name = names.get(placement.person)
    return (placement.person.removeprefix("Patient/"), name) if name else None


def _page(
    request: HttpRequest,
    kept: KeptPlacement,
    one: Offer,
    *,
    here: str,
    refusal: Refusal | None,
    who: tuple[str, str] | None = None,
) -> HttpResponse:
    at, placement = now(), kept.placement
    step = request.POST.get("do") or request.GET.get("say", "")
    is_open = one.state == "open" and one.until > at
    begun = placement.begun if one.state == "accepted" else None
    context = {
        "title": "Can you help?" if is_open else "Your answer",
        "here": here,
        "is_link": here.startswith("/o/"),
        "open": is_open,
        "step": step if step in ("yes", "no") else "",
        "needs": shown.needs_of(placement.wanted),
        "until": shown.when_words(one.until, at),
        "times": _times(placement, one, at) if is_open and step == "yes" else [],
        "reasons": REASONS.items(),
        "typed": {name: request.POST.get(name, "")[:300] for name in ("reason", "words", "starts")},
        "problems": [p.message for p in refusal.problems] if refusal else [],
        "state": one.state,
        "answered": shown.when_words(one.answered_at, at) if one.answered_at else "",
        "reason": REASONS.get(one.reason, ""),
        "reason_words": one.words,
        "starts": shown.when_words(begun.at if begun else one.starts, at)
        if one.starts and one.state == "accepted"
        else "",
        "begun": begun,
        "came": shown.when_words(begun.came, at) if begun and begun.came else "",
        "who": who,
    }
    template = "brokerage/offer.jinja"
    status = refusal.status if refusal else 200
    return render(request, template, context, here="offers", status=status)


def _times(placement: Placement, one: Offer, at: datetime) -> list[tuple[str, str]]:
    """Times to choose from: the first that can be, half an hour and an hour on, the next day."""
    start = start_of(answers_as(one.provider), one.slot)
    first = earliest(start, placement.wanted, at)
    later = (timedelta(0), timedelta(minutes=30), timedelta(hours=1), timedelta(days=1))
    return [((first + more).isoformat(), shown.when_words(first + more, at)) for more in later]
