"""Who may sit at the pages of going home, and the powers that its actions ask for."""

from django.http import HttpRequest

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.fhir.issue import SignInNeeded

__all__ = ["hub_reader", "ward"]


def ward(request: HttpRequest) -> Permit:
    """Return the permit of who arranges leaving; refuses with SignInNeeded, NotPermitted."""
    return _with(request, Power.ARRANGE_LEAVING)


def hub_reader(request: HttpRequest) -> Permit:
    """Return the permit of who reads the hub's list; refuses as `ward`."""
    return _with(request, Power.READ_HUB)


def _with(request: HttpRequest, power: Power) -> Permit:
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    refuse_without(permit, power)
    return permit
