"""What Fosse Lane Surgery has written about everybody who is not of the cast.

Drawn by chance from the person's age and conditions. Nothing is written after a death.
"""

from datetime import date, timedelta
from random import Random

from joinedup.demo import codes as c
from joinedup.demo.cast import STAFF, SURGERY, TODAY, worker
from joinedup.demo.circle import circle, needs
from joinedup.demo.clinical import (
    allergy,
    blood_pressure,
    condition,
    immunization,
    measurement,
    medicine,
    no_allergies,
    stated,
)
from joinedup.demo.events import appointment, encounter
from joinedup.demo.health import ALLERGIES, Illness, illnesses_of, tests_of
from joinedup.demo.identity import patient
from joinedup.demo.people import chance_of
from joinedup.demo.shape import Outline, Worker
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["allergies_of", "at_the_surgery"]

DOCTORS = tuple(w for w in STAFF if w.organisation == SURGERY.code and w.post == "GP")
NURSE = worker("lorraine-tate")
CONTACTS = (
    ("AMB", "Seen: chest infection"),
    ("AMB", "Seen: painful knee"),
    ("AMB", "Seen: tired"),
    ("AMB", "Seen: rash"),
    ("AMB", "Seen: dizzy spells"),
    ("AMB", "Blood pressure check"),
    ("AMB", "Medicines looked at together"),
    ("AMB", "Yearly check"),
    ("VR", "Telephone call: results"),
    ("VR", "Telephone call: repeat prescription"),
    ("VR", "Telephone call: cough"),
    ("HH", "Home visit"),
)
CHILD_CONTACTS = (("AMB", "Seen: ear ache"), ("AMB", "Seen: fever"), ("AMB", "Seen: rash"))


def allergies_of(person: Outline, seed: int) -> tuple[int, ...]:
    """Return which of `ALLERGIES` a person has; every organisation that asks is told the same."""
    chance = chance_of(seed, person.id, "allergies")
    return tuple(n for n, row in enumerate(ALLERGIES) if chance.random() < row[5])


def _years_ago(chance: Random, person: Outline, most: int) -> date:
    """Return a working day up to `most` years ago, after birth and before death."""
    last = (person.died or TODAY) - timedelta(days=30)
    first = max(person.born + timedelta(days=60), last - timedelta(days=365 * most))
    return first + timedelta(days=chance.randint(0, max((last - first).days, 0)))


def _allergies(pen: Pen, seed: int, chance: Random, doctor: Worker) -> list[Resource]:
    found = allergies_of(pen.person, seed)
    day = _years_ago(chance, pen.person, 15)
    if not found:
        asked = no_allergies(pen, "allergies-asked", c.NO_DRUG_ALLERGY, author=doctor, recorded=day)
        return [asked] if chance.random() < 0.8 else []
    return [
        allergy(
            pen,
            f"allergy-{what}",
            code,
            reaction,
            author=doctor,
            recorded=day,
            category=category,
            severity=severity,
        )
        for what, code, category, reaction, severity, _ in (ALLERGIES[n] for n in found)
    ]


def _illness(pen: Pen, illness: Illness, chance: Random, doctor: Worker) -> list[Resource]:
    begun = _years_ago(chance, pen.person, 14)
    problem = condition(
        pen,
        f"problem-{illness.what}",
        illness.code,
        f"{begun:%Y-%m}",
        author=doctor,
        recorded=begun,
    )
    medicines = [
        medicine(
            pen,
            f"medicine-{illness.what}-{n}",
            drug,
            dose,
            author=doctor,
            since=begun,
            until=pen.person.died,
            reason=illness.code,
        )
        for n, (drug, dose) in enumerate(illness.medicines, 1)
    ]
    return [problem, *medicines]


def _tests(pen: Pen, illnesses: tuple[Illness, ...], chance: Random) -> list[Resource]:
    last = pen.person.died or TODAY
    written: list[Resource] = []
    years = range(5 if pen.person.age(TODAY) >= 65 else 3, 0, -1)
    for test in tests_of(illnesses):
        middle = chance.gauss(test.middle, test.scatter)
        for ago in years:
            day = last - timedelta(days=365 * ago - chance.randint(40, 300))
            value = max(middle - test.drift * ago + chance.gauss(0, test.scatter / 3), 0.1)
            what = f"{test.what}-{day}"
            when = at(day, 16, 5)
            written.append(
                measurement(pen, what, test.measure, f"{value:.3f}", when=when, author=NURSE)
            )
    return written


