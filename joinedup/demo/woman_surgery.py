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
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["woman_at_the_surgery"]

PEN = Pen(SURGERY.code, WOMAN)
RAO, BECKWITH = worker("anita-rao"), worker("thomas-beckwith")
TATE, SHAH = worker("lorraine-tate"), worker("imran-shah")

PROBLEMS = (
    ("blood-pressure", c.HYPERTENSION, "1999", date(1999, 6, 14), ""),
    ("arthritis", c.ARTHRITIS, "2004", date(2004, 2, 9), "Knees and hands. Stiff in the mornings."),
    ("hearing", c.HEARING_LOSS, "2009", date(2009, 10, 1), "Hearing aids in both ears since 2009."),
    ("kidney", c.KIDNEY, "2012-05", date(2012, 5, 21), "Slow decline; bloods twice a year."),
    (
        "fibrillation",
        c.FIBRILLATION,
        "2013-04",
        date(2013, 4, 18),
        "Takes warfarin. INR to be kept between 2 and 3.",
    ),
    (
        "osteoporosis",
        c.OSTEOPOROSIS,
        "2014-09",
        date(2014, 9, 30),
        "Found after she broke a wrist.",
    ),
    (
        "heart-failure",
        c.HEART_FAILURE,
        "2015-03",
        date(2015, 3, 12),
        "Mild. Breathless on the hill. Ring if weight goes up 2 kg in three days.",
    ),
    (
        "frailty",
        c.MODERATE_FRAILTY,
        "2017-10",
        date(2017, 10, 24),
        "Found at the yearly check for people over 75, and agreed with Joyce.",
    ),
)

MEDICINES = (
    (
        "warfarin",
        "Warfarin 1 mg tablets",
        "As the yellow book says; at present 3 mg each evening",
        date(2013, 4, 25),
        None,
        c.FIBRILLATION,
        "",
    ),
    (
        "bisoprolol",
        "Bisoprolol 2.5 mg tablets",
        "One each morning",
        date(2013, 4, 25),
        None,
        c.FIBRILLATION,
        "",
    ),
    (
        "furosemide",
        "Furosemide 40 mg tablets",
        "One each morning",
        date(2015, 3, 12),
        None,
        c.HEART_FAILURE,
        "",
    ),
    (
        "ramipril",
        "Ramipril 5 mg capsules",
        "One each morning",
        date(2012, 5, 21),
        None,
        c.HYPERTENSION,
        "",
    ),
    (
        "alendronic",
        "Alendronic acid 70 mg tablets",
        "One each Sunday, sitting up, with a full glass of water",
        date(2014, 9, 30),
        None,
        c.OSTEOPOROSIS,
        "",
    ),
    (
        "calcium",
        "Calcium carbonate 1.5 g and colecalciferol 400 unit tablets",
        "One twice a day",
        date(2014, 9, 30),
        None,
        c.OSTEOPOROSIS,
        "",
    ),
    (
        "paracetamol",
        "Paracetamol 500 mg tablets",
        "Two up to four times a day, for pain",
        date(2004, 2, 9),
        None,
        c.ARTHRITIS,
        "",
    ),
    (
        "amlodipine",
        "Amlodipine 5 mg tablets",
        "One each morning",
        date(2006, 1, 16),
        date(2015, 3, 12),
        c.HYPERTENSION,
        "Stopped: her ankles swelled.",
    ),
    (
        "amitriptyline",
        "Amitriptyline 10 mg tablets",
        "One at night",
        date(2016, 6, 7),
        date(2017, 12, 5),
        c.ARTHRITIS,
        "Stopped after her fall: it can cause dizziness on standing.",
    ),
)

