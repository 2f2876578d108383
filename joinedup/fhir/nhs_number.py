"""The NHS number: ten digits, the last a check on the nine before it.

A valid number is not proof that it was issued, nor that it is this person's (ID-02, `people`).
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["NHS_NUMBER_SYSTEM", "VERIFIED", "is_valid", "status_of"]

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


def is_valid(number: str) -> bool:
    """Whether ten digits carry the right check digit (ID-01, NHS Data Dictionary, modulus 11)."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)
    )
    check = 11 - total % 11
    return check != 10 and check % 11 == int(number[9])


_STATUS = "Extension-UKCore-NHSNumberVerificationStatus"
VERIFIED = frozenset({"", "01", "number-present-and-verified"})
"""Statuses with which a number may join records; none stated is the word of who sent it."""


def status_of(identifier: Mapping[str, Any]) -> str:
    """Return the verification status of one identifier (UK Core, codes 01 to 08); "" for none."""
    for extension in identifier.get("extension", ()):
        if str(extension.get("url", "")).endswith(_STATUS):
            for coding in extension.get("valueCodeableConcept", {}).get("coding", ()):
                return str(coding.get("code", ""))
    return ""
