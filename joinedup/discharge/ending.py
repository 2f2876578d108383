"""How a stay ends: home as planned, of their own accord, by death or to another hospital.

Whatever ends it, the stay, the referral, what was placed, the visits ahead and a Task for each team
are one commit: nobody calls expecting a plan (domain.md 9.2, 9.9 no. 11).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.around import around
from joinedup.discharge.queries import answers_of
from joinedup.discharge.restarting import restarted
from joinedup.discharge.rules.endings import came_back, ended, home
from joinedup.discharge.rules.leaving import first_call, gone_home, letter_due
from joinedup.discharge.rules.plan_count import carer_refusals
from joinedup.discharge.rules.turn import refuse_out_of_turn
from joinedup.discharge.standing import STALE, Seen, Standing, keep, saved, seen_now, standing_of
from joinedup.discharge.stopping import Ending, stopped, tasks, told
from joinedup.fhir.issue import Problem, Stale, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.spell import with_end
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.record import Change, Stored, Update

__all__ = ["Leaving", "come_back", "end_otherwise", "leave"]

_AT_HOME = ("19", "29")
_A_MINUTE = timedelta(minutes=1)


class Leaving(Struct, frozen=True, kw_only=True):
    """When somebody left, by which national codes; `destination` "" is that of the pathway.

    `restart`: packages that were held and whose provider said it will come, each with the version
    of the package that was seen (CP-05).
    """

    at: datetime
    method: str = "1"
    destination: str = ""
    restart: Mapping[str, int] = {}


def leave(permit: Permit, seen: Seen, wish: Leaving, *, now: datetime) -> Stored:
    """Write down that somebody has gone home as planned, and raise what follows (DI-04, DI-06).

    Raises Unprocessable with every reason against it: no confirmed start and nobody who answers for
    it, a carer who cannot go on, help that was held and is not there again; NotPermitted, Stale.
    """
    refuse_without(permit, Power.END_STAY)
    standing = _here(permit, seen, wish.at, now)
    refuse_out_of_turn(standing.readiness, "leave")
    at = _to_the_minute(standing.readiness, wish.at)
    carers = carer_refusals(
        standing.readiness, answers_of(permit, standing.readiness.person), on=day_of(at)
    )
    then = gone_home(
        standing.readiness,
        at,
        method=wish.method,
        destination=wish.destination,
        carers=carers,
    )
    ending = _ending(permit, standing, at, "has gone home from hospital")
    back = restarted(ending, wish.restart)
    if back.exceptions and then.risk_owner is None:
        raise Unprocessable(*(Problem("business-rule", e, "restart") for e in back.exceptions))
    tells = [t for t in home(then) if t.who not in {said.who for said in then.told}]
    after = [*back.changes, *told(tells, ending), *_afterwards(ending, then)]
    return _end(permit, standing, then, after)


def end_otherwise(
    permit: Permit,
    seen: Seen,
    kind: str,
    *,
    at: datetime,
    method: str,
    destination: str,
    now: datetime,
) -> Stored:
    """Write down that somebody left of their own accord, died, or went to another hospital.

    What was planned stops, and each team has a Task, in the same commit. Refuses as `rules.ended`;
    NotPermitted, Stale.
    """
    refuse_without(permit, Power.END_STAY)
    standing = _here(permit, seen, at, now)
    at = _to_the_minute(standing.readiness, at)
    done = ended(standing.readiness, kind, at, method=method, destination=destination)
    ending = _ending(permit, standing, at, done.tells[0].words)
    after = [*stopped(done.acts, ending), *told(done.tells, ending)]
    return _end(permit, standing, done.readiness, after)


def come_back(permit: Permit, seen: Seen, *, at: datetime, now: datetime) -> Stored:
    """Write down that a discharge failed: they are in hospital again within a day.

    Help at home is held, visits stop, and each team has a Task. Refuses, Unprocessable, another
    day; NotPermitted, Stale.
    """
    refuse_without(permit, Power.END_STAY)
    standing = standing_of(permit, seen.spell)
    if standing.version != seen.version:
        raise Stale(STALE)
    _refuse_ahead(at, now)
    done = came_back(standing.readiness, at)
    ending = _ending(permit, standing, at, done.tells[0].words)
    after = [*stopped(done.acts, ending), *told(done.tells, ending)]
    return keep(permit, standing, done.readiness, action="discharge-failed", also=after)


def _here(permit: Permit, seen: Seen, at: datetime, now: datetime) -> Standing:
    standing = seen_now(permit, seen)
    if standing.spell.left is not None or standing.readiness.left is not None:
        raise Unprocessable("They have left already. Look at how their stay ended.")
    _refuse_ahead(at, now)
    return standing


def _to_the_minute(readiness: Readiness, at: datetime) -> datetime:
    """Return when somebody left: forms say it to the minute, and reviews are of a second in it."""
    begun = [running.since for running in (readiness.ready, readiness.delay) if running]
    latest = max(begun, default=at)
    return latest if at < latest < at + _A_MINUTE else at


def _refuse_ahead(at: datetime, now: datetime) -> None:
    if at > now:
        words = "That is still to come. Write it down when they have left."
        raise Unprocessable(Problem("value", words, "at"))


def _ending(permit: Permit, standing: Standing, at: datetime, words: str) -> Ending:
    beside = around(permit, standing.readiness.person, standing.spell.id)
    return Ending(standing=standing, around=beside, at=at, by=permit.worker, words=words)


def _end(permit: Permit, standing: Standing, then: Readiness, after: list[Change]) -> Stored:
    assert then.left is not None, "it has ended"
    finished = with_end(
        standing.encounter,
        then.left,
        method=then.method,
        destination=then.destination,
    )
    stay = Update(finished, standing.encounter_version)
    changes = [saved(standing, then), stay, *after]
    return record.commit(permit, changes, action="stay-ended").stored[0]


def _afterwards(ending: Ending, then: Readiness) -> list[Change]:
    """Return the letter that is due, and the call to somebody who is at home (DI-06, DI-07)."""
    standing, left = ending.standing, ending.at
    named = ending.around.name or "them"
    hubs = [one.referral.hub for one in ending.around.referrals if one.is_open]
    wanted = [
        TeamTask(
            kind="discharge-letter",
            person=then.person,
            spell=then.spell,
            team=then.hospital,
            role=Role.WARD_NURSE.value,
            words=f"Send the discharge letter of {named} to their practice.",
            asked_by=ending.by,
            asked_at=left,
            due=letter_due(left),
        )
    ]
    if then.destination in _AT_HOME:
        earliest, latest = first_call(left)
        wanted.append(
            TeamTask(
                kind="safety-net-call",
                person=then.person,
                spell=then.spell,
                team=next(iter(hubs), then.hospital),
                role=Role.DISCHARGE_COORDINATOR.value,
                words=f"Ring {named} at home: how is it going, and has help come?",
                asked_by=ending.by,
                asked_at=left,
                earliest=earliest,
                due=latest,
                by_voice=True,
            )
        )
    return tasks(standing, wanted)
