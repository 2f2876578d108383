"""What Marlbrook Council has written about everybody who is not of the cast: events and plans.

About one older person in three has asked the council for something. Services end with a life.
"""

from datetime import date, timedelta
from random import Random

from joinedup.demo.cast import COUNCIL, HOME_CARE, TODAY, worker
from joinedup.demo.council import Event, assessment, request, review, service
from joinedup.demo.events import appointment, care_plan, care_team, member
from joinedup.demo.people import chance_of
from joinedup.demo.shape import Outline
from joinedup.demo.writing import Pen, Resource, at, by

__all__ = ["at_the_council", "events_of", "has_home_care", "home_care_events"]

DUNN, HOLT = worker("rachel-dunn"), worker("debbie-holt")
SERVICES = "Progress to support planning or services"
REABLEMENT = "Progress to reablement/ST-Max"
ASSESS = "Progress to assessment, review or reassessment"
ADVICE = "NFA: Information and advice or signposting"
ENDED = "NFA: Support ended as planned"
HOME_SUPPORT = ("Long term support: Community", "Home support or domiciliary care")
COMMUNITY = "Community / Other route"
STORIES = ("home-care", "home-care", "reablement", "advice", "equipment", "advice")
HOURS = ("3.50", "5.25", "7.00", "10.50", "14.00")
ROUNDS = ((7, 30), (8, 15), (9, 0), (12, 30), (17, 15))


def _days(start: date, days: int) -> date:
    return start + timedelta(days=days)


def home_care_events(person: Outline, chance: Random) -> tuple[Event, ...]:
    """Return the story of home care: asked, assessed, begun, reviewed each year."""
    asked = TODAY - timedelta(days=chance.randint(200, 1100))
    begun = _days(asked, chance.randint(18, 45))
    ended = person.died if person.died and person.died > begun else None
    outcome = "NFA: Deceased" if ended else ""
    hours = chance.choice(HOURS)
    first_review = _days(begun, chance.randint(42, 60))
    events = [
        request(asked, _days(asked, chance.randint(1, 4)), ASSESS, COMMUNITY),
        assessment(_days(asked, 6), _days(asked, chance.randint(8, 16)), SERVICES),
        service(
            begun,
            ended,
            outcome,
            HOME_SUPPORT,
            hours=hours,
            hour_cost="15.60",
            provider=HOME_CARE.name,
        ),
    ]
    for day in (first_review, _days(first_review, 365), _days(first_review, 730)):
        if day < (ended or TODAY):
            achieved = chance.choice(("Fully Met", "Partially Met"))
            going_on = "Continuation of support or services"
            events.append(review(day, day, going_on, "Planned", achieved))
    return tuple(events)


def _reablement(person: Outline, chance: Random) -> tuple[Event, ...]:
    asked = (person.died or TODAY) - timedelta(days=chance.randint(70, 700))
    begun, over = _days(asked, 3), _days(asked, chance.randint(24, 45))
    what = ("Short term support: ST-Max", "Reablement")
    return (
        request(asked, _days(asked, 1), REABLEMENT, "Discharge from Hospital"),
        service(begun, over, ENDED, what, hours="10.50", hour_cost="24.60"),
        review(over, over, ENDED, "Review of short term support", "Fully Met"),
    )


def _equipment(person: Outline, chance: Random) -> tuple[Event, ...]:
    asked = (person.died or TODAY) - timedelta(days=chance.randint(60, 900))
    seen, came = _days(asked, chance.randint(5, 14)), _days(asked, chance.randint(15, 30))
    what = ("Short term support: Ongoing low level", "Equipment")
    return (
        request(asked, _days(asked, 1), ASSESS, COMMUNITY),
        assessment(seen, seen, SERVICES, "Short term assessment"),
        service(came, came, ENDED, what),
    )


def _advice(person: Outline, chance: Random) -> tuple[Event, ...]:
    asked = (person.died or TODAY) - timedelta(days=chance.randint(30, 900))
    return (request(asked, _days(asked, 2), ADVICE, COMMUNITY),)


_TELLERS = {
    "home-care": home_care_events,
    "reablement": _reablement,
    "equipment": _equipment,
    "advice": _advice,
}


def _story(person: Outline, seed: int) -> str:
    """Return which story the council can tell of a person, "" for none."""
    age = person.age(TODAY)
    share = 0.0 if age < 18 else 0.06 if age < 65 else 0.2 if age < 75 else 0.48
    chance = chance_of(seed, person.id, "council")
    return chance.choice(STORIES) if chance.random() < share else ""


def events_of(person: Outline, seed: int) -> tuple[Event, ...]:
    """Return the council's events for a person, oldest first; none for most people."""
    if not (story := _story(person, seed)):
        return ()
    return _TELLERS[story](person, chance_of(seed, person.id, story))


def has_home_care(person: Outline, seed: int) -> bool:
    """Return whether home care comes to the person now."""
    return _story(person, seed) == "home-care" and not person.died


def _home_care_papers(pen: Pen, begun: date, chance: Random, *, in_bed: bool) -> list[Resource]:
    hour, minute = chance.choice(ROUNDS)
    provider = member(f"Organization/{HOME_CARE.code}", HOME_CARE.name, "Home care")
    papers = [
        care_team(pen, "team", "Home care", [DUNN, HOLT, provider], since=begun),
        care_plan(
            pen,
            "plan",
            "Care and support plan",
            (
                "Morning visit: wash, dress and breakfast",
                "Review once a year, or when things change",
            ),
            author=DUNN,
            since=begun,
        ),
    ]
    if not in_bed:
        start = at(TODAY, hour, minute)
        papers.append(
            appointment(
                pen,
                "visit-today",
                "Home care visit",
                start,
                start + timedelta(minutes=30),
                who=[by(HOLT)],
                made=_days(TODAY, -7),
                note=HOME_CARE.name,
            )
        )
    return papers


def at_the_council(person: Outline, seed: int, *, in_bed: bool = False) -> list[Resource]:
    """Return what the council has written about a person besides its events and their Patient.

    Home care does not call today on somebody who is in a hospital bed.
    """
    if not has_home_care(person, seed):
        return []
    begun = next(e.start for e in events_of(person, seed) if e.kind == "Service")
    chance = chance_of(seed, person.id, "visits")
    return _home_care_papers(Pen(COUNCIL.code, person), begun, chance, in_bed=in_bed)
