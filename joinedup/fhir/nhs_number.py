"""The NHS number: ten digits, the last a check on the nine before it.

A valid number is not proof that it was issued, nor that it is this person's (ID-02, `people`).
"""

__all__ = ["NHS_NUMBER_SYSTEM", "is_valid"]

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
