"""The ward's referral to the care transfer hub: a draft that is kept, sent, answered.

One is open a stay and purpose: the claim decides who was first, and the other is told so. It
describes needs; words that prescribe a package are refused when it is sent, and kept in the draft.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.queries import Asked, asked_of, hubs
from joinedup.discharge.rules.hub import referred, sent
from joinedup.discharge.rules.states import LEFT
from joinedup.discharge.rules.turn import may, refuse_out_of_turn
from joinedup.discharge.standing import (
    Seen,
    Standing,
    as_before,
    keep,
    seen_now,
    standing_of,
)
from joinedup.fhir.issue import Problem, Stale, Unprocessable
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.referral import Need, Referral, answer_id, build, build_answer
from joinedup.fhir.profiles.referral_states import answered, followed
from joinedup.record import Change, Create, Stored, Update

__all__ = [
    "HELP",
    "PURPOSES",
    "NeedsWish",
    "answer_hub",
    "keep_draft",
    "needs_of",
    "refer",
    "refer_when_known",
    "withdrawn",
]

HELP = "help-at-home"
PURPOSES = {HELP: "Help to leave hospital", "equipment": "Equipment at home"}
"""What somebody is referred for; one referral of each may be open."""
_STALE = "Somebody answered this referral while you were reading. Look at where it stands now."


class NeedsWish(Struct, frozen=True, kw_only=True):
    """What a ward asks: `hub` is an organisation's id, `draft` the id of a draft it replaces."""

    purpose: str
    needs: tuple[Need, ...]
    hub: str
    draft: str = ""
    draft_version: int = 0


def keep_draft(
    permit: Permit, spell_id: str, wish: NeedsWish, *, token: str, now: datetime
) -> Stored:
    """Keep what was typed so far, whatever is in it; nobody but the ward works on it.

    Raises Conflict where another referral of this stay and purpose is open, NotPermitted, Stale.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    standing = standing_of(permit, spell_id)
    asked = _asked(permit, standing, wish, now)
    change = _written(standing, asked, wish, token)
    return record.commit(permit, [change], action="referral-draft").stored[0]


def refer(permit: Permit, seen: Seen, wish: NeedsWish, *, token: str, now: datetime) -> Stored:
    """Send somebody's needs to the hub, and wait for it (DI-03); return the referral.

    Raises Unprocessable for needs that prescribe or say nothing, or somebody whose pathway needs no
    hub, Conflict where another is open, NotPermitted, Stale.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    standing = seen_now(permit, seen)
    if wish.purpose == HELP:
        refuse_out_of_turn(standing.readiness, "refer")
    return _sent(permit, standing, wish, token=token, now=now)


def refer_when_known(
    permit: Permit, standing: Standing, wish: NeedsWish, *, token: str, now: datetime
) -> Stored:
    """Send needs to the hub as soon as a hospital knows of them, before any pathway if need be.

    As `refer`; but whoever cannot be waiting for the hub yet goes on standing as they stood.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    if standing.readiness.state in LEFT:
        refuse_out_of_turn(standing.readiness, "refer")
    return _sent(permit, standing, wish, token=token, now=now)


def _sent(
    permit: Permit, standing: Standing, wish: NeedsWish, *, token: str, now: datetime
) -> Stored:
    asked = _asked(permit, standing, wish, now)
    resource_id = wish.draft or f"referral-{token}"
    referral, answer = sent(asked, resource_id)
    written = _written(standing, referral, wish, token)
    task = Create(standing.labelled(build_answer(answer)), answer_id(resource_id))
    if wish.purpose != HELP or not may(standing.readiness, "refer"):
        return record.commit(permit, [written, task], action="referral").stored[0]
    then = referred(standing.readiness, referral, by=Reference(permit.worker))
    keep(permit, standing, then, action="referral", also=[written, task])
    return record.read(permit, "ServiceRequest", resource_id)


def _asked(permit: Permit, standing: Standing, wish: NeedsWish, now: datetime) -> Referral:
    if wish.purpose not in PURPOSES:
        raise Unprocessable(Problem("code-invalid", "Choose what the referral is for.", "purpose"))
    if wish.hub not in {hub.organisation for hub in hubs(permit)}:
        words = "Choose the hub. If none is listed, none is written down for this place yet."
        raise Unprocessable(Problem("required", words, "hub"))
    return Referral(
        person=standing.readiness.person,
        spell=standing.spell.id,
        purpose=wish.purpose,
        needs=wish.needs,
        hospital=standing.spell.hospital,
        hub=wish.hub,
        asked_by=permit.worker,
        asked_at=now,
    )


def _written(standing: Standing, referral: Referral, wish: NeedsWish, token: str) -> Change:
    resource_id = wish.draft or f"referral-{token}"
    made = standing.labelled(build(referral, resource_id))
    return Update(made, wish.draft_version) if wish.draft else Create(made, resource_id)


def answer_hub(
    permit: Permit, referral_id: str, version: int, words: str, *, now: datetime
) -> Stored:
    """Answer what the hub asked the ward; refuses no words, Stale, and as `answered`."""
    refuse_without(permit, Power.ARRANGE_LEAVING)
    one = asked_of(permit, referral_id)
    if one.answer is None or one.answer_version != version:
        raise Stale(_STALE)
    if not words.strip():
        raise Unprocessable(Problem("required", "Write the answer for the hub.", "words"))
    by = Reference(permit.worker)
    answer = answered(one.answer, "answer", at=now, by=by, reason=words)
    change = Update(as_before(one.task, build_answer(answer)), one.answer_version)
    return record.commit(permit, [change], action="referral-answer").stored[0]


def withdrawn(one: Asked, *, at: datetime, by: Reference, why: str) -> list[Change]:
    """Return the changes that cancel a referral, with its answer; a draft only lets go."""
    if one.answer is None:
        return one.moved(replace(one.referral, state="cancelled"))
    answer = answered(one.answer, "cancel", at=max(at, one.answer.at), by=by, reason=why)
    return one.moved(followed(one.referral, answer), answer)


def needs_of(pairs: Sequence[tuple[str, str]]) -> tuple[Need, ...]:
    """Return the needs that were typed, area and words; empty ones are left out."""
    return tuple(Need(area, " ".join(words.split())) for area, words in pairs if words.strip())
