"""A stay in hospital, as an inpatient Encounter: beds one after another, how and where it ended.

A bed that is reserved or lain in is a claim, so that two can never have it (house.md, law 3). The
functions that change a stay keep whatever else the Encounter says.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.search.period import bounds

__all__ = [
    "BedStay",
    "Spell",
    "beds_held",
    "build",
    "is_spell",
    "moved",
    "read",
    "released",
    "with_end",
    "with_team",
    "without_bed",
]

Resource = dict[str, Any]
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_UK = "https://fhir.hl7.org.uk"
_METHOD_URL = f"{_UK}/StructureDefinition/Extension-UKCore-DischargeMethod"
_METHODS = f"{_UK}/CodeSystem/UKCore-DischargeMethodEngland"
_DESTINATIONS = f"{_UK}/CodeSystem/UKCore-DischargeDestinationEngland"
_TEAM = f"{PLACE}/StructureDefinition/stay-team"
_INPATIENT = ("IMP", "ACUTE", "NONAC")
_HOLDING = ("active", "reserved", "planned")
_OVER = ("finished", "cancelled", "entered-in-error", "unknown")


class BedStay(Struct, frozen=True, kw_only=True):
    """A time in one bed (a Location's id); `status` is reserved, active or completed."""

    bed: str
    since: datetime | None = None
    until: datetime | None = None
    status: str = "active"


class Spell(Struct, frozen=True, kw_only=True):
    """One stay. `person` is `Patient/...`, `hospital` an organisation's id; codes are national.

    `team` is the ward (a Location's id) whose patient somebody is, "" where they lie; `ward` the
    ward that they are on in no bed, "" for none.
    """

    id: str
    person: str
    hospital: str
    admitted: datetime | None
    left: datetime | None = None
    method: str = ""
    destination: str = ""
    beds: tuple[BedStay, ...] = ()
    team: str = ""
    ward: str = ""

    @property
    def bed(self) -> BedStay | None:
        """The bed lain in now."""
        return next((b for b in reversed(self.beds) if b.status == "active"), None)


def build(spell: Spell) -> Resource:
    """Return the stay as an Encounter (FHIR R4 8.11): planned, in progress or finished."""
    status = "finished" if spell.left else "in-progress" if spell.admitted else "planned"
    resource: Resource = {
        "resourceType": "Encounter",
        "id": spell.id,
        "status": status,
        "class": {"system": _ACT, "code": "IMP", "display": "inpatient encounter"},
        "subject": {"reference": spell.person},
        "serviceProvider": {"reference": f"Organization/{spell.hospital}"},
    }
    if spell.team:
        resource = with_team(resource, spell.team)
    if spell.admitted:
        resource["period"] = {"start": spell.admitted.isoformat()}
    if spell.beds:
        resource["location"] = [_location(b) for b in spell.beds]
    if spell.left:
        assert spell.admitted, "who left was there"
        return with_end(resource, spell.left, method=spell.method, destination=spell.destination)
    return resource


def _location(stay: BedStay) -> Resource:
    times = {"start": stay.since, "end": stay.until}
    period = {name: when.isoformat() for name, when in times.items() if when}
    return {
        "location": {"reference": f"Location/{stay.bed}"},
        "status": stay.status,
        "physicalType": {"coding": [{"system": _PHYSICAL, "code": "bd"}]},
    } | ({"period": period} if period else {})


def is_spell(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a stay in hospital."""
    kind = resource.get("class", {}).get("code")
    return resource.get("resourceType") == "Encounter" and kind in _INPATIENT


def read(resource: Mapping[str, Any]) -> Spell:
    """Return the stay an Encounter is; KeyError if it is another thing."""
    if not is_spell(resource):
        raise KeyError("this Encounter is no stay in hospital")
    period = resource.get("period", {})
    provider = str(resource.get("serviceProvider", {}).get("reference", ""))
    ended = resource.get("hospitalization", {}).get("dischargeDisposition", {})
    method: Mapping[str, Any] = next(
        (e["valueCodeableConcept"] for e in resource.get("extension", ()) if _is_method(e)), {}
    )
    return Spell(
        id=resource["id"],
        person=resource["subject"]["reference"],
        hospital=provider.removeprefix("Organization/"),
        admitted=_moment(period.get("start")),
        left=_moment(period.get("end")),
        method=_code(method, _METHODS),
        destination=_code(ended, _DESTINATIONS),
        beds=tuple(_bed(e) for e in resource.get("location", ()) if _is_bed(e) and _reference(e)),
        team=_team(resource),
        ward=_on_ward(resource),
    )


def _bed(entry: Mapping[str, Any]) -> BedStay:
    period = entry.get("period", {})
    return BedStay(
        bed=_reference(entry).removeprefix("Location/"),
        since=_moment(period.get("start")),
        until=_moment(period.get("end")),
        status=str(entry.get("status", "active")),
    )


def moved(encounter: Mapping[str, Any], bed: str, *, at: datetime, status: str) -> Resource:
    """Return the Encounter with its person in another bed from then on (`active`), or with a bed
    kept for them (`reserved`)."""
    before = [_ended(e, at) if status == "active" else dict(e) for e in _places(encounter)]
    stay = BedStay(bed=bed, since=at if status == "active" else None, status=status)
    return {**encounter, "location": [*before, _location(stay)]}


def released(encounter: Mapping[str, Any]) -> Resource:
    """Return the Encounter without the bed kept for its person; they stay where they lie."""
    plain: Resource = {k: v for k, v in encounter.items() if k != "location"}
    places = [dict(e) for e in _places(encounter)]
    return plain | ({"location": places} if places else {})


def with_team(encounter: Mapping[str, Any], ward: str) -> Resource:
    """Return the Encounter of a person whom a ward's team looks after, wherever they lie."""
    kept = [e for e in encounter.get("extension", ()) if e.get("url") != _TEAM]
    said = {"url": _TEAM, "valueReference": {"reference": f"Location/{ward}"}}
    return {**encounter, "extension": [*kept, said]}


def _team(encounter: Mapping[str, Any]) -> str:
    found = (e for e in encounter.get("extension", ()) if e.get("url") == _TEAM)
    reference = next((e.get("valueReference", {}).get("reference", "") for e in found), "")
    return str(reference).removeprefix("Location/")


def _on_ward(encounter: Mapping[str, Any]) -> str:
    """Return the ward that somebody is on now without a bed of it."""
    places = encounter.get("location", ())
    here = (e for e in places if e.get("status", "active") == "active" and _is_held(e))
    wards = (_reference(e) for e in here if _has_code(e, "wa"))
    return next(wards, "").removeprefix("Location/")


def without_bed(encounter: Mapping[str, Any], at: datetime) -> Resource:
    """Return the Encounter with every bed of it given back: what was reserved is forgotten."""
    places = [_ended(e, at) for e in _places(encounter)]
    plain: Resource = {k: v for k, v in encounter.items() if k != "location"}
    return plain | ({"location": places} if places else {})


def with_end(
    encounter: Mapping[str, Any], at: datetime, *, method: str, destination: str
) -> Resource:
    """Return the Encounter finished: the bed given back, the national codes of how and where to."""
    kept = [e for e in encounter.get("extension", ()) if not _is_method(e)]
    concept = {"coding": [{"system": _METHODS, "code": method}]}
    place = {"coding": [{"system": _DESTINATIONS, "code": destination}]}
    return {
        **without_bed(encounter, at),
        "status": "finished",
        "extension": [*kept, {"url": _METHOD_URL, "valueCodeableConcept": concept}],
        "period": {**encounter.get("period", {}), "end": at.isoformat()},
        "hospitalization": {
            **encounter.get("hospitalization", {}),
            "dischargeDisposition": place,
        },
    }


def _places(encounter: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return where the person was and is, without beds that were only kept."""
    return [e for e in encounter.get("location", ()) if e.get("status") not in _HOLDING[1:]]


def _ended(entry: Mapping[str, Any], at: datetime) -> Resource:
    if entry.get("status", "active") != "active":
        return dict(entry)
    period = {**entry.get("period", {}), "end": at.isoformat()}
    return {**entry, "status": "completed", "period": period}


def beds_held(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the claims of a stay: `bed/<id>` for a bed lain in or reserved; none once it ended.

    Asked of whatever is stored, so it reads no more than it needs and refuses nothing.
    """
    if not is_spell(resource) or resource.get("status") in _OVER:
        return ()
    held = (e for e in resource.get("location", ()) if _is_bed(e) and _is_held(e))
    names = (str(e.get("location", {}).get("reference", "")).split("/") for e in held)
    beds = (name[1] for name in names if name[0] == "Location" and len(name) > 1)
    return tuple(dict.fromkeys(f"bed/{bed}" for bed in beds))


def _is_held(entry: Mapping[str, Any]) -> bool:
    return entry.get("status", "active") in _HOLDING and not entry.get("period", {}).get("end")


def _reference(entry: Mapping[str, Any]) -> str:
    return str(entry.get("location", {}).get("reference", ""))


def _is_bed(entry: Mapping[str, Any]) -> bool:
    return _has_code(entry, "bd")


def _has_code(entry: Mapping[str, Any], code: str) -> bool:
    codings = entry.get("physicalType", {}).get("coding", ())
    return any(c.get("code") == code for c in codings)


def _is_method(extension: Mapping[str, Any]) -> bool:
    return extension.get("url") == _METHOD_URL


def _code(concept: Mapping[str, Any], system: str) -> str:
    found = (c.get("code", "") for c in concept.get("coding", ()) if c.get("system") == system)
    return str(next(found, ""))


def _moment(text: str | None) -> datetime | None:
    """Return when a FHIR dateTime begins, however exact others wrote it."""
    return datetime.fromisoformat(bounds(text)[0]) if text else None
