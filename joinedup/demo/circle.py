"""Who is around an ordinary person, what they need said, and what others should look out for.

Drawn by chance; used by the surgery's pen. Alerts are about safety, never about being difficult.
"""

from datetime import date, timedelta
from random import Random

from joinedup.demo import codes as c
from joinedup.demo.cast import SURGERY, TODAY
from joinedup.demo.clinical import condition, stated
from joinedup.demo.events import (
    about_me,
    adjustment,
    alert,
    care_plan,
    care_team,
    member,
    related_person,
)
from joinedup.demo.health import Illness
from joinedup.demo.names import COMMUNITIES
from joinedup.demo.shape import Worker
from joinedup.demo.writing import Pen, Resource, at

__all__ = ["circle", "needs"]

RELATIONS = (
    ("DAUC", "Daughter"),
    ("SONC", "Son"),
    ("SPS", "Wife or husband"),
    ("SIB", "Sister or brother"),
    ("NBOR", "Neighbour"),
    ("FRND", "Friend"),
)
MATTERS = (
    "My family, and seeing them on Sundays.",
    "My garden. I like to be outside when it is dry.",
    "Being at home, with my own things.",
    "My faith, and getting to prayers.",
    "My dog. He needs his walk whatever happens to me.",
    "Football on the wireless, and a bit of peace.",
)
TALKING = (
    "Plainly, and not too fast.",
    "Ask me, not whoever is with me.",
    "Write it down for me as well.",
    "By telephone, before noon.",
)
PLEASE = (
    "Knock, and say who you are.",
    "Use my full name until I say otherwise.",
    "Let me have my tea first.",
    "Tell me if you are running late.",
)


def _names_for(relation: str, women: str, men: str) -> str:
    """A daughter has a woman's name and a son a man's; of others nothing is said."""
    return {"DAUC": women, "SONC": men}.get(relation, f"{women} {men}")


def circle(pen: Pen, chance: Random, doctor: Worker, registered: date) -> list[Resource]:
    """Return family and carers, and the surgery's team for the person."""
    person = pen.person
    age = person.age(TODAY)
    around: list[Resource] = []
    members: list[Resource | Worker] = [doctor]
    if age >= 70 or (age >= 50 and chance.random() < 0.4):
        code, words = chance.choice(RELATIONS[2:] if not person.lives_alone else RELATIONS[:2])
        cares = age >= 75 and chance.random() < 0.5
        community = next(g for g in COMMUNITIES if g.ethnicity == person.ethnicity)
        given = chance.choice(_names_for(code, community.women, community.men).split())
        telephone = f"07700 900{chance.randint(0, 199):03d}"
        kin = related_person(
            pen,
            "kin",
            (given, person.family),
            (code, f"{words} and main carer" if cares else words),
            telephones=(telephone,),
            recorded=registered,
        )
        around.append(kin)
        role = f"{words} and main carer" if cares else words
        members.append(member(f"RelatedPerson/{kin['id']}", f"{given} {person.family}", role))
    ended = person.died
    team = care_team(pen, "team", SURGERY.name, members, since=registered, until=ended)
    return [*around, team]


def needs(
    pen: Pen, illnesses: tuple[Illness, ...], chance: Random, doctor: Worker, nurse: Worker
) -> list[Resource]:
    """Return living alone, communication needs, alerts, frailty, a plan and About me."""
    person = pen.person
    if person.died:
        return []
    age = person.age(TODAY)
    since = TODAY - timedelta(days=chance.randint(60, 700))
    written = _communication(pen, {i.what for i in illnesses}, since, nurse, chance)
    if person.lives_alone:
        written.append(
            stated(
                pen,
                "lives-alone",
                c.LIVES_ALONE,
                "Lives alone.",
                when=at(since, 11),
                author=nurse,
            )
        )
    if age >= 75:
        written += _later_life(pen, {i.what for i in illnesses}, since, doctor, chance)
    if age >= 70 and chance.random() < 0.3:
        words = (
            ("What matters most to me", chance.choice(MATTERS)),
            ("How to talk with me", chance.choice(TALKING)),
            ("Please do", chance.choice(PLEASE)),
        )
        written.append(about_me(pen, "about-me", words, written=at(since, 11, 30)))
    return written


def _communication(
    pen: Pen, what: set[str], since: date, nurse: Worker, chance: Random
) -> list[Resource]:
    wanted: list[tuple[str, c.Code, str]] = []
    if "hearing" in what:
        wanted.append(
            ("hearing", c.HEARING_AID, "Wears a hearing aid. Face them and speak clearly.")
        )
    if "cataract" in what and chance.random() < 0.4:
        wanted.append(("print", c.LARGE_PRINT, "Letters in large print, 20 point or more."))
    if "memory" in what:
        wanted.append(("carer", c.THROUGH_CARER, "Please arrange things with the family as well."))
    if pen.person.language != "English":
        words = f"Speaks {pen.person.language}; needs an interpreter for anything important."
        wanted.append(("interpreter", c.INTERPRETER, words))
    if chance.random() < 0.01:
        wanted.append(("signs", c.SIGN_LANGUAGE, "Uses British Sign Language."))
    if chance.random() < 0.01:
        wanted.append(("easy-read", c.EASY_READ, "Letters in Easy Read."))
    return [
        adjustment(pen, f"need-{name}", code, words, since=since, author=nurse)
        for name, code, words in wanted
    ]


def _later_life(
    pen: Pen, what: set[str], since: date, doctor: Worker, chance: Random
) -> list[Resource]:
    written: list[Resource] = []
    burden = len(what) + (2 if pen.person.age(TODAY) >= 85 else 0)
    frailty = (
        c.SEVERE_FRAILTY
        if burden >= 9
        else c.MODERATE_FRAILTY
        if burden >= 6
        else c.MILD_FRAILTY
        if burden >= 4
        else None
    )
    if frailty:
        written.append(
            condition(pen, "frailty", frailty, f"{since:%Y-%m}", author=doctor, recorded=since)
        )
        steps = ("Medicines looked at every six months", "Flu jab each autumn")
        title = "Keeping well at home"
        written.append(care_plan(pen, "plan", title, steps, author=doctor, since=since))
    if burden >= 5 and chance.random() < 0.5:
        words = "Has fallen at least once in the past year."
        written.append(
            alert(pen, "alert-falls", "OTH", c.FALLS_RISK, words, since=since, author=doctor)
        )
    if "memory" in what and chance.random() < 0.15:
        words = "Worried about money being taken; talk to the council's safeguarding team."
        written.append(
            alert(pen, "alert-money", "SGC", c.FINANCIAL_ABUSE, words, since=since, author=doctor)
        )
    if pen.person.lives_alone and chance.random() < 0.2:
        words = "Sees nobody most days. Would welcome a call."
        written.append(
            alert(pen, "alert-alone", "OTH", c.ISOLATION_RISK, words, since=since, author=doctor)
        )
    return written
