"""What a program writes about going home through the API, held to the rules of the pages.

Nottinghamshire's five uses (refer, share a note, say that somebody is safe to leave, confirm that
they left, say that they left of their own accord): docs/nottinghamshire.md. Anything else passes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.following import follows
from joinedup.discharge.referring import NeedsWish, refer_when_known
from joinedup.discharge.reviews import Answers, review_criteria
from joinedup.discharge.standing import Standing, standing_of
from joinedup.fhir.classes import task_kind
from joinedup.fhir.issue import Invalid, NotPermitted, Problem, Unprocessable
from joinedup.fhir.profiles import criteria, referral
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.readiness import READINESS
from joinedup.record import Change, Committed, Create, Delete, Outcome, Update

__all__ = ["SAFE", "commit"]

Resource = Mapping[str, Any]
SAFE = f"{PLACE}/StructureDefinition/safe-for-discharge"
"""Extension of a stay: the hospital says that its person is safe to leave (valueBoolean)."""

_OF_THE_ROOM = (READINESS, referral.HUB_REFERRAL, "placement")
_TYPES = ("Encounter", "ServiceRequest", "Observation", "Task")


def commit(permit: Permit, changes: Sequence[Change], *, now: datetime) -> Committed:
    """Make a program's changes, as `record.commit`, with what follows from them in the same commit.

    A referral to the hub and a review of the criteria to reside are taken by themselves, as from a
    page. Raises NotPermitted for what only the pages write, Unprocessable as the pages do.
    """
    touched = [change for change in changes if _type_of(change) in _TYPES]
    if not touched:
        return record.commit(permit, changes)
    _refuse_of_the_room(permit, touched)
    acts = [c for c in touched if isinstance(c, Create) and _is_act(c.resource)]
    if acts and len(changes) > 1:
        raise Unprocessable("Send a referral, or a review of the criteria, by itself.")
    if acts:
        act = acts[0].resource
        done = _refer if act["resourceType"] == "ServiceRequest" else _review
        return done(permit, act, now)
    after = [f for change in touched for f in _followed(permit, change)]
    committed = record.commit(permit, [*changes, *after])
    return Committed(committed.outcomes[: len(changes)])


def _type_of(change: Change) -> str:
    return change.type if isinstance(change, Delete) else str(change.resource["resourceType"])


def _is_act(resource: Resource) -> bool:
    return referral.is_referral(resource) or criteria.is_checklist(resource)


def _refuse_of_the_room(permit: Permit, changes: Sequence[Change]) -> None:
    """What several people stand behind is written by the acts that check it."""
    for change in changes:
        stood = _stood(permit, change)
        if stood and (task_kind(stood) in _OF_THE_ROOM or _is_act(stood)):
            raise NotPermitted(
                "How somebody stands towards going home, a referral that was sent and a review are "
                "changed in their pages. A program refers, reviews, and says who has left."
            )


def _stood(permit: Permit, change: Change) -> Resource:
    """Return what would be changed or made; nothing where it is an act, which is checked."""
    if isinstance(change, Delete):
        return record.read(permit, change.type, change.id).resource
    if isinstance(change, Create) and _is_act(change.resource):
        return {}
    return change.resource


def _refer(permit: Permit, resource: Resource, now: datetime) -> Committed:
    try:
        asked = referral.read({**_SENT, **resource})
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise Invalid(
            "A referral names its person, the stay (encounter), the hub (performer) and each need "
            f"({referral.NEED})."
        ) from problem
    standing = standing_of(permit, asked.spell)
    if asked.person != standing.readiness.person:
        raise Unprocessable(
            Problem("business-rule", "This stay is another person's.", "ServiceRequest.encounter")
        )
    wish = NeedsWish(purpose=asked.purpose, needs=asked.needs, hub=asked.hub)
    stored = refer_when_known(permit, standing, wish, token=uuid4().hex, now=now)
    return Committed((Outcome("created", stored),))


_SENT: Resource = {
    "supportingInfo": [{"reference": ""}],
    "requester": {"reference": ""},
    "authoredOn": "1900-01-01T00:00:00+00:00",
    "orderDetail": [{"coding": [{"code": "draft"}]}],
}
"""What a sender need not say: the place knows it of the stay and of who is signed in."""


def _review(permit: Permit, resource: Resource, now: datetime) -> Committed:
    try:
        said = criteria.read({"performer": [{"reference": ""}], "valueBoolean": False, **resource})
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise Invalid(
            "A review names its person, the stay (encounter), when (effectiveDateTime), and has a "
            "component for each of the eleven criteria."
        ) from problem
    standing = standing_of(permit, said.spell)
    if said.person != standing.readiness.person:
        raise Unprocessable(
            Problem("business-rule", "This stay is another person's.", "Observation.encounter")
        )
    answers = Answers(
        answers=said.answers,
        news2=said.news2,
        news_cause=said.news_cause,
        news_words=said.news_words,
        ended=said.ended,
    )
    done = review_criteria(permit, said.spell, answers, seen=standing.version, now=now)
    stored = record.read(permit, "Observation", done.checklist)
    return Committed((Outcome("created", stored),))


def _followed(permit: Permit, change: Change) -> list[Change]:
    """Return what follows from a change of a stay; refuses one that would lose its bed."""
    if isinstance(change, Delete) or _type_of(change) != "Encounter":
        return []
    after = change.resource
    if not spells.is_spell(after):
        return []
    if not isinstance(change, Update):
        return follows(permit, None, after)
    standing = standing_of(permit, str(after["id"]))
    _refuse_backwards(after)
    _refuse_lost_bed(standing, after)
    _refuse_unsafe(standing, after)
    after_it = follows(permit, standing.encounter, after)
    if after_it:
        refuse_without(permit, Power.END_STAY)
    return after_it


def _refuse_backwards(after: Resource) -> None:
    stay = spells.read(after)
    if stay.admitted and stay.left and stay.left < stay.admitted:
        words = "They would have left before they came. Look at both times."
        raise Unprocessable(Problem("business-rule", words, "Encounter.period"))


def _refuse_lost_bed(standing: Standing, after: Resource) -> None:
    bed = standing.spell.bed
    if bed is None or after.get("status") != "in-progress" or spells.read(after).bed is not None:
        return
    raise Unprocessable(
        Problem(
            "business-rule",
            f"They lie in bed {bed.bed} and this would leave them in none. Send the stay as you "
            "read it, with what changed.",
            "Encounter.location",
        )
    )


def _refuse_unsafe(standing: Standing, after: Resource) -> None:
    """That somebody is safe to leave rests on the last review, of all eleven criteria (DI-01)."""
    said, stood = _safe(after), _safe(standing.encounter)
    if said is None or said == stood:
        return
    ready = standing.readiness.ready is not None
    if said and not ready:
        words = "By the last review they need the bed, or nobody has reviewed them."
    elif not said and ready:
        words = "By the last review they are ready to go home."
    else:
        return
    words += " Send the eleven answers of a new review first (Observation, criteria-to-reside)."
    raise Unprocessable(Problem("business-rule", words, "Encounter.extension"))


def _safe(encounter: Resource) -> bool | None:
    found = (e.get("valueBoolean") for e in encounter.get("extension", ()) if e.get("url") == SAFE)
    return next((value for value in found if isinstance(value, bool)), None)
