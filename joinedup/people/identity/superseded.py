"""An NHS number that another has replaced: kept on the person as old, with its end. Pure.

domain.md 1.2 (step 6) and 1.7 (example 5): who looks for the old number finds the person under the
new one; the new one is claimed by the record as any other, so that it cannot be somebody else's.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.people import nhs_number

__all__ = ["nhs_numbers_of", "replaced_number"]

Identifier = Mapping[str, Any]


def nhs_numbers_of(patient: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """Return the identifiers of a Patient that are NHS numbers, old ones too."""
    return tuple(
        identifier
        for identifier in patient.get("identifier", ())
        if identifier.get("system") == NHS_NUMBER_SYSTEM
        and nhs_number.is_valid(str(identifier.get("value", "")))
    )


def replaced_number(identifier: Identifier, on: date) -> dict[str, Any]:
    """Return an NHS number as one that was replaced on that day."""
    period = {**identifier.get("period", {}), "end": on.isoformat()}
    return {**identifier, "use": "old", "period": period}
