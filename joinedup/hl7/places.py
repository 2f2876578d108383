"""The wards and beds of one hospital that are known here, by what its system calls them.

A Location says so itself, in an identifier of `PLACES/<organisation>`: `WARD7` for a ward,
`WARD7/12` for a bed of it. What no Location answers to is not known; nothing is made up for it.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.fhir.search.query import parse_query
from joinedup.hl7.event import Spot
from joinedup.hl7.lying import BED, WARD
from joinedup.hl7.stay import Place
from joinedup.record import search

__all__ = ["PLACES", "Places", "spot_identifier"]

PLACES = "https://joinedup.example/Id/hospital-place"
KEPT_SECONDS = 300.0
ASKED_AGAIN_SECONDS = 5.0
_PAGE = 1000
_MOST_PAGES = 20
_KNOWN = ("active", "suspended")  # somebody may lie on a ward that is closed to others

Resource = Mapping[str, Any]


def spot_identifier(organisation: str, name: str) -> dict[str, str]:
    """Return the identifier by which a hospital's system names a ward or bed."""
    return {"system": f"{PLACES}/{organisation}", "value": name}


class Places:
    """The places of one hospital, read again after a while, and soon for one that is not known."""

    def __init__(self, permit: Permit, organisation: str) -> None:
        self._permit = permit
        self._system = f"{PLACES}/{organisation}"
        self._organisation = organisation
        self._known: Mapping[str, Place] = {}
        self._read_at = float("-inf")
        self._turn = threading.Lock()

    def find(self, spot: Spot) -> Place | None:
        """Return the place that a message names; None where none is known by that name."""
        age = time.monotonic() - self._read_at
        if age > KEPT_SECONDS or (spot.name not in self._known and age > ASKED_AGAIN_SECONDS):
            self.read_again()
        return self._known.get(spot.name)

    def at(self, location: str) -> Place | None:
        """Return the place of a Location; None where none of that id is known."""
        return next((p for p in self._known.values() if p.location == location), None)

    def read_again(self) -> None:
        """Read the places from the record."""
        with self._turn:
            self._known = self._all()
            self._read_at = time.monotonic()

    def _all(self) -> dict[str, Place]:
        found = {str(r["id"]): r for r in self._locations() if r.get("status") in _KNOWN}
        known = {}
        for resource in found.values():
            if name := self._name(resource):
                known[name] = _place(resource, found)
        return known

    def _locations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        asked = [("organization", f"Organization/{self._organisation}")]
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            pairs = [*asked, *([("_cursor", cursor)] if cursor else [])]
            query = parse_query("Location", pairs, default_count=_PAGE)
            page = search(self._permit, query, detail="wards and beds")
            found += [stored.resource for stored in page.entries]
            if (cursor := page.next_cursor) is None:
                break
        return found

    def _name(self, resource: Resource) -> str:
        own = (i for i in resource.get("identifier", ()) if i.get("system") == self._system)
        return next((str(i.get("value", "")) for i in own), "")


def _place(resource: Resource, found: Mapping[str, Resource]) -> Place:
    """Return a place; of a bed, with its ward, past a bay that may stand between them."""
    words = str(resource.get("name", resource["id"]))
    codings = resource.get("physicalType", {}).get("coding", ())
    is_bed = any(coding.get("code") == BED for coding in codings)
    ward: Resource = resource
    for _ in range(3):
        above = str(ward.get("partOf", {}).get("reference", "")).removeprefix("Location/")
        if above not in found or not is_bed:
            break
        ward = found[above]
    ward_words = str(ward.get("name", ward["id"]))
    whole = f"{words}, {ward_words}" if is_bed else words
    return Place(str(resource["id"]), whole, BED if is_bed else WARD, str(ward["id"]), ward_words)
