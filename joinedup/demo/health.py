"""How likely each long-term condition is at each age, and what it brings: medicines and tests.

Rough shares of an English general practice, for an invented place only; no page shows them.
"""

from random import Random

from msgspec import Struct

from joinedup.demo import codes as c
from joinedup.demo.cast import TODAY
from joinedup.demo.codes import Code, Measure
from joinedup.demo.shape import Outline

__all__ = ["ALLERGIES", "ILLNESSES", "Illness", "YearlyTest", "illnesses_of", "tests_of"]


class YearlyTest(Struct, frozen=True):
    """A yearly test: its middle value, how it drifts a year, and how much it scatters."""

    what: str
    measure: Measure
    middle: float
    drift: float
    scatter: float


class Illness(Struct, frozen=True):
    """A long-term condition; shares are of people under 40, to 64, to 79, and 80 and over."""

    what: str
    code: Code
    shares: tuple[float, float, float, float]
    medicines: tuple[tuple[str, str], ...] = ()
    tests: tuple[YearlyTest, ...] = ()


KIDNEYS = YearlyTest("egfr", c.EGFR, 76, -1.2, 3)
SALTS = YearlyTest("potassium", c.POTASSIUM, 4.4, 0.02, 0.25)
SUGAR = YearlyTest("hba1c", c.HBA1C, 56, 0.6, 4)
BLOOD = YearlyTest("haemoglobin", c.HAEMOGLOBIN, 132, -0.6, 4)
FATS = YearlyTest("cholesterol", c.CHOLESTEROL_LEVEL, 4.8, -0.1, 0.4)
THYROID_TEST = YearlyTest("thyroid", c.THYROID_LEVEL, 2.4, 0.0, 0.6)
CLOTTING = YearlyTest("inr", c.INR, 2.5, 0.0, 0.3)

ILLNESSES = (
    Illness(
        "pressure",
        c.HYPERTENSION,
        (0.02, 0.24, 0.52, 0.64),
        (("Amlodipine 5 mg tablets", "One each morning"), ("Ramipril 5 mg capsules", "One a day")),
        (KIDNEYS, SALTS),
    ),
    Illness(
        "diabetes",
        c.DIABETES,
        (0.01, 0.09, 0.17, 0.17),
        (("Metformin 500 mg tablets", "One twice a day with food"),),
        (SUGAR, KIDNEYS, FATS),
    ),
    Illness(
        "cholesterol",
        c.CHOLESTEROL,
        (0.0, 0.15, 0.32, 0.28),
        (("Atorvastatin 20 mg tablets", "One each night"),),
        (FATS,),
    ),
    Illness(
        "fibrillation",
        c.FIBRILLATION,
        (0.0, 0.02, 0.09, 0.2),
        (("Warfarin 1 mg tablets", "As the yellow book says"),),
        (CLOTTING, BLOOD),
    ),
    Illness(
        "heart-failure",
        c.HEART_FAILURE,
        (0.0, 0.01, 0.04, 0.13),
        (
            ("Furosemide 40 mg tablets", "One each morning"),
            ("Bisoprolol 2.5 mg tablets", "One each morning"),
        ),
        (KIDNEYS, SALTS),
    ),
    Illness(
        "angina",
        c.ANGINA,
        (0.0, 0.04, 0.12, 0.19),
        (("Glyceryl trinitrate spray", "One or two puffs under the tongue for chest pain"),),
        (FATS,),
    ),
    Illness(
        "lungs",
        c.COPD,
        (0.0, 0.04, 0.1, 0.12),
        (("Salbutamol 100 microgram inhaler", "Two puffs when needed"),),
    ),
    Illness(
        "asthma",
        c.ASTHMA,
        (0.12, 0.09, 0.08, 0.06),
        (("Salbutamol 100 microgram inhaler", "Two puffs when needed"),),
    ),
    Illness(
        "arthritis",
        c.ARTHRITIS,
        (0.0, 0.14, 0.36, 0.48),
        (("Paracetamol 500 mg tablets", "Two up to four times a day, for pain"),),
    ),
    Illness(
        "bones",
        c.OSTEOPOROSIS,
        (0.0, 0.02, 0.1, 0.2),
        (("Alendronic acid 70 mg tablets", "One each week, sitting up"),),
    ),
    Illness("kidney", c.KIDNEY, (0.0, 0.02, 0.13, 0.3), (), (KIDNEYS, BLOOD)),
    Illness(
        "thyroid",
        c.THYROID,
        (0.01, 0.05, 0.08, 0.1),
        (("Levothyroxine 75 microgram tablets", "One each morning before breakfast"),),
        (THYROID_TEST,),
    ),
    Illness(
        "depression",
        c.DEPRESSION,
        (0.08, 0.14, 0.1, 0.1),
        (("Sertraline 50 mg tablets", "One each morning"),),
    ),
    Illness("anxiety", c.ANXIETY, (0.07, 0.08, 0.05, 0.04)),
    Illness(
        "reflux",
        c.REFLUX,
        (0.02, 0.12, 0.2, 0.2),
        (("Omeprazole 20 mg capsules", "One each morning"),),
    ),
    Illness("migraine", c.MIGRAINE, (0.06, 0.06, 0.02, 0.01)),
    Illness("eczema", c.ECZEMA, (0.12, 0.04, 0.03, 0.03)),
    Illness(
        "stroke",
        c.STROKE,
        (0.0, 0.02, 0.07, 0.13),
        (("Clopidogrel 75 mg tablets", "One each morning"),),
        (FATS,),
    ),
    Illness("memory", c.DEMENTIA, (0.0, 0.0, 0.05, 0.18)),
    Illness("hearing", c.HEARING_LOSS, (0.0, 0.05, 0.2, 0.42)),
    Illness("cataract", c.CATARACT, (0.0, 0.02, 0.14, 0.3)),
    Illness(
        "parkinson",
        c.PARKINSON,
        (0.0, 0.0, 0.015, 0.03),
        (("Co-careldopa 25 mg/100 mg tablets", "One four times a day, on time"),),
    ),
)

# What, category, reaction, severity, share of people.
ALLERGIES = (
    ("penicillin", c.PENICILLIN, "medication", c.RASH, "moderate", 0.08),
    ("aspirin", c.Code("Aspirin"), "medication", c.UPSET_STOMACH, "mild", 0.02),
    ("codeine", c.Code("Codeine"), "medication", c.UPSET_STOMACH, "mild", 0.03),
    ("peanut", c.PEANUT, "food", c.SWELLING, "severe", 0.012),
    ("latex", c.LATEX, "environment", c.RASH, "mild", 0.012),
    ("trimethoprim", c.Code("Trimethoprim"), "medication", c.RASH, "mild", 0.02),
)


def illnesses_of(person: Outline, chance: Random) -> tuple[Illness, ...]:
    """Return the long-term conditions a person has, by chance and by age."""
    age = person.age(person.died or TODAY)
    band = 0 if age < 40 else 1 if age < 65 else 2 if age < 80 else 3
    return tuple(i for i in ILLNESSES if chance.random() < i.shares[band])


def tests_of(illnesses: tuple[Illness, ...]) -> tuple[YearlyTest, ...]:
    """Return the yearly tests those conditions call for, each once."""
    return tuple(dict.fromkeys(test for illness in illnesses for test in illness.tests))
