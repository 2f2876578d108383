"""Susan Whitlock, Joyce's daughter: a person in her own right, with a record of her own.

Invented. What she has told about her own health is hers; her mother's record does not show it.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import COUNCIL, DAUGHTER, FAR_SURGERY, worker
from joinedup.demo.clinical import (
    blood_pressure,
    condition,
    immunization,
    measurement,
    medicine,
    no_allergies,
    stated,
)
from joinedup.demo.council import Event, council_patient, request
from joinedup.demo.events import adjustment, care_team, encounter, letter, related_person
from joinedup.demo.identity import patient
from joinedup.demo.writing import Pen, Resource, at

__all__ = ["DAUGHTER_EVENTS", "daughter_at_the_council", "daughter_at_the_surgery"]

PEN = Pen(FAR_SURGERY.code, DAUGHTER)
YATES = worker("martin-yates")
CARER = c.Code("Looks after somebody", "224484003", display="Patient themselves providing care")

DAUGHTER_EVENTS: tuple[Event, ...] = (
    request(
        date(2016, 3, 21),
        date(2016, 3, 21),
        "NFA: Information and advice or signposting",
        "Community / Other route",
        client_type="Unpaid carer",
        reason="Social Support: Support to Carer",
    ),
    request(
        date(2017, 11, 27),
        date(2017, 11, 29),
        "Progress to assessment, review or reassessment",
        "Community / Other route",
        client_type="Unpaid carer",
        reason="Social Support: Support to Carer",
    ),
)

CONTACT = """Not sleeping. Rings her mother every evening and lies awake if she sounds tired. Drives
over twice a week, an hour each way, around three days' work in a school office.
Mother had a fall last week. Two days off work since. Husband Paul away in the week.
Not low, worn out. Talked about what would help: knowing somebody else is keeping an eye on her mum.
Noted as a carer, with her agreement. Will ring the council where her mother lives.
"""

CHECKS = (
    (date(2014, 3, 4), (146, 92), "74.5"),
    (date(2015, 3, 10), (138, 86), "74.0"),
    (date(2016, 3, 8), (136, 84), "75.2"),
    (date(2017, 3, 14), (134, 84), "75.9"),
    (date(2017, 11, 28), (144, 90), "72.8"),
)


def _health() -> list[Resource]:
    return [
        condition(
            PEN,
            "problem-pressure",
            c.HYPERTENSION,
            "2014-03",
            author=YATES,
            recorded=date(2014, 3, 4),
        ),
        condition(
            PEN, "problem-back", c.BACK_PAIN, "2015", author=YATES, recorded=date(2015, 9, 15)
        ),
        no_allergies(
            PEN, "allergies-asked", c.NO_DRUG_ALLERGY, author=YATES, recorded=date(2014, 3, 4)
        ),
        medicine(
            PEN,
            "amlodipine",
            "Amlodipine 5 mg tablets",
            "One each morning",
            author=YATES,
            since=date(2014, 3, 4),
            reason=c.HYPERTENSION,
        ),
        immunization(PEN, "flu-2017", c.FLU_VACCINE, date(2017, 11, 28), author=YATES),
    ]


def _checks() -> list[Resource]:
    written: list[Resource] = []
    for day, pair, weight in CHECKS:
        when = at(day, 17, 10)
        written.append(blood_pressure(PEN, f"pressure-{day}", pair, when=when, author=YATES))
        written.append(measurement(PEN, f"weight-{day}", c.WEIGHT, weight, when=when, author=YATES))
    return written


def _life() -> list[Resource]:
    seen = at(date(2017, 11, 28), 17)
    caring = stated(
        PEN,
        "carer",
        CARER,
        "Looks after her mother, who lives an hour away: about fourteen hours a week.",
        when=seen,
        author=YATES,
    )
    husband = related_person(
        PEN,
        "paul",
        ("Paul", "Whitlock"),
        ("HUSB", "Husband; works away Monday to Friday"),
        telephones=("07700 900215",),
        recorded=date(2014, 3, 4),
    )
    contact = encounter(
        PEN,
        "contact-2017-11-28",
        "AMB",
        "Seen: tired and not sleeping",
        start=seen,
        end=at(date(2017, 11, 28), 17, 15),
        author=YATES,
    )
    note = letter(
        PEN,
        "note-2017-11-28",
        "Consultation",
        CONTACT,
        author=YATES,
        written=at(date(2017, 11, 28), 17, 20),
    )
    team = care_team(PEN, "team", FAR_SURGERY.name, [YATES], since=date(2014, 3, 4))
    call = adjustment(
        PEN,
        "need-telephone",
        c.BY_TELEPHONE,
        "Please ring the mobile, after half past three on school days.",
        since=date(2017, 11, 28),
        author=YATES,
    )
    return [caring, husband, contact, note, team, call]


def daughter_at_the_surgery() -> list[Resource]:
    """Return what Wexby Medical Centre has written about Susan, her master Patient first."""
    return [patient(PEN, date(2014, 3, 4)), *_health(), *_checks(), *_life()]


def daughter_at_the_council() -> list[Resource]:
    """Return the council's own Patient for Susan, and the carer's assessment she waits for."""
    return [council_patient(DAUGHTER, date(2016, 3, 21)), _waits_for_assessment()]


def _waits_for_assessment() -> Resource:
    pen = Pen(COUNCIL.code, DAUGHTER)
    return pen.start("Task", "carers-assessment", date(2017, 11, 29)) | {
        "status": "requested",
        "intent": "order",
        "description": "Carer's assessment: on the waiting list",
        "for": pen.patient,
        "authoredOn": "2017-11-29",
        "owner": {"reference": f"Organization/{COUNCIL.code}"},
    }
