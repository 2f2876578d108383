"""Where a referral to the hub stands: one table, along which the hub and the brokers both move it.

From sent to accepted it is the hub's, from help being looked for to somebody having come the
brokers' (docs/decisions/0020). Both write the same Task by `answered`, and nothing else does.
"""

from datetime import datetime

from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.machine import Machine, Step, after
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.referral import HubAnswer, Referral

__all__ = ["OVER", "REFERRAL", "answered", "followed"]

_OPEN = ("received", "accepted", "info-requested", "assessing", "package-sought", "offers")
_TO_START = ("accepted-offer", "start-confirmed")

REFERRAL = Machine(
    "A referral to the care transfer hub",
    "draft",
    (
        Step(("draft",), "send", "sent", "Sent by the ward"),
        Step(("sent",), "receive", "received", "The hub has it"),
        Step(("sent", "received", "info-requested"), "accept", "accepted", "The hub takes it on"),
        Step(("sent", "received"), "reject", "rejected", "The hub says no, with a reason"),
        Step(("received", "accepted", "assessing"), "ask", "info-requested", "More is asked"),
        Step(("info-requested",), "answer", "received", "The ward has answered"),
        Step(("accepted",), "assess", "assessing", "A trusted assessor looks"),
        Step(("accepted", "assessing"), "seek", "package-sought", "Help is being looked for"),
        Step(("package-sought", "offers"), "offer", "offers", "A provider has offered"),
        Step(("offers",), "take", "accepted-offer", "An offer is taken"),
        Step((*_TO_START, "offers"), "lose", "package-sought", "The offer fell through"),
        Step(("accepted-offer",), "confirm", "start-confirmed", "The provider says when"),
        Step(("start-confirmed",), "start", "started", "Somebody came"),
        Step(("draft", "sent", *_OPEN, *_TO_START), "cancel", "cancelled", "No longer needed"),
    ),
)

OVER = ("rejected", "started", "cancelled")
"""States that nothing leads out of: the claim of the stay and purpose is free again."""

_WITH_REASON = {
    "reject": "Say why the hub cannot take this on, and what would help.",
    "ask": "Say what the ward is asked.",
    "cancel": "Say why it is no longer needed.",
    "lose": "Say why the offer fell through.",
}
_LEAST_REASON = 8


def answered(
    answer: HubAnswer, act: str, *, at: datetime, by: Reference, reason: str = ""
) -> HubAnswer:
    """Return where a referral stands after an act of the hub, a broker, or the ward's answer.

    Refuses, Unprocessable, an act that cannot follow, one before the last, a no without a reason.
    """
    state = after(REFERRAL, answer.state, act)
    if at < answer.at:
        raise Unprocessable("That is before what was answered last.")
    if act in _WITH_REASON and len(reason.strip()) < _LEAST_REASON:
        raise Unprocessable(_WITH_REASON[act])
    return replace(answer, state=state, at=at, by=str(by), reason=reason.strip())


def followed(referral: Referral, answer: HubAnswer) -> Referral:
    """Return the referral in the state of the hub's answer; over, it lets go of its claim."""
    return replace(referral, state=answer.state)
