"""Rules of the record that hold whoever writes: what is well-formed FHIR and still cannot be."""

from datetime import UTC, datetime
from typing import Any

from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.sense import nonsense

__all__ = ["sensible"]


def sensible(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the resource, or refuse what cannot be true, such as a birth in the future."""
    today = datetime.now(UTC).astimezone(LONDON).date()
    if problems := nonsense(resource, today):
        raise Unprocessable(*problems)
    return resource
