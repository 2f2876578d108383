"""Admitting a worker to a post until a date, and ending a post: both are changes of the record.

The person's account and its invitation are made here too; ending a post ends what is open for it
at once, and any request after its end is refused whoever ended it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem
from joinedup.fhir.search.query import parse_query
from joinedup.record import Change, Create, Stored, Update
from joinedup.signin import clock
from joinedup.signin.events import Door, happened
from joinedup.signin.factors import invite
from joinedup.signin.models import AccountRow, SessionRow
from joinedup.signin.posts import ROLE_SYSTEM, Post, forget, read_post
from joinedup.signin.rules import sign_in_name
from joinedup.signin.staff_rules import (
    ADMITS,
    Admission,
    admission_problems,
    ended_role,
    new_role,
)
from joinedup.web.clock import now
from joinedup.web.roles import role_words

__all__ = [
    "Admitted",
    "Held",
    "admit",
    "end_post",
    "invite_again",
    "invite_practitioner",
    "offered",
    "places",
    "staff_of",
]

_ROLES = {role.value for role in Role if role is not Role.SYSTEM}


class Admitted(Struct, frozen=True):
    """What a manager passes on: the sign-in name, and the code where one is needed."""

    full_name: str
    sign_in: str
    code: str
    until: datetime


class Held(Struct, frozen=True):
    """A post as the list of staff shows it; `version` is the one seen."""

    post: Post
    version: int
    sign_in: str


def offered(permit: Permit) -> tuple[str, ...]:
    """Return the roles a manager may admit to; refuses everybody else with NotPermitted."""
    if permit.role.value not in ADMITS:
        raise NotPermitted("Admitting staff is for whoever manages a ward, practice or team.")
    return tuple(role for role in ADMITS[permit.role.value] if role in _ROLES)


def places(permit: Permit) -> tuple[tuple[str, str], ...]:
    """Return the wards and clinics of the manager's organisation: reference and name."""
    asked = [("organization", f"Organization/{permit.organisation}"), ("_count", "500")]
    found = record.search(permit, parse_query("Location", asked)).entries
    wards = ((s.reference, str(s.resource.get("name", ""))) for s in found if not _is_bed(s))
    return tuple(sorted(wards, key=lambda ward: ward[1]))


def _is_bed(stored: Stored) -> bool:
    kinds = stored.resource.get("physicalType", {}).get("coding", ())
    return any(kind.get("code") == "bd" for kind in kinds)


def staff_of(permit: Permit) -> tuple[Held, ...]:
    """Return the posts held now in the manager's organisation, with who signs in to them."""
    offered(permit)
    asked = [("organization", f"Organization/{permit.organisation}"), ("_count", "500")]
    found = record.search(permit, parse_query("PractitionerRole", asked)).entries
    posts = [(read_post(stored.resource), stored.version) for stored in found]
    names = dict(
        AccountRow.objects.filter(
            holder__in=[p.practitioner for p, _ in posts], closed_at=None
        ).values_list("holder", "name")
    )
    held = (Held(p, v, names.get(p.practitioner, "")) for p, v in posts if p.is_held(now()))
    return tuple(sorted(held, key=lambda one: one.post.name))


def admit(permit: Permit, organisation_name: str, wish: Admission) -> Admitted:
    """Put somebody in a post until a date, and return what they need to sign in.

    Raises Invalid with a problem for each field, NotPermitted, and Conflict where the sign-in name
    is somebody else's. Who has an account already keeps it, and needs no code.
    """
    if problems := admission_problems(wish, offered(permit), now()):
        raise Invalid(*problems)
    row = AccountRow.objects.filter(name=sign_in_name(wish.sign_in), closed_at=None).first()
    full_name = f"{wish.given.strip()} {wish.family.strip()}"
    if row is not None and row.full_name.casefold() != full_name.casefold():
        raise Conflict(Problem("conflict", "Somebody else signs in with this name.", "sign_in"))
    practitioner = row.holder if row else f"Practitioner/{uuid4()}"
    changes = _changes(permit, organisation_name, wish, practitioner, is_new=row is None)
    record.commit(permit, changes, action="admit-worker")
    row = row or _new_account(wish, practitioner, full_name)
    happened(Door.ADMITTED, account=str(row.id), session=_session(permit))
    code = "" if row.password else invite(row.id)
    assert wish.until is not None
    return Admitted(full_name, row.name, code, wish.until)


