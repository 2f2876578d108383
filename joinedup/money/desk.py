"""Who may sit at the money pages: those who read the books, and those who keep them."""

from django.http import HttpRequest

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import NotPermitted, SignInNeeded

__all__ = ["keeper", "reader"]


def reader(request: HttpRequest) -> Permit:
    """Return the permit of who reads the books; refuses with SignInNeeded, NotPermitted."""
    return _with_power(
        request,
        Power.READ_BOOKS,
        "The place's money is for its finance officers and commissioners to read.",
    )


def keeper(request: HttpRequest) -> Permit:
    """Return the permit of who prepares money to be moved; refuses as `reader`."""
    return _with_power(
        request, Power.KEEP_BOOKS, "Money is prepared and approved by finance officers."
    )


def _with_power(request: HttpRequest, power: Power, words: str) -> Permit:
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    if not permit.may(power):
        raise NotPermitted(words)
    return permit
