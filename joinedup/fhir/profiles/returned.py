"""A return of counts that names nobody, as a MeasureReport: one resource a version, none changed.

The daily sitrep, the bed picture and the level of pressure are such returns. Whom a count stands
for is answered from the record as it was (DI-08), never written here.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.parts import Reference, pack, parts

__all__ = ["MEASURE", "Return", "amended", "build", "differences", "is_return", "read", "return_id"]

Resource = dict[str, Any]
MEASURE = f"{PLACE}/Measure/"
_COUNTS = f"{PLACE}/CodeSystem/return-count"
_SENT = f"{PLACE}/StructureDefinition/return-sent"


class Return(Struct, frozen=True, kw_only=True):
    """One version. `kind` such as `discharge-sitrep`; `taken_at` is the moment it tells of.

    `sent_by` is a reference; `why` says what an amendment mends, or why a level was declared that
    was not reckoned.
    """

    kind: str
    organisation: str
    day: date
    version: int
    counts: Mapping[str, int]
    taken_at: datetime
    sent_at: datetime
    sent_by: str
    why: str = ""
    stood_at: datetime | None = None

    @property
    def id(self) -> str:
        """Its id in the record."""
        return return_id(self.kind, self.organisation, self.day, self.version)


def return_id(kind: str, organisation: str, day: date, version: int) -> str:
    """Return the id of one version of a return."""
    return f"{kind}-{organisation}-{day.isoformat()}-v{version}"


def differences(before: Return, counts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return each count that is now another, as (sent, now): none when the day is as sent."""
    names = dict.fromkeys((*before.counts, *counts))
    pairs = {n: (before.counts.get(n, 0), counts.get(n, 0)) for n in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def amended(
    before: Return,
    counts: Mapping[str, int],
    *,
    at: datetime,
    by: str,
    why: str,
    until: date,
) -> Return:
    """Return the next version; the one before stays as it was sent (DI-08).

    Refuses, Unprocessable: before it was sent, after the day `until`, no reason, nothing that
    differs.
    """
    if at < before.sent_at:
        raise Unprocessable("An amendment is later than what it amends.")
    if day_of(at) > until:
        raise Unprocessable(f"This return could be amended until {until:%-d %B %Y}.")
    if not why.strip():
        raise Unprocessable("Say what was wrong.")
    if not differences(before, counts):
        raise Unprocessable("Nothing differs from what was sent.")
    return replace(
        before, version=before.version + 1, counts=counts, sent_at=at, sent_by=by, why=why.strip()
    )


def build(report: Return) -> Resource:
    """Return the version as a complete summary MeasureReport (FHIR R4 13.10)."""
    sent = {
        "version": report.version,
        "at": report.sent_at,
        "by": Reference(report.sent_by),
        "why": report.why,
        "stood-at": report.stood_at,
    }
    return {
        "resourceType": "MeasureReport",
        "id": report.id,
        "extension": [pack(_SENT, sent)],
        "status": "complete",
        "type": "summary",
        "measure": f"{MEASURE}{report.kind}",
        "date": report.taken_at.isoformat(),
        "reporter": {"reference": f"Organization/{report.organisation}"},
        "period": {"start": report.day.isoformat(), "end": report.day.isoformat()},
        "group": [
            {
                "code": {"coding": [{"system": _COUNTS, "code": name}]},
                "population": [{"count": count}],
            }
            for name, count in report.counts.items()
        ],
    }


def is_return(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is one of our returns of counts."""
    return resource.get("resourceType") == "MeasureReport" and bool(parts(resource, _SENT))


def read(resource: Mapping[str, Any]) -> Return:
    """Return the version that a MeasureReport is; KeyError if it is another thing."""
    if not is_return(resource):
        raise KeyError("this is no return of counts")
    sent = parts(resource, _SENT)[0]
    return Return(
        kind=resource["measure"].removeprefix(MEASURE),
        organisation=resource["reporter"]["reference"].removeprefix("Organization/"),
        day=date.fromisoformat(resource["period"]["start"]),
        version=sent["version"],
        counts={
            g["code"]["coding"][0]["code"]: int(g["population"][0]["count"])
            for g in resource["group"]
        },
        taken_at=datetime.fromisoformat(resource["date"]),
        sent_at=sent["at"],
        sent_by=str(sent["by"]),
        why=sent.get("why", ""),
        stood_at=sent.get("stood-at"),
    )
