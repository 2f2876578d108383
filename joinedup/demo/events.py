"""Entries about care: who is involved, stays and visits, plans, letters, alerts, what I want known.

Each function returns one R4 resource. `what` is the end of its id; times come in as arguments.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from joinedup.demo.cast import ABOUT_ME, ADJUSTMENT, ADJUSTMENT_CATEGORY, ALERT_CATEGORY
from joinedup.demo.codes import HL7, Code, concept
from joinedup.demo.shape import Address, Worker
from joinedup.demo.writing import Pen, Resource, by, hl7, instant, span

__all__ = [
    "about_me",
    "adjustment",
    "alert",
    "appointment",
    "care_plan",
    "care_team",
    "encounter",
    "goal",
    "letter",
    "member",
    "referral",
    "related_person",
    "staying",
]

When = date | datetime
KINDS = {
    "AMB": "ambulatory",
    "IMP": "inpatient encounter",
    "EMER": "emergency",
    "HH": "home health",
    "VR": "virtual",
}
ALERTS = {
    "RTO": "Risk to other",
    "RTS": "Risk to self",
    "RSO": "Risk to self & others",
    "SGC": "Safeguarding concern",
    "OTH": "Other",
}


def encounter(
    pen: Pen,
    what: str,
    kind: str,
    title: str,
    *,
    start: datetime,
    end: datetime | None,
    author: Worker,
    reason: Code | str = "",
) -> Resource:
    """Return a contact or a stay; one without an end is in progress."""
    why = {"reasonCode": [concept(reason)]} if reason else {}
    organisation = {"reference": f"Organization/{pen.organisation}"}
    return (
        pen.start("Encounter", what, end or start)
        | {
            "status": "finished" if end else "in-progress",
            "class": {"system": HL7 + "v3-ActCode", "code": kind, "display": KINDS[kind]},
            "type": [{"text": title}],
            "subject": pen.patient,
            "participant": [{"individual": by(author)}],
            "period": span(start, end),
        }
        | why
        | {"serviceProvider": organisation}
    )


def staying(stay: Resource, bed: str, display: str, start: datetime) -> Resource:
    """Return the stay with the bed the person has lain in since `start` (until the stay's end)."""
    end = stay["period"].get("end")
    place = {
        "location": {"reference": f"Location/{bed}", "display": display},
        "status": "completed" if end else "active",
        "physicalType": hl7("location-physical-type", "bd"),
        "period": {"start": instant(start)} | ({"end": end} if end else {}),
    }
    return stay | {"location": [*stay.get("location", []), place]}


def appointment(
    pen: Pen,
    what: str,
    title: str,
    start: datetime,
    end: datetime,
    *,
    who: Sequence[Resource],
    made: When,
    note: str = "",
) -> Resource:
    """Return a booked appointment or visit of the person with `who` (references)."""
    others = [{"actor": actor, "status": "accepted"} for actor in who]
    return (
        pen.start("Appointment", what, made)
        | {"status": "booked", "serviceType": [{"text": title}], "description": title}
        | {"start": instant(start), "end": instant(end), "created": instant(made)}
        | ({"comment": note} if note else {})
        | {"participant": [{"actor": pen.patient, "status": "accepted"}, *others]}
    )


def member(reference: str, name: str, role: str) -> Resource:
    """Return one participant of a care team and what they do, in plain words."""
    return {"role": [{"text": role}], "member": {"reference": reference, "display": name}}


def care_team(
    pen: Pen,
    what: str,
    name: str,
    members: Sequence[Resource | Worker],
    *,
    since: date,
    until: date | None = None,
) -> Resource:
    """Return who is involved from one organisation, active until a day."""
    participants = [
        member(m.role_reference, m.name, m.post) if isinstance(m, Worker) else m for m in members
    ]
    return pen.start("CareTeam", what, until or since) | {
        "status": "inactive" if until else "active",
        "name": name,
        "subject": pen.patient,
        "period": span(since, until),
        "participant": participants,
        "managingOrganization": [{"reference": f"Organization/{pen.organisation}"}],
    }


def related_person(
    pen: Pen,
    what: str,
    name: tuple[str, str],
    relationship: tuple[str, str],
    *,
    telephones: Sequence[str],
    recorded: date,
    address: Address | None = None,
    nhs_number: str = "",
) -> Resource:
    """Return family, friend or carer; relationship is (v3 RoleCode, words: "Daughter, carer")."""
    code, words = relationship
    coding = {"system": HL7 + "v3-RoleCode", "code": code}
    number = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number}]
    lives = address and {
        "line": [address.line],
        "city": address.town,
        "postalCode": address.postcode,
    }
    return (
        pen.start("RelatedPerson", what, recorded)
        | ({"identifier": number} if nhs_number else {})
        | {"active": True, "patient": pen.patient}
        | {"relationship": [{"coding": [coding], "text": words}]}
        | {"name": [{"use": "official", "family": name[1], "given": [name[0]]}]}
        | {"telecom": [{"system": "phone", "value": number} for number in telephones]}
        | ({"address": [lives]} if lives else {})
    )


