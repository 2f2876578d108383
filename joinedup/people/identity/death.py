"""That somebody has died, as it is known: informally, or formally from the registrar (ID-06). Pure.

An informal word never stops anything by itself. What a formal one closes is for each room to do;
rooms ask `formal_death` and nothing else, so that they all go by one rule.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.days import read_day

__all__ = ["Death", "dated_after", "death_of", "formal_death"]

EXTENSION = "Extension-UKCore-DeathNotificationStatus"
FORMAL, REMOVED = "2", "U"
_DATED = {"ServiceRequest": ("authoredOn",), "Appointment": ("start", "created")}

Resource = Mapping[str, Any]


class Death(Struct, frozen=True):
    """What one organisation says of a death: the day, None where only that it was; how it knows."""

    on: date | None
    is_formal: bool


def death_of(patient: Resource) -> Death | None:
    """Return the death a Patient states; None where it states none, or one that was removed (U)."""
    status = _status(patient)
    died = str(patient.get("deceasedDateTime", ""))
    if status == REMOVED or not (died or patient.get("deceasedBoolean") is True):
        return None
    return Death(read_day(died[:10]), status == FORMAL)


def formal_death(patients: Iterable[Resource]) -> date | None:
    """Return the day of a formally recorded death, of everything said of one person; None for none.

    Of several the earliest: nothing may be sent or charged after the first.
    """
    deaths = (death for p in patients if (death := death_of(p)) and death.is_formal)
    return min((death.on for death in deaths if death.on), default=None)


def dated_after(resource: Resource, died: date) -> bool:
    """Return whether a referral or appointment is dated after a death (domain.md 1.5)."""
    stated = (resource.get(name) for name in _DATED.get(resource["resourceType"], ()))
    first = next((str(value) for value in stated if value), "")
    day = read_day(first[:10])
    return bool(day and day > died)


def _status(patient: Resource) -> str:
    for extension in patient.get("extension", ()):
        if str(extension.get("url", "")).endswith(EXTENSION):
            for part in extension.get("extension", ()):
                for coding in part.get("valueCodeableConcept", {}).get("coding", ()):
                    return str(coding.get("code", ""))
    return ""
