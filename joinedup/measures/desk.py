"""Who may sit at the pages of returns and winter, and whose hospital they look at."""

from datetime import date

from django.http import HttpRequest

from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Power
from joinedup.fhir.issue import NotFound, NotPermitted, SignInNeeded
from joinedup.measures.sent import hospitals_of

__all__ = ["day_of_address", "hospital_of", "reader", "with_power"]

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def reader(request: HttpRequest) -> Permit:
    """Return the permit of who reads returns; refuses with SignInNeeded, NotPermitted."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    if not permit.sees_class(DataClass.RETURNS):
        raise NotPermitted(
            "Returns are for who sends them, and for who answers for how the place does."
        )
    return permit


def with_power(request: HttpRequest, power: Power, words: str) -> Permit:
    """Return the permit of a reader who may also do something; refuses as `reader`."""
    permit = reader(request)
    if not permit.may(power):
        raise NotPermitted(words)
    return permit


def hospital_of(request: HttpRequest, permit: Permit) -> tuple[str, tuple[str, ...]]:
    """Return the hospital that is looked at and all there are to choose from; "" where none is.

    NotFound for one that has returned nothing and is not the reader's own.
    """
    known = hospitals_of(permit)
    asked = (request.POST or request.GET).get("hospital", "")[:40]
    if asked and asked not in known:
        raise NotFound(f"{asked} has returned nothing that you can see.")
    return asked or next(iter(known), ""), known


def day_of_address(text: str) -> date:
    """Return the day an address names, `2018-01-15`; NotFound for no day of a place."""
    try:
        found = date.fromisoformat(text) if len(text) == len("2018-01-15") else None
    except ValueError:
        found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise NotFound(f"{text[:20]!r} is no day. Write it like 2018-01-15.")
    return found
