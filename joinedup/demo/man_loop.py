"""Desmond Clarke's finished loop: into hospital, asked for help, home with reablement, reviewed.

Invented. Hospital and council entries only; his surgery's are in `man_surgery`.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import COUNCIL, HOSPITAL, MAN, WARD, worker
from joinedup.demo.clinical import (
    condition,
    measurement,
    no_allergies,
    prescription,
    report,
    stated,
)
from joinedup.demo.council import Event, assessment, council_patient, request, review, service
from joinedup.demo.events import (
    appointment,
    care_plan,
    care_team,
    encounter,
    goal,
    letter,
    referral,
    staying,
)
from joinedup.demo.identity import patient
from joinedup.demo.writing import Pen, Resource, at

__all__ = ["MAN_EVENTS", "man_at_the_council", "man_in_hospital"]

WARD_PEN, COUNCIL_PEN = Pen(HOSPITAL.code, MAN), Pen(COUNCIL.code, MAN)
MARSH, OKAFOR, NOWAK = worker("helen-marsh"), worker("james-okafor"), worker("tomasz-nowak")
ADEYEMI, REID = worker("grace-adeyemi"), worker("callum-reid")
DUNN, PATEL = worker("rachel-dunn"), worker("jyoti-patel")
ADMITTED, LEFT = at(date(2017, 11, 27), 14, 20), at(date(2017, 12, 11), 11, 15)
REVIEWED = date(2018, 1, 8)

MAN_EVENTS: tuple[Event, ...] = (
    request(
        date(2017, 12, 6),
        date(2017, 12, 7),
        "Progress to assessment, review or reassessment",
        "Discharge from Hospital",
    ),
    assessment(
        date(2017, 12, 7),
        date(2017, 12, 8),
        "Progress to reablement/ST-Max",
        "Short term assessment",
    ),
    service(
        date(2017, 12, 11),
        REVIEWED,
        "NFA: Support ended as planned",
        ("Short term support: ST-Max", "Reablement"),
        hours="10.5",
        hour_cost="24.60",
    ),
    service(
        date(2017, 12, 11),
        date(2017, 12, 11),
        "NFA: Support ended as planned",
        ("Short term support: Ongoing low level", "Equipment"),
    ),
    review(
        REVIEWED,
        REVIEWED,
        "NFA: Support ended as planned",
        "Review of short term support",
        "Fully Met",
    ),
)
RESULTS = (
    (date(2017, 11, 27), "214", "128", "89"),
    (date(2017, 12, 1), "96", "124", "94"),
    (date(2017, 12, 5), "31", "125", "96"),
    (date(2017, 12, 10), "9", "127", "97"),
)
ASKED = (
    "Well enough to leave from Monday 11 December. Walks with a stick. Needs one person, morning "
    "and evening, to wash and dress and get his confidence back. Wife Hazel, 74, is willing and "
    "able to do meals and nights; asked on 5 December. Both agree to this being sent."
)
GOING_HOME = """Pneumonia, treated with antibiotics into a vein and then by mouth. Muddled for the
first four days; clear since. Legs weak after two weeks in bed.
Home on Monday 11 December with his wife and the council's reablement team, first visit at six.
Stick, perching stool and toilet frame delivered on the day.
Tablets as before. Antibiotics finished. Chest X-ray in six weeks.
"""
OUTCOME = """Four weeks of reablement end today. Desmond washes, dresses and shaves by himself.
Walks to the bowls club and back, with a stick. Back at bowls, watching, since Thursday.
He says: "I am where I was in the autumn, give or take a puff."
Hazel is content and knows how to ring. No further help needed. Closed.
"""


def _stay() -> list[Resource]:
    stay = encounter(
        WARD_PEN,
        "stay-2017",
        "IMP",
        "Ward 7: pneumonia",
        start=ADMITTED,
        end=LEFT,
        author=MARSH,
        reason=c.PNEUMONIA,
    ) | {"hospitalization": {"dischargeDisposition": {"text": "Home, his usual address"}}}
    illness = condition(
        WARD_PEN,
        "problem-pneumonia",
        c.PNEUMONIA,
        "2017-11-27",
        author=OKAFOR,
        recorded=at(date(2017, 11, 27), 15),
        ended=date(2017, 12, 11),
    )
    x_ray = report(
        WARD_PEN,
        "x-ray-2017",
        "Chest X-ray",
        (),
        when=at(date(2017, 11, 27), 15, 40),
        author=OKAFOR,
        conclusion="Shadowing at the base of the right lung, in keeping with pneumonia.",
        category="RAD",
    )
    antibiotic = prescription(
        WARD_PEN,
        "antibiotic",
        "Co-amoxiclav 1.2 g into a vein, then 625 mg tablets",
        "Three times a day for seven days",
        author=MARSH,
        written=at(date(2017, 11, 27), 16),
        status="completed",
        encounter=WARD_PEN.name("stay-2017"),
    )
    asked = no_allergies(
        WARD_PEN,
        "allergies-asked",
        c.NO_DRUG_ALLERGY,
        author=OKAFOR,
        recorded=at(date(2017, 11, 27), 15),
    )
    in_bed = staying(stay, f"{WARD}-bed-4", "Bed 4, Ward 7", at(date(2017, 11, 27), 18))
    return [in_bed, illness, x_ray, antibiotic, asked]


def _ward_results() -> list[Resource]:
    return [
        measurement(WARD_PEN, f"{what}-{day}", measure, value, when=at(day, 7, 20), author=MARSH)
        for day, *values in RESULTS
        for (what, measure), value in zip(
            (("crp", c.CRP), ("haemoglobin", c.HAEMOGLOBIN), ("oxygen", c.OXYGEN)),
            values,
            strict=True,
        )
    ]


def man_in_hospital() -> list[Resource]:
    """Return everything the hospital has written about Desmond, its own Patient first."""
    checked = date(2018, 1, 22)
    return [
        patient(WARD_PEN, date(2017, 11, 27)),
        *_stay(),
        *_ward_results(),
        stated(
            WARD_PEN,
            "walking-12-08",
            c.Code("Walking"),
            "Walks the length of the ward with a stick. Twelve stairs with a rail.",
            when=at(date(2017, 12, 8), 11),
            author=REID,
            category="survey",
        ),
        referral(
            WARD_PEN,
            "help-at-home",
            "Help at home after hospital",
            author=NOWAK,
            written=at(date(2017, 12, 6), 10, 30),
            to=COUNCIL.code,
            note=ASKED,
            status="completed",
        ),
        letter(
            WARD_PEN, "note-going-home", "Going home letter", GOING_HOME, author=MARSH, written=LEFT
        ),
        care_team(
            WARD_PEN,
            "team",
            "Ward 7",
            [ADEYEMI, MARSH, REID, NOWAK],
            since=date(2017, 11, 27),
            until=date(2017, 12, 11),
        ),
        appointment(
            WARD_PEN,
            "x-ray-again",
            "Chest X-ray",
            at(checked, 9, 15),
            at(checked, 9, 30),
            who=[{"display": "X-ray department"}],
            made=LEFT,
        ),
    ]


def man_at_the_council() -> list[Resource]:
    """Return what the council has written about Desmond besides its events."""
    began, author = date(2017, 12, 11), COUNCIL_PEN.patient
    goals = [
        goal(COUNCIL_PEN, f"goal-{what}", words, started=began, author=author, state="completed")
        for what, words in (
            ("wash", "To wash, dress and shave without anyone watching."),
            ("bowls", "To walk to the bowls club on my own."),
        )
    ]
    return [
        council_patient(MAN, date(2017, 12, 6)),
        *goals,
        care_plan(
            COUNCIL_PEN,
            "plan",
            "Reablement plan",
            (
                "Morning visit, 45 minutes: Desmond washes and dresses, we stand by",
                "Evening visit, 30 minutes: exercises, then bed",
                "Walk a little further each day: gate, corner, club",
                "Evening visits stop when he is ready (stopped on 22 December)",
            ),
            author=PATEL,
            since=began,
            until=REVIEWED,
            words="I want to be back at bowls by the New Year.",
            goals=goals,
        ),
        care_team(
            COUNCIL_PEN, "team", "Reablement team", [PATEL, DUNN], since=began, until=REVIEWED
        ),
        letter(
            COUNCIL_PEN,
            "note-review",
            "Review at the end of reablement",
            OUTCOME,
            author=PATEL,
            written=at(REVIEWED, 15),
        ),
    ]
