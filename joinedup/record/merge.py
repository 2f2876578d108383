"""When two person records prove to be one, when that proves wrong, and when an entry was misfiled.

The texts are never rewritten: what is about the other person is seen under the kept one from then
on, and under its own again once they are parted (docs/decisions/0013-merge.md). Who is the same
person, and who proposes it, is for `people`.
"""

from collections.abc import Mapping

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.record.change import Stored

__all__ = ["Merged", "Moved", "Parted", "merge", "move_entry", "unmerge"]


class Merged(Struct, frozen=True):
    """Two records that are one now: both Patients as they stand."""

    kept: Stored
    other: Stored


class Parted(Struct, frozen=True):
    """Two records that are two again: both Patients as they stand.

    `written_to_kept` and `written_to_other` are the entries (`Type/id`) written while they were
    one, as far as the permit sees them: a person decides to whom each belongs.
    """

    kept: Stored
    other: Stored
    written_to_kept: tuple[str, ...]
    written_to_other: tuple[str, ...]


class Moved(Struct, frozen=True):
    """An entry that is somebody else's now, and the references to the wrong person's it lost."""

    entry: Stored
    dropped: tuple[str, ...]


def merge(
    permit: Permit,
    kept_id: str,
    other_id: str,
    *,
    reason: str,
    if_versions: Mapping[str, int] | tuple[int, int],
) -> Merged:
    """Make two records of one person one: `other_id` is seen under `kept_id` from now on.

    `if_versions` are the versions of both Patients that were compared, by id or in that order.
    Raises NotPermitted (no power to join, or somebody protected), NotFound (either is not seen),
    Stale (either changed since), Conflict (either is joined already), Invalid (no reason, or the
    same record twice), Unprocessable (one organisation's statement, not a person's own record).
    """
    raise NotImplementedError("the rows come next")


def unmerge(permit: Permit, kept_id: str, other_id: str, *, reason: str) -> Parted:
    """Part two records that were joined wrongly; what came from each is each one's own again.

    Raises NotPermitted, NotFound (either is not seen), Conflict (they are not joined, or something
    joined later has to be parted first), Invalid (no reason).
    """
    raise NotImplementedError("the rows come next")


def move_entry(
    permit: Permit, reference: str, to_person_id: str, *, reason: str, drop_references: bool = False
) -> Moved:
    """Move an entry (`Type/id`) filed to the wrong person into the record of the right one.

    References from it to entries of the wrong person are refused by name, or taken out with
    `drop_references`. Raises NotFound, NotPermitted (either record is not the writer's to change),
    Unprocessable (what holds it where it is, one problem each), Invalid (no reason).
    """
    raise NotImplementedError("the rows come next")
