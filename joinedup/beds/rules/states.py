"""What a bed can be, as one table (domain.md 9.2), and what a bed is now.

Whether somebody lies in it or has it kept is said by their stay; cleaning and closures by the bed.
"""

from datetime import datetime

from msgspec.structs import replace

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.machine import Machine, Step, is_possible
from joinedup.fhir.profiles.bed import Bed, Closure
from joinedup.reference.codes.discharge import infection

__all__ = [
    "BED",
    "CLOSURES",
    "being_cleaned",
    "cleaned",
    "closed",
    "is_used",
    "may",
    "opened",
    "state_of",
    "taken",
    "vacated",
]

BED = Machine(
    "A bed",
    "available",
    (
        Step(("available",), "reserve", "reserved", "Kept for somebody on their way"),
        Step(("reserved",), "release", "available", "No longer kept"),
        Step(("available", "reserved"), "occupy", "occupied", "Somebody lies in it"),
        Step(("occupied",), "vacate", "cleaning", "They left or moved: it is to be cleaned"),
        Step(("cleaning",), "clean", "available", "Cleaned"),
        Step(("available", "reserved", "cleaning"), "close", "closed", "Closed, with a reason"),
        Step(("occupied",), "close", "closed-occupied", "Closed around who lies in it"),
        Step(("closed-occupied",), "vacate", "closed", "They left; it stays closed"),
        Step(("closed",), "open", "available", "Opened, cleaned"),
        Step(("closed-occupied",), "open", "occupied", "Opened around who lies in it"),
    ),
)

_UNCLEAN = ("used", "being-cleaned")

CLOSURES = {
    "infection": "Infection",
    "staffing": "Not enough staff",
    "maintenance": "Repairs",
    "escalation-shut": "Extra bed, not needed now",
}
"""Why a bed is closed; each bed for one reason, so that it is counted once (WI-03)."""


def is_used(bed: Bed, left: datetime | None = None) -> bool:
    """Whether a bed is to be cleaned: it says so, or somebody left it since it was last cleaned."""
    if bed.condition != "clean":
        return True
    return left is not None and (bed.cleaned is None or left > bed.cleaned)


def state_of(
    bed: Bed, *, occupied: bool, reserved: bool = False, left: datetime | None = None
) -> str:
    """Return what a bed is now, one of the states of the table; `left`: when somebody last did."""
    if bed.closure is not None:
        return "closed-occupied" if occupied else "closed"
    if occupied:
        return "occupied"
    if is_used(bed, left):
        return "cleaning"
    return "reserved" if reserved else "available"


def may(
    bed: Bed,
    act: str,
    *,
    occupied: bool,
    reserved: bool = False,
    left: datetime | None = None,
) -> tuple[Problem, ...]:
    """Return why an act cannot be done with a bed now; empty when it can."""
    state = state_of(bed, occupied=occupied, reserved=reserved, left=left)
    if is_possible(BED, state, act):
        return ()
    words = f"{bed.name} is {state.replace('-', ' and ')}."
    if bed.closure is not None and not occupied:
        words = f"{bed.name} is closed: {CLOSURES[bed.closure.reason].lower()}."
    return (Problem("business-rule", words, "Location"),)


def closed(bed: Bed, closure: Closure) -> Bed:
    """Return the bed closed; refuses, Unprocessable, no reason, or a bed that is closed already.

    An infection is one of the table's; other reasons name none.
    """
    if closure.reason not in CLOSURES:
        raise Unprocessable(f"“{closure.reason}” is no reason: {', '.join(CLOSURES)}.")
    if bed.closure is not None:
        words = CLOSURES[bed.closure.reason].lower()
        raise Unprocessable(f"{bed.name} is closed already: {words}. Open it first.")
    if closure.reason == "infection":
        _known(closure.infection, closure)
    elif closure.infection:
        raise Unprocessable("Only a bed closed for infection names one.")
    if closure.reason == "escalation-shut" and not bed.escalation:
        raise Unprocessable(f"{bed.name} is no extra bed that is opened under pressure.")
    return replace(bed, closure=closure)


def _known(code: str, closure: Closure) -> None:
    try:
        infection(code, on=day_of(closure.since))
    except KeyError:
        raise Unprocessable(f"“{code}” is no infection that closes beds here.") from None


def opened(bed: Bed) -> Bed:
    """Return the bed open again; refuses, Unprocessable, one not closed, or not cleaned."""
    if bed.closure is None:
        raise Unprocessable(f"{bed.name} is not closed.")
    if bed.closure.reason == "infection" and bed.condition in _UNCLEAN:
        raise Unprocessable(f"{bed.name} is opened once it has been cleaned.")
    return replace(bed, closure=None)


def vacated(bed: Bed) -> Bed:
    """Return the bed after somebody left or moved: not free before it is cleaned."""
    return replace(bed, condition="used")


def taken(bed: Bed) -> Bed:
    """Return the bed once somebody came into it, so that whoever closes it meanwhile is second."""
    return replace(bed, condition="in-use")


def being_cleaned(bed: Bed, *, left: datetime | None = None) -> Bed:
    """Return the bed while it is cleaned; refuses, Unprocessable, one that nobody used."""
    if bed.condition == "being-cleaned":
        raise Unprocessable(f"{bed.name} is being cleaned already.")
    if not is_used(bed, left):
        raise Unprocessable(f"{bed.name} is clean.")
    return replace(bed, condition="being-cleaned")


def cleaned(bed: Bed, at: datetime | None = None, *, left: datetime | None = None) -> Bed:
    """Return the bed cleaned at a time; refuses, Unprocessable, one that nobody used."""
    if not is_used(bed, left):
        raise Unprocessable(f"{bed.name} is clean.")
    return replace(bed, condition="clean", cleaned=at or bed.cleaned)
