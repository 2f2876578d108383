"""The states of a wish to be a proxy, and the coded words said on the way: one table each.

requested -> consent_pending -> verifying -> active -> revoked, or rejected (domain.md 5.3). Pure.
That time ran out is not a state: what is active ends to the second, as its Consent says.
"""

from collections.abc import Mapping

from joinedup.fhir.issue import Stale

__all__ = [
    "BASES",
    "DENIALS",
    "ENDINGS",
    "MOVES",
    "OWN_BASIS",
    "PARENTAL",
    "TASK_STATUS",
    "moved",
]

MOVES: Mapping[str, tuple[str, ...]] = {
    "requested": ("consent_pending", "verifying", "rejected"),
    "consent_pending": ("verifying", "rejected"),
    "verifying": ("active", "rejected"),
    "active": ("revoked",),
    "revoked": (),
    "rejected": (),
}
"""From which state to which. Invited: `requested` until they prove who they are, then `verifying`.
Asked: `requested`, then `consent_pending` until the person answers."""

TASK_STATUS: Mapping[str, str] = {
    "requested": "requested",
    "consent_pending": "received",
    "verifying": "accepted",
    "active": "completed",
    "revoked": "cancelled",
    "rejected": "rejected",
}
"""What each state is in FHIR R4's own words (Task.status)."""

OWN_BASIS, PARENTAL = "own", "parent"
BASES: Mapping[str, str] = {
    OWN_BASIS: "They said so themselves on these pages",
    "told": "They told the practice, and can decide this for themselves",
    "best-interests": "They cannot decide this; it was decided in their best interests",
    "attorney": "A lasting power of attorney for health and welfare; the document was seen",
    "deputy": "A deputy of the Court of Protection; the order was seen",
    PARENTAL: "Parental responsibility for a child; the document was seen",
}
"""How it is known that the person agrees, or that somebody may decide for them."""

DENIALS: Mapping[str, str] = {
    "declined": "The person does not want this",
    "identity": "Who is who could not be confirmed",
    "not-safe": "It would not be safe",
    "not-needed": "It is not needed for their care",
    "not-entitled": "Nobody has the right to decide this for them",
}
ENDINGS: Mapping[str, str] = {
    "asked": "The person asked for it",
    "worry": "There is a worry about pressure or harm",
    "not-needed": "It is not needed any more",
    "not-entitled": "They no longer have the right to act",
    "mistake": "It was set up by mistake",
    "restricted": "The record is specially protected now",
    "died": "The person has died",
}
"""Why a professional says no, or ends it. Only workers read these; a proxy is never told why."""


def moved(before: str, after: str) -> str:
    """Return the state after; refuses with Stale a step that does not follow from the one before.

    Somebody else was there first, or it was settled: the page shows what stands now.
    """
    if after not in MOVES.get(before, ()):
        raise Stale("This was settled meanwhile. Look at what stands now.")
    return after
