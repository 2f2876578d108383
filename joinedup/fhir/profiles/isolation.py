"""An infection somebody in hospital has, suspected or confirmed by a test, as a Flag of that stay.

Its place on a bed map and in the count of flu beds comes from here; what is done about it does
not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = ["CERTAINTIES", "Isolation", "build", "is_isolation", "isolation_id", "read"]

Resource = dict[str, Any]
_CATEGORY = f"{PLACE}/CodeSystem/alert"
_CODE = "isolation"
_URL = f"{PLACE}/StructureDefinition/isolation"
CERTAINTIES: Mapping[str, str] = {"suspected": "suspected", "confirmed": "confirmed by a test"}


class Isolation(Struct, frozen=True, kw_only=True):
    """An infection of somebody during a stay; `spell` is an Encounter's id, `over` its end.

    The Flag's author is the hospital, so that its infections can be counted; `by` who said so.
    """

    spell: str
    person: str
    hospital: str
    infection: str
    certainty: str
    since: datetime
    by: Reference
    words: str = ""
    over: datetime | None = None


def isolation_id(spell: str, infection: str) -> str:
    """Return the id of the Flag: one for a stay and infection, so that it is written once."""
    return f"isolation-{infection}-{spell}"[:64]


def build(isolation: Isolation) -> Resource:
    """Return the Flag (FHIR R4 12.3), active until the infection is over."""
    period = {"start": isolation.since.isoformat()}
    if isolation.over:
        period["end"] = isolation.over.isoformat()
    told = isolation.words or isolation.infection
    said = {
        "infection": isolation.infection,
        "certainty": isolation.certainty,
        "by": isolation.by,
    }
    return {
        "resourceType": "Flag",
        "id": isolation_id(isolation.spell, isolation.infection),
        "extension": [pack(_URL, said)],
        "status": "inactive" if isolation.over else "active",
        "category": [{"coding": [{"system": _CATEGORY, "code": _CODE}]}],
        "code": {"text": f"{told}, {CERTAINTIES[isolation.certainty]}"},
        "subject": {"reference": isolation.person},
        "period": period,
        "encounter": {"reference": f"Encounter/{isolation.spell}"},
        "author": {"reference": f"Organization/{isolation.hospital}"},
    }


def is_isolation(resource: Mapping[str, Any]) -> bool:
    """Whether a Flag is of an infection during a stay."""
    if resource.get("resourceType") != "Flag":
        return False
    codings = (c for concept in resource.get("category", ()) for c in concept.get("coding", ()))
    return any((c.get("system"), c.get("code")) == (_CATEGORY, _CODE) for c in codings)


def read(resource: Mapping[str, Any]) -> Isolation:
    """Return what a Flag says; KeyError if it is of something else."""
    if not is_isolation(resource):
        raise KeyError("this Flag is of no infection")
    said = parts(resource, _URL)[0]
    period = resource["period"]
    return Isolation(
        spell=str(resource["encounter"]["reference"]).removeprefix("Encounter/"),
        person=str(resource["subject"]["reference"]),
        hospital=str(resource["author"]["reference"]).removeprefix("Organization/"),
        infection=said["infection"],
        certainty=said["certainty"],
        since=datetime.fromisoformat(period["start"]),
        by=Reference(said["by"]),
        words=str(resource["code"]["text"]).rpartition(", ")[0],
        over=datetime.fromisoformat(period["end"]) if "end" in period else None,
    )
