"""The days that money is spent in, and a place as it is played through them."""

from datetime import date

from msgspec import Struct

from joinedup.planning.places import Place
from joinedup.planning.places import place as place_of

__all__ = ["Winter"]


class Winter(Struct, frozen=True):
    """The days that money is spent in, both included."""

    begins: date
    ends: date

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.ends - self.begins).days + 1

    def place(self, code: str) -> Place:
        """Return a system as it is played through them."""
        return place_of(code, on=self.begins, days=self.days)
