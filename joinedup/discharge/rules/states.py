"""The state machine of the person's way home (domain.md 9.2); the referral's is a shared fact.

Printed in the manual by `joinedup.discharge.manual`; the other is in
`fhir/profiles/referral_states`, which more than one room moves along.
"""

from joinedup.fhir.machine import Machine, Step

__all__ = ["IN_HOSPITAL", "LEFT", "WAY_HOME"]

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
