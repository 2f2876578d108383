"""What follows when a hospital's message begins, ends or takes back a stay (HL7 ADT).

The same as when a worker writes it: help at home is held at admission, and an ending stops what was
planned and tells each team. `hl7` stores these changes in the message's own commit; a fact that
came by message is never refused for what was not arranged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.discharge.around import TYPES, Around, of_entries
from joinedup.discharge.holding import admitted
from joinedup.discharge.restarting import restarted
from joinedup.discharge.rules.endings import (
    Ended,
    Tell,
    came_back,
    came_back_within,
    never_came,
    not_left,
    taken_back,
    told_of_leaving,
)
from joinedup.discharge.rules.hub import with_hub
from joinedup.discharge.rules.turn import may
from joinedup.discharge.standing import Standing, fresh, saved
from joinedup.discharge.stopping import RING, Ending, say, stopped, tasks, told
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles import errand, team_task
from joinedup.fhir.profiles import readiness as profile
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.readiness import Readiness, is_readiness, readiness_id
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.record import Change, Create, Put, Stored, Update
from joinedup.record.watched import kept_of

__all__ = ["follows"]

Resource = Mapping[str, Any]
_HERE, _LEFT = "in-progress", "finished"


def follows(permit: Permit, before: Resource | None, after: Resource) -> list[Change]:
    """Return what follows a stay that stood as `before` and now stands as `after`; often nothing.

    It refuses nothing. What is already written for the same event is left as it is.
    """
    was, now_is = (before or {}).get("status"), after.get("status")
    if not spells.is_spell(after) or (was == now_is and spells.is_spell(before or {})):
        return []
    if now_is not in (_HERE, _LEFT, "cancelled"):
        return []
    try:
        person = str(after["subject"]["reference"]).removeprefix("Patient/")
        entries = _entries(permit, person)
        standing = _standing(entries, before, after)
    except (NotFound, KeyError, TypeError, ValueError):
        return []  # somebody new, of whom nothing can hang here; or a Task that others spoiled
    return [_again(change) for change in _changes(standing, entries, was, str(now_is))]


def _entries(permit: Permit, person: str) -> tuple[Stored, ...]:
    """Return what could hang on a stay: a job in one trip, of others in the audit."""
    if permit.role is Role.SYSTEM:
        return kept_of(permit, person, TYPES)
    return record.everything(permit, person, types=TYPES, detail="how a stay ends").entries


def _again(change: Change) -> Change:
    """A message may come twice: what it raised is stored once.

    How somebody stands is no such thing: who wrote it first meanwhile is read again, not written
    over.
    """
    if not isinstance(change, Create) or is_readiness(change.resource):
        return change
    return Put({**change.resource, "id": change.id})


def _standing(entries: Sequence[Stored], before: Resource | None, after: Resource) -> Standing:
    here = spells.read(after)
    task = next((s for s in entries if s.id == readiness_id(here.id)), None)
    return Standing(
        spell=here,
        encounter=after,
        encounter_version=0,
        readiness=profile.read(task.resource) if task else fresh(here),
        version=task.version if task else 0,
        task=task.resource if task else {},
    )


def _changes(
    standing: Standing, entries: Sequence[Stored], was: str | None, now_is: str
) -> list[Change]:
    beside = of_entries(entries, standing.spell.id)
    if now_is == _LEFT:
        return _left(standing, beside)
    if now_is == "cancelled":
        return _never_came(standing, beside)
    if was == _LEFT:
        return _never_left(standing, beside, entries)
    return [*_failed(standing, entries), *_came(standing, beside)]


def _left(standing: Standing, beside: Around) -> list[Change]:
    spell = standing.spell
    if spell.left is None:
        return []
    ended = told_of_leaving(
        standing.readiness, spell.left, method=spell.method, destination=spell.destination
    )
    if not ended.tells or (not ended.acts and not standing.version and not beside.held):
        return []  # they went home, and nobody had arranged or held anything
    return _carried(standing, beside, ended)


def _carried(standing: Standing, beside: Around, done: Ended) -> list[Change]:
    assert done.readiness.left is not None, "it has ended"
    ending = _ending(standing, beside, done.readiness.left, done.tells[0].words)
    back = restarted(ending, {}).changes if not done.acts else ()
    return [
        saved(standing, done.readiness),
        *stopped(done.acts, ending),
        *back,
        *told(done.tells, ending),
    ]


def _ending(standing: Standing, beside: Around, at: datetime, words: str) -> Ending:
    return Ending(standing=standing, around=beside, at=at, by="", words=words)


def _came(standing: Standing, beside: Around) -> list[Change]:
    at = standing.readiness.admitted
    return admitted(_ending(standing, beside, at, "is in hospital"))


def _never_came(standing: Standing, beside: Around) -> list[Change]:
    """An admission that was taken back: what was held is settled with its provider, and what was
    asked of the hub for it is over."""
    at = standing.readiness.admitted
    ending = _ending(standing, beside, at, never_came(at).words)
    asked = [one for one in beside.referrals if one.is_open]
    over = stopped(("cancel-referral", "withdraw-offers"), ending)
    tells = [replace(never_came(at), who=who) for who in ("hub", "provider", "coordinator")]
    return [*restarted(ending, {}).changes, *over, *(told(tells, ending) if asked else ())]


def _never_left(standing: Standing, beside: Around, entries: Sequence[Stored]) -> list[Change]:
    """Who was told that somebody has left is told that they have not; what that asked is over."""
    left = standing.readiness.left
    if standing.version == 0 or left is None:
        return []
    then = taken_back(standing.readiness)
    for one in beside.referrals:
        if one.is_open and one.answer is not None and may(then, "refer"):
            then = with_hub(then, one.answer)
    raised = [s for s in entries if _is_raised(s, standing.spell.id, left)]
    tell = not_left(left)
    again = [
        replace(
            task, words=_still(task, beside.name, tell), due=left + tell.within, state="requested"
        )
        for task in (team_task.read(s.resource) for s in raised)
        if task.kind == "stay-ended"
    ]
    over = [
        Update({**stored.resource, "status": "cancelled"}, stored.version)
        for stored in raised
        if errand.is_open(stored.resource)
    ]
    return [saved(standing, then), *over, *tasks(standing, again)]


def _still(task: TeamTask, name: str, tell: Tell) -> str:
    who = "carer" if task.words.startswith(RING) else ""
    return say(replace(tell, who=who), name or "Somebody")


def _is_raised(stored: Stored, spell: str, left: datetime) -> bool:
    """Whether a Task was raised because somebody left a stay at a moment."""
    if not team_task.is_team_task(stored.resource):
        return False
    task = team_task.read(stored.resource)
    return task.spell == spell and task.asked_at == left


def _failed(standing: Standing, entries: Sequence[Stored]) -> list[Change]:
    """Return what follows for the stay before, where somebody left it within a day (9.2)."""
    changes: list[Change] = []
    at = standing.readiness.admitted
    for stored in entries:
        if not is_readiness(stored.resource) or stored.id == standing.readiness.id:
            continue
        earlier: Readiness = profile.read(stored.resource)
        if earlier.state not in ("discharged", "self-discharged"):
            continue
        if came_back_within(earlier, at) == "failed":
            done = came_back(earlier, at)
            own = replace(
                standing,
                spell=replace(standing.spell, id=earlier.spell),
                readiness=earlier,
                version=stored.version,
                task=stored.resource,
            )
            ending = _ending(own, of_entries(entries, earlier.spell), at, done.tells[0].words)
            changes += [saved(own, done.readiness), *told(done.tells, ending)]
    return changes
