"""How one bed stands now, for an action: what it is, who holds it, and the version that was seen.

Who holds it is known to the system, whoever asks; whether they are named is for `holder_words`.
"""

from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.beds.queries import JOB, NOW_KNOWN, WardNow, named_stays, ward_of
from joinedup.beds.rules.picture import lying_of
from joinedup.beds.rules.states import may
from joinedup.fhir.issue import NotFound, NotPermitted, Problem, Stale, Unprocessable
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.bed import Bed, Ward, is_bed, read_bed, read_ward
from joinedup.fhir.profiles.spell import Spell
from joinedup.fhir.search.query import parse_query
from joinedup.people.presenters.life import name_of_resource
from joinedup.record import Stored
from joinedup.record.stood import stood

__all__ = [
    "STALE",
    "BedNow",
    "SeenPlace",
    "StayNow",
    "bed_now",
    "holder_words",
    "refuse_stranger",
    "stay_now",
    "ward_now",
]

STALE = "Somebody changed this while you were reading. Look at what stands now, then do it again."
_GONE = ("cancelled", "entered-in-error", "unknown")


class SeenPlace(Struct, frozen=True):
    """The bed or ward that a page showed, and its version."""

    id: str
    version: int


class BedNow(Struct, frozen=True, kw_only=True):
    """A bed, its ward, the stays that lie in it or have it kept, and when somebody last left it."""

    bed: Bed
    stored: Stored
    ward: Ward
    lying: tuple[Spell, ...] = ()
    kept_for: tuple[Spell, ...] = ()
    left: datetime | None = None

    def problems(self, act: str) -> tuple[Problem, ...]:
        """Return why an act cannot be done with the bed now (domain.md 9.2)."""
        return may(
            self.bed,
            act,
            occupied=bool(self.lying),
            reserved=bool(self.kept_for),
            left=self.left,
        )


class StayNow(Struct, frozen=True):
    """A stay as the record holds it."""

    spell: Spell
    stored: Stored


def refuse_stranger(permit: Permit, hospital: str) -> None:
    """Refuse, NotPermitted, whoever does not keep the beds of that hospital, and every program."""
    if permit.by_program or not permit.may(Power.KEEP_BEDS) or permit.organisation != hospital:
        raise NotPermitted("A bed is given, cleaned and closed by the staff of its hospital.")


def bed_now(permit: Permit, bed_id: str) -> BedNow:
    """Return how a bed stands; NotFound for what is no bed that the permit sees."""
    stored = record.read(permit, "Location", bed_id)
    if not is_bed(stored.resource):
        raise NotFound(f"There is no bed {bed_id} that you can see.")
    bed = read_bed(stored.resource)
    stays = [spells.read(s.resource) for s in _stays_in(bed_id)]
    rows = [(stay, row) for stay in stays for row in lying_of(stay) if row.bed == bed_id]
    ended = [row.until for _, row in rows if row.until is not None]
    return BedNow(
        bed=bed,
        stored=stored,
        ward=read_ward(record.read(permit, "Location", bed.ward).resource),
        lying=tuple(s for s, row in rows if row.until is None and not row.reserved),
        kept_for=tuple(s for s, row in rows if row.reserved),
        left=max(ended, default=None),
    )


def _stays_in(bed_id: str) -> list[Stored]:
    query = parse_query("Encounter", [("location", f"Location/{bed_id}")])
    found = stood(JOB, query, NOW_KNOWN, detail="who holds a bed")
    return [s for s in found if spells.is_spell(s.resource) and _is_real(s)]


def _is_real(stored: Stored) -> bool:
    status, period = stored.resource.get("status"), stored.resource.get("period", {})
    return status not in _GONE and not (status == "finished" and "end" not in period)


def ward_now(permit: Permit, seen: SeenPlace) -> WardNow:
    """Return a ward with its beds where nobody changed the ward since it was seen; else Stale."""
    found = ward_of(permit, seen.id)
    refuse_stranger(permit, found.ward.hospital)
    if found.stored.version != seen.version:
        raise Stale(STALE)
    return found


def stay_now(permit: Permit, stay_id: str) -> StayNow:
    """Return a stay that the permit sees; NotFound, or Unprocessable where it is over."""
    stored = record.read(permit, "Encounter", stay_id)
    if not spells.is_spell(stored.resource):
        raise NotFound(f"There is no stay {stay_id} that you can see.")
    if stored.resource.get("status") in (*_GONE, "finished"):
        raise Unprocessable("This stay is over: they have left, or never came.")
    return StayNow(spells.read(stored.resource), stored)


def holder_words(permit: Permit, now: BedNow) -> str:
    """Return who holds a bed, in words: by name to whoever may see them, and to nobody else."""
    held = [*now.lying, *now.kept_for]
    known = named_stays(permit, (s.id for s in held), detail="who was first in a bed")
    for stay in held:
        if stay.id in known:
            verb = "lies in" if stay in now.lying else "has been promised"
            return f"{name_of_resource(known[stay.id])} {verb} {now.bed.name}. Choose another bed."
    return f"Somebody lies in {now.bed.name}, or it is kept for them. Choose another bed."
