"""One event judged against what stands: what is to be stored, or the reason for which it waits."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.key import resource_key
from joinedup.fhir.profiles.spell import beds_held
from joinedup.hl7.door import Door
from joinedup.hl7.event import Event
from joinedup.hl7.held import Line
from joinedup.hl7.lying import BED, WARD
from joinedup.hl7.stay import Place, after, placed
from joinedup.hl7.times import instant_of
from joinedup.hl7.whose import Whose, died_before, person_id, subject_of, whose
from joinedup.people.importing.naming import record_id
from joinedup.record import Change, Create, Source, Update

__all__ = ["Judged", "bed_again", "judge", "visit_id"]

Resource = dict[str, Any]
Found = Mapping[int, Resource]


class Judged(Struct, frozen=True, kw_only=True):
    """What comes of an event: the changes, and what it waits for (`keys`), with a reason, or "".

    `stands` and `stay` are the stay before and after; `missing` is the bed that somebody else is
    in, entered at `start` as its ward alone.
    """

    event: Event
    changes: tuple[Change, ...] = ()
    stands: Resource | None = None
    stay: Resource | None = None
    reason: str = ""
    keys: tuple[str, ...] = ()
    missing: Place | None = None
    start: str = ""

    @property
    def freed(self) -> tuple[str, ...]:
        """The beds that this leaves."""
        before = beds_held(self.stands) if self.stands else ()
        now = beds_held(self.stay) if self.stay else before
        return tuple(bed for bed in before if bed not in now)


def visit_id(organisation: str, visit: str) -> str:
    """Return the id here of what a hospital calls a visit."""
    return record_id(organisation, f"Encounter/{visit}")


def judge(door: Door, event: Event, found: Found, *, beds: bool) -> Judged:
    """Return what comes of an event; without `beds` only the ward is entered of a bed.

    Asks people whose it is where a machine may not say; stores nothing else. Unfit for a person
    who cannot be.
    """
    who = whose(door.permit, door.organisation, event, found)
    if who.question:
        keys = (f"person/{person_id(door.organisation, event.local)}",)
        return Judged(event=event, changes=who.changes, reason="person-uncertain", keys=keys)
    if event.trigger == "A40" or not event.visit:
        return Judged(event=event, changes=who.changes)
    stands = found.get(resource_key("Encounter", visit_id(door.organisation, event.visit)))
    waits = Judged(event=event, changes=who.changes, stands=stands)
    place = door.places.find(event.spot) if event.spot else None
    if event.spot and place is None and event.trigger not in ("A03", "A08"):
        return replace(waits, reason="unknown-ward", keys=(f"place/{event.spot.name}",))
    if event.trigger in ("A01", "A04") and died_before(found, event):
        return replace(waits, reason="after-death")
    return _stayed(door, waits, who, place, beds=beds)


def bed_again(door: Door, line: Line, event: Event, found: Found) -> Judged:
    """Return what comes of a bed that was somebody else's: entered now, unless it is past."""
    stands = found.get(resource_key("Encounter", visit_id(door.organisation, line.visit)))
    bed = next((key.removeprefix("bed/") for key in line.keys if key.startswith("bed/")), "")
    place = door.places.at(bed)
    stay = placed(stands, place, line.start) if stands and place else None
    if stands is None or stay is None:
        return Judged(event=event, stands=stands)
    changes = (_change(stay, stands, door.organisation, event),)
    return Judged(event=event, changes=changes, stands=stands, stay=stay)


def _stayed(door: Door, waits: Judged, who: Whose, place: Place | None, *, beds: bool) -> Judged:
    event, stands = waits.event, waits.stands
    verdict = after(
        stands,
        event,
        place,
        stay_id=visit_id(door.organisation, event.visit),
        subject=subject_of(door.permit, who, stands),
    )
    keys = (f"visit/{event.visit}",)
    if verdict.reason:
        return replace(waits, reason=verdict.reason, keys=keys)
    if verdict.stay is None:
        return waits
    stay = {**verdict.stay, "serviceProvider": {"reference": f"Organization/{door.organisation}"}}
    missing, start = None, ""
    if not beds and beds_held(stay):
        stay, missing, start = _on_its_ward(door, stay)
        keys = (f"bed/{missing.location}",)
    return replace(
        waits,
        changes=(*who.changes, _change(stay, stands, door.organisation, event)),
        stay=stay,
        reason="bed-taken" if missing else "",
        keys=keys if missing else (),
        missing=missing,
        start=start,
    )


def _on_its_ward(door: Door, stay: Resource) -> tuple[Resource, Place, str]:
    """Return the stay on the ward of the bed it is in, with that bed and since when."""
    last = next(p for p in reversed(stay["location"]) if p["status"] == "active")
    start = str(last["period"]["start"])
    location = str(last["location"]["reference"]).removeprefix("Location/")
    words = str(last["location"].get("display", location))
    bed = door.places.at(location) or Place(location, words, BED, "", "")
    ward = Place(bed.ward, bed.ward_words, WARD, bed.ward, bed.ward_words) if bed.ward else None
    moved = placed(stay, ward, start)
    assert moved is not None, "the last place began then"
    return moved, bed, start


def _change(stay: Resource, stands: Resource | None, organisation: str, event: Event) -> Change:
    source = Source(organisation, recorded=instant_of(event.said))
    if stands is None:
        return Create(stay, str(stay["id"]), source)
    kept = {k: v for k, v in stands["meta"].items() if k not in ("versionId", "lastUpdated")}
    plain = {name: value for name, value in stay.items() if name != "meta"}
    changed = {**plain, **({"meta": kept} if kept else {})}
    return Update(changed, int(stands["meta"]["versionId"]), source)