def _flag(
    pen: Pen, what: str, category: Resource, code: Code, *, since: date, author: Worker
) -> Resource:
    return pen.start("Flag", what, since) | {
        "status": "active",
        "category": [{"coding": [category]}],
        "code": concept(code),
        "subject": pen.patient,
        "period": span(since),
        "author": by(author),
    }


def alert(
    pen: Pen, what: str, kind: str, code: Code, words: str, *, since: date, author: Worker
) -> Resource:
    """Return an alert of one of the social care kinds (domain.md 1.3), told in plain words."""
    category = {"system": ALERT_CATEGORY, "code": kind, "display": ALERTS[kind]}
    flag = _flag(pen, what, category, code, since=since, author=author)
    return flag | {"code": flag["code"] | {"text": words}}


def adjustment(
    pen: Pen, what: str, code: Code, words: str, *, since: date, author: Worker
) -> Resource:
    """Return a communication need as a reasonable adjustment flag (domain.md 5.1)."""
    category = {
        "system": ADJUSTMENT_CATEGORY,
        "code": ADJUSTMENT,
        "display": "National Reasonable Adjustments Flag",
    }
    flag = _flag(pen, what, category, code, since=since, author=author)
    return flag | {"code": flag["code"] | {"text": words}}


def goal(
    pen: Pen, what: str, words: str, *, started: date, author: Resource, state: str = "active"
) -> Resource:
    """Return a goal in the person's own words."""
    return pen.start("Goal", what, started) | {
        "lifecycleStatus": state,
        "description": {"text": words},
        "subject": pen.patient,
        "startDate": started.isoformat(),
        "expressedBy": author,
    }


def care_plan(
    pen: Pen,
    what: str,
    title: str,
    steps: Sequence[str],
    *,
    author: Worker,
    since: date,
    until: date | None = None,
    words: str = "",
    goals: Sequence[Resource] = (),
) -> Resource:
    """Return a plan with its steps; with `until` it is completed and so is every step."""
    state = "completed" if until else "in-progress"
    activities = [{"detail": {"status": state, "description": step}} for step in steps]
    return (
        pen.start("CarePlan", what, until or since)
        | {"status": "completed" if until else "active", "intent": "plan", "title": title}
        | ({"description": words} if words else {})
        | {"subject": pen.patient, "period": span(since, until), "created": since.isoformat()}
        | {"author": by(author)}
        | ({"goal": [{"reference": f"Goal/{g['id']}"} for g in goals]} if goals else {})
        | {"activity": activities}
    )


def referral(
    pen: Pen,
    what: str,
    title: str,
    *,
    author: Worker,
    written: datetime,
    to: str,
    note: str,
    status: str = "active",
) -> Resource:
    """Return a referral from a worker to an organisation, with the reason in words."""
    return pen.start("ServiceRequest", what, written) | {
        "status": status,
        "intent": "order",
        "code": {"text": title},
        "subject": pen.patient,
        "authoredOn": instant(written),
        "requester": by(author),
        "performer": [{"reference": f"Organization/{to}"}],
        "note": [{"text": note}],
    }


def letter(
    pen: Pen, what: str, title: str, text: str, *, author: Worker, written: datetime
) -> Resource:
    """Return a letter or note with its words inside it."""
    data = b64encode(text.encode()).decode()
    content: dict[str, Any] = {
        "contentType": "text/plain; charset=utf-8",
        "data": data,
        "title": title,
    }
    return pen.start("DocumentReference", what, written) | {
        "status": "current",
        "type": {"text": title},
        "subject": pen.patient,
        "date": instant(written),
        "author": [by(author)],
        "description": title,
        "content": [{"attachment": content}],
    }


def about_me(
    pen: Pen, what: str, answers: Sequence[tuple[str, str]], *, written: datetime
) -> Resource:
    """Return what the person wants everyone to know, heading by heading, in their own words."""
    items = [
        {"linkId": str(number), "text": heading, "answer": [{"valueString": words}]}
        for number, (heading, words) in enumerate(answers, 1)
    ]
    return pen.start("QuestionnaireResponse", what, written) | {
        "questionnaire": ABOUT_ME,
        "status": "completed",
        "subject": pen.patient,
        "authored": instant(written),
        "author": pen.patient,
        "source": pen.patient,
        "item": items,
    }
