"""People who can be told in many ways, what is new about them, and a place that writes files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES
from joinedup.jobs.posting import FileBox, Post
from joinedup.jobs.rules.words import Place
from joinedup.jobs.sending import Round, Sender, send_waiting
from joinedup.jobs.telling import hand_on_lines
from joinedup.record import Put
from tests.spec.record.place import HOSPITAL, PRACTICE, days_ago, joyce, put, stay

NOON = datetime(2018, 1, 16, 12, tzinfo=UTC)
NIGHT = datetime(2018, 1, 16, 3, tzinfo=UTC)
EMAIL = {"system": "email", "value": "joyce@mail.example"}
MOBILE = {"system": "phone", "value": "07700 900123", "use": "mobile"}
LANDLINE = {"system": "phone", "value": "01632 960001", "use": "home"}
HOME = {"use": "home", "line": ["14 Orchard Row"], "city": "Marlbrook", "postalCode": "MQ1 4AB"}
WARD = worker_permit("Practitioner/bell", "Sister Bell", Role.WARD_NURSE, HOSPITAL)
SURGERY = worker_permit("Practitioner/rao", "Dr Rao", Role.GP, PRACTICE)
PLACE_WORDS = Place(address="https://record.example")


def set_scene(**patient: Any) -> None:
    """Joyce in the hospital, with her practice; nothing of it is news."""
    put(
        {"resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General"},
        {"resourceType": "Organization", "id": PRACTICE, "name": "Orchard Row Surgery"},
        *({"resourceType": "Practitioner", "id": name} for name in ("bell", "rao")),
    )
    put(joyce("joyce", **patient))
    put(stay("s-joyce", "joyce", start=days_ago(2)))
    hand_on_lines(datetime.now(UTC))


def write(*resources: dict[str, Any], by: Permit = WARD, action: str = "") -> None:
    """Somebody writes something about her."""
    record.commit(
        by, [Put(r) for r in resources], dangling="keep", **({"action": action} if action else {})
    )


def visit(identity: str = "v1", person: str = "joyce", **more: Any) -> dict[str, Any]:
    """An appointment of hers, with a word in it that no message may hold."""
    return {
        "resourceType": "Appointment",
        "id": identity,
        "status": "booked",
        "description": "Oncology clinic, Hallam",
        "participant": [{"actor": {"reference": f"Patient/{person}"}, "status": "accepted"}],
        **more,
    }


def choose(what: str = told.EXPECTED, way: str = "", person: str = "joyce") -> None:
    """She says how she wants to be told."""
    hers = person_permit(person, "Joyce")
    made = told.build(person, Choice(what=what, way=way), NOON)
    record.commit(hers, [Put(made)])


def flag(code: str, person: str = "joyce") -> dict[str, Any]:
    """What she needs, as the Accessible Information Standard codes it."""
    return {
        "resourceType": "Flag",
        "id": f"f-{code}",
        "status": "active",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
        "subject": {"reference": f"Patient/{person}"},
    }


def trust(*functions: str, person: str = "joyce", name: str = "susan") -> None:
    """She trusts Susan with some of her record; written as the approver writes it."""
    put(
        {
            "resourceType": "RelatedPerson",
            "id": name,
            "patient": {"reference": f"Patient/{person}"},
            "telecom": [{"system": "email", "value": "susan@mail.example"}],
        }
    )
    consent = {
        "resourceType": "Consent",
        "id": f"trust-{name}",
        "status": "active",
        "category": [{"coding": [{"system": CONSENT_KIND, "code": "proxy"}]}],
        "patient": {"reference": f"Patient/{person}"},
        "provision": {
            "type": "permit",
            "actor": [{"reference": {"reference": f"RelatedPerson/{name}"}}],
            "class": [{"system": FUNCTION_CODES, "code": f} for f in functions],
        },
    }
    record.commit(SURGERY, [Put(consent)], dangling="keep")
    hand_on_lines(datetime.now(UTC))


def sender(
    post: Post | Path,
    *,
    says: datetime = NOON,
    gap: timedelta | None = timedelta(0),
    place: Place = PLACE_WORDS,
    ahead: timedelta = timedelta(0),
) -> Sender:
    """How this place sends; a folder is a box of files, `ahead` a clock that is later."""
    return Sender(
        post=FileBox(post, "record@place.example") if isinstance(post, Path) else post,
        place=place,
        clock=lambda: datetime.now(UTC) + ahead,
        says=lambda: says,
        gap=gap,
    )


def tell(post: Post | Path, **more: Any) -> Round:
    """Hand on every line, and send what is due."""
    hand_on_lines(datetime.now(UTC))
    return send_waiting(sender(post, **more))


def files(folder: Path) -> list[str]:
    """What was written, by ending."""
    return sorted(f.suffix for f in folder.glob("[!.]*"))
