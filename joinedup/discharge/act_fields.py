"""Which fields each act of a stay asks for, and what stands in them before anybody types.

Reading what was typed, and doing it, is `acts`.
"""

from datetime import datetime, timedelta

from joinedup.access.permit import Permit
from joinedup.discharge import fields as f
from joinedup.discharge.around import around
from joinedup.discharge.fields import Field
from joinedup.discharge.queries import carers_of, hubs, open_of, organisations, referrals_of
from joinedup.discharge.referring import HELP, PURPOSES
from joinedup.discharge.restarting import held_packages
from joinedup.discharge.rules.delays import offered
from joinedup.discharge.rules.leaving import CHECKS
from joinedup.discharge.standing import Standing
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.carer_answer import ANSWERS
from joinedup.reference.codes.discharge import destinations, need_areas, pathway

__all__ = [
    "BY_HAND",
    "CONSENTS",
    "SELF",
    "WAYS",
    "answer_fields",
    "back_fields",
    "carer_fields",
    "chase_fields",
    "checks_fields",
    "died_fields",
    "leave_fields",
    "needs_fields",
    "pathway_fields",
    "plan_fields",
    "reason_fields",
    "risk_fields",
    "self_fields",
    "told_fields",
    "transfer_fields",
    "withdraw_fields",
]

Fields = tuple[Field, ...]
YES_NO = (("yes", "Yes"), ("no", "No"))
PLACES = (
    ("own-home", "Their own home"),
    ("independent-care-home", "A care home that a company or charity runs"),
    ("council-care-home", "A care home that the council runs"),
    ("nhs-care-home", "A care home that the NHS runs"),
    ("temporary", "Somewhere for a while, such as family or a bed to recover in"),
)
WAYS = (
    "Spoken, and written down for them",
    "Large print",
    "Easy Read",
    "With an interpreter",
    "British Sign Language",
    "By telephone",
    "Spoken only",
)
CONSENTS = (
    ("Agreed", "They agreed"),
    ("Did not agree", "They did not agree"),
    ("Cannot decide this now: decided in their best interests", "They cannot decide this now"),
)
STATES = (("done", "Arranged"), ("not-needed", "Not needed"), ("waiting", "Still waiting"))
SELF = (
    ("6", "They discharged themselves"),
    ("7", "A relative or advocate took them home"),
)
BY_HAND = ("medicines", "transport", "equipment", "carer", "funding", "provider")
"""What a worker says is arranged; when help starts is written by who found it."""


def pathway_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return the plain questions from which a pathway follows."""
    before = standing.readiness.pathway
    asked: Fields = (
        f.choice("place", "Where are they going?", PLACES),
        f.choice("lives_there", "Did they live at that very place before?", YES_NO),
        f.choice("new_care", "Will they need new help, or more than before?", YES_NO),
        f.choice("to_recover", "Is it a bed for a while, to recover in?", YES_NO, value="no"),
    )
    why = f.area("why", "Why it changes", hint="They are on another pathway now.", rows=2)
    return (*asked, why) if before is not None else asked


def reason_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return the listed reasons that fit the pathway, who can end it, when it is chased."""
    way = standing.readiness.pathway
    listed = offered(on=day_of(now), pathway=way.code if way else "")
    return (
        f.chooser("reason", "What do they wait for now?", ((r.code, r.words) for r in listed)),
        f.chooser("owner", "Which organisation can end it?", organisations(permit)),
        f.when("chase_by", "When will it be chased?", _next_morning(now)),
    )


def chase_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when the reason now is chased next."""
    return (f.when("chase_by", "When will it be chased next?", _next_morning(now)),)


def _next_morning(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(minute=0)


def checks_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return each thing to arrange, as it stands."""
    said = {check.kind: check.state for check in standing.readiness.checks}
    return tuple(
        f.choice(kind, CHECKS[kind], STATES, value=said.get(kind, "waiting")) for kind in BY_HAND
    )


def told_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return who was told, how, and whether they agreed (DI-06)."""
    who = (("person", "The person"), ("carer", "Their carer"))
    return (
        f.choice("who", "Who was told?", who),
        f.choice("way", "How were they told?", ((way, way) for way in WAYS)),
        f.choice("consent", "Did they agree to the plan?", CONSENTS),
    )


def risk_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return why leaving cannot wait; it is in the writer's own name."""
    hint = "Say why leaving cannot wait, and what is done until help comes."
    return (f.area("why", "Why, and what is done meanwhile", hint=hint),)


