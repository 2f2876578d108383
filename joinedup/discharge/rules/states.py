"""The two state machines of going home: the person's way and the referral's (domain.md 9.2).

Printed in the manual by `joinedup.discharge.manual`.
"""

from joinedup.fhir.machine import Machine, Step

__all__ = ["IN_HOSPITAL", "LEFT", "REFERRAL", "WAY_HOME"]

_WAITING = ("ready", "pathway-decided", "referred", "accepted-by-hub", "plan-ready")
IN_HOSPITAL = ("admitted", "meets-criteria", *_WAITING)
LEFT = ("discharged", "self-discharged", "died", "transferred", "discharge-failed")

WAY_HOME = Machine(
    "The way home",
    "admitted",
    (
        Step(("admitted", *_WAITING), "meet", "meets-criteria", "A review: still needs the bed"),
        Step(("meets-criteria",), "meet", "meets-criteria", "Another review: still needs it"),
        Step(("admitted", "meets-criteria"), "ready", "ready", "A review: ready to go home"),
        Step(_WAITING, "choose", "pathway-decided", "How they go home is decided, or changed"),
        Step(("pathway-decided",), "refer", "referred", "The hub is sent their needs"),
        Step(("referred",), "accept", "accepted-by-hub", "The hub has accepted the referral"),
        Step(("referred", "accepted-by-hub"), "return", "pathway-decided", "The hub sent it back"),
        Step(
            ("pathway-decided", "accepted-by-hub"),
            "arrange",
            "plan-ready",
            "Everything is arranged; with pathway 0 no hub is needed",
        ),
        Step(("plan-ready",), "undo", "accepted-by-hub", "Something arranged fell through"),
        Step(_WAITING, "leave", "discharged", "Went home or on, as planned"),
        Step(IN_HOSPITAL, "self-discharge", "self-discharged", "Left of their own accord"),
        Step(IN_HOSPITAL, "die", "died", "Died in hospital"),
        Step(IN_HOSPITAL, "transfer", "transferred", "Went to another hospital"),
        Step(
            ("discharged", "self-discharged"),
            "fail",
            "discharge-failed",
            "Came back to hospital within a day",
        ),
    ),
)

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
