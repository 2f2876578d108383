"""What Fosse Lane Surgery has written about Joyce Hallam over thirty years.

Invented. Hospital entries are in `woman_hospital`, the council's in `woman_council`.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import COMMUNITY, DAUGHTER, SURGERY, WOMAN, worker
from joinedup.demo.clinical import (
    allergy,
    blood_pressure,
    condition,
    immunization,
    measurement,
    medicine,
    report,
    stated,
)
from joinedup.demo.events import (
    about_me,
    adjustment,
    alert,
    appointment,
    care_plan,
    care_team,
    encounter,
    letter,
    member,
    referral,
    related_person,
)
from joinedup.demo.identity import patient
from joinedup.demo.woman_history import (
    ABOUT,
    BLOODS,
    CHECKS,
    CLOTTING,
    CONTACTS,
    HOME_VISIT,
    MEDICINES,
    PROBLEMS,
)
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["woman_at_the_surgery"]

PEN = Pen(SURGERY.code, WOMAN)
RAO, BECKWITH = worker("anita-rao"), worker("thomas-beckwith")
TATE, SHAH = worker("lorraine-tate"), worker("imran-shah")


def _problems() -> list[Resource]:
    active = [
        condition(PEN, f"problem-{what}", code, onset, author=RAO, recorded=day, note=note)
        for what, code, onset, day, note in PROBLEMS
    ]
    wrist = condition(
        PEN,
        "problem-wrist",
        c.WRIST_FRACTURE,
        "2014-08-16",
        author=RAO,
        recorded=date(2014, 8, 22),
        ended=date(2014, 11, 4),
        note="Fell from a kitchen step.",
    )
    penicillin = allergy(
        PEN,
        "allergy-penicillin",
        c.PENICILLIN,
        c.RASH,
        author=BECKWITH,
        recorded=date(1987, 3, 12),
        onset="1974",
        note="Red, itchy rash all over two days into penicillin tablets for a chest infection in "
        "1974. Joyce and her daughter both remember it well. Avoid all penicillins.",
    )
    return [*active, wrist, penicillin]


def _medicines() -> list[Resource]:
    return [
        medicine(
            PEN,
            f"medicine-{what}",
            drug,
            dose,
            author=SHAH if until == date(2017, 12, 5) else RAO,
            since=since,
            until=until,
            reason=reason,
            note=note,
        )
        for what, drug, dose, since, until, reason, note in MEDICINES
    ]


def _bloods() -> list[Resource]:
    written: list[Resource] = []
    for day, egfr, creatinine, potassium, haemoglobin in BLOODS:
        values = (
            ("egfr", c.EGFR, str(egfr)),
            ("creatinine", c.CREATININE, str(creatinine)),
            ("potassium", c.POTASSIUM, potassium),
            ("haemoglobin", c.HAEMOGLOBIN, str(haemoglobin)),
        )
        results = [
            measurement(PEN, f"{what}-{day}", measure, value, when=at(day, 16), author=RAO)
            for what, measure, value in values
        ]
        title = "Kidney function and blood count"
        summary = report(PEN, f"bloods-{day}", title, results, when=at(day, 16), author=RAO)
        written += [*results, summary]
    return written


def _checks() -> list[Resource]:
    written = [
        measurement(PEN, f"inr-{day}", c.INR, value, when=at(day, 9, 40), author=TATE)
        for day, value in CLOTTING
    ]
    for day, upper, lower, weight in CHECKS:
        when = at(day, 10, 20)
        pair = (upper, lower)
        written.append(blood_pressure(PEN, f"pressure-{day}", pair, when=when, author=TATE))
        written.append(measurement(PEN, f"weight-{day}", c.WEIGHT, weight, when=when, author=TATE))
    return written


def _vaccinations() -> list[Resource]:
    flu_days = (
        date(2012, 10, 9),
        date(2013, 10, 8),
        date(2014, 10, 14),
        date(2015, 10, 6),
        date(2016, 10, 11),
        date(2017, 10, 24),
    )
    flu = [
        immunization(PEN, f"flu-{day.year}", c.FLU_VACCINE, day, author=TATE) for day in flu_days
    ]
    pneumococcal = immunization(
        PEN, "pneumococcal", c.PNEUMOCOCCAL_VACCINE, date(2005, 10, 18), author=TATE
    )
    return [*flu, pneumococcal]


def _contacts() -> list[Resource]:
    contacts = [
        encounter(
            PEN,
            f"contact-{day}",
            kind,
            title,
            start=at(day, hour),
            end=at(day, hour, 45 if kind == "HH" else 15),
            author=author,
        )
        for day, hour, title, kind, author in CONTACTS
    ]
    visit = at(date(2017, 11, 21), 17, 30)
    note = letter(PEN, "note-home-visit", "Home visit", HOME_VISIT, author=RAO, written=visit)
    falls = referral(
        PEN,
        "referral-falls",
        "Falls clinic",
        author=RAO,
        written=visit,
        to=COMMUNITY.code,
        note="Two falls in two years, the last on 19 November. Giddy on standing. Lives alone, "
        "takes warfarin. Please see at home if that is sooner.",
    )
    return [*contacts, note, falls]


def _people_around() -> list[Resource]:
    susan = related_person(
        PEN,
        "susan",
        ("Susan", "Whitlock"),
        ("DAUC", "Daughter and main carer; lives an hour away by car"),
        telephones=(DAUGHTER.telephone, DAUGHTER.mobile),
        recorded=date(2014, 2, 24),
        address=DAUGHTER.address,
        nhs_number=DAUGHTER.nhs_number,
    )
    carer = member(f"RelatedPerson/{susan['id']}", "Susan Whitlock", "Daughter and main carer")
    team = care_team(PEN, "team", "Fosse Lane Surgery", [RAO, TATE, carer], since=date(2013, 4, 18))
    return [susan, team]


def _needs() -> list[Resource]:
    since = date(2017, 10, 24)
    alone = stated(
        PEN,
        "lives-alone",
        c.LIVES_ALONE,
        "Lives alone in a two-bedroomed terraced house; stairs, bathroom upstairs. "
        "Her husband died in February 2014.",
        when=at(date(2014, 2, 24), 15, 20),
        author=RAO,
    )
    return [
        alone,
        adjustment(
            PEN,
            "need-hearing",
            c.HEARING_AID,
            "Wears hearing aids in both ears. Check they are in and switched on, face her, and "
            "make sure she has heard.",
            since=since,
            author=TATE,
        ),
        adjustment(
            PEN,
            "need-print",
            c.LARGE_PRINT,
            "Letters and leaflets in large print, 20 point or more.",
            since=since,
            author=TATE,
        ),
        alert(
            PEN,
            "alert-warfarin",
            "OTH",
            c.Code("Takes warfarin"),
            "Takes warfarin: any knock to the head needs looking at the same day.",
            since=date(2013, 4, 25),
            author=RAO,
        ),
        alert(
            PEN,
            "alert-falls",
            "OTH",
            c.FALLS_RISK,
            "Falls: three since 2014, giddy on standing.",
            since=date(2017, 11, 21),
            author=RAO,
        ),
    ]


def _plans() -> list[Resource]:
    plan = care_plan(
        PEN,
        "plan",
        "Keeping steady: falls, heart and tablets",
        (
            "Sit on the edge of the bed for a minute before standing",
            "Weigh on Mondays; ring the surgery if up 2 kg in three days",
            "INR every four weeks at the warfarin clinic",
            "Falls clinic: referred on 21 November 2017, waiting for a date",
            "Susan to ask the council about help at home",
        ),
        author=SHAH,
        since=date(2017, 12, 5),
    )
    clinic = appointment(
        PEN,
        "warfarin-clinic",
        "Warfarin clinic",
        at(date(2018, 1, 18), 9, 40),
        at(date(2018, 1, 18), 9, 50),
        who=[by(TATE)],
        made=at(date(2017, 12, 19), 9, 50),
        note="Booked before Joyce went into hospital.",
    )
    about = about_me(PEN, "about-me", ABOUT, written=at(date(2017, 10, 24), 10, 40))
    return [plan, clinic, about]


def woman_at_the_surgery() -> list[Resource]:
    """Return everything Fosse Lane Surgery has written about Joyce, her master Patient first."""
    status = {"coding": [{"system": f"{c.HL7}v3-MaritalStatus", "code": "W"}], "text": "Widowed"}
    return [
        patient(PEN, date(2014, 2, 24), maritalStatus=status),
        *_problems(),
        *_medicines(),
        *_needs(),
        *_people_around(),
        *_bloods(),
        *_checks(),
        *_vaccinations(),
        *_contacts(),
        *_plans(),
    ]
