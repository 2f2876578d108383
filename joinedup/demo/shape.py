"""The nouns of the invented place: an organisation, a worker, and a person's outline.

What each organisation has written about a person is made elsewhere (`gp`, `hospital`, `council`).
"""

from datetime import date

from msgspec import Struct

from joinedup.access.words import Role

__all__ = ["Address", "Organisation", "Outline", "Worker"]


class Organisation(Struct, frozen=True):
    """One organisation of the place; `code` is its (invented) ODS code and its Organization id."""

    code: str
    name: str
    kind: str
    telephone: str
    address: str
    postcode: str


class Worker(Struct, frozen=True):
    """Somebody paid to care; `id` is their Practitioner id, `id`-role their PractitionerRole id.

    `sign_in` is the role of a one-click demo account, None for everybody else, and `account` what
    that is called where the role alone would not do; `areas` are the outward postcodes whose duty
    team they are in.
    """

    id: str
    prefix: str
    given: str
    family: str
    post: str
    organisation: str
    telephone: str
    sign_in: Role | None = None
    areas: tuple[str, ...] = ()
    account: str = ""

    @property
    def name(self) -> str:
        """Return the name as it is said: `Dr Anita Rao`."""
        return " ".join(part for part in (self.prefix, self.given, self.family) if part)

    @property
    def reference(self) -> str:
        """Return the reference to their Practitioner."""
        return f"Practitioner/{self.id}"

    @property
    def role_reference(self) -> str:
        """Return the reference to their PractitionerRole, which carries the telephone."""
        return f"PractitionerRole/{self.id}-role"


class Address(Struct, frozen=True):
    """Where somebody lives; postcodes are of areas that do not exist."""

    line: str
    town: str
    postcode: str


class Outline(Struct, frozen=True, kw_only=True):
    """Who a person is, before anybody has written anything about their care."""

    id: str
    nhs_number: str
    given: tuple[str, ...]
    family: str
    born: date
    gender: str
    address: Address
    ethnicity: str
    telephone: str = ""
    mobile: str = ""
    prefix: str = ""
    known_as: str = ""
    died: date | None = None
    restricted: bool = False
    twin: int = 0
    lives_alone: bool = False
    practice: str = "Y90001"
    language: str = "English"

    @property
    def name(self) -> str:
        """Return the name as it is said, without title."""
        return f"{self.known_as or self.given[0]} {self.family}"

    @property
    def reference(self) -> str:
        """Return the reference to their master Patient."""
        return f"Patient/{self.id}"

    def age(self, on: date) -> int:
        """Return the age in whole years on a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))
