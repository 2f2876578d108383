"""What a proxy sees of somebody's record, function by function, and what is said of it.

Everything is read under the proxy's own permit for this one person; what was not granted is not
asked for. A page says what it shows, and that there may be more.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.people.coming import Coming, coming
from joinedup.people.presenters.items import Section
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.safety import Safety, present_safety
from joinedup.people.presenters.sections import present_section
from joinedup.people.presenters.words import Telephone, address_lines, human_name, telephones
from joinedup.people.proxies.reading import Trust
from joinedup.people.queries import life_of
from joinedup.record.change import Stored
from joinedup.web.dates import Moment, say

__all__ = ["TITLES", "Address", "Seen", "seen", "until_words", "who_words"]

TITLES: Mapping[str, str] = {
    "contacts": "Name, address and telephone",
    "summary": "Problems, allergies and procedures",
    "medicines": "Medicines",
    "visits": "Stays, visits and appointments",
    "letters": "Letters and documents",
    "plan": "Plans, care and support",
    "money": "Money",
    "who-looked": "Who looked at this record",
}
"""What each function opens, as the title of its page."""

_TYPES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("Patient",),
    "summary": ("Condition", "AllergyIntolerance", "Procedure", "Immunization", "List"),
    "medicines": ("MedicationRequest", "MedicationStatement"),
    "visits": ("Encounter", "Appointment"),
    "letters": ("DocumentReference", "Composition"),
    "plan": ("CarePlan", "EpisodeOfCare", "ServiceRequest", "Task"),
    "money": (),
}
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "summary": ("problems", "procedures"),
    "medicines": ("medicines",),
    "visits": ("encounters",),
    "letters": ("documents",),
    "plan": ("plans", "services"),
}
_MOST = 200
_SUBJECT = {"Patient": "_id", "Appointment": "patient"}


class Address(Struct, frozen=True, kw_only=True):
    """Who somebody is and how to reach them; empty where it is not recorded or not shown."""

    name: str
    lines: tuple[str, ...]
    telephones: tuple[Telephone, ...]


class Seen(Struct, frozen=True, kw_only=True):
    """One page of somebody else's record."""

    sections: tuple[Section, ...]
    safety: Safety | None
    address: Address | None
    coming: tuple[Coming, ...] | None = None
    """What is booked from now on; None where this page does not tell it."""


def who_words(trust: Trust) -> str:
    """Return the sentence that stands on every page: whose record this is, and as whom."""
    name = trust.name or "somebody else"
    related = trust.relationship
    tail = f", as their {related}" if related and related != "other" else ""
    return f"You are looking at {name}’s record{tail}."


def until_words(ends: datetime | None) -> str:
    """Return the last day of sight in words; "" where it has no end."""
    if ends is None:
        return ""
    last = (ends - timedelta(seconds=1)).astimezone(LONDON)
    return say(Moment(last, "day"))


def seen(permit: Permit, trust: Trust, function: str, now: datetime) -> Seen:
    """Return what a function opens of somebody's record."""
    life = _life(permit, trust, function)
    sections = tuple(
        present_section(life, slug, now, limit=_MOST) for slug in _SECTIONS.get(function, ())
    )
    return Seen(
        sections=sections,
        safety=present_safety(life, now) if function == "summary" else None,
        address=_address(life) if function == "contacts" else None,
        coming=coming(permit, trust.person, now) if function == "visits" else None,
    )


def _life(permit: Permit, trust: Trust, function: str) -> Life:
    found: list[Stored] = []
    for kind in _TYPES[function]:
        asked = [(_SUBJECT.get(kind, "patient"), trust.person), ("_count", str(_MOST))]
        query = parse_query(kind, asked)
        found += record.search(permit, query, detail=f"proxy {function}").entries
    if not any(s.type == "Patient" and s.id == trust.person for s in found):
        found.append(_nameless(trust))
    return life_of(permit, trust.person, found)


def _nameless(trust: Trust) -> Stored:
    """Stand in for the person where their name and address were not granted."""
    long_ago = datetime(1900, 1, 1, tzinfo=UTC)
    return Stored(
        type="Patient",
        id=trust.person,
        version=0,
        body=f'{{"resourceType":"Patient","id":"{trust.person}"}}',
        updated=long_ago,
        deleted=False,
        source="",
        author="",
        role="",
        happened=None,
        recorded=long_ago,
        received=long_ago,
    )


def _address(life: Life) -> Address:
    patient = life.person.resource
    return Address(
        name=human_name(patient.get("name")),
        lines=address_lines(patient.get("address")),
        telephones=telephones(patient.get("telecom")),
    )
