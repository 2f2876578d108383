"""One id a person for analysis, of several that sources use (ID-05). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from joinedup.fhir.involve import is_statement
from joinedup.fhir.nhs_number import VERIFIED
from joinedup.people.demographics import demographics_of

__all__ = ["combined_id"]

_COUNCIL = "/Id/council-person/"


def combined_id(patients: Iterable[Mapping[str, Any]]) -> str:
    """Return the id to count one person by, "" for a row that is left out.

    In order: the traced NHS number, the NHS number a council supplied, the council's own id; what
    is said of the person by everybody is given. Source: Client Level Data, domain.md 1.4 ID-05.
    """
    said = list(patients)
    own = [demographics_of(p) for p in said if not is_statement(p)]
    traced = next((w.nhs_number for w in own if w.nhs_number and w.status in VERIFIED), "")
    councils = [p for p in said if _council_id(p)]
    supplied = next((n for p in councils if (n := demographics_of(p).nhs_number)), "")
    return traced or supplied or next(map(_council_id, councils), "")


def _council_id(patient: Mapping[str, Any]) -> str:
    """Return what a council calls a person; "" in a Patient that no council stated."""
    found = (i for i in patient.get("identifier", ()) if _COUNCIL in str(i.get("system", "")))
    return next((f"{i['system']}|{i['value']}" for i in found if i.get("value")), "")
