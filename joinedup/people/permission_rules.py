"""What a person said about being looked at: Ask, No, or nothing that stands in this reader's way.

Pure. Row security hides what was objected to; this says so on the page, and why, so that nothing
hidden reads as "none recorded" (domain.md 1.2 and 1.7, example 7; house law 13).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Ground
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import CONSENT_KIND, consent_kind, mask_of, objections, reach
from joinedup.fhir.search.period import LONDON

__all__ = ["PERMISSION_CODES", "Wish", "end_of_shift", "given_consent", "wish_of"]

Resource = Mapping[str, Any]
Wish = Literal["", "ask", "no", "hidden"]
"""What stands in the way; `hidden` where the reader may not know which of the two was said."""
PERMISSION_CODES = "https://joinedup.example/CodeSystem/permission-to-view"
"""Yes, No and Ask of permission to view, in `Consent.provision.code`."""

_SHIFTS_BEGIN = (time(8), time(20))


def wish_of(permit: Permit, patient: Resource, access: Iterable[Resource], now: datetime) -> Wish:
    """Return what stands between this reader and the summary now: "ask", "no" or nothing.

    The registered practice is not asked, unless it is named; a permission written down, or broken
    glass, opens it for its time. Only what hides the clinical summary counts.
    """
    held = tuple(access)
    own = {*permit.parties}
    opened = tuple(_opened(held, own, now))
    practices = {
        resource_key("Organization", str(p.get("reference", "")).removeprefix("Organization/"))
        for p in patient.get("generalPractitioner", ())
    }
    said = {
        _answer(resource)
        for resource in held
        for stands in objections(resource, 0)
        if stands.classes & mask_of(DataClass.CLINICAL)
        and stands.against == Ground.NONE
        and _at(stands.starts, now) <= now < _at(stands.ends, now)
        and (stands.party in own if stands.party else not own & practices)
        and not any(_at(stands.said, now) <= since for since in opened)
    }
    return "no" if "no" in said else "ask" if "ask" in said else ""


def _answer(consent: Resource) -> Wish:
    if consent_kind(consent) != "permission-to-view":
        return "no"
    codings = (c for k in consent["provision"].get("code", ()) for c in k.get("coding", ()))
    codes = [c.get("code") for c in codings if c.get("system") == PERMISSION_CODES]
    return "ask" if codes == ["ask"] else "no"


def _opened(held: Iterable[Resource], own: set[int], now: datetime) -> Iterator[datetime]:
    """Yield up to which moment a wish does not stand in the way: it was answered since."""
    for row in (row for resource in held for row in reach(resource, 0)):
        if row.party in own and _at(row.starts, now) <= now < _at(row.ends, now):
            if row.ground == Ground.BREAK_GLASS:
                yield now + timedelta(1)
            elif row.ground == Ground.PERMISSION:
                yield _at(row.starts, now)


def _at(text: str, now: datetime) -> datetime:
    """Return an index time as a moment; what has no beginning began, what has no end goes on."""
    if text == "-infinity":
        return datetime.min.replace(tzinfo=UTC)
    return now + timedelta(1) if text == "infinity" else datetime.fromisoformat(text)


def end_of_shift(now: datetime) -> datetime:
    """Return when the shift ends in which somebody asks: at 8 or 20, at most 12 hours away."""
    local = now.astimezone(LONDON)
    days = (local.date(), local.date() + timedelta(days=1))
    ends = (datetime.combine(day, hour, LONDON) for day in days for hour in _SHIFTS_BEGIN)
    first = min(end for end in ends if end > local)
    return min(first.astimezone(UTC), now.astimezone(UTC) + timedelta(hours=12))


def given_consent(worker: str, person_id: str, now: datetime) -> dict[str, Any]:
    """Return the Consent of somebody who was asked and said yes, for one worker and one shift."""
    start, end = (
        at.astimezone(UTC).isoformat(timespec="seconds") for at in (now, end_of_shift(now))
    )
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    role = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": scope, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": "permission-given"}]}],
        "patient": {"reference": f"Patient/{person_id}"},
        "dateTime": start,
        "policyRule": {"text": "Asked by the worker, in the person's presence"},
        "provision": {
            "type": "permit",
            "period": {"start": start, "end": end},
            "actor": [
                {
                    "role": {"coding": [{"system": role, "code": "IRCP"}]},
                    "reference": {"reference": worker},
                }
            ],
        },
    }
