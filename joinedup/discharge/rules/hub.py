"""A referral on its way through the hub, and what each answer does to how somebody stands.

The hub's answer moves by its table alone (`fhir/profiles/referral_states`). What the ward waits
for changes by itself (DI-03).
"""

from msgspec.structs import replace

from joinedup.discharge.rules.delays import HUB_ACCEPTED, HUB_SENT, cleared
from joinedup.discharge.rules.referral import ready_to_send
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.referral import HubAnswer, Referral
from joinedup.fhir.profiles.referral_states import REFERRAL

__all__ = ["referred", "sent", "sent_back", "taken_on", "with_hub"]

_ACCEPTED = (
    "accepted",
    "assessing",
    "package-sought",
    "offers",
    "accepted-offer",
    "start-confirmed",
    "started",
)
"""States of a referral that the hub has taken on."""


def sent(referral: Referral, resource_id: str) -> tuple[Referral, HubAnswer]:
    """Return the referral as sent and the hub's Task about it, still unanswered.

    Refuses, Unprocessable, needs that prescribe, or one that was sent already.
    """
    state = after(REFERRAL, referral.state, "send")
    ready_to_send(referral)
    answer = HubAnswer(
        referral=resource_id,
        person=referral.person,
        hub=referral.hub,
        state=state,
        at=referral.asked_at,
        by=referral.asked_by,
    )
    return replace(referral, state=state), answer


def referred(readiness: Readiness, referral: Referral, *, by: Reference) -> Readiness:
    """Return how somebody stands once their needs are with the hub: waiting for it to say so.

    Refuses, Unprocessable, another stay's referral, or somebody whose pathway needs no hub.
    """
    if referral.spell != readiness.spell or referral.person != readiness.person:
        raise Unprocessable("This referral is of another stay.")
    if readiness.pathway is not None and readiness.pathway.code == "0":
        raise Unprocessable("On pathway 0 no hub is needed. Change the pathway first.")
    state = after(WAY_HOME, readiness.state, "refer")
    at = referral.asked_at
    then = cleared(readiness, HUB_SENT, owner=referral.hub, at=at, by=by)
    return replace(then, state=state)


def taken_on(readiness: Readiness, answer: HubAnswer, *, by: Reference) -> Readiness:
    """Return how somebody stands once the hub has accepted (DI-03)."""
    if answer.state != "accepted":
        raise Unprocessable("The hub has not accepted the referral.")
    state = after(WAY_HOME, readiness.state, "accept")
    then = cleared(readiness, HUB_ACCEPTED, owner=answer.hub, at=answer.at, by=by)
    return replace(then, state=state)


def sent_back(readiness: Readiness, answer: HubAnswer) -> Readiness:
    """Return how somebody stands after the hub said no: the pathway is decided, nobody has it.

    Refuses, Unprocessable, an answer that is no no. Somebody then says what is now waited for.
    """
    if answer.state not in ("rejected", "cancelled"):
        raise Unprocessable("The hub has not sent the referral back.")
    return replace(readiness, state=after(WAY_HOME, readiness.state, "return"))


def with_hub(readiness: Readiness, answer: HubAnswer) -> Readiness:
    """Return how somebody stands whose pathway was decided again while the hub has their referral.

    The state is that of the referral: it goes on, and nobody sends it twice.
    """
    if answer.state in ("draft", "rejected", "cancelled"):
        return readiness
    state = after(WAY_HOME, readiness.state, "refer")
    if answer.state in _ACCEPTED:
        state = after(WAY_HOME, state, "accept")
    return replace(readiness, state=state)
