"""Whom Joyce trusts with her record, and who at the surgery is a patient there too.

Susan sees her mother's stays, visits and appointments, and nothing else; Dr Rao agreed to it in
December. Pauline Croft, receptionist, has looked at her own record: the privacy officer's alert.
"""

from datetime import date
from typing import Any

from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.cast import DAUGHTER, PLACE, SURGERY, WOMAN, worker
from joinedup.demo.shape import Address, Outline, Worker
from joinedup.demo.writing import at
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.people.proxies.resources import (
    answered,
    held,
    noted,
    own_note,
    related,
    request,
    trust,
)
from joinedup.people.proxies.rules import Known, Wish, known, pair_id
from joinedup.people.proxies.states import BASES, OWN_BASIS
from joinedup.record.change import Create, Source
from joinedup.record.read import read
from joinedup.record.write import commit

__all__ = ["RECEPTIONIST", "arrange_trust"]

AGREED = at(date(2017, 12, 4), 9, 40)
UNTIL = date(2018, 12, 3)
_RAO, _CROFT = worker("anita-rao"), worker("pauline-croft")

RECEPTIONIST = Outline(
    id="pauline-croft-herself",
    nhs_number="9990012105",
    given=("Pauline", "Ruth"),
    family="Croft",
    born=date(1971, 10, 7),
    gender="female",
    ethnicity="A",
    address=Address("31 Tannery Lane", PLACE, "MQ3 2TL"),
)
"""Who answers the telephone at Fosse Lane Surgery, and is on its list as well."""


def arrange_trust() -> None:
    """Store what Joyce agreed to with Susan, who Pauline is, and that she looked at herself."""
    _trust_susan()
    _know_pauline()
    own = worker_permit(_CROFT.reference, _CROFT.name, Role.RECEPTIONIST, SURGERY.code)
    read(own, "Patient", RECEPTIONIST.id)


def _trust_susan() -> None:
    susan = _known(DAUGHTER.id)
    wish = Wish(
        given=susan.given,
        family=susan.family,
        born=susan.born,
        relationship="daughter",
        functions=("visits",),
        until=UNTIL,
    )
    pair = pair_id(WOMAN.id, susan.id)
    asked = held(request(WOMAN.id, wish, state="active", at=AGREED), susan)
    basis = BASES[OWN_BASIS]
    made = (
        related(WOMAN.id, susan, wish) | {"id": pair},
        trust(WOMAN.id, susan.id, wish, basis=basis, at=AGREED),
        answered(asked, wish, basis=OWN_BASIS) | {"id": f"asked-{pair}"},
    )
    _store(_RAO, Role.GP, *made)
    note = own_note(susan.id, pair, WOMAN.name, "daughter", contact="", at=AGREED)
    commit(
        system_permit("proxies"),
        [Create(noted(note, WOMAN.id, AGREED), pair)],
        action="proxy-noted",
        now=AGREED,
    )


def _store(by: Worker, role: Role, *made: dict[str, Any]) -> None:
    permit = worker_permit(by.reference, by.name, role, by.organisation)
    source = Source(by.organisation, author=by.role_reference, role=by.post)
    changes = [Create(one, str(one["id"]), source=source) for one in made]
    commit(permit, changes, action="proxy-allowed", now=AGREED)


def _known(person_id: str) -> Known:
    return known(read(system_permit("demo"), "Patient", person_id).resource)


def _know_pauline() -> None:
    home = RECEPTIONIST.address
    patient = {
        "resourceType": "Patient",
        "id": RECEPTIONIST.id,
        "identifier": [{"system": NHS_NUMBER_SYSTEM, "value": RECEPTIONIST.nhs_number}],
        "name": [{"family": RECEPTIONIST.family, "given": [*RECEPTIONIST.given]}],
        "gender": RECEPTIONIST.gender,
        "birthDate": RECEPTIONIST.born.isoformat(),
        "address": [{"line": [home.line], "city": home.town, "postalCode": home.postcode}],
        "generalPractitioner": [{"reference": f"Organization/{SURGERY.code}"}],
    }
    targets = [{"reference": f"Patient/{RECEPTIONIST.id}"}, {"reference": _CROFT.reference}]
    link = {
        "resourceType": "Person",
        "id": _CROFT.id,
        "link": [{"target": target} for target in targets],
    }
    source = Source(SURGERY.code)
    for one in (patient, link):  # apart: what tells of both is the privacy officer's alone
        change = Create(one, str(one["id"]), source=source)
        commit(system_permit("demo"), [change], action="import", now=AGREED)
