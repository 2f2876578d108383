"""The few codes the invented place writes with: SNOMED CT, LOINC and HL7's own.

SNOMED CT(R) is used in the UK under licence; only the few codes needed to tell the story are
here. Medicines carry words alone: dm+d is loaded at run time where a place holds it.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

__all__ = ["HL7", "LOINC", "NHS_NUMBER", "SNOMED", "UNITS", "Code", "Measure", "concept"]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UNITS = "http://unitsofmeasure.org"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
HL7 = "http://terminology.hl7.org/CodeSystem/"


class Code(Struct, frozen=True):
    """A thing with a name and, where there is one we may use, a code."""

    text: str
    code: str = ""
    system: str = SNOMED
    display: str = ""


class Measure(Struct, frozen=True):
    """Something measured: LOINC code, unit as shown, UCUM unit, places, and the usual range."""

    text: str
    code: str
    unit: str
    ucum: str
    places: int = 0
    low: str = ""
    high: str = ""
    category: str = "laboratory"


def concept(code: Code | str) -> dict[str, Any]:
    """Return a CodeableConcept; words alone give one with text only."""
    if isinstance(code, str):
        return {"text": code}
    if not code.code:
        return {"text": code.text}
    coding = {"system": code.system, "code": code.code, "display": code.display or code.text}
    return {"coding": [coding], "text": code.text}


# Problems.
HYPERTENSION = Code("High blood pressure", "38341003", display="Hypertensive disorder")
DIABETES = Code("Type 2 diabetes", "44054006", display="Diabetes mellitus type 2")
COPD = Code("COPD (long-term lung disease)", "13645005", display="Chronic obstructive lung disease")
ASTHMA = Code("Asthma", "195967001", display="Asthma")
FIBRILLATION = Code("Atrial fibrillation", "49436004", display="Atrial fibrillation")
HEART_FAILURE = Code("Heart failure", "84114007", display="Heart failure")
ANGINA = Code("Angina", "194828000", display="Angina")
ARTHRITIS = Code("Osteoarthritis", "396275006", display="Osteoarthritis")
OSTEOPOROSIS = Code("Osteoporosis", "64859006", display="Osteoporosis")
KIDNEY = Code(
    "Chronic kidney disease, stage 3", "433144002", display="Chronic kidney disease stage 3"
)
DEPRESSION = Code("Depression", "35489007", display="Depressive disorder")
ANXIETY = Code("Anxiety", "48694002", display="Anxiety")
DEMENTIA = Code("Dementia", "52448006", display="Dementia")
STROKE = Code("Stroke", "230690007", display="Cerebrovascular accident")
HEARING_LOSS = Code("Hearing loss, both ears", "15188001", display="Hearing loss")
CATARACT = Code("Cataract", "193570009", display="Cataract")
THYROID = Code("Underactive thyroid", "40930008", display="Hypothyroidism")
CHOLESTEROL = Code("High cholesterol", "55822004", display="Hyperlipidaemia")
REFLUX = Code("Acid reflux", "235595009", display="Gastro-oesophageal reflux disease")
PARKINSON = Code("Parkinson's disease", "49049000", display="Parkinson's disease")
ECZEMA = Code("Eczema", "43116000", display="Eczema")
MIGRAINE = Code("Migraine", "37796009", display="Migraine")
HIP_FRACTURE = Code("Broken right hip", "5913000", display="Fracture of neck of femur")
PNEUMONIA = Code("Pneumonia", "233604007", display="Pneumonia")
URINE_INFECTION = Code("Urine infection", "68566005", display="Urinary tract infectious disease")
MILD_FRAILTY = Code("Mild frailty", "925791000000100", display="Mild frailty")
MODERATE_FRAILTY = Code("Moderate frailty", "925831000000107", display="Moderate frailty")
SEVERE_FRAILTY = Code("Severe frailty", "925861000000102", display="Severe frailty")
WRIST_FRACTURE = Code("Broken left wrist")
BACK_PAIN = Code("Lower back pain", "279039007", display="Low back pain")
PROSTATE = Code("Enlarged prostate")

# Allergies.
PENICILLIN = Code("Penicillin", "91936005", display="Allergy to penicillin")
NO_DRUG_ALLERGY = Code("No known drug allergies", "409137002", display="No known drug allergy")
PEANUT = Code("Peanut", "91935009", display="Allergy to peanut")
LATEX = Code("Latex", "300916003", display="Latex allergy")
RASH = Code("Rash", "271807003", display="Eruption of skin")
SWELLING = Code("Swelling of the face")
UPSET_STOMACH = Code("Upset stomach")

# Alerts, needs and circumstances.
FALLS_RISK = Code("Risk of falls", "129839007", display="At risk for falls")
SELF_NEGLECT = Code("Risk of self-neglect", "401233007", display="At risk for self-neglect")
ISOLATION_RISK = Code(
    "Risk of social isolation",
    "22761000175104",
    display="At increased risk for social isolation",
)
FINANCIAL_ABUSE = Code(
    "Risk of financial abuse", "761571000000106", display="At risk of financial abuse"
)
HEARING_AID = Code("Uses a hearing aid", "285055002", display="Uses hearing aid")
LIP_READS = Code("Reads lips", "441092009", display="Lip reads")
SIGN_LANGUAGE = Code(
    "Needs a British Sign Language interpreter",
    "204331000000107",
    display="British Sign Language interpreter needed",
)
EASY_READ = Code("Easy Read", "796161000000101", display="Requires information in Easyread")
LARGE_PRINT = Code(
    "Large print, 20 point or more",
    "957331000000109",
    display="Requires written information in at least 20 point sans serif font",
)
BY_TELEPHONE = Code(
    "Contact by telephone", "795661000000104", display="Requires contact by telephone"
)
THROUGH_CARER = Code("Contact through the carer", "719561001", display="Requires contact via carer")
INTERPRETER = Code("Needs an interpreter", "315594003", display="Interpreter needed")
LIVES_ALONE = Code("Lives alone", "105529008", display="Lives alone")
SMOKING = Code("Smoking", "72166-2", LOINC, "Tobacco smoking status")

# Vaccines and procedures.
FLU_VACCINE = Code("Flu vaccine", "46233009", display="Influenza virus vaccine")
PNEUMOCOCCAL_VACCINE = Code("Pneumococcal vaccine", "333598008", display="Pneumococcal vaccine")
SHINGLES_VACCINE = Code("Shingles vaccine")
CHILD_VACCINE = Code("Measles, mumps and rubella vaccine")
CATARACT_SURGERY = Code("Cataract operation", "54885007", display="Cataract surgery")
HIP_REPLACEMENT = Code("Hip replacement", "52734007", display="Total replacement of hip")
KNEE_REPLACEMENT = Code("Knee replacement", "609588000", display="Total knee replacement")
GALLBLADDER_REMOVED = Code("Gallbladder removed", "38102005", display="Cholecystectomy")
APPENDIX_REMOVED = Code("Appendix removed", "80146002", display="Appendectomy")

# Measurements.
EGFR = Measure("Kidney function (eGFR)", "33914-3", "mL/min/1.73m2", "mL/min/{1.73_m2}", 0, "90")
CREATININE = Measure("Creatinine", "14682-9", "umol/L", "umol/L", 0, "45", "84")
POTASSIUM = Measure("Potassium", "2823-3", "mmol/L", "mmol/L", 1, "3.5", "5.3")
SODIUM = Measure("Sodium", "2951-2", "mmol/L", "mmol/L", 0, "133", "146")
HAEMOGLOBIN = Measure("Haemoglobin", "718-7", "g/L", "g/L", 0, "115", "165")
INR = Measure("INR", "6301-6", "", "{INR}", 1)
HBA1C = Measure("HbA1c", "59261-8", "mmol/mol", "mmol/mol", 0, "", "42")
CHOLESTEROL_LEVEL = Measure("Total cholesterol", "14647-2", "mmol/L", "mmol/L", 1, "", "5.0")
THYROID_LEVEL = Measure("Thyroid (TSH)", "3016-3", "mU/L", "m[IU]/L", 1, "0.4", "4.0")
CRP = Measure("Inflammation (CRP)", "1988-5", "mg/L", "mg/L", 0, "", "5")
WEIGHT = Measure("Weight", "29463-7", "kg", "kg", 1, category="vital-signs")
HEIGHT = Measure("Height", "8302-2", "cm", "cm", 0, category="vital-signs")
PULSE = Measure("Pulse", "8867-4", "beats a minute", "/min", 0, category="vital-signs")
TEMPERATURE = Measure("Temperature", "8310-5", "C", "Cel", 1, category="vital-signs")
OXYGEN = Measure("Oxygen saturation", "2708-6", "%", "%", 0, "94", "", "vital-signs")
SYSTOLIC = Measure("Upper (systolic)", "8480-6", "mmHg", "mm[Hg]", 0, category="vital-signs")
DIASTOLIC = Measure("Lower (diastolic)", "8462-4", "mmHg", "mm[Hg]", 0, category="vital-signs")
BLOOD_PRESSURE = Code("Blood pressure", "85354-9", LOINC, "Blood pressure panel")

MEN = {HAEMOGLOBIN: replace(HAEMOGLOBIN, low="130", high="180")}
"""Measures whose usual range is another in men; the ranges above are women's or everybody's."""
