"""What the hub does with a referral: has it, accepts it, sends it back, asks for more, assesses.

The ward's Task and the referral follow in the same commit, so that a ward sees it without asking,
and what it waits for changes by itself (DI-03).
"""

from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.queries import Asked, asked_of
from joinedup.discharge.referring import HELP
from joinedup.discharge.rules.hub import sent_back, taken_on
from joinedup.discharge.rules.turn import may
from joinedup.discharge.standing import saved, standing_of
from joinedup.fhir.issue import Problem, Stale, Unprocessable
from joinedup.fhir.machine import is_possible
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.referral import HubAnswer
from joinedup.fhir.profiles.referral_states import REFERRAL, answered, followed
from joinedup.record import Change, Stored

__all__ = ["ACTS", "answer", "possible_acts"]

ACTS = {
    "receive": "We have it",
    "accept": "Accept it",
    "ask": "Ask the ward for more",
    "reject": "Send it back",
    "assess": "A trusted assessor sees them",
}
"""What the hub may do, in the words of its buttons; the rest of the way is the brokers'."""
_STALE = "Somebody answered this referral while you were reading. Look at where it stands now."


def possible_acts(one: Asked) -> tuple[tuple[str, str], ...]:
    """Return the acts that can follow as a referral stands, with their words."""
    if one.answer is None:
        return ()
    state = one.answer.state
    return tuple((act, words) for act, words in ACTS.items() if is_possible(REFERRAL, state, act))


def answer(
    permit: Permit, referral_id: str, version: int, act: str, *, reason: str = "", now: datetime
) -> Stored:
    """Answer a referral for the hub and return its Task; `version` is the Task's that was seen.

    Raises Unprocessable for an act that cannot follow or a no without a reason, Stale where
    somebody answered meanwhile, NotPermitted for a role that does not answer for the hub.
    """
    refuse_without(permit, Power.ANSWER_HUB)
    one = asked_of(permit, referral_id)
    if act not in ACTS:
        raise Unprocessable(Problem("value", "Choose what the hub does with it.", "do"))
    if one.answer is None or one.answer_version != version:
        raise Stale(_STALE)
    if not is_possible(REFERRAL, one.answer.state, act):
        words = "That cannot follow from where the referral stands. Choose one of the others."
        raise Unprocessable(Problem("business-rule", words, "do"))
    by = Reference(permit.worker)
    now_said = answered(one.answer, act, at=max(now, one.answer.at), by=by, reason=reason)
    changes: list[Change] = [
        *one.moved(followed(one.referral, now_said), now_said),
        *_ward_follows(permit, one, now_said, by),
    ]
    return record.commit(permit, changes, action=f"hub-{act}").stored[1]


def _ward_follows(permit: Permit, one: Asked, said: HubAnswer, by: Reference) -> list[Change]:
    if one.referral.purpose != HELP or said.state not in ("accepted", "rejected"):
        return []
    standing = standing_of(permit, one.referral.spell)
    readiness = standing.readiness
    if said.state == "accepted" and may(readiness, "accept"):
        return [saved(standing, taken_on(readiness, said, by=by))]
    if said.state == "rejected" and may(readiness, "return"):
        return [saved(standing, sent_back(readiness, said))]
    return []
