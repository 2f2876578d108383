"""A bed and a ward, as Locations: what only the place itself knows.

Who lies in a bed, or has it reserved, is their Encounter's (`spell`); here stand cleaning, closures
and outbreaks. What an act may do with them is `beds.rules`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = [
    "Bed",
    "Closure",
    "Outbreak",
    "Ward",
    "build_bed",
    "build_ward",
    "is_bed",
    "is_ward",
    "read_bed",
    "read_ward",
]

Resource = dict[str, Any]
_PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_STATUS = "http://terminology.hl7.org/CodeSystem/v2-0116"
_URL = f"{PLACE}/StructureDefinition/bed-"
_CONDITIONS = {"clean": "U", "in-use": "O", "used": "K", "being-cleaned": "H"}
_READ = {code: condition for condition, code in _CONDITIONS.items()}


class Closure(Struct, frozen=True, kw_only=True):
    """Why a bed is closed: infection, staffing, maintenance or escalation-shut; since when."""

    reason: str
    since: datetime
    by: Reference
    infection: str = ""
    words: str = ""


class Bed(Struct, frozen=True, kw_only=True):
    """One bed. `ward` is a Location's id, `care` general or critical; an `escalation` bed is opened
    only under pressure. `condition` is clean, in-use (somebody came into it), used or
    being-cleaned; `cleaned` when that was last. Who lies in it is their stay's to say.
    """

    id: str
    ward: str
    name: str
    hospital: str
    care: str = "general"
    escalation: bool = False
    condition: str = "clean"
    cleaned: datetime | None = None
    closure: Closure | None = None


class Outbreak(Struct, frozen=True, kw_only=True):
    """An infection on a ward: suspected, confirmed (by a test) or over; `beds` are those affected.

    The last symptom and the terminal clean decide when it may open again.
    """

    infection: str
    certainty: str
    began: datetime
    said_by: Reference
    last_symptom: datetime
    cleaned: datetime | None = None
    over: datetime | None = None
    over_by: Reference | None = None


class Ward(Struct, frozen=True, kw_only=True):
    """One ward, with the outbreaks it has had; only the last can still run."""

    id: str
    name: str
    hospital: str
    outbreaks: tuple[Outbreak, ...] = ()

    @property
    def outbreak(self) -> Outbreak | None:
        """The one that runs now."""
        last = self.outbreaks[-1] if self.outbreaks else None
        return last if last and last.over is None else None


def build_bed(bed: Bed, onto: Mapping[str, Any] | None = None) -> Resource:
    """Return the bed as a Location (FHIR R4 8.7), keeping what else `onto` says."""
    kind = {"care": bed.care, "escalation": bed.escalation, "cleaned": bed.cleaned}
    said = [pack(f"{_URL}kind", kind)]
    if bed.closure:
        said.append(pack(f"{_URL}closure", asdict(bed.closure)))
        code = "I" if bed.closure.reason == "infection" else "C"
        said.append(pack(f"{_URL}condition", {"condition": bed.condition}))
    else:
        code = _CONDITIONS[bed.condition]
    return {
        **_place(bed.id, bed.name, bed.hospital, onto, said),
        "status": "suspended" if bed.closure else "active",
        "operationalStatus": {"system": _STATUS, "code": code},
        "physicalType": {"coding": [{"system": _PHYSICAL, "code": "bd"}]},
        "partOf": {"reference": f"Location/{bed.ward}"},
    }


def build_ward(ward: Ward, onto: Mapping[str, Any] | None = None) -> Resource:
    """Return the ward as a Location, keeping what else `onto` says."""
    said = [pack(f"{_URL}outbreak", asdict(outbreak)) for outbreak in ward.outbreaks]
    return {
        **_place(ward.id, ward.name, ward.hospital, onto, said),
        "status": "suspended" if ward.outbreak else "active",
        "physicalType": {"coding": [{"system": _PHYSICAL, "code": "wa"}]},
    }


def _place(
    id_: str, name: str, hospital: str, onto: Mapping[str, Any] | None, said: list[Resource]
) -> Resource:
    before = onto or {}
    kept = [e for e in before.get("extension", ()) if not str(e.get("url", "")).startswith(_URL)]
    plain: Resource = {k: v for k, v in before.items() if k != "extension"}
    extension = {"extension": [*kept, *said]} if kept or said else {}
    return {
        **plain,
        "resourceType": "Location",
        "id": id_,
        **extension,
        "name": name,
        "managingOrganization": {"reference": f"Organization/{hospital}"},
    }


def is_bed(resource: Mapping[str, Any]) -> bool:
    """Whether a Location is a bed."""
    return _is_kind(resource, "bd")


def is_ward(resource: Mapping[str, Any]) -> bool:
    """Whether a Location is a ward."""
    return _is_kind(resource, "wa")


def _is_kind(resource: Mapping[str, Any], code: str) -> bool:
    codings = resource.get("physicalType", {}).get("coding", ())
    return resource.get("resourceType") == "Location" and any(
        c.get("code") == code for c in codings
    )


def read_bed(resource: Mapping[str, Any]) -> Bed:
    """Return the bed a Location is, a plain one too; KeyError if it is another thing."""
    if not is_bed(resource):
        raise KeyError("this Location is no bed")
    kind = next(iter(parts(resource, f"{_URL}kind")), {})
    closures = parts(resource, f"{_URL}closure")
    stated = next(iter(parts(resource, f"{_URL}condition")), {}).get("condition", "clean")
    code = resource.get("operationalStatus", {}).get("code", "")
    return Bed(
        id=resource["id"],
        ward=str(resource.get("partOf", {}).get("reference", "")).removeprefix("Location/"),
        name=str(resource.get("name", "")),
        hospital=_hospital(resource),
        care=kind.get("care", "general"),
        escalation=kind.get("escalation", False),
        condition=_READ.get(code, stated),
        cleaned=kind.get("cleaned"),
        closure=Closure(**closures[0]) if closures else None,
    )


def read_ward(resource: Mapping[str, Any]) -> Ward:
    """Return the ward a Location is; KeyError if it is another thing."""
    if not is_ward(resource):
        raise KeyError("this Location is no ward")
    outbreaks = parts(resource, f"{_URL}outbreak")
    return Ward(
        id=resource["id"],
        name=str(resource.get("name", "")),
        hospital=_hospital(resource),
        outbreaks=tuple(Outbreak(**said) for said in outbreaks),
    )


def _hospital(resource: Mapping[str, Any]) -> str:
    reference = str(resource.get("managingOrganization", {}).get("reference", ""))
    return reference.removeprefix("Organization/")