def _changes(
    permit: Permit, organisation_name: str, wish: Admission, practitioner: str, *, is_new: bool
) -> list[Change]:
    code = {"system": ROLE_SYSTEM, "code": wish.role, "text": role_words(wish.role).capitalize()}
    role = new_role(
        wish,
        practitioner=practitioner,
        organisation=f"Organization/{permit.organisation}|{organisation_name}",
        code=code,
        at=now(),
    )
    name = {"family": wish.family.strip(), "given": [wish.given.strip()]}
    whole = {"resourceType": "Practitioner", "active": True, "name": [name]}
    first = [Create(whole, id=practitioner.partition("/")[2])] if is_new else []
    return [*first, Create(role)]


def _new_account(wish: Admission, practitioner: str, full_name: str) -> AccountRow:
    return AccountRow.objects.create(
        name=sign_in_name(wish.sign_in),
        kind="worker",
        holder=practitioner,
        full_name=full_name,
        made_at=clock.now(),
    )


def end_post(permit: Permit, post_id: str, version: int) -> Post:
    """End a post of the manager's organisation now; Stale where somebody changed it meanwhile."""
    stored = _own(permit, post_id)
    change = Update(ended_role(stored.resource, now()), version)
    ended = read_post(record.commit(permit, [change], action="end-post").stored[0].resource)
    forget(post_id)
    found = SessionRow.objects.filter(post=post_id, ended_at=None)
    for row in found:
        found.filter(id=row.id).update(ended_at=clock.now(), data=b"")
        happened(Door.LEFT, account=row.account, session=row.id)
    return ended


def invite_again(permit: Permit, post_id: str) -> Admitted:
    """Give whoever holds a post a new code, with which they choose a new password and proof."""
    post = read_post(_own(permit, post_id).resource)
    row = AccountRow.objects.filter(holder=post.practitioner, closed_at=None).first()
    if row is None or not post.is_held(now()):
        raise NotFound("Nobody signs in to this post.")
    happened(Door.ADMITTED, why="new-code", account=str(row.id), session=_session(permit))
    return Admitted(row.full_name, row.name, invite(row.id), post.ends or now())


def invite_practitioner(name: str, practitioner_id: str) -> str:
    """Return a code that takes up the account of a Practitioner, made here where there is none.

    For whoever runs the place: the first manager of all is let in by nobody else. Raises NotFound
    where the record has no such Practitioner, Conflict where the name is somebody else's.
    """
    holder = f"Practitioner/{practitioner_id}"
    stored = record.read(system_permit("invite"), "Practitioner", practitioner_id)
    said: dict[str, Any] = next(iter(stored.resource.get("name", ())), {})
    full_name = " ".join([*said.get("given", ()), said.get("family", "")]).strip()
    row = AccountRow.objects.filter(holder=holder, closed_at=None).first()
    if row is None:
        if AccountRow.objects.filter(name=sign_in_name(name)).exists():
            raise Conflict("Somebody else signs in with this name.")
        row = AccountRow.objects.create(
            name=sign_in_name(name),
            kind="worker",
            holder=holder,
            full_name=full_name or name,
            made_at=clock.now(),
        )
    happened(Door.ADMITTED, why="by-command", account=str(row.id), session=None)
    return invite(row.id)


def _own(permit: Permit, post_id: str) -> Stored:
    offered(permit)
    stored = record.read(permit, "PractitionerRole", post_id)
    if read_post(stored.resource).organisation != permit.organisation:
        raise NotFound(f"There is no PractitionerRole/{post_id} that you can see.")
    return stored


def _session(permit: Permit) -> UUID | None:
    return UUID(permit.session) if len(permit.session) == 36 else None
