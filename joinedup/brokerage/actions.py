"""What who finds care does: look, hold, offer, let go. What a provider answers is `answers`.

A hold is a claim that PostgreSQL decides; who comes second is told so with the next three that are
free (DI-05, domain.md 9.9, 6). One that has run out is freed by whoever asks next.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.brokerage.links import hash_of, new_secret
from joinedup.brokerage.queries import (
    KeptPlacement,
    kept,
    next_of,
    placement_of,
    placements,
    provider_of,
    start_of,
)
from joinedup.brokerage.rules import placing
from joinedup.brokerage.rules.matching import check_offer, fits
from joinedup.brokerage.rules.providers import Override
from joinedup.brokerage.writing import created, finding, save
from joinedup.fhir.issue import Conflict, Problem, Refusal, Stale, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import referral as referrals
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Placement, Wanted
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.record.slots import held_slots

__all__ = ["Sent", "free_lapsed", "hold", "let_go", "offer_to", "seek"]

_HOLDS = system_permit("holds")
_INITIAL = 2
TAKEN = "Somebody else took this start first. Nothing was saved."


class Sent(Struct, frozen=True, kw_only=True):
    """An offer that went out: its `secret` is told now and never again."""

    kept: KeptPlacement
    offer: str
    provider: str
    telephone: str
    secret: str


def seek(permit: Permit, referral_id: str, wanted: Wanted, *, now: datetime) -> KeptPlacement:
    """Begin to look for care for a referral that the hub took on; its placement is returned.

    Refuses NotPermitted, NotFound, Unprocessable for what cannot be asked for or is not due, and
    Conflict where help is being looked for already.
    """
    finding(permit)
    placing.check_wanted(wanted, on=day_of(now))
    referral = referrals.read(record.read(permit, "ServiceRequest", referral_id).resource)
    _refuse_names(permit, referral.person, f"{wanted.words} {wanted.short_reason}")
    by = Reference(permit.worker)
    placement = Placement(
        person=referral.person,
        referral=referral_id,
        spell=referral.spell,
        hub=referral.hub,
        wanted=wanted,
        asked_by=by,
        asked_at=now,
        changed_at=now,
    )
    return created(permit, placement, by=by, now=now, action="care-sought")


def _refuse_names(permit: Permit, person: str, words: str) -> None:
    """Refuse words that say whom it is about: providers read them before they say yes."""
    patient = record.read(permit, "Patient", person.removeprefix("Patient/")).resource
    parts = [p for n in patient.get("name", ()) for p in (n.get("family", ""), *n.get("given", ()))]
    told = {w.casefold() for w in re.findall(r"\w+", words)}
    if any(len(p) > _INITIAL and p.casefold() in told for p in parts):
        said = "Leave the name out: providers read this before they say yes."
        raise Unprocessable(Problem("value", said, "words"))


def hold(
    permit: Permit,
    placement_id: str,
    slot: str,
    *,
    now: datetime,
    override: Override | None = None,
    version: int = 0,
) -> Sent:
    """Hold a start for somebody and offer it to its provider, until it answers or time runs out.

    Refuses, Conflict, a start that somebody else holds, naming the next three; otherwise as
    `offer_to`. Two can never both have it: the claim's primary key decides.
    """
    finding(permit)
    known = _seen(permit, placement_id, version)
    if _is_held(permit, slot, now) and not any(o.slot == slot for o in known.placement.offers):
        raise _taken(permit, known.placement, now)  # as the claim would say, at less cost
    for attempt in (1, 2):
        try:
            return _send(permit, known, slot, now=now, override=override, is_held=True)
        except Conflict:
            if attempt == 2 or not _is_taken(known, slot):
                raise
            if not _freed(slot, now):
                raise _taken(permit, known.placement, now) from None
    raise AssertionError("the second attempt returns or refuses")


def offer_to(
    permit: Permit,
    placement_id: str,
    slots: Sequence[str],
    *,
    now: datetime,
    override: Override | None = None,
    version: int = 0,
) -> tuple[Sent, ...]:
    """Offer several starts without holding any: the first yes takes its own.

    Refuses NotPermitted, Stale, Conflict for what is arranged or offered already, Unprocessable
    for what MS-01 forbids and what does not meet what is wanted; then nothing is offered.
    """
    finding(permit)
    known = _seen(permit, placement_id, version)
    if not slots:
        raise Unprocessable(Problem("required", "Choose at least one to offer it to.", "slots"))
    sent = []
    after = known.placement
    for slot in dict.fromkeys(slots):
        after, one = _offered(permit, after, slot, now=now, override=override, is_held=False)
        sent.append(one)
    by = Reference(permit.worker)
    done = save(permit, known, after, by=by, now=now, action="care-offered")
    return tuple(Sent(kept=done, offer=o, provider=p, telephone=t, secret=s) for o, p, t, s in sent)


def _seen(permit: Permit, placement_id: str, version: int) -> KeptPlacement:
    known = placement_of(permit, placement_id)
    if version and known.version != version:
        raise Stale("Somebody changed this placement since you opened it. Look again.")
    return known


def _send(
    permit: Permit,
    known: KeptPlacement,
    slot: str,
    *,
    now: datetime,
    override: Override | None,
    is_held: bool,
) -> Sent:
    after, (offer, provider, telephone, secret) = _offered(
        permit, known.placement, slot, now=now, override=override, is_held=is_held
    )
    by = Reference(permit.worker)
    done = save(permit, known, after, by=by, now=now, action="care-held")
    return Sent(kept=done, offer=offer, provider=provider, telephone=telephone, secret=secret)


def _offered(
    permit: Permit,
    placement: Placement,
    slot: str,
    *,
    now: datetime,
    override: Override | None,
    is_held: bool,
) -> tuple[Placement, tuple[str, str, str, str]]:
    """Return the placement with one more offer: its id, the provider's name, telephone, secret."""
    start = start_of(permit, slot)
    if not fits(start, placement.wanted):
        raise Unprocessable("This start does not meet what is wanted, or was taken back.")
    provider = provider_of(permit, start.location)
    check_offer(provider, placement.wanted, on=day_of(now), override=override)
    used = override if provider.rating == "inadequate" else None
    secret = new_secret()
    after = placing.offer(
        placement,
        start,
        by=Reference(permit.worker),
        at=now,
        link=hash_of(secret),
        hold=is_held,
        override=used,
    )
    return after, (after.offers[-1].id, provider.name, provider.telephone, secret)


