"""What Marlbrook General Hospital has written about everybody who is not of the cast.

About half have been there; a ward's worth lie there this morning. Nothing follows a death, and
the hospital's allergies are the surgery's: the tour has one disagreement, and it is Joyce's.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from joinedup.demo import codes as c
from joinedup.demo.cast import HOSPITAL, TODAY, WARD, worker
from joinedup.demo.clinical import (
    blood_pressure,
    condition,
    measurement,
    prescription,
    procedure,
    report,
)
from joinedup.demo.events import alert, appointment, care_team, encounter, staying
from joinedup.demo.identity import patient
from joinedup.demo.people import chance_of
from joinedup.demo.shape import Outline
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["beds_today", "in_hospital"]

MARSH, ODUYA, OKAFOR = worker("helen-marsh"), worker("samuel-oduya"), worker("james-okafor")
ADEYEMI, NOWAK = worker("grace-adeyemi"), worker("tomasz-nowak")
REID, BEGUM = worker("callum-reid"), worker("aisha-begum")
# Beds of Ward 7 with somebody in them; 12 is Joyce's, and 4 was Desmond's.
FULL_BEDS = (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 22)
REASONS = (
    c.PNEUMONIA,
    c.URINE_INFECTION,
    c.HEART_FAILURE,
    c.Code("Fall at home"),
    c.Code("Flare-up of COPD"),
    c.Code("Chest pain"),
)
OPERATIONS = (
    c.CATARACT_SURGERY,
    c.HIP_REPLACEMENT,
    c.KNEE_REPLACEMENT,
    c.GALLBLADDER_REMOVED,
    c.APPENDIX_REMOVED,
)
CLINICS = ("Eye clinic", "Heart clinic", "Bones and joints clinic", "Diabetes clinic", "Ear clinic")


def beds_today(people: Sequence[Outline]) -> dict[str, int]:
    """Return who lies in which bed of Ward 7 this morning (Joyce apart), by person id."""
    older = [p for p in people if p.id.startswith("person-") and p.age(TODAY) >= 70 and not p.died]
    return {p.id: bed for p, bed in zip(older[::4], FULL_BEDS, strict=False)}


def _visits(pen: Pen, chance: Random, last: date) -> list[Resource]:
    written: list[Resource] = []
    for n in range(chance.choice((1, 1, 2, 3))):
        day = last - timedelta(days=chance.randint(60, 1400))
        if day <= pen.person.born:
            continue
        start = at(day, chance.randint(8, 20), chance.choice((5, 25, 45)))
        if chance.random() < 0.45:
            title, end = "Emergency department", start + timedelta(minutes=chance.randint(70, 235))
            reason = chance.choice(REASONS) if pen.person.age(day) > 40 else c.Code("Injury")
            written.append(
                encounter(
                    pen,
                    f"visit-{n}",
                    "EMER",
                    title,
                    start=start,
                    end=end,
                    author=OKAFOR,
                    reason=reason,
                )
            )
        else:
            title, end = chance.choice(CLINICS), start + timedelta(minutes=20)
            written.append(
                encounter(pen, f"visit-{n}", "AMB", title, start=start, end=end, author=MARSH)
            )
    return written


def _old_stay(pen: Pen, chance: Random, last: date) -> list[Resource]:
    """Return a finished stay, with an operation in every third."""
    came = at(last - timedelta(days=chance.randint(90, 1500)), chance.randint(9, 22), 30)
    left = came + timedelta(days=chance.randint(2, 16), hours=-chance.randint(1, 6))
    if chance.random() < 1 / 3:
        operation = chance.choice(OPERATIONS)
        done = procedure(pen, "operation", operation, start=came.date(), author=ODUYA)
        title = f"Stay: {operation.text.lower()}"
        stay = encounter(pen, "stay", "IMP", title, start=came, end=left, author=ODUYA)
        return [stay, done]
    reason = chance.choice(REASONS)
    title = f"Ward 7: {reason.text.lower()}"
    stay = encounter(pen, "stay", "IMP", title, start=came, end=left, author=MARSH, reason=reason)
    bed = chance.choice(FULL_BEDS)
    return [staying(stay, f"{WARD}-bed-{bed}", f"Bed {bed}, Ward 7", came)]


def _stay_today(pen: Pen, chance: Random, bed: int) -> list[Resource]:
    came = at(TODAY - timedelta(days=chance.randint(1, 19)), chance.randint(9, 23), 15)
    reason = chance.choice(REASONS)
    title = f"Ward 7: {reason.text.lower()}"
    stay = encounter(
        pen, "stay-now", "IMP", title, start=came, end=None, author=MARSH, reason=reason
    )
    in_bed = staying(stay, f"{WARD}-bed-{bed}", f"Bed {bed}, Ward 7", came + timedelta(hours=5))
    team = care_team(pen, "team", "Ward 7", [ADEYEMI, MARSH, REID, BEGUM, NOWAK], since=came.date())
    problem = condition(
        pen, "problem-now", reason, came.date().isoformat(), author=OKAFOR, recorded=came
    )
    words = "Needs somebody beside them when walking."
    falls = alert(pen, "alert-falls", "OTH", c.FALLS_RISK, words, since=came.date(), author=ADEYEMI)
    drug = prescription(
        pen,
        "medicine-now",
        "Paracetamol 500 mg tablets",
        "Two four times a day",
        author=MARSH,
        written=came + timedelta(hours=1),
        encounter=stay["id"],
    )
    return [in_bed, team, problem, falls, drug, *_ward_results(pen, chance, came)]


def _ward_results(pen: Pen, chance: Random, came: datetime) -> list[Resource]:
    written: list[Resource] = []
    inflammation = chance.uniform(40, 190)
    for n in range(0, (TODAY - came.date()).days + 1, 3):
        day = came.date() + timedelta(days=n)
        when = came + timedelta(hours=1) if n == 0 else at(day, 7, 20)
        if when.date() == TODAY and when > at(TODAY, 9):
            continue
        inflammation *= chance.uniform(0.45, 0.8)
        values = (
            ("crp", c.CRP, inflammation),
            ("egfr", c.EGFR, chance.gauss(58, 8)),
            ("haemoglobin", c.HAEMOGLOBIN, chance.gauss(116, 6)),
        )
        results = [
            measurement(pen, f"{what}-{day}", measure, f"{value:.2f}", when=when, author=MARSH)
            for what, measure, value in values
        ]
        title = "Blood count and kidney function"
        written += [*results, report(pen, f"bloods-{day}", title, results, when=when, author=MARSH)]
    pair = (round(chance.gauss(128, 10)), round(chance.gauss(72, 6)))
    early = at(TODAY, 6, 20)
    return [*written, blood_pressure(pen, "pressure-today", pair, when=early, author=ADEYEMI)]


def _clinic_ahead(pen: Pen, chance: Random) -> list[Resource]:
    day = TODAY + timedelta(days=chance.randint(0, 40))
    start = at(day, chance.randint(10, 16), chance.choice((0, 15, 30, 45)))
    made, who = TODAY - timedelta(days=chance.randint(5, 60)), [by(MARSH)]
    end = start + timedelta(minutes=20)
    return [appointment(pen, "clinic", chance.choice(CLINICS), start, end, who=who, made=made)]


def in_hospital(person: Outline, seed: int, bed: int = 0) -> list[Resource]:
    """Return what the hospital has written about a person; nothing where it never met them."""
    chance = chance_of(seed, person.id, "hospital")
    age = person.age(TODAY)
    share = 0.25 if age < 40 else 0.4 if age < 65 else 0.62
    if not bed and chance.random() > share:
        return []
    pen, last = Pen(HOSPITAL.code, person), person.died or TODAY
    written = _visits(pen, chance, last)
    if age >= 60 and chance.random() < 0.45:
        written += _old_stay(pen, chance, last)
    if bed:
        written += _stay_today(pen, chance, bed)
    elif not person.died and chance.random() < 0.12:
        written += _clinic_ahead(pen, chance)
    if not written:
        return []
    first = min(str(entry["meta"]["lastUpdated"]) for entry in written)
    return [patient(pen, date.fromisoformat(first[:10])), *written]
