"""The identity providers a place has set up: NHS CIS2 for staff, NHS login for people."""

from pathlib import Path

from django.conf import settings
from msgspec import Struct

__all__ = ["VECTORS", "Provider", "provider", "providers"]

VECTORS = ("P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm")
"""NHS login's vectors of trust that open a record: identity proved to P9, with two factors."""


class Provider(Struct, frozen=True, kw_only=True):
    """One identity provider; every field is from the JOINEDUP_ settings of its name."""

    name: str
    words: str
    kind: str
    issuer: str
    client_id: str
    key_file: Path
    algorithm: str
    scope: str

    @property
    def needs_vectors(self) -> bool:
        """Whether it must say how well it knows somebody (NHS login)."""
        return self.name == "nhs-login"


def providers() -> tuple[Provider, ...]:
    """Return the providers that are set up."""
    found: tuple[Provider, ...] = settings.JOINEDUP_PROVIDERS
    return found


def provider(name: str) -> Provider | None:
    """Return a provider by its name; None where it is not set up."""
    return next((p for p in providers() if p.name == name), None)
