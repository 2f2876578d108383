"""Which wards and beds there are, kept for a minute: for pages that ask again and again.

Ids alone, never how a bed stands; every worker sees them. So a poll that finds nothing new reads no
Location and leaves no trace.
"""

import threading
import time

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.beds.queries import JOB, stamp_of, wards_and_beds
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles.bed import is_ward, read_bed, read_ward
from joinedup.record import database

__all__ = ["KEPT_SECONDS", "hospitals_of", "stamp_of_hospital", "stamp_of_ward"]

KEPT_SECONDS = 60.0


class _Known(Struct):
    """What is known of one record; `wards` by id: their hospital and the ids of their beds."""

    read_at: float
    wards: dict[str, tuple[str, tuple[str, ...]]]


_known: dict[str, _Known] = {}
_turn = threading.Lock()


def _wards(*, needs: str = "") -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the wards of the record; read again after a minute, and for a ward not known yet."""
    with _turn:
        found = _known.get(database.address())
        is_old = found is None or time.monotonic() - found.read_at > KEPT_SECONDS
        if found is None or is_old or (needs and needs not in found.wards):
            found = _known[database.address()] = _Known(time.monotonic(), _read())
        return found.wards


def _read() -> dict[str, tuple[str, tuple[str, ...]]]:
    places = wards_and_beds(JOB)
    wards = [read_ward(s.resource) for s in places if is_ward(s.resource)]
    beds = [read_bed(s.resource) for s in places if not is_ward(s.resource)]
    return {w.id: (w.hospital, tuple(b.id for b in beds if b.ward == w.id)) for w in wards}


def hospitals_of(permit: Permit) -> tuple[str, ...]:
    """Return the hospitals of the place that have beds: the worker's own alone where it has any."""
    found = {hospital for hospital, _ in _wards(needs="").values()}
    own = {permit.organisation} & found
    return tuple(sorted(own or found))


def stamp_of_ward(ward_id: str) -> str:
    """Return what changes whenever a ward does; NotFound for none of that id."""
    wards = _wards(needs=ward_id)
    if ward_id not in wards:
        raise NotFound(f"There is no ward {ward_id} that you can see.")
    hospital, beds = wards[ward_id]
    return stamp_of(hospital, [ward_id], beds)


def stamp_of_hospital(hospital: str) -> str:
    """Return what changes whenever a ward of a hospital does."""
    own = {ward: beds for ward, (of, beds) in _wards().items() if of == hospital}
    return stamp_of(hospital, own, (bed for beds in own.values() for bed in beds))
