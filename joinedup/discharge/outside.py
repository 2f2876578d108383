"""What a program writes about going home through the API, held to the rules of the pages.

Nottinghamshire's five uses (refer, share a note, say that somebody is safe to leave, confirm that
they left, say that they left of their own accord): docs/nottinghamshire.md. Anything else passes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.following import follows
from joinedup.discharge.referring import NeedsWish, refer_when_known
from joinedup.discharge.reviews import Answers, review_criteria
from joinedup.discharge.standing import Standing, standing_of
from joinedup.fhir.classes import labels_on, task_kind
from joinedup.fhir.issue import (
    Gone,
    Invalid,
    NotFound,
    NotPermitted,
    Problem,
    SeveralMatches,
    Unprocessable,
)
from joinedup.fhir.profiles import criteria, referral
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.readiness import READINESS
from joinedup.record import (
    Change,
    Committed,
    Create,
    Delete,
    MatchAppeared,
    Outcome,
    Stored,
    Update,
)

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
    changes = [_named(change) for change in changes]
    touched = [change for change in changes if _type_of(change) in _TYPES]
    if not touched:
        return record.commit(permit, changes)
    _refuse_of_the_room(permit, touched)
    acts = [c for c in touched if isinstance(c, Create) and _is_act(c.resource)]
    if acts and len(changes) > 1:
        raise Unprocessable("Send a referral, or a review of the criteria, by itself.")
    if acts:
        return _acted(permit, acts[0], now)
    after = [f for change in touched for f in _followed(permit, change)]
    committed = record.commit(permit, [*changes, *after])
    return Committed(committed.outcomes[: len(changes)])


def _type_of(change: Change) -> str:
    return change.type if isinstance(change, Delete) else str(change.resource["resourceType"])


def _named(change: Change) -> Change:
    """Return a stay that begins with the id it will have: what follows names it."""
    is_new = isinstance(change, Create) and change.id is None
    return (
        replace(change, id=str(uuid4())) if is_new and _type_of(change) == "Encounter" else change
    )


def _is_act(resource: Resource) -> bool:
    return referral.is_referral(resource) or criteria.is_checklist(resource)


def _before(permit: Permit, change: Change) -> Resource:
    """Return what would be changed or deleted, as the permit sees it; empty where that is new."""
    if not isinstance(change, Update | Delete):
        return {}
    name = change.id if isinstance(change, Delete) else str(change.resource["id"])
    try:
        return record.read(permit, _type_of(change), name).resource
    except (NotFound, Gone):
        return {}


def _refuse_of_the_room(permit: Permit, changes: Sequence[Change]) -> None:
    """What several people stand behind is written by the acts that check it.

    What would be made of it is looked at here; that it stays what it is, `access.homeward` sees to.
    """
    for change in changes:
        stood = _before(permit, change) if isinstance(change, Delete) else change.resource
        is_new_act = isinstance(change, Create) and _is_act(stood)
        if stood and not is_new_act and (task_kind(stood) in _OF_THE_ROOM or _is_act(stood)):
            raise NotPermitted(
                "How somebody stands towards going home, a referral that was sent and a review are "
                "changed in their pages. A program refers, reviews, and says who has left."
            )


def _acted(permit: Permit, act: Create, now: datetime) -> Committed:
    found = _already(permit, act)
    if found is not None:
        return Committed((Outcome("unchanged", found),))
    done = _refer if act.resource["resourceType"] == "ServiceRequest" else _review
    return done(permit, act.resource, now)


def _already(permit: Permit, act: Create) -> Stored | None:
    """Return the one that fits the sender's condition, which was sent before (R4 3.1.0.8.1)."""
    if act.if_none_exist is None:
        return None
    found = record.search(permit, replace(act.if_none_exist, count=2)).entries
    if len(found) > 1:
        raise SeveralMatches("More than one fits this condition. Say more, so that one fits.")
    if found and act.must_be_new:
        raise MatchAppeared
    return found[0] if found else None


