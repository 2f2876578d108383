"""A referral that is no longer needed: withdrawn, with what was placed for it.

Whoever looked for care, and the provider of a start that was confirmed, are told in the commit.
"""

from datetime import datetime

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.around import Around, around
from joinedup.discharge.queries import Asked, asked_of
from joinedup.discharge.referring import HELP, withdrawn
from joinedup.discharge.rules.hub import sent_back
from joinedup.discharge.rules.turn import may
from joinedup.discharge.standing import Seen, Standing, saved, seen_now
from joinedup.discharge.stopping import tasks
from joinedup.discharge.unplacing import begun_of, is_placed, unplaced
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Readiness, without_start
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.record import Change, Stored
from joinedup.reference.calendars import length

__all__ = ["not_needed", "withdraw"]


def withdraw(permit: Permit, seen: Seen, referral_id: str, why: str, *, now: datetime) -> Stored:
    """Cancel a referral that is no longer needed; how somebody stands follows.

    What was placed for it ends, and a start that was confirmed is undone. Refuses, Unprocessable,
    no reason or one that is over; NotPermitted, Stale.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    standing, one = seen_now(permit, seen), asked_of(permit, referral_id)
    then, changes = not_needed(permit, standing, one, standing.readiness, why=why, now=now)
    if one.answer is not None and one.referral.purpose == HELP and may(then, "return"):
        then = sent_back(then, replace(one.answer, state="cancelled"))
    if then != standing.readiness:
        changes.append(saved(standing, then))
    return record.commit(permit, changes, action="referral-cancelled").stored[0]


def not_needed(
    permit: Permit, standing: Standing, one: Asked, readiness: Readiness, *, why: str, now: datetime
) -> tuple[Readiness, list[Change]]:
    """Return how somebody stands without what was found for a referral, and what else changes."""
    beside = around(permit, readiness.person, standing.spell.id)
    by = Reference(permit.worker)
    changes = [
        *withdrawn(one, at=now, by=by, why=why),
        *unplaced(beside, at=now, words=why, referral=one.id),
        *_told(permit, standing, beside, one, now),
    ]
    undone = begun_of(beside, one.id)
    return (without_start(readiness) if undone else readiness), changes


def _told(
    permit: Permit, standing: Standing, beside: Around, one: Asked, now: datetime
) -> list[Change]:
    """A provider is told by name only once its start was confirmed: before, it knows no name."""
    if not is_placed(beside, one.id):
        return []
    named = beside.name or "Somebody"
    teams = [(one.referral.hub, Role.BROKER)]
    teams += [(provider, Role.PROVIDER_WORKER) for provider in begun_of(beside, one.id)]
    wanted = [
        TeamTask(
            kind="help-withdrawn",
            person=standing.readiness.person,
            spell=standing.spell.id,
            team=team,
            role=role.value,
            words=f"{named} no longer needs the help that was to start. Nobody calls for it.",
            asked_by=permit.worker,
            asked_at=now,
            due=now + length("admission-told-within", on=day_of(now)),
        )
        for team, role in teams
    ]
    return tasks(standing, wanted)
