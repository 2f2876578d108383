"""Confirming a start: one commit for the placement, the stay, the hub, the package and its money.

Reablement and urgent care start on what was set aside for them, and nothing else is asked first: no
assessment, plan, personal budget or means test (Care Act 2014 s19(3)).
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, starting
from joinedup.brokerage.lost import lost
from joinedup.brokerage.queries import KeptPlacement, placement_of
from joinedup.brokerage.rules import placing
from joinedup.brokerage.writing import finding, save
from joinedup.fhir.issue import Gone, NotFound, Stale, Unprocessable
from joinedup.fhir.profiles import planned_visit
from joinedup.fhir.profiles import readiness as stays
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Begun, Offer, Placement
from joinedup.fhir.profiles.planned_visit import PlannedVisit
from joinedup.fhir.profiles.readiness import Readiness, Start
from joinedup.ledger.posting import Posting
from joinedup.record import Change, Create, Update

__all__ = ["Package", "confirm_start", "lose_start"]

Resource = dict[str, Any]


class Package(Struct, frozen=True):
    """What is bought: the EpisodeOfCare, and the posting that promises its cost."""

    resource: Resource
    postings: tuple[Posting, ...] = ()


def confirm_start(
    permit: Permit,
    placement_id: str,
    *,
    starts: datetime | None = None,
    now: datetime,
    package: Package | None = None,
    version: int = 0,
) -> KeptPlacement:
    """Confirm when help begins, as the provider said it: everything it means, or nothing.

    `starts` None: as the yes proposed. The stay's Task gets its start, the hub's its state, the
    provider's workers see the person from now on, the visit is in the diary, and what it costs is
    promised. Refuses as `placing.confirm` and `commit`; where too little is set aside, in words.
    """
    finding(permit)
    kept = placement_of(permit, placement_id)
    if version and kept.version != version:
        raise Stale("Somebody changed this placement since you opened it. Look again.")
    placement, accepted = kept.placement, kept.placement.accepted
    if accepted is None:
        raise Unprocessable("No provider has said yes yet.")
    at = starts or accepted.starts
    assert at is not None, "a yes says when"
    by = Reference(permit.worker)
    begun = _begun(placement, accepted, at, by=by, now=now, package=package)
    after = placing.confirm(placement, begun)
    more = [
        *_ready_to_leave(permit, placement, accepted.provider, begun),
        *([Create(package.resource, begun.package)] if package else []),
        _team(permit, placement, accepted.provider, begun),
        Create(_first_visit(placement, accepted.provider, begun), begun.visit),
    ]
    return save(
        permit,
        kept,
        after,
        by=by,
        now=now,
        action="start-confirmed",
        more=more,
        postings=package.postings if package else (),
    )


def _begun(
    placement: Placement,
    accepted: Offer,
    at: datetime,
    *,
    by: Reference,
    now: datetime,
    package: Package | None,
) -> Begun:
    short = placement.id.removeprefix("placement-")
    return Begun(
        at=at,
        confirmed_by=by,
        confirmed_at=now,
        package=str(package.resource["id"]) if package else "",
        team=f"starts-{short}",
        visit=f"first-visit-{short}-{accepted.id}",
    )


def _ready_to_leave(
    permit: Permit, placement: Placement, provider: str, begun: Begun
) -> list[Change]:
    """The stay's own Task says when help begins: without it nobody leaves as planned (DI-04)."""
    start = Start(
        at=begun.at,
        provider=provider,
        confirmed_by=begun.confirmed_by,
        confirmed_at=begun.confirmed_at,
    )
    name = stays.readiness_id(placement.spell)
    try:
        found = record.read(permit, "Task", name)
    except NotFound:
        return [Create(stays.build(stays.with_start(_unwritten(permit, placement), start)), name)]
    return [Update(stays.build(stays.with_start(stays.read(found.resource), start)), found.version)]


def _unwritten(permit: Permit, placement: Placement) -> Readiness:
    """Return how somebody stands of whom the ward has written nothing yet, referred early.

    Refuses, Unprocessable, somebody who has not come in.
    """
    stay = spells.read(record.read(permit, "Encounter", placement.spell).resource)
    if stay.admitted is None:
        raise Unprocessable("They have not come into hospital yet: nothing starts after it.")
    return Readiness(
        person=stay.person, spell=stay.id, hospital=stay.hospital, admitted=stay.admitted
    )


def _team(permit: Permit, placement: Placement, provider: str, begun: Begun) -> Change:
    """Return the team by which the provider's workers see the person from now on."""
    made = {
        "resourceType": "CareTeam",
        "id": begun.team,
        "status": "active",
        "name": "Help at home",
        "subject": {"reference": placement.person},
        "period": {"start": begun.confirmed_at.isoformat()},
        "managingOrganization": [{"reference": f"Organization/{provider}"}],
    }
    try:
        before = record.read(permit, "CareTeam", begun.team)
    except (NotFound, Gone):
        return Create(made, begun.team)
    return Update(made, before.version)


def _first_visit(placement: Placement, provider: str, begun: Begun) -> Resource:
    visit = PlannedVisit(
        id=begun.visit,
        package=begun.package,
        provider=provider,
        start=begun.at,
        end=begun.at + timedelta(minutes=placement.wanted.minutes),
        person=placement.person,
    )
    return planned_visit.build(visit)


def lose_start(
    permit: Permit,
    placement_id: str,
    *,
    reason: str,
    now: datetime,
    version: int = 0,
) -> KeptPlacement:
    """Say that a yes or a confirmed start fell through: the slot is free, help is sought again.

    The stay's start is undone, the visit cancelled, the provider's sight ends. Refuses as
    `placing.lose`. What was promised is taken back by who keeps the books: they have a Task of it.
    """
    finding(permit)
    kept = placement_of(permit, placement_id)
    if version and kept.version != version:
        raise Stale("Somebody changed this placement since you opened it. Look again.")
    after = placing.lose(kept.placement, reason=reason, at=now)
    more = [*_undone(permit, kept.placement, now), *lost(kept.placement, now)]
    by = Reference(permit.worker)
    acting = starting(permit)
    return save(acting, kept, after, by=by, now=now, action="care-lost", more=more)


def _undone(permit: Permit, placement: Placement, now: datetime) -> list[Change]:
    begun = placement.begun
    if begun is None:
        return []
    stay = record.read(permit, "Task", stays.readiness_id(placement.spell))
    without = stays.without_start(stays.read(stay.resource))
    team = record.read(permit, "CareTeam", begun.team)
    visit = record.read(permit, "Appointment", begun.visit)
    ended: Resource = {**team.resource, "status": "inactive"}
    ended["period"] = {**ended["period"], "end": now.isoformat()}
    changes: list[Change] = [
        Update(stays.build(without), stay.version),
        Update(ended, team.version),
        Update(planned_visit.stopped(visit.resource, "ended"), visit.version),
    ]
    if begun.package:
        bought = record.read(permit, "EpisodeOfCare", begun.package)
        over = {**bought.resource, "status": "cancelled"}
        changes.append(Update(over, bought.version))
    return changes
