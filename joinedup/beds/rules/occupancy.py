"""How full: occupied beds of those open, with the policy and the moment printed beside the number.

Whether empty beds closed for infection count as open is a place's policy; both answers are right
about something, and neither is printed without saying which.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.search.period import LONDON

__all__ = [
    "CLOSED_OUT",
    "CLOSED_STAY",
    "POLICIES",
    "Affected",
    "Occupancy",
    "Together",
    "affected",
    "occupancy",
    "return_problems",
    "together",
]

CLOSED_STAY, CLOSED_OUT = "closed-stay", "closed-out"
POLICIES: Mapping[str, str] = {
    CLOSED_STAY: "empty beds closed for infection count as open",
    CLOSED_OUT: "empty beds closed for infection do not count as open",
}
"""Whether empty beds closed for infection are in the denominator."""
_NATURAL = (
    "beds",
    "occupied",
    "available",
    "closed-infection",
    "closed-infection-empty",
    "closed-other-empty",
    "flu-confirmed",
)


class Occupancy(Struct, frozen=True):
    """Occupied of open at a moment, under a policy."""

    occupied: int
    open: int
    policy: str
    at: datetime

    @property
    def share(self) -> Fraction | None:
        """The share in use; None where nothing is open."""
        return Fraction(self.occupied, self.open) if self.open else None

    @property
    def words(self) -> str:
        """The number as it is printed: with denominator, policy and time (house.md, law 13)."""
        clock = self.at.astimezone(LONDON)
        when = f"at {clock:%H:%M} on {clock:%-d %B %Y}; {POLICIES[self.policy]}"
        if self.share is None:
            return f"No bed open {when}"
        return f"{self.occupied} of {self.open} open beds, {percent(self.share)}, {when}"


def percent(share: Fraction) -> str:
    """Return a share to one decimal: `95.9%`."""
    value = Decimal(share.numerator) * 100 / share.denominator
    return f"{value.quantize(Decimal('0.1'))}%"


def occupancy(counted: Mapping[str, int], at: datetime, *, policy: str) -> Occupancy:
    """Return how full a place is, from the counts of its picture; KeyError for no such policy.

    Beds closed and empty for other reasons are never open; one with somebody in it always is.
    """
    POLICIES[policy]
    is_open = counted["beds"] - counted["closed-other-empty"]
    if policy == CLOSED_OUT:
        is_open -= counted["closed-infection-empty"]
    return Occupancy(counted["occupied"], is_open, policy, at)


class Affected(Struct, frozen=True):
    """Beds that infections take, kept apart: a sum of the two is beds affected, nothing else."""

    flu: int
    closed: int
    closed_empty: int
    both: int = 0

    @property
    def words(self) -> str:
        """Both numbers, then the beds of either under their own name, each once (WI-03)."""
        total = f"{self.flu + self.closed - self.both:,}"
        both = f", {self.both:,} of them both" if self.both else ""
        return (
            f"{_beds(self.flu)} with flu; {_beds(self.closed)} closed for infection, "
            f"{self.closed_empty:,} of them empty; beds affected {total}{both}"
        )


def _beds(number: int) -> str:
    return f"{number:,} {'bed' if number == 1 else 'beds'}"


def affected(counted: Mapping[str, int]) -> Affected:
    """Return what infections take, from the counts of a picture or a return."""
    return Affected(
        counted["flu-confirmed"],
        counted["closed-infection"],
        counted["closed-infection-empty"],
        counted.get("flu-closed", 0),
    )


def return_problems(
    counted: Mapping[str, int], before: Mapping[str, int] | None = None
) -> tuple[Problem, ...]:
    """Return what cannot be true of a return of beds (domain.md 10.2b); empty when all can be."""
    return tuple(_untrue(counted, before))


def _untrue(counted: Mapping[str, int], before: Mapping[str, int] | None) -> Iterator[Problem]:
    for name in _NATURAL:
        if name not in counted:
            yield Problem("required", f"Missing: {name}. Nothing there is 0, not blank.", name)
        elif counted[name] < 0:
            yield Problem("value", f"{name} is below nothing: {counted[name]}.", name)
    if any(name not in counted for name in _NATURAL):
        return
    if counted["occupied"] > counted["beds"] - counted["closed-other-empty"]:
        words = "More beds are in use than open. Add the beds that were opened."
        yield Problem("business-rule", words, "occupied")
    if counted["closed-infection-empty"] > counted["closed-infection"]:
        words = "Empty beds closed for infection are some of those closed for infection."
        yield Problem("business-rule", words, "closed-infection-empty")
    parts = ("occupied", "available", "closed-infection-empty", "closed-other-empty")
    if sum(counted[p] for p in parts) > counted["beds"]:
        words = "A bed is counted twice: in use, free, closed for infection or closed otherwise."
        yield Problem("business-rule", words, "beds")
    if counted["flu-confirmed"] > counted["occupied"]:
        yield Problem("business-rule", "People with flu lie in beds in use.", "flu-confirmed")
    if before is not None and dict(before) == dict(counted):
        yield Problem("duplicate", "This is yesterday's return, to the last number.", "beds")


class Together(Struct, frozen=True):
    """Several hospitals' counts: the sum of those that told, and who did not."""

    counts: Mapping[str, int]
    told: int
    missing: tuple[str, ...]


def together(returns: Mapping[str, Mapping[str, int] | None]) -> Together:
    """Return the sum over hospitals; one that told nothing is missing and never 0."""
    told = [counted for counted in returns.values() if counted is not None]
    names = dict.fromkeys(name for counted in told for name in counted)
    return Together(
        counts={name: sum(counted.get(name, 0) for counted in told) for name in names},
        told=len(told),
        missing=tuple(sorted(name for name, counted in returns.items() if counted is None)),
    )
