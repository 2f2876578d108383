"""One hospital's door: whose messages come in, under which permit, and its wards and beds."""

from msgspec import Struct

from joinedup.access.permit import Permit, system_permit
from joinedup.hl7.places import Places

__all__ = ["Door", "door_of"]


class Door(Struct, frozen=True):
    """What comes in here is stated by `organisation`; MSH-4 of its messages is `facility`."""

    organisation: str
    facility: str
    permit: Permit
    places: Places


def door_of(organisation: str, facility: str = "") -> Door:
    """Return the door of a hospital by its ODS code; `facility` is what MSH-4 calls it."""
    permit = system_permit("hl7", organisation)
    return Door(organisation, facility or organisation, permit, Places(permit, organisation))
