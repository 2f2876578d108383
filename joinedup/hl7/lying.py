"""Where a stay lies, one place after another, each with the time it began. Pure.

A bed that a stay is in is a claim (`fhir.profiles.spell`); a bed that was kept for somebody by
others stays so until they lie in a bed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joinedup.fhir.search.period import bounds

__all__ = ["BED", "WARD", "began", "entered", "in_order", "moment_of"]

Resource = Mapping[str, Any]

_KINDS = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_FOUND_BACK = {
    "url": "https://joinedup.example/StructureDefinition/adt-found-back",
    "valueBoolean": True,
}
BED, WARD = "bd", "wa"
_WORDS = {BED: "Bed", WARD: "Ward"}


def entered(
    location: str, display: str, kind: str, start: str, *, back: bool = False
) -> dict[str, Any]:
    """Return one place of a stay from a time on; `kind` is bd or wa.

    `back`: it is only where a discharge that was taken back found somebody, and no move.
    """
    coding = {"system": _KINDS, "code": kind, "display": _WORDS[kind]}
    return {
        **({"extension": [_FOUND_BACK]} if back else {}),
        "location": {"reference": f"Location/{location}", "display": display},
        "physicalType": {"coding": [coding]},
        "period": {"start": start},
    }


def began(place: Resource) -> datetime | None:
    """Return when somebody came to a place; None of one that is only kept for them."""
    start = place.get("period", {}).get("start")
    return moment_of(str(start)) if start else None


def moment_of(text: str) -> datetime:
    """Return when a FHIR dateTime begins, however exact it is: others write stays too."""
    return datetime.fromisoformat(bounds(text)[0])


def in_order(places: Sequence[Resource], *, ended: str) -> list[dict[str, Any]]:
    """Return places by when they began, each ended by the next, the last by `ended` ("": open).

    Somewhere that somebody was found back is left out once a move there is known.
    """
    timed = [(start, dict(p)) for p in places if (start := began(p))]
    ordered: list[dict[str, Any]] = []
    for _, place in sorted(timed, key=lambda pair: pair[0]):
        stays = ordered and ordered[-1]["location"]["reference"] == place["location"]["reference"]
        if not (stays and _FOUND_BACK in place.get("extension", ())):
            ordered.append(place)
    for number, place in enumerate(ordered):
        last = number + 1 == len(ordered)
        end = ended if last else str(ordered[number + 1]["period"]["start"])
        place["period"] = {"start": place["period"]["start"], **({"end": end} if end else {})}
        place["status"] = "completed" if end else "active"
    return ordered
