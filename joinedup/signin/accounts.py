"""The one-click accounts of the invented place, as values: who each is, and where they work."""

from msgspec import Struct

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import ACCOUNTS as WORKERS
from joinedup.demo.cast import ORGANISATIONS
from joinedup.fhir.issue import NotFound

__all__ = ["ACCOUNTS", "Account", "account", "permit_for"]


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who can sign in with one click; `name` is what `joinedup token NAME` takes."""

    name: str
    worker: str
    full_name: str
    post: str
    role: Role
    organisation: str
    organisation_name: str
    does: str


_DOES = {
    Role.GP: "Opens the whole record of the people on the practice's list.",
    Role.WARD_NURSE: "Looks after the people in the beds of Ward 7.",
    Role.SOCIAL_WORKER: "Arranges support for the people the council works with.",
    Role.DISCHARGE_COORDINATOR: "Gets people home from hospital, safely and without waiting.",
    Role.ANALYST: "Sees figures about the place, never anybody's record.",
}
_PLACES = {o.code: o.name for o in ORGANISATIONS}

ACCOUNTS: tuple[Account, ...] = tuple(
    Account(
        name=worker.sign_in.value,
        worker=worker.reference,
        full_name=worker.name,
        post=worker.post,
        role=worker.sign_in,
        organisation=worker.organisation,
        organisation_name=_PLACES[worker.organisation],
        does=_DOES[worker.sign_in],
    )
    for worker in WORKERS
    if worker.sign_in is not None
)
_BY_NAME = {account.name: account for account in ACCOUNTS}


def account(name: str) -> Account:
    """Return the account of a name such as `ward-nurse`; NotFound, naming those there are."""
    if name not in _BY_NAME:
        raise NotFound(f"There is no account {name!r}. There are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


def permit_for(held: Account, *, session: str = "") -> Permit:
    """Return the permit of somebody signed in with an account."""
    return worker_permit(held.worker, held.full_name, held.role, held.organisation, session=session)
