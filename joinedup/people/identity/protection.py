"""Identities that must not be known to be linked: pure.

Gender history with a new number, adoption, a witness (domain.md 1.5): such a record is never
proposed, linked or shown as a candidate. What suspects a pair is for the privacy officer alone.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.classes import labels_on
from joinedup.fhir.following import PROTECTED, PROTECTED_CODING

__all__ = ["PROTECTED_CODING", "is_protected"]


def is_protected(patient: Mapping[str, Any]) -> bool:
    """Return whether a Patient's labels keep the identity from being linked (issue 2)."""
    return bool(labels_on(patient) & PROTECTED)
