"""A ward in the record: Joyce in bed 12, her people, and everybody who gets her home.

November 2025, as in `stays`; the acts are those of the pages, under permits of each role.
"""

from datetime import datetime
from typing import Any

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.discharge.queries import referrals_of
from joinedup.discharge.reviews import Answers, FirstReason, review_criteria
from joinedup.discharge.standing import Seen, standing_of
from joinedup.fhir.profiles import hub, planned_visit, spell
from joinedup.fhir.profiles.hub import Hub
from joinedup.fhir.profiles.planned_visit import PlannedVisit
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.spell import BedStay, Spell
from joinedup.fhir.search.query import parse_query
from tests.spec.discharge.stays import answers, november
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, PRACTICE, joyce, put

SPELL, PERSON, SUSAN, CARE = "spell-1", "Patient/joyce", "RelatedPerson/susan", "VZ901"
WORKERS = ("grace-adeyemi", "tomasz-nowak", "helen-marsh", "rachel-dunn", "dawn-ellis")


def _worker(name: str, role: Role, organisation: str) -> Permit:
    return worker_permit(f"Practitioner/{name}", name, role, organisation)


NURSE = _worker("grace-adeyemi", Role.WARD_NURSE, HOSPITAL)
COORDINATOR = _worker("tomasz-nowak", Role.DISCHARGE_COORDINATOR, HOSPITAL)
CONSULTANT = _worker("helen-marsh", Role.CONSULTANT, HOSPITAL)
SOCIAL_WORKER = _worker("rachel-dunn", Role.SOCIAL_WORKER, COUNCIL)
BROKER = _worker("dawn-ellis", Role.BROKER, COUNCIL)


def build_ward(admitted: datetime | None = None) -> None:
    """Put Joyce into bed 12, with her daughter, her hub and everybody's organisation."""
    came = admitted or november(1)
    here = Spell(
        id=SPELL,
        person=PERSON,
        hospital=HOSPITAL,
        admitted=came,
        beds=(BedStay(bed="w7-12", since=came),),
    )
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL, CARE)))
    put(*({"resourceType": "Practitioner", "id": name} for name in WORKERS))
    put({"resourceType": "Location", "id": "w7-12", "name": "Bed 12"})
    put(hub.build(Hub("hub-1", COUNCIL, "Marlbrook care transfer hub")))
    related = {
        "name": [{"given": ["Susan"], "family": "Whitlock"}],
        "relationship": [{"text": "Daughter and main carer"}],
    }
    put(joyce(), spell.build(here))
    put(
        {"resourceType": "RelatedPerson", "id": "susan", "patient": {"reference": PERSON}} | related
    )


def seen() -> Seen:
    """The stay as a page that is opened now shows it."""
    return Seen(SPELL, standing_of(NURSE, SPELL).version)


def stands() -> Readiness:
    """How Joyce stands now."""
    return standing_of(NURSE, SPELL).readiness


def made_ready(at: datetime, *, reason: str = "hub-referral") -> None:
    """A review in which nothing keeps her here."""
    first = FirstReason(reason=reason, owner=HOSPITAL, chase_by=at.replace(hour=20))
    said = Answers(answers=answers(at=at), news2=1)
    review_criteria(NURSE, SPELL, said, seen=seen().version, now=at, first=first)


def needed_again(at: datetime) -> None:
    """A review in which she needs oxygen."""
    said = Answers(answers=answers("oxygen", at=at), news2=1)
    review_criteria(NURSE, SPELL, said, seen=seen().version, now=at)


def the_referral(permit: Permit = NURSE) -> Any:
    """The stay's last referral, with the hub's answer."""
    return referrals_of(permit, SPELL)[0]


def tasks(kind: str) -> list[dict[str, Any]]:
    """Every Task of a kind, as the place keeps it."""
    asked = parse_query("Task", [("code", f"https://joinedup.example/CodeSystem/task|{kind}")])
    return [s.resource for s in record.search(PLACE, asked).entries]


def teams(kind: str) -> set[tuple[str, str]]:
    """Which organisation and role has a Task of a kind."""
    return {
        (t["owner"]["reference"].partition("/")[2], t["performerType"][0]["coding"][0]["code"])
        for t in tasks(kind)
    }


def visit(name: str, start: datetime, end: datetime) -> dict[str, Any]:
    """A visit of her package that is planned."""
    planned = PlannedVisit(
        id=name, package="package-1", provider=CARE, start=start, end=end, person=PERSON
    )
    return planned_visit.build(planned)


def package(**period: str) -> dict[str, Any]:
    """Help at home that the council pays for."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": "package-1",
        "status": "active",
        "patient": {"reference": PERSON},
        "managingOrganization": {"reference": f"Organization/{COUNCIL}"},
        "period": period or {"start": "2025-10-01"},
    }


def status(kind: str, name: str) -> str:
    """What a resource's status is now."""
    return str(record.read(PLACE, kind, name).resource["status"])
