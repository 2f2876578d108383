"""Accounts: who can sign in, as values; and the one-click ones of an invented place.

An account names a Practitioner or a Patient of the record, and the post it signs in to; those that
are kept come from `holders`. `permit_for` is the one place where an account becomes a permit.
"""

from typing import Literal

from msgspec import Struct

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import ACCOUNTS as WORKERS
from joinedup.demo.cast import ORGANISATIONS
from joinedup.fhir.issue import NotFound, NotPermitted

__all__ = ["ACCOUNTS", "ONE_CLICK", "Account", "account", "permit_for"]

ONE_CLICK = "one-click:"


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who can sign in; `name` is what they type, or what `joinedup token NAME` takes.

    `role` is None for somebody who opens no records: a person, or a worker without a post.
    """

    key: str
    name: str
    worker: str
    full_name: str
    post: str
    role: Role | None
    organisation: str
    organisation_name: str
    does: str = ""
    post_id: str = ""
    kind: Literal["worker", "person"] = "worker"

    @property
    def is_one_click(self) -> bool:
        """Whether it belongs to an invented place, where a click proves enough."""
        return self.key.startswith(ONE_CLICK)


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
        key=f"{ONE_CLICK}{worker.sign_in.value}",
        name=worker.sign_in.value,
        worker=worker.reference,
        full_name=worker.name,
        post=worker.post,
        role=worker.sign_in,
        organisation=worker.organisation,
        organisation_name=_PLACES[worker.organisation],
        does=_DOES.get(worker.sign_in, ""),
    )
    for worker in WORKERS
    if worker.sign_in is not None
)
_BY_NAME = {account.name: account for account in ACCOUNTS}


def account(name: str) -> Account:
    """Return the one-click account of a name such as `ward-nurse`; NotFound names the others."""
    if name not in _BY_NAME:
        raise NotFound(f"There is no account {name!r}. There are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


def permit_for(held: Account, *, session: str = "") -> Permit:
    """Return the permit of somebody signed in; NotPermitted for who opens no records."""
    if held.role is None:
        raise NotPermitted("This account opens no records of people in care.")
    return worker_permit(held.worker, held.full_name, held.role, held.organisation, session=session)
