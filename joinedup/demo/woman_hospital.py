"""What Marlbrook General Hospital has written about Joyce Hallam: 2011, 2014, and this month.

Invented. One statement here disagrees with her surgery: asked at midnight, in pain and without
her hearing aids, she was put down as having no known drug allergies.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import BED, DAUGHTER, HOSPITAL, WOMAN, worker
from joinedup.demo.clinical import (
    blood_pressure,
    condition,
    measurement,
    no_allergies,
    prescription,
    procedure,
    report,
    stated,
)
from joinedup.demo.events import (
    adjustment,
    alert,
    appointment,
    care_plan,
    care_team,
    encounter,
    goal,
    letter,
    staying,
)
from joinedup.demo.identity import patient
from joinedup.demo.woman_stay import (
    BLOODS,
    CLOTTING,
    MEDICINES,
    OPERATION_NOTE,
    STEPS,
    THERAPY_NOTE,
    WALKING,
    WARD_CHECKS,
    WARD_ROUND,
)
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["woman_in_hospital"]

PEN = Pen(HOSPITAL.code, WOMAN)
MARSH, ODUYA, OKAFOR = worker("helen-marsh"), worker("samuel-oduya"), worker("james-okafor")
ADEYEMI, NOWAK = worker("grace-adeyemi"), worker("tomasz-nowak")
REID, BEGUM = worker("callum-reid"), worker("aisha-begum")
STAY = PEN.name("stay-2018")


def _earlier() -> list[Resource]:
    eye, wrist = date(2011, 6, 22), date(2014, 8, 16)
    return [
        encounter(
            PEN,
            "cataract-2011",
            "AMB",
            "Day case: cataract operation",
            start=at(eye, 8),
            end=at(eye, 13),
            author=MARSH,
            reason=c.CATARACT,
        ),
        procedure(
            PEN,
            "cataract-surgery",
            c.CATARACT_SURGERY,
            start=eye,
            author=ODUYA,
            note="Right eye.",
        ),
        encounter(
            PEN,
            "emergency-2014",
            "EMER",
            "Emergency department: fell from a kitchen step",
            start=at(wrist, 17, 5),
            end=at(wrist, 21, 40),
            author=OKAFOR,
            reason=c.WRIST_FRACTURE,
        ),
        encounter(
            PEN,
            "stay-2014",
            "IMP",
            "Ward 7: broken wrist",
            start=at(wrist, 21, 40),
            end=at(date(2014, 8, 22), 14),
            author=MARSH,
            reason=c.WRIST_FRACTURE,
        ),
        _heart_scan(),
    ]


def _heart_scan() -> Resource:
    return report(
        PEN,
        "heart-scan-2015",
        "Heart scan (echocardiogram)",
        (),
        when=at(date(2015, 3, 3), 15),
        author=MARSH,
        conclusion="Pumping slightly reduced; left upper chamber enlarged. No valve needs "
        "doing anything about.",
        category="CUS",
    )


def _x_ray() -> Resource:
    return report(
        PEN,
        "x-ray-2018",
        "X-ray of the right hip",
        (),
        when=at(date(2018, 1, 4), 22, 15),
        author=OKAFOR,
        conclusion="Broken neck of the right femur, displaced.",
        category="RAD",
    )


def _stay() -> list[Resource]:
    fell, admitted = date(2018, 1, 4), at(date(2018, 1, 5), 0, 10)
    emergency = encounter(
        PEN,
        "emergency-2018",
        "EMER",
        "Emergency department: fell at home",
        start=at(fell, 20, 55),
        end=admitted,
        author=OKAFOR,
        reason=c.HIP_FRACTURE,
    )
    stay = encounter(
        PEN,
        "stay-2018",
        "IMP",
        "Ward 7: broken hip",
        start=admitted,
        end=None,
        author=MARSH,
        reason=c.HIP_FRACTURE,
    )
    operation = procedure(
        PEN,
        "operation-2018",
        c.Code("Half hip replacement, right (hemiarthroplasty)"),
        start=at(date(2018, 1, 5), 15, 20),
        end=at(date(2018, 1, 5), 16, 35),
        author=ODUYA,
        note=OPERATION_NOTE,
    )
    broken = condition(
        PEN,
        "problem-hip",
        c.HIP_FRACTURE,
        fell.isoformat(),
        author=OKAFOR,
        recorded=at(fell, 22, 30),
        note="Tripped on the landing at six, going to answer the telephone. It was Susan, who rang "
        "the neighbour, who found her.",
    )
    in_bed = staying(stay, BED, "Bed 12, Ward 7", at(date(2018, 1, 5), 18, 40))
    return [emergency, in_bed, _x_ray(), operation, broken]


def _warnings() -> list[Resource]:
    here = date(2018, 1, 5)
    return [
        no_allergies(
            PEN,
            "allergies-asked",
            c.NO_DRUG_ALLERGY,
            author=OKAFOR,
            recorded=at(date(2018, 1, 4), 23, 40),
            note="Asked on arrival. In pain, and without her hearing aids.",
        ),
        alert(
            PEN,
            "alert-falls",
            "OTH",
            c.FALLS_RISK,
            "High risk of falls on the ward: frame within reach, slippers on, bed low at night.",
            since=here,
            author=ADEYEMI,
        ),
        alert(
            PEN,
            "alert-skin",
            "OTH",
            c.Code("Risk of pressure sores"),
            "Skin at risk: heels and lower back looked at each shift. All clear so far.",
            since=here,
            author=ADEYEMI,
        ),
        adjustment(
            PEN,
            "need-hearing",
            c.HEARING_AID,
            "Her hearing aids came in with Susan on 6 January and are in the top drawer at night.",
            since=date(2018, 1, 6),
            author=ADEYEMI,
        ),
    ]


def _medicines() -> list[Resource]:
    return [
        prescription(
            PEN,
            f"medicine-{what}",
            drug,
            dose,
            author=MARSH,
            written=written,
            status=status,
            encounter=STAY,
            note=note,
        )
        for what, drug, dose, written, status, note in MEDICINES
    ]


def _results() -> list[Resource]:
    written: list[Resource] = []
    for day, egfr, creatinine, potassium, haemoglobin, inflammation in BLOODS:
        values = (
            ("egfr", c.EGFR, egfr),
            ("creatinine", c.CREATININE, creatinine),
            ("potassium", c.POTASSIUM, potassium),
            ("haemoglobin", c.HAEMOGLOBIN, haemoglobin),
            ("crp", c.CRP, inflammation),
        )
        when = at(day, 23 if day == date(2018, 1, 4) else 7, 20)
        results = [
            measurement(PEN, f"{what}-{day}", measure, value, when=when, author=MARSH)
            for what, measure, value in values
        ]
        title = "Blood count and kidney function"
        written += [
            *results,
            report(PEN, f"bloods-{day}", title, results, when=when, author=MARSH),
        ]
    return [
        *written,
        *(
            measurement(PEN, f"inr-{when:%m-%d}", c.INR, value, when=when, author=MARSH)
            for when, value in CLOTTING
        ),
    ]


def _ward_checks() -> list[Resource]:
    written: list[Resource] = []
    for day, pair, pulse, oxygen, temperature in WARD_CHECKS:
        when = at(day, 6, 10)
        written += [
            blood_pressure(PEN, f"pressure-{day}", pair, when=when, author=ADEYEMI),
            measurement(PEN, f"pulse-{day}", c.PULSE, pulse, when=when, author=ADEYEMI),
            measurement(PEN, f"oxygen-{day}", c.OXYGEN, oxygen, when=when, author=ADEYEMI),
            measurement(
                PEN, f"temperature-{day}", c.TEMPERATURE, temperature, when=when, author=ADEYEMI
            ),
        ]
    for day, weight in ((date(2018, 1, 8), "61.8"), (date(2018, 1, 15), "61.2")):
        written.append(
            measurement(PEN, f"weight-{day}", c.WEIGHT, weight, when=at(day, 7, 30), author=ADEYEMI)
        )
    walking = [
        stated(
            PEN,
            f"walking-{when:%m-%d}",
            c.Code("Walking"),
            words,
            when=when,
            author=BEGUM,
            category="survey",
        )
        for when, words in WALKING
    ]
    return [*written, *walking]


def _plans() -> list[Resource]:
    started = date(2018, 1, 8)
    goals = [
        goal(PEN, "goal-home", "To go home to Orchard Row.", started=started, author=PEN.patient),
        goal(
            PEN,
            "goal-stairs",
            "To get up my own stairs to my own bed.",
            started=started,
            author=PEN.patient,
        ),
    ]
    plan = care_plan(
        PEN,
        "plan",
        "Getting Joyce home",
        STEPS,
        author=MARSH,
        since=started,
        words="I want to be in my own bed, and I want to be asked.",
        goals=goals,
    )
    team = care_team(
        PEN, "team", "Ward 7", [ADEYEMI, MARSH, REID, BEGUM, NOWAK], since=date(2018, 1, 5)
    )
    return [*goals, plan, team]


def _today() -> list[Resource]:
    day, made = date(2018, 1, 16), at(date(2018, 1, 15), 16)
    susan = {"display": "Susan Whitlock, daughter"}
    return [
        appointment(
            PEN,
            "physiotherapy-today",
            "Physiotherapy: practising the stairs",
            at(day, 11, 30),
            at(day, 12),
            who=[by(BEGUM)],
            made=made,
        ),
        appointment(
            PEN,
            "family-meeting",
            "Joyce and Susan meet the ward team",
            at(day, 14),
            at(day, 14, 30),
            who=[by(NOWAK), by(REID), susan],
            made=made,
            note="Ward 7 day room. Susan is driving over; her mobile is "
            f"{DAUGHTER.mobile}. Hearing aids in.",
        ),
        appointment(
            PEN,
            "hip-clinic",
            "Hip clinic",
            at(date(2018, 2, 20), 10, 15),
            at(date(2018, 2, 20), 10, 35),
            who=[by(ODUYA)],
            made=at(date(2018, 1, 12), 9),
        ),
    ]


def _notes() -> list[Resource]:
    return [
        letter(
            PEN,
            "note-therapy",
            "Therapy assessment",
            THERAPY_NOTE,
            author=REID,
            written=at(date(2018, 1, 15), 15, 50),
        ),
        letter(
            PEN,
            "note-ward-round",
            "Ward round, Tuesday 16 January",
            WARD_ROUND,
            author=MARSH,
            written=at(date(2018, 1, 16), 9, 20),
        ),
    ]


def woman_in_hospital() -> list[Resource]:
    """Return everything the hospital has written about Joyce, its own Patient first."""
    contact = {
        "relationship": [{"text": "Daughter, next of kin"}],
        "name": {"family": DAUGHTER.family, "given": [DAUGHTER.given[0]]},
        "telecom": [{"system": "phone", "value": DAUGHTER.mobile, "use": "mobile"}],
    }
    return [
        patient(PEN, date(2018, 1, 4), contact=[contact]),
        *_earlier(),
        *_stay(),
        *_warnings(),
        *_medicines(),
        *_results(),
        *_ward_checks(),
        *_plans(),
        *_today(),
        *_notes(),
    ]
