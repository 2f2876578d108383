"""Who may sit at the pages of finding care: who looks for it, and who gives it."""

from django.http import HttpRequest

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import NotPermitted, SignInNeeded

__all__ = ["finder", "giver"]


def finder(request: HttpRequest) -> Permit:
    """Return the permit of who finds care; refuses with SignInNeeded, NotPermitted."""
    words = "Care is found by discharge coordinators and brokers."
    return _with_power(request, Power.FIND_CARE, words)


def giver(request: HttpRequest) -> Permit:
    """Return the permit of who answers for a provider; refuses as `finder`."""
    words = "This page is for the workers of a care provider."
    return _with_power(request, Power.ANSWER_OFFERS, words)


def _with_power(request: HttpRequest, power: Power, words: str) -> Permit:
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    if not permit.may(power):
        raise NotPermitted(words)
    return permit
