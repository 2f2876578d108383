"""A visit that care workers made to somebody at home, as an Encounter of class HH.

It says when, for which package and by whom; what happened in it is written elsewhere. Money is
matched against how long visits took, and sees nothing else of them.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.search.period import LONDON

__all__ = ["Visit", "build", "check", "is_visit", "read"]

Resource = dict[str, Any]
_CLASS = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "HH",
    "display": "home health",
}
_LONGEST = timedelta(hours=36)


class Visit(Struct, frozen=True, kw_only=True):
    """One visit: `person` is `Patient/...`, `package` and `provider` are ids; times have a zone."""

    person: str
    package: str
    provider: str
    start: datetime
    end: datetime

    @property
    def day(self) -> date:
        """The day it began, as clocks in England showed it."""
        return self.start.astimezone(LONDON).date()

    @property
    def time(self) -> timedelta:
        """How long it took, across a change of the clocks too."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


def build(visit: Visit, resource_id: str) -> Resource:
    """Return the visit as a finished Encounter (FHIR R4 8.11)."""
    return {
        "resourceType": "Encounter",
        "id": resource_id,
        "status": "finished",
        "class": dict(_CLASS),
        "subject": {"reference": visit.person},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{visit.package}"}],
        "period": {"start": visit.start.isoformat(), "end": visit.end.isoformat()},
        "serviceProvider": {"reference": f"Organization/{visit.provider}"},
    }


def is_visit(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is a visit at home that took place, for a package and by a provider."""
    return bool(
        resource.get("resourceType") == "Encounter"
        and resource.get("status") == "finished"
        and resource.get("class", {}).get("code") == "HH"
        and _package(resource)
        and resource.get("serviceProvider", {}).get("reference")
        and all("T" in str(resource.get("period", {}).get(s, "")) for s in ("start", "end"))
    )


def read(resource: Mapping[str, Any]) -> Visit:
    """Return the visit that an Encounter is; KeyError if it is another thing (`is_visit`)."""
    if not is_visit(resource):
        raise KeyError("this is no visit")
    start, end = (datetime.fromisoformat(resource["period"][s]) for s in ("start", "end"))
    return Visit(
        person=resource["subject"]["reference"],
        package=_package(resource),
        provider=resource["serviceProvider"]["reference"].removeprefix("Organization/"),
        start=start,
        end=end,
    )


def check(visit: Visit) -> tuple[Problem, ...]:
    """Return what cannot be true of a visit: no length, or longer than anybody's."""
    if visit.end <= visit.start:
        return (Problem("value", "A visit ends after it begins.", "Encounter.period"),)
    if visit.time > _LONGEST:
        words = "A visit of more than 36 hours is several. Write each down."
        return (Problem("value", words, "Encounter.period"),)
    return ()


def _package(resource: Mapping[str, Any]) -> str:
    named = (str(e.get("reference", "")) for e in resource.get("episodeOfCare", ()))
    found = (n.removeprefix("EpisodeOfCare/") for n in named if n.startswith("EpisodeOfCare/"))
    return next(found, "")
