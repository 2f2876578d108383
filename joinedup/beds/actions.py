"""What is done with a bed: cleaned, closed, opened. Each is one commit, and refuses in words.

The version that the page showed decides who was first (house.md, law 4). Moving people is `moves`,
outbreaks are `outbreaks`.
"""

from collections.abc import Callable
from datetime import datetime

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.beds.rules.outbreak import opening_problems
from joinedup.beds.rules.states import being_cleaned, cleaned, closed, opened
from joinedup.beds.standing import STALE, BedNow, SeenPlace, bed_now, refuse_stranger
from joinedup.fhir.issue import Stale, Unprocessable
from joinedup.fhir.profiles.bed import Bed, Closure, build_bed
from joinedup.fhir.profiles.parts import Reference
from joinedup.record import Stored, Update

__all__ = ["close_bed", "finish_cleaning", "open_bed", "start_cleaning"]


def start_cleaning(permit: Permit, seen: SeenPlace) -> Stored:
    """Say that a bed somebody left is being cleaned; refuses one that is clean or lain in."""
    return _changed(
        permit, seen, "clean", lambda now: being_cleaned(now.bed, left=now.left), "bed-cleaning"
    )


def finish_cleaning(permit: Permit, seen: SeenPlace, *, at: datetime) -> Stored:
    """Say that a bed has been cleaned: it is free, or stays closed; refuses as `start_cleaning`."""
    return _changed(
        permit, seen, "clean", lambda now: cleaned(now.bed, at, left=now.left), "bed-cleaned"
    )


def close_bed(
    permit: Permit,
    seen: SeenPlace,
    reason: str,
    *,
    at: datetime,
    infection: str = "",
    words: str = "",
) -> Stored:
    """Close a bed with its reason, around whoever lies in it; refuses a second closing."""
    closure = Closure(
        reason=reason, since=at, by=Reference(permit.worker), infection=infection, words=words
    )
    return _changed(permit, seen, "close", lambda now: closed(now.bed, closure), "bed-closed")


def open_bed(permit: Permit, seen: SeenPlace) -> Stored:
    """Open a bed that was closed; refuses one closed for an outbreak that still runs (WI-04)."""

    def change(now: BedNow) -> Bed:
        if problems := opening_problems(now.bed, now.ward):
            raise Unprocessable(*problems)
        return opened(now.bed)

    return _changed(permit, seen, "open", change, "bed-opened")


def _changed(
    permit: Permit, seen: SeenPlace, act: str, change: Callable[[BedNow], Bed], action: str
) -> Stored:
    now = bed_now(permit, seen.id)
    refuse_stranger(permit, now.bed.hospital)
    if now.stored.version != seen.version:
        raise Stale(STALE)
    is_cleaned_while_closed = act == "clean" and now.bed.closure is not None and not now.lying
    if not is_cleaned_while_closed and (problems := now.problems(act)):
        raise Unprocessable(*problems)
    resource = build_bed(change(now), now.stored.resource)
    return record.commit(permit, [Update(resource, seen.version)], action=action).stored[0]
