"""Who lies where: coming into a bed, moving, a bed kept for somebody and let go again.

A bed is a claim (house.md, law 3): of two who take one at the same moment the second is refused,
and told who was first only if they may see them. Coming into a bed also changes the bed, so that it
cannot be closed under whoever comes (domain.md 9.2, 9.7).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.beds.rules.outbreak import admission_problems
from joinedup.beds.rules.states import taken, vacated
from joinedup.beds.standing import (
    STALE,
    BedNow,
    StayNow,
    bed_now,
    holder_words,
    refuse_stranger,
    stay_now,
)
from joinedup.fhir.issue import Conflict, NotFound, Stale, Unprocessable
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.bed import build_bed
from joinedup.record import Change, Stored, Update

__all__ = ["SeenStay", "move_to", "release_bed", "reserve_bed"]

_ATTEMPTS = 4


class SeenStay(Struct, frozen=True):
    """The stay that a page showed, and its version."""

    id: str
    version: int


def move_to(
    permit: Permit, seen: SeenStay, bed_id: str, *, at: datetime, keeps_team: bool = False
) -> Stored:
    """Put somebody into a bed from now on, from another, from none, or as it was kept for them.

    With `keeps_team` the team of the ward they lay on still looks after them: they board. Raises
    Conflict for a bed that is somebody else's, Unprocessable for one that is not free or whose ward
    takes nobody, Stale where the stay was changed since it was seen.
    """

    def changes(stay: StayNow, bed: BedNow) -> list[Change]:
        _refuse_bed(permit, stay, bed, "occupy")
        before = stay.spell.bed
        resource = spells.moved(stay.stored.resource, bed.bed.id, at=at, status="active")
        team = _team_of(permit, stay) if keeps_team else bed.bed.ward
        resource = spells.with_team(resource, team or bed.bed.ward)
        made: list[Change] = [
            Update(resource, stay.stored.version),
            Update(build_bed(taken(bed.bed), bed.stored.resource), bed.stored.version),
        ]
        if before is not None:
            made += _left_behind(permit, before.bed)
        return made

    return _settled(permit, seen, bed_id, changes, "moved")


def reserve_bed(permit: Permit, seen: SeenStay, bed_id: str, *, at: datetime) -> Stored:
    """Keep a free bed for somebody on their way; they stay where they lie. Refuses as `move_to`."""

    def changes(stay: StayNow, bed: BedNow) -> list[Change]:
        _refuse_bed(permit, stay, bed, "reserve")
        before = spells.released(stay.stored.resource)
        resource = spells.moved(before, bed.bed.id, at=at, status="reserved")
        return [Update(resource, stay.stored.version)]

    return _settled(permit, seen, bed_id, changes, "bed-kept")


def release_bed(permit: Permit, seen: SeenStay) -> Stored:
    """Let go of the bed that is kept for somebody; refuses, Unprocessable, where none is."""
    stay = _seen_now(permit, seen)
    if all(b.status not in ("reserved", "planned") for b in stay.spell.beds):
        raise Unprocessable("No bed is kept for them.")
    update = Update(spells.released(stay.stored.resource), stay.stored.version)
    return record.commit(permit, [update], action="bed-let-go").stored[0]


def _settled(
    permit: Permit,
    seen: SeenStay,
    bed_id: str,
    changes: Callable[[StayNow, BedNow], Sequence[Change]],
    action: str,
) -> Stored:
    """Store the changes of a stay and its beds; where somebody was first, look again and say so."""
    refused: Stale | Conflict | None = None
    for _ in range(_ATTEMPTS):
        stay, bed = _seen_now(permit, seen), bed_now(permit, bed_id)
        made = changes(stay, bed)
        try:
            return record.commit(permit, made, action=action).stored[0]
        except (Stale, Conflict) as late:
            refused = late
    assert refused is not None, "an attempt either returns or is refused"
    raise refused


def _seen_now(permit: Permit, seen: SeenStay) -> StayNow:
    stay = stay_now(permit, seen.id)
    refuse_stranger(permit, stay.spell.hospital)
    if stay.stored.version != seen.version:
        raise Stale(STALE)
    return stay


def _refuse_bed(permit: Permit, stay: StayNow, bed: BedNow, act: str) -> None:
    if bed.bed.hospital != stay.spell.hospital:
        raise Unprocessable(f"{bed.bed.name} is of another hospital.")
    others = [s for s in (*bed.lying, *bed.kept_for) if s.id != stay.spell.id]
    if others:
        raise Conflict(holder_words(permit, bed))
    if any(s.id == stay.spell.id for s in bed.lying):
        raise Unprocessable(f"They lie in {bed.bed.name} already.")
    if problems := (*admission_problems(bed.ward), *bed.problems(act)):
        raise Unprocessable(problems[0])


def _team_of(permit: Permit, stay: StayNow) -> str:
    """Return the ward whose patient somebody is: as it is said, or where they lie."""
    if stay.spell.team or stay.spell.bed is None:
        return stay.spell.team
    return bed_now(permit, stay.spell.bed.bed).bed.ward


def _left_behind(permit: Permit, bed_id: str) -> list[Change]:
    """Return the change to a bed that somebody leaves: it is to be cleaned."""
    try:
        before = bed_now(permit, bed_id)
    except NotFound:
        return []
    return [Update(build_bed(vacated(before.bed), before.stored.resource), before.stored.version)]
