"""What Fosse Lane Surgery has written about Desmond Clarke, who is home again and well.

Invented. His stay and the help that followed are in `man_loop`.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import MAN, SURGERY, worker
from joinedup.demo.clinical import (
    blood_pressure,
    condition,
    immunization,
    measurement,
    medicine,
    no_allergies,
    stated,
)
from joinedup.demo.events import (
    about_me,
    adjustment,
    appointment,
    care_team,
    encounter,
    letter,
    member,
    related_person,
)
from joinedup.demo.identity import patient
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["man_at_the_surgery"]

PEN = Pen(SURGERY.code, MAN)
BECKWITH, TATE = worker("thomas-beckwith"), worker("lorraine-tate")

PROBLEMS = (
    ("diabetes", c.DIABETES, "2006", date(2006, 7, 3), "Feet and eyes looked at each year."),
    ("pressure", c.HYPERTENSION, "2003", date(2003, 2, 17), ""),
    ("cholesterol", c.CHOLESTEROL, "2006", date(2006, 7, 3), ""),
    ("prostate", c.PROSTATE, "2013", date(2013, 5, 20), "Up twice in the night."),
)
MEDICINES = (
    ("metformin", "Metformin 500 mg tablets", "Two twice a day", date(2006, 7, 3), c.DIABETES),
    (
        "amlodipine",
        "Amlodipine 10 mg tablets",
        "One each morning",
        date(2003, 2, 17),
        c.HYPERTENSION,
    ),
    (
        "atorvastatin",
        "Atorvastatin 20 mg tablets",
        "One each night",
        date(2006, 7, 3),
        c.CHOLESTEROL,
    ),
    (
        "tamsulosin",
        "Tamsulosin 400 microgram capsules",
        "One each morning",
        date(2013, 5, 20),
        c.PROSTATE,
    ),
)
# Day, HbA1c, eGFR, blood pressure, weight.
CHECKS = (
    (date(2013, 6, 11), "52", "74", (146, 84), "86.4"),
    (date(2014, 6, 10), "54", "73", (142, 82), "86.0"),
    (date(2015, 6, 9), "53", "71", (140, 80), "85.1"),
    (date(2016, 6, 14), "56", "70", (138, 78), "84.8"),
    (date(2017, 6, 13), "55", "68", (136, 78), "84.2"),
    (date(2017, 12, 20), "57", "66", (128, 74), "79.9"),
)
ABOUT = (
    (
        "What matters most to me",
        (
            "Hazel, my grandchildren, and bowls on a Thursday. I drove the number 9 for thirty-one "
            "years and I do not like sitting still."
        ),
    ),
    ("People who are important to me", "My wife Hazel. My son Leon, who lives across town."),
    ("How to talk with me", "Straight. If it is bad news, tell me with Hazel in the room."),
    ("Please do", "Let me shave before anyone visits."),
    ("Please do not", "Give me mash every day."),
    ("Also worth knowing", "I say grace before I eat. I would like a minute for it."),
)
CALL = """Rang two days after he came home. Tablets understood, antibiotics finished. Reablement
workers come morning and evening and he likes them. Walking to the gate. Hazel managing, sleeping.
Bloods next week; chest X-ray on 22 January to be sure it has cleared.
"""


def _health() -> list[Resource]:
    problems = [
        condition(PEN, f"problem-{what}", code, onset, author=BECKWITH, recorded=day, note=note)
        for what, code, onset, day, note in PROBLEMS
    ]
    cleared = condition(
        PEN,
        "problem-pneumonia",
        c.PNEUMONIA,
        "2017-11-27",
        author=BECKWITH,
        recorded=date(2017, 12, 13),
        ended=date(2017, 12, 20),
        note="In hospital two weeks. Better; X-ray to follow.",
    )
    medicines = [
        medicine(PEN, what, drug, dose, author=BECKWITH, since=since, reason=reason)
        for what, drug, dose, since, reason in MEDICINES
    ]
    asked = no_allergies(
        PEN, "allergies-asked", c.NO_DRUG_ALLERGY, author=BECKWITH, recorded=date(2003, 2, 17)
    )
    return [*problems, cleared, *medicines, asked]


def _checks() -> list[Resource]:
    written: list[Resource] = []
    for day, sugar, kidney, pair, weight in CHECKS:
        when = at(day, 9, 30)
        values = (
            ("hba1c", c.HBA1C, sugar),
            ("egfr", c.EGFR, kidney),
            ("weight", c.WEIGHT, weight),
        )
        written += [
            measurement(PEN, f"{what}-{day}", measure, value, when=when, author=TATE)
            for what, measure, value in values
        ]
        written.append(blood_pressure(PEN, f"pressure-{day}", pair, when=when, author=TATE))
    flu = [
        immunization(PEN, f"flu-{year}", c.FLU_VACCINE, date(year, 10, 12), author=TATE)
        for year in range(2012, 2018)
    ]
    pneumococcal = immunization(
        PEN, "pneumococcal", c.PNEUMOCOCCAL_VACCINE, date(2006, 10, 12), author=TATE
    )
    return [*written, *flu, pneumococcal]


def _contacts() -> list[Resource]:
    rang, bloods = date(2017, 12, 13), date(2017, 12, 20)
    return [
        encounter(
            PEN,
            "contact-2017-11-24",
            "AMB",
            "Seen: cough and fever",
            start=at(date(2017, 11, 24), 10),
            end=at(date(2017, 11, 24), 10, 15),
            author=BECKWITH,
        ),
        encounter(
            PEN,
            "contact-2017-12-13",
            "VR",
            "Telephone call: two days after coming home",
            start=at(rang, 11),
            end=at(rang, 11, 15),
            author=BECKWITH,
        ),
        encounter(
            PEN,
            "contact-2017-12-20",
            "AMB",
            "Blood tests and blood pressure",
            start=at(bloods, 9, 20),
            end=at(bloods, 9, 40),
            author=TATE,
        ),
        letter(
            PEN,
            "note-2017-12-13",
            "Telephone call after hospital",
            CALL,
            author=BECKWITH,
            written=at(rang, 11, 20),
        ),
        appointment(
            PEN,
            "diabetes-review",
            "Yearly diabetes review",
            at(date(2018, 1, 30), 10),
            at(date(2018, 1, 30), 10, 30),
            who=[by(TATE)],
            made=at(bloods, 9, 40),
        ),
    ]


def _life() -> list[Resource]:
    hazel = related_person(
        PEN,
        "hazel",
        ("Hazel", "Clarke"),
        ("WIFE", "Wife; lives with him and helps every day"),
        telephones=(MAN.telephone,),
        recorded=date(2013, 5, 20),
        address=MAN.address,
    )
    carer = member(f"RelatedPerson/{hazel['id']}", "Hazel Clarke", "Wife and carer")
    return [
        hazel,
        care_team(PEN, "team", SURGERY.name, [BECKWITH, TATE, carer], since=date(2006, 7, 3)),
        stated(
            PEN,
            "smoking",
            c.SMOKING,
            "Stopped smoking in 1991.",
            when=at(date(2017, 6, 13), 9, 30),
            author=TATE,
        ),
        adjustment(
            PEN,
            "need-telephone",
            c.BY_TELEPHONE,
            "Ring the house; the mobile lives in a drawer.",
            since=date(2013, 5, 20),
            author=TATE,
        ),
        about_me(PEN, "about-me", ABOUT, written=at(date(2017, 6, 13), 9, 50)),
    ]


def man_at_the_surgery() -> list[Resource]:
    """Return everything Fosse Lane Surgery has written about Desmond, his master Patient first."""
    return [
        patient(PEN, date(2003, 2, 17)),
        *_health(),
        *_life(),
        *_checks(),
        *_contacts(),
    ]
