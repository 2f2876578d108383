"""Three organisations' files about every person: bundles as they would send them, and rows.

Pure: a seed and a number of people give the same bytes every time. Each bundle speaks of its own
organisation's Patient; joining them into one record is for `place`, or for an import.
"""

from collections.abc import Iterator

from msgspec import Struct

from joinedup.demo.cast import (
    COUNCIL,
    DAUGHTER,
    HOSPITAL,
    MAN,
    ORGANISATIONS,
    WOMAN,
)
from joinedup.demo.council import Event, council_patient, event_resource, row
from joinedup.demo.daughter import (
    DAUGHTER_EVENTS,
    daughter_at_the_council,
    daughter_at_the_surgery,
)
from joinedup.demo.hospital import beds_today, in_hospital
from joinedup.demo.identity import organisation_resources
from joinedup.demo.man_loop import MAN_EVENTS, man_at_the_council, man_in_hospital
from joinedup.demo.man_surgery import man_at_the_surgery
from joinedup.demo.people import make_people
from joinedup.demo.shape import Outline
from joinedup.demo.support import at_the_council, events_of
from joinedup.demo.surgery import at_the_surgery
from joinedup.demo.woman_council import WOMAN_EVENTS, woman_at_the_council
from joinedup.demo.woman_hospital import woman_in_hospital
from joinedup.demo.woman_surgery import woman_at_the_surgery
from joinedup.demo.writing import Resource, collection

__all__ = ["Sheaf", "bundles", "council_events", "council_rows", "event_resources", "sheaves"]


class Sheaf(Struct, frozen=True):
    """What one organisation has written about one person; nobody for what is about the place."""

    organisation: str
    person: Outline | None
    resources: tuple[Resource, ...]


def council_events(person: Outline, seed: int) -> tuple[Event, ...]:
    """Return the council's events for anybody, of the cast or not, in the order of their rows."""
    told = {
        WOMAN.id: WOMAN_EVENTS,
        DAUGHTER.id: DAUGHTER_EVENTS,
        MAN.id: MAN_EVENTS,
    }
    return told[person.id] if person.id in told else events_of(person, seed)


def sheaves(seed: int, people: int) -> Iterator[Sheaf]:
    """Yield the organisations' own entries, then each person's, the holder of the master first."""
    for organisation in ORGANISATIONS:
        resources = organisation_resources(organisation)
        yield Sheaf(organisation.code, None, tuple(resources))
    everybody = make_people(seed, people)
    beds = beds_today(everybody)
    for person in everybody:
        yield from _of_person(person, seed, beds.get(person.id, 0))


def _of_person(person: Outline, seed: int, bed: int) -> Iterator[Sheaf]:
    yield Sheaf(person.practice, person, tuple(_surgery(person, seed)))
    if stay := _hospital(person, seed, bed):
        yield Sheaf(HOSPITAL.code, person, tuple(stay))
    if known := _council(person, seed, bed):
        yield Sheaf(COUNCIL.code, person, tuple(known))


def _surgery(person: Outline, seed: int) -> list[Resource]:
    if person is WOMAN:
        return woman_at_the_surgery()
    if person is MAN:
        return man_at_the_surgery()
    if person is DAUGHTER:
        return daughter_at_the_surgery()
    return at_the_surgery(person, seed)


def _hospital(person: Outline, seed: int, bed: int) -> list[Resource]:
    if person is WOMAN:
        return woman_in_hospital()
    if person is MAN:
        return man_in_hospital()
    return [] if person is DAUGHTER else in_hospital(person, seed, bed)


def _council(person: Outline, seed: int, bed: int) -> list[Resource]:
    if person is WOMAN:
        return woman_at_the_council()
    if person is MAN:
        return man_at_the_council()
    if person is DAUGHTER:
        return daughter_at_the_council()
    if not (events := events_of(person, seed)):
        return []
    known = council_patient(person, events[0].start)
    return [known, *at_the_council(person, seed, in_bed=bool(bed))]


def event_resources(person: Outline, seed: int) -> tuple[Resource, ...]:
    """Return the person's council events as the resources an import of their rows would make."""
    events = council_events(person, seed)
    return tuple(event_resource(person, n, event) for n, event in enumerate(events, 1))


def bundles(seed: int, people: int) -> Iterator[tuple[str, Resource]]:
    """Yield (organisation, collection Bundle), the organisations' own bundles first."""
    for sheaf in sheaves(seed, people):
        name = sheaf.person.id if sheaf.person else "organisation"
        yield sheaf.organisation, collection(sheaf.organisation, name, sheaf.resources)


def council_rows(seed: int, people: int) -> Iterator[dict[str, str]]:
    """Yield the council's Client Level Data rows, person by person."""
    for person in make_people(seed, people):
        for number, event in enumerate(council_events(person, seed), 1):
            yield row(person, number, event)
