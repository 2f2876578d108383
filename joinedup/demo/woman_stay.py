"""Joyce Hallam's stay on Ward 7 as tables: results, medicines, checks and the team's words.

Invented. `woman_hospital` turns each row into an entry.
"""

from datetime import date

from joinedup.demo.writing import at

__all__ = [
    "BLOODS",
    "CLOTTING",
    "MEDICINES",
    "OPERATION_NOTE",
    "STEPS",
    "THERAPY_NOTE",
    "WALKING",
    "WARD_CHECKS",
    "WARD_ROUND",
]

# Day, eGFR, creatinine, potassium, haemoglobin, CRP.
BLOODS = (
    (date(2018, 1, 4), "41", "113", "4.6", "117", "9"),
    (date(2018, 1, 6), "36", "126", "4.9", "89", "142"),
    (date(2018, 1, 9), "40", "115", "4.4", "94", "61"),
    (date(2018, 1, 12), "43", "109", "4.3", "99", "24"),
    (date(2018, 1, 15), "44", "107", "4.4", "103", "11"),
)
CLOTTING = (
    (at(date(2018, 1, 4), 23, 20), "2.7"),
    (at(date(2018, 1, 5), 6, 30), "1.4"),
    (at(date(2018, 1, 9), 7, 20), "1.6"),
    (at(date(2018, 1, 12), 7, 20), "2.0"),
    (at(date(2018, 1, 15), 7, 20), "2.3"),
)

# Name, drug, dose, written, status, note. Her usual medicines are charted as her surgery has them.
MEDICINES = (
    (
        "warfarin",
        "Warfarin 1 mg tablets",
        "As the yellow book says; at present 3 mg each evening",
        at(date(2018, 1, 7), 11),
        "active",
        "Reversed with vitamin K before the operation; started again on 7 January.",
    ),
    (
        "bisoprolol",
        "Bisoprolol 2.5 mg tablets",
        "One each morning",
        at(date(2018, 1, 5), 0, 40),
        "active",
        "",
    ),
    (
        "furosemide",
        "Furosemide 40 mg tablets",
        "One each morning",
        at(date(2018, 1, 5), 0, 40),
        "active",
        "",
    ),
    (
        "ramipril",
        "Ramipril 5 mg capsules",
        "One each morning",
        at(date(2018, 1, 12), 10),
        "active",
        "Held for a week while her kidneys recovered; started again on 12 January.",
    ),
    (
        "paracetamol",
        "Paracetamol 500 mg tablets",
        "Two four times a day",
        at(date(2018, 1, 5), 0, 40),
        "active",
        "",
    ),
    (
        "oxycodone",
        "Oxycodone 5 mg in 5 ml solution",
        "2.5 mg when needed for pain, no more than every four hours",
        at(date(2018, 1, 5), 18, 50),
        "completed",
        "Not needed since 10 January.",
    ),
    (
        "senna",
        "Senna 7.5 mg tablets",
        "Two at night",
        at(date(2018, 1, 6), 9),
        "active",
        "",
    ),
    (
        "drink",
        "Nutritional drink, 200 ml",
        "One twice a day between meals",
        at(date(2018, 1, 8), 12),
        "active",
        "Prefers the vanilla one, cold.",
    ),
)

# Day, blood pressure, pulse, oxygen, temperature; taken at ten past six.
WARD_CHECKS = (
    (date(2018, 1, 6), (104, 58), "92", "93", "37.6"),
    (date(2018, 1, 8), (112, 62), "84", "95", "37.1"),
    (date(2018, 1, 10), (118, 64), "78", "96", "36.8"),
    (date(2018, 1, 12), (122, 66), "76", "96", "36.7"),
    (date(2018, 1, 14), (124, 68), "74", "97", "36.6"),
    (date(2018, 1, 16), (126, 70), "72", "97", "36.6"),
)
WALKING = (
    (at(date(2018, 1, 6), 11), "Stood with two people and a frame. Sat in the chair for an hour."),
    (at(date(2018, 1, 9), 11), "Walked 5 metres with a frame and one person."),
    (at(date(2018, 1, 12), 11), "Walked to the toilet and back with a frame and one person."),
    (
        at(date(2018, 1, 15), 11),
        "Walked 20 metres with a frame, one person beside her. Two stairs.",
    ),
)

OPERATION_NOTE = (
    "Spinal anaesthetic. Cemented. Straightforward. May put full weight on the leg at once. "
    "Clips out on or after 19 January."
)

STEPS = (
    "Walk with the physiotherapist every day; stairs before home",
    "Clips out of the wound on Friday 19 January",
    "INR twice a week; results to Fosse Lane Surgery",
    "Talk with Joyce and Susan on 16 January about what help she would accept",
    "Ask for help at home once Joyce has agreed to it",
    "Bone health: look at her weekly tablet again, as she has now had a second break",
)

THERAPY_NOTE = """Seen on the ward with Joyce's agreement. Hearing aids in.
Walks 20 metres with a frame and one person beside her. Has managed two stairs with a rail; there
are thirteen at home, one rail, and the bathroom is at the top.
Washes her top half herself, sitting. Needs one person to help with legs and feet, and to be nearby
in the shower. Dresses her top half. Can make a hot drink but cannot yet carry it.
Gets up once in the night and needs somebody within call.
Clear in her thinking, and clear that she wants to go home.
At home: likely to need help morning and evening to wash, dress and get to bed, somebody at
midday for a meal, and a commode and a second stair rail. Would do well with reablement.
Lives alone. Her daughter is an hour away and can stay for the first weekend, no longer.
"""

WARD_ROUND = """Eleven days after her operation. Comfortable, eating better, slept.
Wound clean and dry. Temperature and pulse steady. INR 2.3. Kidneys back to where they were.
No medical reason to stay beyond this week if there is help at home: aim for Thursday 18 January.
Nobody has yet asked the council for help at home. Tomasz to see Joyce and Susan at two o'clock.
"""
