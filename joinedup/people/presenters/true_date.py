"""When a statement was true, as exactly as the resource says it; and who said it, in what post.

The record keeps the true time as an instant; a page must not say "1 January 2016, 00:00" of
something known only as 2016, so the resource's own date is read again here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from joinedup.people.presenters.words import concept
from joinedup.web.dates import Moment, read_moment

__all__ = ["said_by", "true_moment"]

Resource = dict[str, Any]
_DATES: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("onsetDateTime", "recordedDate"),
    "Appointment": ("start", "created"),
    "CarePlan": ("period", "created"),
    "CareTeam": ("period",),
    "Communication": ("sent", "received"),
    "Composition": ("date",),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "DocumentReference": ("date",),
    "Encounter": ("period",),
    "EpisodeOfCare": ("period",),
    "Flag": ("period",),
    "Goal": ("startDate", "statusDate"),
    "ImagingStudy": ("started",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "List": ("date",),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "QuestionnaireResponse": ("authored",),
    "RiskAssessment": ("occurrenceDateTime", "occurrencePeriod"),
    "ClinicalImpression": ("effectiveDateTime", "effectivePeriod", "date"),
    "ServiceRequest": ("occurrencePeriod", "occurrenceDateTime", "authoredOn"),
    "Task": ("executionPeriod", "authoredOn"),
    "NutritionOrder": ("dateTime",),
}
_AUTHORS = ("recorder", "asserter", "requester", "informationSource", "sender", "source", "author")
_GROUPS = ("performer", "resultsInterpreter", "participant", "careManager", "owner")


def true_moment(resource: Resource) -> Moment | None:
    """Return when a resource says it was true, or None where it says nothing."""
    for element in _DATES.get(resource["resourceType"], ()):
        value = resource.get(element)
        text = value.get("start") or value.get("end") if isinstance(value, dict) else value
        moment = read_moment(text) if isinstance(text, str) else None
        if moment is not None:
            return moment
    return None


def said_by(
    resource: Resource, names: Mapping[str, Resource], name_of: Callable[[Any], str]
) -> tuple[str, str]:
    """Return (name, post) of whoever the resource says made it; ("", "") where it names nobody."""
    for reference in _author_references(resource):
        words = str(reference.get("display", ""))
        name, _, post = words.partition(", ")
        held = names.get(reference.get("reference", ""), {})
        if held.get("resourceType") == "PractitionerRole":
            post = post or concept(next(iter(held.get("code") or ()), None))
        found = name_of(reference) or name
        if found or post:
            return found.partition(", ")[0], post
    return "", ""


def _author_references(resource: Resource) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for element in (*_AUTHORS, *_GROUPS):
        value = resource.get(element)
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                continue
            reference = one if "reference" in one else one.get("actor") or one.get("individual")
            if isinstance(reference, dict) and not _is_person(reference):
                found.append(reference)
    return found


def _is_person(reference: Mapping[str, Any]) -> bool:
    return str(reference.get("reference", "")).startswith(("Patient/", "Location/"))
