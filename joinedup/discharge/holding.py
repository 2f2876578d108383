"""Help at home while its person is in hospital: held from admission, its people told (CP-05)."""

from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.around import around
from joinedup.discharge.rules.held_package import suspended
from joinedup.discharge.standing import Standing, standing_of
from joinedup.discharge.stopping import Ending, held, tasks
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.team_task import TeamTask
from joinedup.fhir.search.period import LONDON
from joinedup.record import Change, Committed, Stored
from joinedup.reference.calendars import length

__all__ = ["admitted", "hold_help", "needed_again"]


def hold_help(permit: Permit, spell_id: str) -> Committed:
    """Hold the help at home of somebody who has come in, and tell its provider (CP-05).

    For a stay that no message began. Nothing to hold, or held already: nothing is written. Raises
    NotFound, NotPermitted.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    standing = standing_of(permit, spell_id)
    at = standing.readiness.admitted
    beside = around(permit, standing.readiness.person, spell_id)
    ending = Ending(
        standing=standing, around=beside, at=at, by=permit.worker, words="is in hospital"
    )
    changes = admitted(ending)
    return record.commit(permit, changes, action="package-held") if changes else Committed(())


def admitted(ending: Ending) -> list[Change]:
    """Return what follows an admission: packages held, visits stopped, each team told in time.

    A visit that no package of the place pays for stops with the rest: nobody is at home for it.
    """
    running = ending.around.running(ending.at)
    planned = [visit for _, visit in ending.around.visits_ahead(ending.at)]
    held_here = {stored.id: _council(stored) for stored in running}
    held_here |= {visit.package: "" for visit in planned if visit.package not in held_here}
    if not held_here:
        return []
    standing = ending.standing
    wanted = []
    for name, council in held_here.items():
        package = suspended(name, planned, ending.at)
        providers = dict.fromkeys(v.provider for v in package.visits)
        teams = [(p, Role.PROVIDER_WORKER) for p in providers]
        teams += [(standing.spell.hospital, Role.DISCHARGE_COORDINATOR)]
        teams += [(council, Role.BROKER)] if council else []
        wanted += [
            TeamTask(
                kind="package-held",
                person=standing.readiness.person,
                spell=standing.spell.id,
                team=team,
                role=role.value,
                words=(
                    f"{ending.around.name or 'Somebody'} {package.tells[0].words}, "
                    f"until {package.last_day:%-d %B}."
                ),
                asked_by=ending.by,
                asked_at=ending.at,
                due=ending.at + package.tells[0].within,
            )
            for team, role in teams
            if team
        ]
    return [*held(ending), *tasks(standing, wanted)]


def _council(package: Stored) -> str:
    named = str(package.resource.get("managingOrganization", {}).get("reference", ""))
    return named.removeprefix("Organization/")


def needed_again(permit: Permit, standing: Standing, at: datetime) -> list[Change]:
    """Return who is told that nobody will be at home for a start that was confirmed: its provider,
    and whoever found it. The start stands until they agree on another."""
    start = standing.readiness.start
    if start is None or start.at < at:
        return []
    beside = around(permit, standing.readiness.person, standing.spell.id)
    begins = start.at.astimezone(LONDON)
    words = (
        f"{beside.name or 'Somebody'} needs the hospital bed again. Nobody is at home for the help "
        f"that was to start on {begins:%A %-d %B at %H:%M}: agree another time."
    )
    hubs = dict.fromkeys(one.referral.hub for one in beside.referrals if one.is_open)
    teams = [(start.provider, Role.PROVIDER_WORKER), *((hub, Role.BROKER) for hub in hubs)]
    wanted = [
        TeamTask(
            kind="package-held",
            person=standing.readiness.person,
            spell=standing.spell.id,
            team=team,
            role=role.value,
            words=words,
            asked_by=permit.worker,
            asked_at=at,
            due=at + length("admission-told-within", on=day_of(at)),
        )
        for team, role in teams
    ]
    return tasks(standing, wanted)