def plan_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return no field: it is a yes."""
    return ()


def needs_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return what is asked of the hub: one field an area of daily life; a draft stands in them."""
    listed = hubs(permit)
    only = listed[0].organisation if len(listed) == 1 else ""
    asked = referrals_of(permit, standing.spell.id)
    draft = next((a for a in asked if a.referral.state == "draft"), None)
    said: dict[str, str] = {}
    for need in draft.referral.needs if draft else ():
        said[need.area] = f"{said[need.area]} {need.words}" if need.area in said else need.words
    purpose = draft.referral.purpose if draft else HELP if open_of(asked, HELP) is None else ""
    return (
        f.choice("purpose", "What is it for?", PURPOSES.items(), value=purpose),
        f.choice(
            "hub",
            "Which hub?",
            ((h.organisation, h.name) for h in listed),
            value=draft.referral.hub if draft else only,
        ),
        *(
            f.area(f"need-{code}", words, value=said.get(code, ""), rows=2)
            for code, words in need_areas(on=day_of(now)).items()
        ),
    )


def withdraw_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return why a referral is no longer needed, and which where several are open."""
    asked = [a for a in referrals_of(permit, standing.spell.id) if a.is_open]
    which = f.choice(
        "referral",
        "Which referral?",
        ((a.id, PURPOSES.get(a.referral.purpose, a.referral.purpose)) for a in asked),
    )
    why = f.area("why", "Why is it no longer needed?", rows=2)
    return (which, why) if len(asked) > 1 else (why,)


def answer_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return the ward's answer to what the hub asked."""
    return (f.area("words", "Your answer to the hub"),)


def carer_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return who was asked, what they said, and whether the person was out of the room."""
    known = carers_of(permit, standing.readiness.person)
    cares = {c.name for c in known if "carer" in c.relation.lower()}
    once = [c for c in known if "carer" in c.relation.lower() or c.name not in cares]
    once.sort(key=lambda c: c.name not in cares)
    people = ((c.reference, f"{c.name}, {c.relation}".rstrip(", ")) for c in once)
    until = "Leave it empty if they see no end. Like 25/1/2018."
    return (
        f.choice("carer", "Who was asked?", people),
        f.mark("alone", "They were asked alone: the person was not in the room"),
        f.choice("answer", "What did they say?", ANSWERS.items()),
        f.day("until", "Until which day can they go on?", hint=until),
        f.area("words", "In their own words"),
    )


def leave_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when and where to, and which help that was held starts again."""
    readiness, day = standing.readiness, day_of(now)
    named = destinations(on=day)
    way = readiness.pathway
    fits = pathway(way.code, on=day).destinations if way else ()
    asked: Fields = (
        f.when("at", "When did they leave?", now),
        f.choice(
            "destination",
            "Where to?",
            ((code, named[code]) for code in fits if code in named),
            value=way.destination if way else "",
        ),
    )
    beside = around(permit, readiness.person, standing.spell.id)
    held = held_packages(beside, readiness.admitted)
    marks = tuple(
        f.mark(
            f"restart-{stored.id}",
            f"The provider has said that its visits start again ({len(package.visits)} planned)",
            value=str(stored.version),
            hint=f"Help at home, held until {package.last_day:%-d %B}.",
        )
        for stored, package in held
    )
    return (*asked, *marks)


def self_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when, who decided it, and where they went."""
    named = destinations(on=day_of(now))
    where = ((code, named[code]) for code in ("19", "29", "85", "65", "54", "88"))
    return (
        f.when("at", "When did they leave?", now),
        f.choice("method", "Who decided it?", SELF, value="6"),
        f.choice("destination", "Where did they go?", where, value="19"),
    )


def died_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when."""
    return (f.when("at", "When did they die?", now),)


def transfer_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when."""
    return (f.when("at", "When did they leave for the other hospital?", now),)


def back_fields(permit: Permit, standing: Standing, now: datetime) -> Fields:
    """Return when they came back."""
    return (f.when("at", "When did they come back?", now),)
