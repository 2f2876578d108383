"""The daily return of beds at 08:00: counted from the picture, sent by name, amended by version.

Counting is `beds.rules`; a bed is in one state and counted once (WI-03).
"""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Power, Role
from joinedup.beds.queries import hospital_then
from joinedup.beds.rules.bed_return import KIND, amended, bed_counts, first
from joinedup.beds.rules.picture import COUNTS, snapshot_at
from joinedup.fhir.issue import Conflict, NotPermitted, Unprocessable
from joinedup.fhir.profiles.returned import Return, build, differences
from joinedup.measures.sent import sent_on
from joinedup.record import Create

__all__ = [
    "BuiltBeds",
    "amend_beds",
    "bed_words",
    "beds_again",
    "build_beds",
    "send_beds",
]

_CARE = {"general": "General and acute", "critical": "Critical care"}
_LONG = {f"long-stay-{n}": f"People here {n} nights or more" for n in (7, 14, 21)}
_NOTHING = "No bed of this hospital was in the record at that time. That is not nought beds."


class BuiltBeds(Struct, frozen=True):
    """Every count at the 08:00 of a day; `is_known` is False where the record had no bed then."""

    counts: dict[str, int]
    is_known: bool


def bed_words(name: str) -> str:
    """Return what a count of the return is, in plain words."""
    care, _, count = name.rpartition("/")
    if not care:
        return _LONG.get(count) or COUNTS.get(count, count)
    what = "Beds open" if count == "open" else COUNTS.get(count, count)
    return f"{_CARE.get(care, care)}: {what}"


def build_beds(permit: Permit, hospital: str, day: date, *, stood_at: datetime) -> BuiltBeds:
    """Return the beds at the 08:00 of a day as the record had them at a moment of its own time.

    Refuses, NotPermitted, whoever reads no returns.
    """
    if not (permit.sees_class(DataClass.RETURNS) or permit.role is Role.SYSTEM):
        raise NotPermitted("Your role does not read the place's returns.")
    then = hospital_then(hospital, snapshot_at(day), known=stood_at)
    came = {s.id: s.admitted for s in then.stays.values() if s.admitted is not None}
    counts = bed_counts(then.shown, came)
    return BuiltBeds(counts, bool(counts["general/beds"] + counts["critical/beds"]))


def send_beds(
    permit: Permit, hospital: str, day: date, *, now: datetime, stood_at: datetime
) -> Return:
    """Send the first version of a day's beds, in the name of who sends it.

    Refuses: NotPermitted, another role or hospital; Unprocessable, a snapshot still to come, no
    bed known, or numbers that cannot be true (domain.md 10.2b); Conflict, one that was sent.
    """
    _refuse_sender(permit, hospital)
    built = _known(build_beds(permit, hospital, day, stood_at=stood_at))
    version = first(hospital, built.counts, day, at=now, by=permit.worker)
    return _stored(permit, replace(version, stood_at=stood_at))


def amend_beds(
    permit: Permit, hospital: str, day: date, *, why: str, now: datetime, stood_at: datetime
) -> Return:
    """Send the next version of a day's beds; refuses as `send_beds` does and as amending does."""
    _refuse_sender(permit, hospital)
    versions = sent_on(permit, KIND, hospital, day)
    if not versions:
        raise Unprocessable("That day has not been sent. Send it first.")
    built = _known(build_beds(permit, hospital, day, stood_at=stood_at))
    version = amended(versions[-1], built.counts, at=now, by=permit.worker, why=why)
    return _stored(permit, replace(version, stood_at=stood_at))


def beds_again(permit: Permit, sent: Return) -> dict[str, tuple[int, int]] | None:
    """Return what differs when a version is counted as the record stood when it was sent."""
    if sent.stood_at is None:
        return None
    built = build_beds(permit, sent.organisation, sent.day, stood_at=sent.stood_at)
    return differences(sent, built.counts)


def _refuse_sender(permit: Permit, hospital: str) -> None:
    if not permit.may(Power.SEND_RETURNS) or permit.organisation != hospital:
        raise NotPermitted("A return is sent by the hospital's coordinators and ward managers.")


def _known(built: BuiltBeds) -> BuiltBeds:
    if not built.is_known:
        raise Unprocessable(_NOTHING)
    return built


def _stored(permit: Permit, version: Return) -> Return:
    try:
        record.commit(permit, [Create(build(version), version.id)], detail="beds are returned")
    except Conflict as problem:
        raise Conflict(
            f"Version {version.version} of these beds has been sent already. Look again."
        ) from problem
    return version