def _refuse_labels(standing: Standing, resource: Resource) -> None:
    """What is written about a stay is under the stay's labels; none that was sent is lost."""
    stands = standing.task or standing.encounter
    if labels_on(resource) & ~labels_on(stands):
        words = (
            "This is kept under the labels of the stay, and yours has another. Label the stay "
            "first, or send it without a label."
        )
        path = f"{resource['resourceType']}.meta.security"
        raise Unprocessable(Problem("business-rule", words, path))


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
    _refuse_labels(standing, resource)
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
    _refuse_labels(standing, resource)
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
    """Return what follows from a change of a stay; refuses one that its writer may not make."""
    if _type_of(change) != "Encounter":
        return []
    before = _before(permit, change)
    if isinstance(change, Delete):
        if spells.is_spell(before):
            raise NotPermitted("A stay is never deleted. One that never was is sent as cancelled.")
        return []
    after = change.resource
    if isinstance(change, Create):
        if _already(permit, change) is not None:
            return []
        after = {**after, "id": change.id}
    if spells.is_spell(before):
        _refuse_another_stay(before, after)
    elif not spells.is_spell(after):
        return []
    if _holds(after) - _holds(before):
        refuse_without(permit, Power.KEEP_BEDS)
    if spells.is_spell(before):
        _refuse_end(permit, before, after)
        _refuse_lost_bed(permit, before, after)
        _refuse_unsafe(permit, before, after)
    return follows(permit, before or None, after)


def _refuse_another_stay(before: Resource, after: Resource) -> None:
    """A stay stays one, of the same person; what never was is cancelled, and not hidden."""
    if not spells.is_spell(after):
        words, path = "A stay in hospital cannot be made into another contact.", "class"
    elif spells.read(before).person != after.get("subject", {}).get("reference"):
        words, path = "This stay is another person's.", "subject"
    elif after.get("status") in _NO_END:
        words, path = "Say how the stay ended: finished, or cancelled if it never was.", "status"
    else:
        return
    raise Unprocessable(Problem("business-rule", words, f"Encounter.{path}"))


_NO_END = ("entered-in-error", "unknown")
_HERE = ("in-progress", "onleave")
_OVER = ("finished", "cancelled")
_HOW_IT_ENDED = ("period", "hospitalization")


def _refuse_end(permit: Permit, before: Resource, after: Resource) -> None:
    """Who says that somebody has left, or has not, works on the ward or for the hub."""
    was, now_is = before.get("status"), after.get("status")
    ends = was in _HERE and now_is not in _HERE
    said = any(before.get(name) != after.get(name) for name in ("status", *_HOW_IT_ENDED))
    if ends or (was in _OVER and said):
        refuse_without(permit, Power.END_STAY)
    stay = spells.read(after)
    if stay.admitted and stay.left and stay.left < stay.admitted:
        words = "They would have left before they came. Look at both times."
        raise Unprocessable(Problem("business-rule", words, "Encounter.period"))


def _holds(encounter: Resource) -> set[str]:
    return set(spells.beds_held(encounter)) if encounter else set()


def _refuse_lost_bed(permit: Permit, before: Resource, after: Resource) -> None:
    bed = spells.read(before).bed
    if bed is None or after.get("status") in _OVER:
        return
    if spells.read(after).bed is None:
        words = (
            f"They lie in bed {bed.bed} and this would leave them in none. Send the stay as you "
            "read it, with what changed."
        )
        raise Unprocessable(Problem("business-rule", words, "Encounter.location"))
    if _holds(before) - _holds(after):
        refuse_without(permit, Power.KEEP_BEDS)


def _refuse_unsafe(permit: Permit, before: Resource, after: Resource) -> None:
    """That somebody is safe to leave rests on the last review, of all eleven criteria (DI-01)."""
    said, stood = _safe(after), _safe(before)
    if said is None or said == stood:
        return
    ready = standing_of(permit, str(before["id"])).readiness.ready is not None
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
