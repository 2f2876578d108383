"""Who may sit at the pages of beds: who sees how full a hospital is, and who keeps its beds."""

from django.http import HttpRequest

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.beds.standing import refuse_stranger
from joinedup.fhir.issue import NotPermitted, SignInNeeded

__all__ = ["keeper", "keeps", "reader"]


def reader(request: HttpRequest) -> Permit:
    """Return the permit of who sees how full it is; refuses with SignInNeeded, NotPermitted."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    if not permit.may(Power.SEE_BEDS):
        raise NotPermitted("Beds are for the hospital's staff, and for who answers for the place.")
    return permit


def keeper(request: HttpRequest, hospital: str = "") -> Permit:
    """Return the permit of who keeps the beds, of that hospital where one is named."""
    permit = reader(request)
    if hospital:
        refuse_stranger(permit, hospital)
    elif not permit.may(Power.KEEP_BEDS):
        raise NotPermitted("A bed is given, cleaned and closed by the staff of its hospital.")
    return permit


def keeps(permit: Permit, hospital: str) -> bool:
    """Whether the buttons of a hospital's beds are for this worker."""
    return permit.may(Power.KEEP_BEDS) and permit.organisation == hospital
