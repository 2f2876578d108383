"""Invented stays for the chapters on going home: one person, one spell, November 2025."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from joinedup.discharge.rules.criteria import judged
from joinedup.discharge.rules.delays import changed, waiting_for
from joinedup.discharge.rules.leaving import gone_home
from joinedup.discharge.rules.pathway import OWN_HOME, Going, chosen, pathway_of
from joinedup.discharge.rules.ready_date import marked_ready
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Delay, Readiness, RiskOwner
from joinedup.reference.codes.discharge import criteria

PERSON, SPELL, HOSPITAL, HUB, COUNCIL = "Patient/joyce", "spell-1", "RX9", "hub", "council"
NURSE = Reference("Practitioner/grace-adeyemi")
COORDINATOR = Reference("Practitioner/tomasz-nowak")


def november(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A time in November 2025, as the ward's clock shows it."""
    return at_clock(datetime(2025, 11, day, tzinfo=UTC).date(), hour, minute)


ADMITTED = november(1)


def answers(*yes: str, at: datetime) -> dict[str, bool]:
    """Every criterion answered no, but for those named."""
    return {c.code: c.code in yes for c in criteria(on=at.date())}


def checklist(*yes: str, at: datetime, **changes: Any) -> Checklist:
    """A review by the ward's nurse, before it is judged."""
    said = {
        "person": PERSON,
        "spell": SPELL,
        "answered_by": NURSE,
        "role": "ward-nurse",
        "at": at,
        "answers": answers(*yes, at=at),
        "news2": 1,
    }
    return Checklist(**(said | changes))


def review(*yes: str, at: datetime, **changes: Any) -> Checklist:
    """The same, judged."""
    return judged(checklist(*yes, at=at, **changes))


def stay(**changes: Any) -> Readiness:
    """Somebody admitted on 1 November at nine."""
    said = {"person": PERSON, "spell": SPELL, "hospital": HOSPITAL, "admitted": ADMITTED}
    return Readiness(**(said | changes))


def waits(reason: str, at: datetime, owner: str = HOSPITAL) -> Delay:
    """A reason that begins at a time, to be chased the next day."""
    return waiting_for(
        reason, owner=owner, since=at, chase_by=at + timedelta(days=1), set_by=COORDINATOR
    )


def ready(at: datetime, *, reason: str = "medicines", before: Readiness | None = None) -> Readiness:
    """Somebody ready from then on, waiting for their medicines unless said otherwise."""
    standing = before or stay()
    seen = review(at=at, spell=standing.spell, person=standing.person)
    return marked_ready(standing, seen, "review-1", delay=waits(reason, at))


def on_pathway(code: str, at: datetime, *, before: Readiness | None = None) -> Readiness:
    """Somebody ready and going home on a pathway: 0 or 1 home, 2 to recover, 3 a care home."""
    going = {
        "0": Going(place=OWN_HOME, lives_there=True, new_care=False),
        "1": Going(place=OWN_HOME, lives_there=True, new_care=True),
        "2": Going(place="temporary", lives_there=False, new_care=True, to_recover=True),
        "3": Going(place="independent-care-home", lives_there=False, new_care=True),
    }[code]
    choice = pathway_of(going, by=COORDINATOR, at=at)
    return chosen(before or ready(at), choice)


def now_waits(readiness: Readiness, reason: str, at: datetime, owner: str = COUNCIL) -> Readiness:
    """The same person, waiting for something else from then on."""
    return changed(readiness, waits(reason, at, owner))


def went(spell: str, *, at: datetime, since: datetime, pathway: str = "0") -> Readiness:
    """Somebody who was ready and went home."""
    person = f"Patient/{spell}"
    standing = on_pathway(
        pathway, since, before=ready(since, before=stay(spell=spell, person=person))
    )
    owner = RiskOwner(worker=NURSE, why="The family stays until help comes", at=since)
    return gone_home(replace(standing, risk_owner=owner), at)
