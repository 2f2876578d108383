"""What workers do about people: change how their own organisation says to reach somebody."""

from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.access.words import DataClass
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.fhir.relationships import mask_of
from joinedup.people.contact_rules import Contact, contact_problems, with_contact
from joinedup.record import Create, Stored, Update

__all__ = ["Statement", "change_contact", "may_change_contact", "own_statement"]

_KEPT = ("name", "birthDate", "gender")


class Statement(Struct, frozen=True):
    """What an organisation says of a person: its Patient, and the version that was seen.

    `version` 0: the organisation has not stated anything yet, and the first change creates it.
    """

    patient: dict[str, Any]
    version: int


def may_change_contact(permit: Permit) -> bool:
    """Whether the role changes who somebody is and how to reach them, on any ground at all."""
    return any(mask & mask_of(DataClass.DEMOGRAPHIC) for mask in permit.changes)


def own_statement(permit: Permit, person_id: str) -> Statement:
    """Return the statement of the permit's own organisation, to be changed.

    Raises NotFound where the person is not seen, NotPermitted for a restricted record and for a
    role that reads these details and does not change them.
    """
    if not may_change_contact(permit):
        raise NotPermitted("Your role reads these details and does not change them.")
    said = record.everything(permit, person_id, types=("Patient",)).entries
    master = next((s for s in said if s.id == person_id), None)
    if master is None:
        raise NotFound(f"There is no Patient/{person_id} that you can see.")
    if is_restricted(master.resource):
        raise NotPermitted("This record is restricted. Ask your privacy officer to change it.")
    own = next((s for s in said if s.source == permit.organisation), None)
    return Statement(own.resource, own.version) if own else Statement(_first(master), 0)


def _first(master: Stored) -> dict[str, Any]:
    """The beginning of a statement: who is meant, and that the master Patient is the person."""
    whole = master.resource
    return {
        "resourceType": "Patient",
        **{name: whole[name] for name in _KEPT if name in whole},
        "link": [{"other": {"reference": master.reference}, "type": "refer"}],
    }


def change_contact(permit: Permit, person_id: str, contact: Contact, version: int) -> Stored:
    """Store a new version of the organisation's statement with this address and telephone.

    Raises Invalid with a problem for each field, Stale when somebody of the organisation saved
    since `version` was seen.
    """
    if problems := contact_problems(contact):
        raise Invalid(*problems)
    stands = own_statement(permit, person_id)
    if stands.version != version:
        raise Stale("Somebody where you work saved these details while you were typing.")
    changed = with_contact(stands.patient, contact)
    change = Update(changed, version) if version else Create(changed)
    return record.commit(permit, [change], action="change-contact").stored[0]
