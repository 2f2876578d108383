"""Joyce Hallam's history as tables: problems, medicines, results, contacts, and her own words.

Invented. `woman_surgery` turns each row into an entry; nothing here says how it is stored.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import worker

__all__ = [
    "ABOUT",
    "BLOODS",
    "CHECKS",
    "CLOTTING",
    "CONTACTS",
    "HOME_VISIT",
    "MEDICINES",
    "PROBLEMS",
]

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
        (
            "My own home and my own front door. I have lived in Orchard Row for fifty-one "
            "years and I mean to stay. Sunday lunch with Susan. My garden, even if it is only "
            "through the window."
        ),
    ),
    (
        "People who are important to me",
        (
            "My daughter Susan, who rings every evening at six. My grandson Ben, away at "
            "university. Pat next door, who has a key and puts my bins out. I lost my husband "
            "Ron in 2014."
        ),
    ),
    (
        "How to talk with me",
        (
            "I wear two hearing aids. Look at me when you speak and turn the television off. "
            "I will not ask three times, I will just nod, so please check I have heard. Large "
            "print for anything I am to keep."
        ),
    ),
    (
        "Please do",
        (
            "Call me Joyce. Let me do what I can do, even when it is slow. Leave my stick "
            "where I can reach it. Tea, no sugar."
        ),
    ),
    (
        "Please do not",
        ("Talk over my head to Susan. Move my glasses. Decide things and tell me afterwards."),
    ),
    (
        "How I am on an ordinary day",
        (
            "Up at seven, porridge, the crossword. I walk to the corner shop on Tuesdays and "
            "Fridays. I cooked dinners for four hundred children for twenty-six years, so I "
            "can see to myself."
        ),
    ),
    (
        "How and when I need help",
        (
            "My knees are stiff first thing. I like someone in the house when I have a bath. "
            "The big shop is too heavy for me now. I do my own tablets, from the box with the "
            "days on."
        ),
    ),
    (
        "Also worth knowing",
        ("Marigold is my cat. If I am ever away, somebody has to feed her. Pat knows where it is."),
    ),
)
