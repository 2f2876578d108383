"""What comes first: why something cannot be done yet on the way home, in words that say what can.

The table of states decides (`states`); this only says it as a nurse would.
"""

from collections.abc import Mapping

from joinedup.discharge.rules.states import LEFT, WAY_HOME
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.machine import is_possible
from joinedup.fhir.profiles.readiness import Readiness

__all__ = ["may", "refuse_out_of_turn"]

_LEFT = "They have left hospital. Nothing more is arranged here."
_NOT_READY = (
    "They are not marked ready to go home: by the last review they need the bed, or nobody has "
    "reviewed them. Review the criteria to reside first."
)
_NOT_NOW: Mapping[str, Mapping[str, str]] = {
    "refer": {
        "ready": "Decide the pathway first.",
        "": "Their needs are with the hub already. Look at where the referral stands.",
    },
    "arrange": {
        "ready": "Decide the pathway first.",
        "referred": "The hub has not accepted the referral yet.",
        "": "Everything is arranged already.",
    },
    "choose": {"": "The pathway cannot be decided now."},
}


def may(readiness: Readiness, act: str) -> bool:
    """Whether an act may be done as somebody stands."""
    return is_possible(WAY_HOME, readiness.state, act)


def refuse_out_of_turn(readiness: Readiness, act: str) -> None:
    """Refuse, Unprocessable, an act that cannot follow, and say what comes first."""
    if may(readiness, act):
        return
    words = _NOT_NOW.get(act, {"": "This cannot be done now."})
    said = words.get(readiness.state, words[""])
    if readiness.state in LEFT:
        said = _LEFT
    elif readiness.state in ("admitted", "meets-criteria"):
        said = _NOT_READY
    raise Unprocessable(Problem("business-rule", said))