def _checks(pen: Pen, chance: Random) -> list[Resource]:
    last = pen.person.died or TODAY
    age = pen.person.age(TODAY)
    if age < 18:
        return []
    upper, weight = 118 + age * 0.3 + chance.gauss(0, 8), chance.gauss(76, 12)
    written: list[Resource] = []
    for ago in range(6 if age >= 65 else 3, 0, -1):
        day = last - timedelta(days=365 * ago - chance.randint(30, 320))
        when = at(day, 10, chance.choice((0, 10, 20, 30, 40)))
        pair = (round(upper + chance.gauss(0, 6)), round(upper * 0.56 + chance.gauss(0, 4)))
        value = f"{max(weight + chance.gauss(0, 1.2), 38):.1f}"
        written.append(blood_pressure(pen, f"pressure-{day}", pair, when=when, author=NURSE))
        written.append(measurement(pen, f"weight-{day}", c.WEIGHT, value, when=when, author=NURSE))
    smoking = chance.choice(("Never smoked.", "Never smoked.", "Stopped smoking.", "Smokes."))
    seen = at(last - timedelta(days=120), 10, 30)
    return [*written, stated(pen, "smoking", c.SMOKING, smoking, when=seen, author=NURSE)]


def _vaccinations(pen: Pen, chance: Random) -> list[Resource]:
    person = pen.person
    given: list[Resource] = []
    if person.age(TODAY) < 18:
        day = person.born + timedelta(days=chance.randint(370, 420))
        return [immunization(pen, "mmr", c.CHILD_VACCINE, day, author=NURSE)] if day < TODAY else []
    for year in range(2012, 2018):
        day = date(year, 10, chance.randint(2, 28))
        old_enough = person.age(day) >= 65
        if old_enough and day < (person.died or TODAY) and chance.random() < 0.72:
            given.append(immunization(pen, f"flu-{year}", c.FLU_VACCINE, day, author=NURSE))
    if person.age(date(2017, 1, 1)) >= 66 and chance.random() < 0.7:
        day = date(max(2006, person.born.year + 65), 11, chance.randint(2, 25))
        given.append(immunization(pen, "pneumococcal", c.PNEUMOCOCCAL_VACCINE, day, author=NURSE))
    return given


def _contacts(pen: Pen, chance: Random, doctor: Worker) -> list[Resource]:
    age = pen.person.age(TODAY)
    choices = CHILD_CONTACTS if age < 18 else CONTACTS if age >= 75 else CONTACTS[:-1]
    days = {_years_ago(chance, pen.person, 3) for _ in range(chance.randint(2, 4) + age // 15)}
    written: list[Resource] = []
    for day in sorted(days):
        kind, title = chance.choice(choices)
        start = at(day, chance.randint(9, 16), chance.choice((0, 10, 20, 30, 40)))
        seen_by = doctor if chance.random() < 0.7 else NURSE
        end = start + timedelta(minutes=10)
        written.append(
            encounter(pen, f"contact-{day}", kind, title, start=start, end=end, author=seen_by)
        )
    return written


def _booked(pen: Pen, chance: Random, doctor: Worker) -> list[Resource]:
    """Return an appointment for one person in twelve: today, or in the next fortnight."""
    if pen.person.died or chance.random() > 1 / 12:
        return []
    day = TODAY + timedelta(days=chance.choice((0, 0, 1, 2, 3, 6, 7, 8, 9, 10)))
    start = at(day, chance.randint(10, 16), chance.choice((0, 10, 20, 30, 40, 50)))
    end = start + timedelta(minutes=10)
    made = TODAY - timedelta(days=chance.randint(1, 12))
    title = "See the doctor"
    return [appointment(pen, "booked", title, start, end, who=[by(doctor)], made=made)]


def at_the_surgery(person: Outline, seed: int) -> list[Resource]:
    """Return everything the surgery has written about a person, the master Patient first."""
    pen = Pen(SURGERY.code, person)
    chance = chance_of(seed, person.id, "surgery")
    doctor = chance.choice(DOCTORS)
    registered = _years_ago(chance, person, 20)
    illnesses = illnesses_of(person, chance_of(seed, person.id, "illnesses"))
    return [
        patient(pen, registered),
        *_allergies(pen, seed, chance, doctor),
        *(entry for i in illnesses for entry in _illness(pen, i, chance, doctor)),
        *needs(pen, illnesses, chance, doctor, NURSE),
        *circle(pen, chance, doctor, registered),
        *_checks(pen, chance),
        *_tests(pen, illnesses, chance),
        *_vaccinations(pen, chance),
        *_contacts(pen, chance, doctor),
        *_booked(pen, chance, doctor),
    ]
