"""A placement on its way from help being looked for to somebody having come: values alone.

Each function returns the placement as it then stands, or refuses with words. The states are those
of a referral to the hub (`referral_states`); which act of that table a change is, `act_of` says.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from joinedup.brokerage.rules.providers import SERVICES, Override
from joinedup.fhir.issue import Conflict, NotFound, Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Begun, Offer, Placement, Wanted
from joinedup.fhir.profiles.slot import BANDS, HOMES, FreeStart
from joinedup.reference.calendars import length

__all__ = [
    "REASONS",
    "accept",
    "act_of",
    "came",
    "check_wanted",
    "confirm",
    "decline",
    "is_lapsed",
    "is_link_open",
    "lapse",
    "lose",
    "offer",
    "offer_of",
    "over",
]

REASONS = {
    "two-carers": "Two carers are needed, and we have one",
    "no-time": "Nothing is free at that time",
    "area": "We do not go there",
    "skills": "Nobody of ours is trained for this",
    "other": "Something else",
}
"""Why a provider cannot, as the phone asks it; each no carries one (domain.md 9.8)."""
_AREA = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_MOST = {"visits": 8, "minutes": 720, "carers": 4}
_LEAST_WORDS = 8
_FURTHEST_DAYS = 90
_MOST_OFFERS = 60
_ACTS = {
    "offers": "offer",
    "accepted-offer": "take",
    "start-confirmed": "confirm",
    "started": "start",
    "package-sought": "lose",
}


def act_of(before: Placement, after: Placement) -> str:
    """Return the act of the table of states that led from one to the other; "" for none."""
    return "" if before.state == after.state else _ACTS[after.state]


def check_wanted(wanted: Wanted, *, on: date) -> None:
    """Refuse, Unprocessable, what nobody could be asked for; everything wrong is named by field."""
    problems = tuple(_wrong(wanted, on))
    if problems:
        raise Unprocessable(*problems)


def _wrong(wanted: Wanted, on: date) -> Iterator[Problem]:
    if wanted.service not in SERVICES:
        yield Problem("value", "Choose what kind of care.", "service")
    if not _AREA.fullmatch(wanted.area):
        yield Problem("value", "Say the area by its outward postcode, like MQ1.", "area")
    if wanted.begins < on:
        yield Problem("value", "Care cannot begin in the past.", "begins")
    if wanted.begins.toordinal() > on.toordinal() + _FURTHEST_DAYS:
        yield Problem("value", f"A day within {_FURTHEST_DAYS} days.", "begins")
    if set(wanted.bands) - set(BANDS):
        yield Problem("value", "Choose times of day from the list.", "bands")
    if wanted.service not in HOMES and not wanted.bands:
        yield Problem("required", "Choose at least one time of day.", "bands")
    for name, most in _MOST.items():
        if not 1 <= getattr(wanted, name) <= most:
            yield Problem("value", f"A whole number from 1 to {most}.", name)


def offer(
    placement: Placement,
    start: FreeStart,
    *,
    by: Reference,
    at: datetime,
    link: str,
    hold: bool,
    override: Override | None = None,
) -> Placement:
    """Return the placement with the start offered to its provider, and held where asked.

    Refuses, Conflict, what is arranged already, and a start that is offered already. A start that
    was held before is let go, and its offer withdrawn.
    """
    placement = lapse(placement, at)
    if placement.accepted is not None or placement.state not in ("package-sought", "offers"):
        raise Conflict("This is arranged with a provider already. Say that it fell through first.")
    is_same = placement.slot == start.id
    offers = tuple(_withdrawn(o, placement.slot, at) if hold else o for o in placement.offers)
    if is_same or any(o.slot == start.id and o.state == "open" for o in offers):
        raise Conflict("This start is offered already. Wait for the answer, or choose another.")
    if len(offers) >= _MOST_OFFERS:
        raise Unprocessable("This was offered sixty times. Look again at what is wanted.")
    until = at + length("slot-held-for", on=day_of(at))
    said = override or Override(by="", post="", why="", review_on=date.max)
    made = Offer(
        id=f"o{len(offers) + 1}",
        location=start.location,
        provider=start.provider,
        slot=start.id,
        at=at,
        by=by,
        until=until,
        link=link,
        allowed_by=said.by,
        allowed_post=said.post,
        allowed_why=said.why,
        allowed_review=override.review_on if override else None,
    )
    after = replace(placement, state="offers", offers=(*offers, made), changed_at=at, reason="")
    return replace(after, slot=start.id, held_until=until) if hold else after


def _withdrawn(one: Offer, slot: str, at: datetime) -> Offer:
    held = bool(slot) and one.slot == slot and one.state == "open"
    return replace(one, state="withdrawn", answered_at=at) if held else one


def is_lapsed(placement: Placement, now: datetime) -> bool:
    """Whether a hold, or the time to answer an offer, has run out."""
    held = placement.held_until is not None and placement.held_until <= now
    return held or any(o.state == "open" and o.until <= now for o in placement.offers)


def lapse(placement: Placement, now: datetime) -> Placement:
    """Return the placement without the hold and the offers whose time has run out (DI-05)."""
    if not is_lapsed(placement, now):
        return placement
    offers = tuple(
        replace(o, state="lapsed", answered_at=o.until)
        if o.state == "open" and o.until <= now
        else o
        for o in placement.offers
    )
    ran_out = placement.held_until is not None and placement.held_until <= now
    after = replace(placement, offers=offers, changed_at=now)
    if ran_out:
        after = replace(after, slot="", held_until=None)
    return _still_sought(after, "Nobody answered in time.")


def _still_sought(placement: Placement, reason: str) -> Placement:
    """What is wanted stays wanted: with nothing open, help is looked for again (9.9, 8)."""
    is_open = any(o.state in ("open", "accepted") for o in placement.offers)
    if is_open or placement.state != "offers":
        return placement
    return replace(placement, state="package-sought", reason=reason)


def offer_of(placement: Placement, offer_id: str) -> Offer:
    """Return one offer; NotFound for none."""
    found = next((o for o in placement.offers if o.id == offer_id), None)
    if found is None:
        raise NotFound("There is no such offer.")
    return found


def accept(
    placement: Placement, offer_id: str, *, starts: datetime, by: str, at: datetime
) -> Placement:
    """Return the placement with the provider's yes: it holds that slot, without end.

    Refuses, Conflict, an offer that is no longer open, and Unprocessable a start in the past. What
    was offered to others is withdrawn, and a slot held for another offer let go.
    """
    one = _open_offer(placement, offer_id, at)
    _check_time(starts, at)
    said = replace(one, state="accepted", answered_at=at, answered_by=by, starts=starts)
    offers = tuple(
        said
        if o.id == offer_id
        else replace(o, state="withdrawn", answered_at=at)
        if o.state == "open"
        else o
        for o in placement.offers
    )
    return replace(
        placement,
        state="accepted-offer",
        offers=offers,
        slot=one.slot,
        held_until=None,
        changed_at=at,
    )


def _check_time(starts: datetime, at: datetime) -> None:
    if starts < at:
        raise Unprocessable(Problem("value", "Choose a time that is still to come.", "starts"))
    if starts - at > timedelta(days=_FURTHEST_DAYS):
        raise Unprocessable(Problem("value", f"A day within {_FURTHEST_DAYS} days.", "starts"))


def decline(
    placement: Placement, offer_id: str, *, reason: str, words: str, by: str, at: datetime
) -> Placement:
    """Return the placement with the provider's no: what is wanted stays open (9.9, 8).

    Refuses, Unprocessable, a no without one of the reasons, and "something else" without words.
    """
    one = _open_offer(placement, offer_id, at)
    if reason not in REASONS:
        raise Unprocessable(Problem("required", "Choose why you cannot.", "reason"))
    if reason == "other" and len(words) < _LEAST_WORDS:
        raise Unprocessable(Problem("required", "Say in a few words what it is.", "words"))
    said = replace(
        one, state="declined", answered_at=at, answered_by=by, reason=reason, words=words
    )
    offers = tuple(said if o.id == offer_id else o for o in placement.offers)
    after = replace(placement, offers=offers, changed_at=at)
    if after.slot == one.slot:
        after = replace(after, slot="", held_until=None)
    return _still_sought(after, f"Declined: {REASONS[reason]}.")


def _open_offer(placement: Placement, offer_id: str, at: datetime) -> Offer:
    one = offer_of(placement, offer_id)
    if one.state != "open":
        raise Conflict("This offer is answered or over. Nothing was changed.")
    if one.until <= at:
        raise Conflict("The time to answer this offer is over. Telephone if you still can.")
    return one


def confirm(placement: Placement, begun: Begun) -> Placement:
    """Return it with its start confirmed; Unprocessable in the past, or without a yes."""
    if placement.state != "accepted-offer" or placement.accepted is None:
        raise Unprocessable("No provider has said yes, or the start is confirmed already.")
    _check_time(begun.at, begun.confirmed_at)
    return replace(placement, state="start-confirmed", begun=begun, changed_at=begun.confirmed_at)


def lose(placement: Placement, *, reason: str, at: datetime) -> Placement:
    """Return the placement after the offer fell through: the slot is free, help looked for again.

    Refuses, Unprocessable, without words, once somebody came, and where nothing was offered.
    """
    if len(reason.strip()) < _LEAST_WORDS:
        raise Unprocessable(Problem("required", "Say why the offer fell through.", "reason"))
    if placement.state not in ("offers", "accepted-offer", "start-confirmed"):
        raise Unprocessable("There is nothing that could fall through.")
    offers = tuple(
        replace(o, state="lost" if o.state == "accepted" else "withdrawn")
        if o.state in ("open", "accepted")
        else o
        for o in placement.offers
    )
    return replace(
        placement,
        state="package-sought",
        offers=offers,
        slot="",
        held_until=None,
        begun=None,
        reason=reason.strip(),
        changed_at=at,
    )


def over(placement: Placement, *, reason: str, at: datetime) -> Placement:
    """Return the placement of a referral that is over: nothing is held or offered any more."""
    offers = tuple(
        replace(o, state="withdrawn", answered_at=at) if o.state in ("open", "accepted") else o
        for o in placement.offers
    )
    return replace(
        placement, state="cancelled", offers=offers, held_until=None, reason=reason, changed_at=at
    )


def came(placement: Placement, *, at: datetime, by: str, now: datetime) -> Placement:
    """Return the placement once somebody came: only now has help started (MS-02).

    Refuses, Unprocessable, before the start is confirmed and a visit in the future.
    """
    begun = placement.begun
    if placement.state != "start-confirmed" or begun is None:
        raise Unprocessable("No start is confirmed, or the first visit is confirmed already.")
    if at > now:
        raise Unprocessable(Problem("value", "A visit is confirmed once somebody came.", "at"))
    if at < begun.confirmed_at:
        raise Unprocessable(Problem("value", "That is before the start was confirmed.", "at"))
    return replace(
        placement, state="started", begun=replace(begun, came=at, came_by=by), changed_at=now
    )


def is_link_open(placement: Placement, offer_id: str, now: datetime) -> bool:
    """Whether the secret link of an offer still tells anything.

    Until the time to answer ends; after a yes, until a day after the visit it promised.
    """
    one = offer_of(placement, offer_id)
    if one.state != "accepted":
        return one.state != "lapsed" and now < one.until
    promised = placement.begun.at if placement.begun else one.starts
    assert promised is not None, "a yes says when"
    return now < promised + length("link-lasts-after-start", on=day_of(now))
