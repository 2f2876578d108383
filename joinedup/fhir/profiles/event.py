"""What the four council events share: the event itself, and the columns FHIR has no place for.

Columns with a home in R4 (dates, type, reference, description, outcome of a task) stand there and
nowhere else, so that changing them changes the return; the rest is kept as sent in one extension.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.columns import BY_HEADER, COLUMNS, slug
from joinedup.fhir.profiles.days import read_day, write_day

__all__ = [
    "EVENT_TYPE",
    "EXTENSION",
    "PLACE",
    "Event",
    "check_event",
    "coding",
    "event_type_of",
    "first_of",
    "frame",
    "identifier_system",
    "listed",
    "period",
    "profile_url",
    "read_event",
    "reference_of",
    "row_of",
    "stated_columns",
]

PLACE = "https://joinedup.example"
EXTENSION = f"{PLACE}/StructureDefinition/client-level-data"
EVENT_TYPE = f"{PLACE}/CodeSystem/client-level-data-event"

_NATIVE = ("Event Type", "Event Reference", "Event Start Date", "Event End Date")
Resource = dict[str, Any]


class Event(Struct, frozen=True, kw_only=True):
    """One council event. `person` is `Patient/...`, `council` the id of an Organization.

    `end` None means open. `stated` holds the other columns by header, as the council sent them.
    """

    person: str
    council: str
    start: date
    end: date | None = None
    reference: str = ""
    stated: Mapping[str, str] = {}

    def says(self, header: str) -> str:
        """Return what a column says, "" when it is blank; KeyError for a column there is not."""
        assert header in BY_HEADER, f"{header} is no column of the return"
        return self.stated.get(header, "")


def coding(column: str, text: str) -> Resource:
    """Return the code of a listed value: `Service Type`, `Long term support: Community`."""
    code = " ".join(text.split())
    return {"system": f"{PLACE}/CodeSystem/cld-{slug(column)}", "code": code, "display": code}


def listed(column: str, text: str) -> Resource | None:
    """Return a CodeableConcept of a column's value, or None when it is blank."""
    return {"coding": [coding(column, text)], "text": text} if text.strip() else None


def identifier_system(fact: str, council: str) -> str:
    """Return the system of a council's own identifiers; `fact` is `person` or `event`."""
    return f"{PLACE}/Id/council-{fact}/{council}"


def profile_url(kind: str) -> str:
    """Return the profile an event of a kind (`Request`, `Service`, ...) states."""
    return f"{PLACE}/StructureDefinition/cld-{kind.lower()}"


def event_type_of(resource: Mapping[str, Any]) -> str:
    """Return Request, Assessment, Service or Review, or "" if this is no council event."""
    for url in resource.get("meta", {}).get("profile", ()):
        for kind in ("Request", "Assessment", "Service", "Review"):
            if url == profile_url(kind):
                return kind
    return ""


def frame(
    event: Event, type_name: str, kind: str, *, resource_id: str, native: Iterable[str]
) -> Resource:
    """Return the resource with what every event has; columns in `native` are for the caller."""
    resource: Resource = {
        "resourceType": type_name,
        "id": resource_id,
        "meta": {"profile": [profile_url(kind)]},
    }
    homes = {*_NATIVE, *native}
    kept = [
        {"url": column.slug, "valueString": event.stated[column.header]}
        for column in COLUMNS
        if column.header not in homes
        and not column.identity
        and event.stated.get(column.header, "").strip()
    ]
    if kept:
        resource["extension"] = [{"url": EXTENSION, "extension": kept}]
    if event.reference:
        system = identifier_system("event", event.council)
        resource["identifier"] = [{"system": system, "value": event.reference}]
    return resource


def period(event: Event) -> Resource:
    """Return when the event ran, as a Period of days."""
    days = {"start": event.start.isoformat()}
    if event.end:
        days["end"] = event.end.isoformat()
    return days


def first_of(resource: Mapping[str, Any], element: str) -> Mapping[str, Any]:
    """Return the first of a repeating element, or an empty object when there is none."""
    values = resource.get(element, ())
    return values[0] if values else {}


def stated_columns(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns the extension holds, by header."""
    by_slug = {column.slug: column.header for column in COLUMNS}
    return {
        by_slug[part["url"]]: part["valueString"]
        for extension in resource.get("extension", ())
        if extension.get("url") == EXTENSION
        for part in extension.get("extension", ())
        if part.get("url") in by_slug
    }


def reference_of(resource: Mapping[str, Any], council: str) -> str:
    """Return the council's own reference of the event, or ""."""
    system = identifier_system("event", council)
    for identifier in resource.get("identifier", ()):
        if identifier.get("system") == system:
            return str(identifier.get("value", ""))
    return ""


def read_event(
    resource: Mapping[str, Any],
    *,
    person: str,
    council: str,
    days: Mapping[str, Any],
    native: Mapping[str, str],
) -> Event:
    """Return the event of a resource from its parts; refuses (KeyError) one without a start."""
    start = read_day(str(days["start"])[:10])
    assert start is not None, "a council event has a start day"
    stated = stated_columns(resource)
    stated.update((header, text) for header, text in native.items() if text)
    return Event(
        person=person,
        council=council,
        start=start,
        end=read_day(str(days.get("end", ""))[:10]),
        reference=reference_of(resource, council),
        stated=stated,
    )


def row_of(event: Event, kind: str, person_columns: Mapping[str, str]) -> dict[str, str]:
    """Return the row of the return: every column by header, dates dd/mm/yyyy, "" if unknown."""
    given = {
        **event.stated,
        **person_columns,
        "Event Type": kind,
        "Event Reference": event.reference,
        "Event Start Date": write_day(event.start),
        "Event End Date": write_day(event.end),
    }
    return {column.header: given.get(column.header, "") for column in COLUMNS}


def check_event(event: Event, needed: Iterable[str]) -> tuple[Problem, ...]:
    """Return what is wrong with an event: an end before its start, a needed column left blank."""
    problems = [
        Problem("required", f"{header} is blank", header, "warning")
        for header in needed
        if not event.says(header).strip()
    ]
    if event.end and event.end < event.start:
        problems.append(
            Problem("value", "the event ends before it starts", "Event End Date", "warning")
        )
    return tuple(problems)