def _is_taken(known: KeptPlacement, slot: str) -> bool:
    """Whether a conflict is about the claim, and not about what this placement has itself."""
    own = known.placement
    return own.accepted is None and not any(
        o.slot == slot and o.state == "open" for o in own.offers
    )


def _is_held(permit: Permit, slot: str, now: datetime) -> bool:
    held = held_slots(permit, [slot])
    until = held.get(slot)
    return slot in held and (until is None or until > now)


def _taken(permit: Permit, placement: Placement, now: datetime) -> Conflict:
    found = next_of(permit, placement, now)
    told = [
        Problem(
            "conflict",
            f"Next: {one.provider.name}, {one.at.astimezone(LONDON):%A %-d %B at %H:%M}.",
            f"Slot/{one.start.id}",
            "information",
        )
        for one in found
    ]
    none = Problem("conflict", "Nothing else fits just now.", "Slot", "information")
    return Conflict(Problem("conflict", TAKEN, "Slot"), *(told or [none]))


def _freed(slot: str, now: datetime) -> bool:
    """Free a slot whose hold has run out; False where it has not, or somebody else was faster."""
    query = parse_query("Task", [("focus", f"Slot/{slot}")])
    for stored in record.search(_HOLDS, query, detail="who holds a start").entries:
        holder = kept(stored)
        if holder is not None and holder.placement.slot == slot:
            return _lapse(holder, now)
    return True  # whoever held it let go since


def _lapse(holder: KeptPlacement, now: datetime) -> bool:
    after = placing.lapse(holder.placement, now)
    if after is holder.placement:
        return False
    by = Reference(f"Organization/{after.hub}")
    try:
        save(_HOLDS, holder, after, by=by, now=now, action="hold-ended")
    except (Stale, Conflict):
        return False
    except Refusal:  # others ended the referral beside it: nothing is looked for any more
        return _over(holder, now)
    return after.slot != holder.placement.slot


def _over(holder: KeptPlacement, now: datetime) -> bool:
    after = placing.over(holder.placement, reason="The referral is over.", at=now)
    by = Reference(f"Organization/{after.hub}")
    try:
        save(_HOLDS, holder, after, by=by, now=now, action="hold-ended", moves_hub=False)
    except Refusal:  # the next minute tries again; no other hold waits for this one
        return False
    return True


def free_lapsed(now: datetime) -> int:
    """Free every hold and close every offer whose time has run out; return how many placements.

    For a job that runs each minute; who comes between does the same for the slot they ask for.
    """
    waiting = placements(_HOLDS, status="received", detail="holds that ran out")
    lapsed = [one for one in waiting if placing.is_lapsed(one.placement, now)]
    return sum(_lapse(one, now) for one in lapsed)


def let_go(
    permit: Permit, placement_id: str, *, reason: str, now: datetime, version: int = 0
) -> KeptPlacement:
    """Say that an offer fell through before its start was confirmed: its slot is free at once.

    Refuses as `placing.lose`; one that is confirmed falls through by `starting.lose_start`.
    """
    finding(permit)
    known = _seen(permit, placement_id, version)
    if known.placement.begun is not None:
        raise Stale("Its start was confirmed meanwhile. Look at what stands now.")
    after = placing.lose(known.placement, reason=reason, at=now)
    return save(permit, known, after, by=Reference(permit.worker), now=now, action="care-lost")