# Day, eGFR, creatinine, potassium, haemoglobin.
BLOODS = (
    (date(2013, 4, 18), 58, 84, "4.3", 129),
    (date(2014, 4, 15), 56, 87, "4.4", 128),
    (date(2015, 3, 12), 54, 90, "4.2", 126),
    (date(2015, 10, 6), 51, 94, "4.5", 126),
    (date(2016, 4, 12), 49, 97, "4.6", 124),
    (date(2016, 11, 8), 47, 101, "4.5", 123),
    (date(2017, 5, 16), 46, 103, "4.7", 121),
    (date(2017, 11, 24), 44, 107, "4.8", 119),
)
CLOTTING = (
    (date(2017, 2, 14), "2.4"),
    (date(2017, 4, 11), "2.6"),
    (date(2017, 6, 6), "2.1"),
    (date(2017, 8, 1), "2.8"),
    (date(2017, 9, 26), "2.5"),
    (date(2017, 11, 7), "3.1"),
    (date(2017, 11, 24), "2.4"),
    (date(2017, 12, 19), "2.6"),
)
# Day, upper and lower blood pressure, weight in kg.
CHECKS = (
    (date(2013, 10, 8), 148, 82, "71.2"),
    (date(2014, 10, 14), 144, 80, "69.8"),
    (date(2015, 10, 6), 138, 78, "68.9"),
    (date(2016, 10, 11), 134, 74, "66.5"),
    (date(2017, 5, 16), 130, 72, "65.0"),
    (date(2017, 10, 24), 126, 70, "63.8"),
    (date(2017, 12, 5), 118, 66, "63.4"),
)

CONTACTS = (
    (date(2014, 2, 24), 15, "Talked about her husband's death", "VR", RAO),
    (date(2014, 9, 30), 10, "Seen about her wrist and her bones", "AMB", RAO),
    (date(2015, 3, 12), 11, "Seen: short of breath on the hill", "AMB", RAO),
    (date(2016, 3, 17), 9, "Seen: slipped on the back step, bruised", "AMB", BECKWITH),
    (date(2016, 6, 7), 14, "Seen: knees keeping her awake", "AMB", BECKWITH),
    (date(2017, 10, 24), 10, "Yearly check for people over 75", "AMB", TATE),
    (date(2017, 11, 21), 13, "Home visit: fell getting out of bed", "HH", RAO),
    (date(2017, 12, 5), 11, "Medicines looked at together", "AMB", SHAH),
    (date(2017, 12, 19), 9, "Warfarin clinic", "AMB", TATE),
)

HOME_VISIT = """Seen at home at Susan's request, two days after a fall.
Got up in the night for the toilet, felt giddy, went down by the bed. On the floor about forty
minutes before she could pull herself up. Bruised right hip, nothing broken. Did not want to
trouble anybody.
Blood pressure 124/68 lying, 98/58 standing. House tidy, little in the fridge. Says she is managing.
I am not so sure, and nor is Susan.
Plan: bloods; pharmacist to look at her tablets; falls clinic; Susan to ring the council.
"""

ABOUT = (
    (
        "What matters most to me",
        "My own home and my own front door. I have lived in Orchard Row for fifty-one years and I "
        "mean to stay. Sunday lunch with Susan. My garden, even if it is only through the window.",
    ),
    (
        "People who are important to me",
        "My daughter Susan, who rings every evening at six. My grandson Ben, away at university. "
        "Pat next door, who has a key and puts my bins out. I lost my husband Ron in 2014.",
    ),
    (
        "How to talk with me",
        "I wear two hearing aids. Look at me when you speak and turn the television off. I will "
        "not ask three times, I will just nod, so please check I have heard. Large print for "
        "anything I am to keep.",
    ),
    (
        "Please do",
        "Call me Joyce. Let me do what I can do, even when it is slow. Leave my stick where I can "
        "reach it. Tea, no sugar.",
    ),
    (
        "Please do not",
        "Talk over my head to Susan. Move my glasses. Decide things and tell me afterwards.",
    ),
    (
        "How I am on an ordinary day",
        "Up at seven, porridge, the crossword. I walk to the corner shop on Tuesdays and Fridays. "
        "I cooked dinners for four hundred children for twenty-six years, so I can see to myself.",
    ),
    (
        "How and when I need help",
        "My knees are stiff first thing. I like someone in the house when I have a bath. The big "
        "shop is too heavy for me now. I do my own tablets, from the box with the days on.",
    ),
    (
        "Also worth knowing",
        "Marigold is my cat. If I am ever away, somebody has to feed her. Pat knows where it is.",
    ),
)


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
            at(day, hour),
            at(day, hour, 45 if kind == "HH" else 15),
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
