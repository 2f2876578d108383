"""Whom an app is let in for: the person themselves, or the one a worker has open or chooses."""

from typing import Literal

from django.http import HttpRequest
from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid
from joinedup.fhir.search.query import parse_query
from joinedup.people.my_queries import whose
from joinedup.people.presenters.words import human_name
from joinedup.record.change import Stored
from joinedup.signin import clock
from joinedup.signin.session import held_by, seat_of
from joinedup.smart.asking import Asking
from joinedup.smart.rules import Fault, Refused, hash_of
from joinedup.smart.tables import change, one

__all__ = ["Context", "chosen", "context_of", "name_of", "needs_person", "use_launch"]

_LETTERS = str.maketrans("", "", " -\u00a0")


class Context(Struct, frozen=True):
    """Whom it is for: `name` in words; `own` where it is their own record; "" for nobody yet."""

    person: str = ""
    name: str = ""
    encounter: str = ""
    way: Literal["own", "proxy", "launch", "chosen", ""] = ""


def needs_person(asking: Asking) -> bool:
    """Whether the app asks for one person's record."""
    wants = {"launch/patient", "launch"} & asking.special
    return bool(wants) or any(s.level == "patient" for s in asking.scopes)


def context_of(request: HttpRequest, permit: Permit, asking: Asking) -> Context:
    """Return whom it is for; empty where a worker must still choose, or nobody is asked for.

    Raises Refused for a launch that is not one of this sign-in's.
    """
    if asking.launch:
        return _launched(request, permit, asking)
    if not needs_person(asking):
        return Context()
    if permit.role is Role.PERSON:
        return Context(permit.worker.removeprefix("Patient/"), permit.name, way="own")
    if permit.role is Role.PROXY:
        person = whose(permit)
        return Context(person, name_of(record.read(permit, "Patient", person)), way="proxy")
    return Context()


def _launched(request: HttpRequest, permit: Permit, asking: Asking) -> Context:
    seat = seat_of(request)
    row = one(
        "select person, encounter from smart.launch"
        " where hash = %s and client = %s and account = %s and session = %s and until > %s",
        hash_of(asking.launch),
        asking.client.id,
        held_by(request).key,
        seat.id if seat else None,
        clock.now(),
    )
    if row is None or "launch" not in asking.special:
        raise Refused(Fault.INVALID_REQUEST, "launch")
    try:
        stored = record.read(permit, "Patient", str(row[0]))
    except NotFound:
        raise Refused(Fault.INVALID_REQUEST, "launch") from None
    return Context(str(row[0]), name_of(stored), str(row[1]), "launch")


def use_launch(launch: str) -> bool:
    """Let a launch serve, and never again."""
    return change("delete from smart.launch where hash = %s", hash_of(launch)) == 1


def chosen(permit: Permit, typed: str) -> Context | None:
    """Return the person of an NHS number, as far as the worker sees them; None for nobody.

    Whoever is not seen is answered as who is not there (trust 2, 6).
    """
    number = typed.translate(_LETTERS)
    if permit.role in (Role.PERSON, Role.PROXY) or not is_valid(number):
        return None
    asked = [("identifier", f"{NHS_NUMBER_SYSTEM}|{number}"), ("_count", "10")]
    try:
        found = record.search(permit, parse_query("Patient", asked)).entries
    except NotPermitted:
        return None
    masters = [s for s in found if not s.resource.get("link")] or list(found)
    return Context(masters[0].id, name_of(masters[0]), way="chosen") if len(masters) == 1 else None


def name_of(stored: Stored) -> str:
    """Return somebody's name as it is said."""
    return human_name(stored.resource.get("name"))
