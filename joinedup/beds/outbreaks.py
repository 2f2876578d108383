"""An outbreak on a ward: suspected, confirmed, over; its beds closed and opened with it (WI-04).

Ward and beds change in one commit, so that nobody comes into a ward that is being closed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.beds.queries import hospital_then
from joinedup.beds.rules import outbreak as rules
from joinedup.beds.standing import SeenPlace, ward_now
from joinedup.fhir.issue import Stale
from joinedup.fhir.profiles.bed import Bed, Outbreak, Ward, build_bed, build_ward
from joinedup.fhir.profiles.parts import Reference
from joinedup.record import Stored, Update

__all__ = ["begin", "confirm", "end", "say_clean", "say_symptom"]

_ATTEMPTS = 5


def begin(
    permit: Permit,
    seen: SeenPlace,
    infection: str,
    certainty: str,
    *,
    last_symptom: datetime,
    at: datetime,
) -> Stored:
    """Begin an outbreak: the ward takes nobody, its open beds are closed for it, each once.

    Refuses, Unprocessable, a second one beside it, an unknown infection or a symptom to come.
    """
    found = Outbreak(
        infection=infection,
        certainty=certainty,
        began=at,
        said_by=Reference(permit.worker),
        last_symptom=min(last_symptom, at),
    )

    def change(ward: Ward, beds: Sequence[Bed]) -> tuple[Ward, Sequence[Bed]]:
        closed_by = Reference(permit.worker)
        return rules.began(ward, found), rules.beds_closed(beds, found, by=closed_by)

    return _changed(permit, seen, change, "outbreak-begun")


def confirm(permit: Permit, seen: SeenPlace, infection: str) -> Stored:
    """Say that a test confirmed the outbreak, as this infection or another."""
    return _changed(
        permit,
        seen,
        lambda ward, beds: (rules.confirmed(ward, infection_code=infection), beds),
        "outbreak-confirmed",
    )


def say_symptom(permit: Permit, seen: SeenPlace, at: datetime) -> Stored:
    """Write down the last symptom seen: the hours without begin again, and so does the clean."""
    return _changed(
        permit, seen, lambda ward, beds: (rules.symptom_seen(ward, at), beds), "outbreak-symptom"
    )


def say_clean(permit: Permit, seen: SeenPlace, at: datetime) -> Stored:
    """Write down the terminal clean; refuses one before the last symptom."""
    return _changed(
        permit, seen, lambda ward, beds: (rules.clean_done(ward, at), beds), "outbreak-cleaned"
    )


def end(permit: Permit, seen: SeenPlace, *, at: datetime) -> Stored:
    """End an outbreak and open the beds it closed; refuses with all that is missing (WI-04)."""

    def change(ward: Ward, beds: Sequence[Bed]) -> tuple[Ward, Sequence[Bed]]:
        over = rules.ended(ward, at, by=Reference(permit.worker))
        then = hospital_then(ward.hospital, at)
        occupied = {line.bed.id for line in then.shown.lines if line.spells}
        return over, rules.beds_opened(beds, over.outbreaks[-1], occupied=occupied)

    return _changed(permit, seen, change, "outbreak-over")


_Change = Callable[[Ward, Sequence[Bed]], tuple[Ward, Sequence[Bed]]]


def _changed(permit: Permit, seen: SeenPlace, change: _Change, action: str) -> Stored:
    """Store a ward and those of its beds that change; a bed changed meanwhile is read again."""
    refused: Stale | None = None
    for _ in range(_ATTEMPTS):
        found = ward_now(permit, seen)
        ward_then, beds_then = change(found.ward, [bed for bed, _ in found.beds])
        changes = [Update(build_ward(ward_then, found.stored.resource), found.stored.version)]
        changes += [
            Update(build_bed(after, stood.resource), stood.version)
            for (before, stood), after in zip(found.beds, beds_then, strict=True)
            if before != after
        ]
        try:
            return record.commit(permit, changes, action=action).stored[0]
        except Stale as late:
            refused = late
    assert refused is not None, "an attempt either returns or is refused"
    raise refused
