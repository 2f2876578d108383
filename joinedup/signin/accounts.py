"""Accounts: who can sign in, as values; and the one-click ones of an invented place.

An account names a Practitioner or a Patient of the record, and the post it signs in to; those that
are kept come from `holders`. `permit_for` is the one place where an account becomes a permit.
"""

from typing import Literal

from msgspec import Struct

from joinedup.access.permit import Permit, person_permit, proxy_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import ACCOUNTS as WORKERS
from joinedup.demo.cast import DAUGHTER, ORGANISATIONS, WOMAN
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import area_key

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
    areas: tuple[str, ...] = ()
    kind: Literal["worker", "person"] = "worker"

    @property
    def is_of_the_tour(self) -> bool:
        """Whether the tour meets them: the sign-in page shows these first."""
        return self.role in _OF_THE_TOUR or self.role is Role.PERSON

    @property
    def is_one_click(self) -> bool:
        """Whether it belongs to an invented place, where a click proves enough."""
        return self.key.startswith(ONE_CLICK)


_DOES = {
    Role.GP: "Opens the whole record of the people on the practice’s list.",
    Role.WARD_NURSE: "Looks after the people in the beds of Ward 7.",
    Role.SOCIAL_WORKER: "Arranges support for the people the council works with.",
    Role.DISCHARGE_COORDINATOR: "Gets people home from hospital, safely and without waiting.",
    Role.ANALYST: "Sees figures about the place, never anybody’s record.",
    Role.PRACTICE_NURSE: "Runs the clinics of the surgery.",
    Role.RECEPTIONIST: "Knows who somebody is and when they come; no results, no notes.",
    Role.LINK_WORKER: "Helps with daily life; sees plans and visits.",
    Role.DISTRICT_NURSE: "Visits people at home.",
    Role.WARD_MANAGER: "Runs Ward 7, and admits tonight’s bank nurse.",
    Role.CONSULTANT: "Answers for the care of the people on the ward.",
    Role.OCCUPATIONAL_THERAPIST: "Makes home safe to return to.",
    Role.BROKER: "Finds care for the needs that were described.",
    Role.PROVIDER_WORKER: "Comes to the house; sees the plan, the visits, the medicines.",
    Role.FINANCE_OFFICER: "Pays for what was agreed; sees no health record.",
    Role.SAFEGUARDING_LEAD: "Looks into harm and neglect.",
    Role.PRIVACY_OFFICER: "Answers for who looked, and why.",
    Role.COMMISSIONER: "Plans and pays for the place; sees figures alone.",
}
_OF_THE_TOUR = (
    Role.GP,
    Role.WARD_NURSE,
    Role.DISCHARGE_COORDINATOR,
    Role.SOCIAL_WORKER,
    Role.ANALYST,
)
_PLACES = {o.code: o.name for o in ORGANISATIONS}

ACCOUNTS: tuple[Account, ...] = (
    *(
        Account(
            key=f"{ONE_CLICK}{worker.account or worker.sign_in.value}",
            name=worker.account or worker.sign_in.value,
            worker=worker.reference,
            full_name=worker.name,
            post=worker.post,
            role=worker.sign_in,
            organisation=worker.organisation,
            organisation_name=_PLACES[worker.organisation],
            does=_DOES.get(worker.sign_in, ""),
            areas=worker.areas,
        )
        for worker in sorted(WORKERS, key=lambda w: w.sign_in not in _OF_THE_TOUR)
        if worker.sign_in is not None
    ),
    Account(
        key=f"{ONE_CLICK}person",
        name="person",
        worker=f"Patient/{WOMAN.id}",
        full_name=WOMAN.name,
        post="Herself",
        role=Role.PERSON,
        organisation="",
        organisation_name="",
        does="Sees her own record, who looked at it and why.",
        kind="person",
    ),
    Account(
        key=f"{ONE_CLICK}daughter",
        name="daughter",
        worker=f"Patient/{DAUGHTER.id}",
        full_name=DAUGHTER.name,
        post="Herself, and for her mother",
        role=Role.PERSON,
        organisation="",
        organisation_name="",
        does="Sees her own record, and her mother’s visits and appointments.",
        kind="person",
    ),
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
    if held.role is Role.PERSON:
        return person_permit(held.worker.removeprefix("Patient/"), held.full_name, session=session)
    if held.role is Role.PROXY:
        related = held.worker.removeprefix("RelatedPerson/")
        return proxy_permit(related, held.full_name, session=session)
    posts = [area_key(area) for area in held.areas]
    if held.post_id:
        posts.append(resource_key("PractitionerRole", held.post_id))
    return worker_permit(
        held.worker, held.full_name, held.role, held.organisation, session=session, posts=posts
    )
