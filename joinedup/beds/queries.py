"""What the record says of beds: how a hospital stood at a moment, and who lies on a ward now.

States and counts are of everybody, so the system counts them and shows nobody; whoever is named is
found by the permit of who asks, and only those it sees. Sight is the record's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.beds.rules.picture import Lying, Picture, lying_of, picture
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles import isolation as isolations
from joinedup.fhir.profiles import spell as spells
from joinedup.fhir.profiles.bed import Bed, Ward, is_bed, is_ward, read_bed, read_ward
from joinedup.fhir.profiles.isolation import Isolation
from joinedup.fhir.profiles.spell import Spell
from joinedup.fhir.search.query import parse_query
from joinedup.record import Stored
from joinedup.record.stamp import stamp
from joinedup.record.stood import stood

__all__ = [
    "HospitalThen",
    "WardNow",
    "hospital_then",
    "hospitals",
    "named_stays",
    "stamp_of",
    "ward_of",
    "wards_and_beds",
]

JOB = system_permit("beds")
NOW_KNOWN = datetime(9999, 1, 1, tzinfo=UTC)
"""As the record stands: every version that has come."""
_LEFT_WITHIN = timedelta(days=14)
_MARGIN = timedelta(days=1)
_PAGE = 1000
_GONE = ("cancelled", "entered-in-error", "unknown")
_DETAIL = "counting beds"


class WardNow(Struct, frozen=True, kw_only=True):
    """A ward with its beds as the record holds them, each with its version."""

    ward: Ward
    stored: Stored
    beds: tuple[tuple[Bed, Stored], ...]


class HospitalThen(Struct, frozen=True, kw_only=True):
    """How a hospital stood at a moment: wards, the picture of its beds, its stays by id.

    `infections` are those that ran then, by stay; nobody is named on a page from here.
    """

    id: str
    wards: tuple[Ward, ...]
    shown: Picture
    stays: Mapping[str, Spell]
    infections: Mapping[str, Isolation]


def wards_and_beds(permit: Permit, **asked: str) -> tuple[Stored, ...]:
    """Return the Locations that are wards and beds, by name as people count; all, or as asked."""
    found: list[Stored] = []
    cursor: str | None = None
    while True:
        pairs = [*asked.items(), *([("_cursor", cursor)] if cursor else [])]
        query = parse_query("Location", pairs, default_count=_PAGE)
        page = record.search(permit, query, detail="wards and beds")
        found += [s for s in page.entries if is_bed(s.resource) or is_ward(s.resource)]
        if (cursor := page.next_cursor) is None:
            return tuple(sorted(found, key=_as_counted))


def _as_counted(stored: Stored) -> tuple[str, int, str]:
    words, _, number = str(stored.resource.get("name", "")).rpartition(" ")
    return (words, int(number), stored.id) if number.isdecimal() else (words, 0, stored.id)


def hospitals(permit: Permit) -> tuple[str, ...]:
    """Return the hospitals of the place that have beds: the worker's own alone where it has any."""
    found = {read_ward(s.resource).hospital for s in wards_and_beds(permit) if is_ward(s.resource)}
    own = {permit.organisation} & found
    return tuple(sorted(own or found))


def ward_of(permit: Permit, ward_id: str) -> WardNow:
    """Return a ward with its beds; NotFound for what is no ward that the permit sees."""
    stored = record.read(permit, "Location", ward_id)
    if not is_ward(stored.resource):
        raise NotFound(f"There is no ward {ward_id} that you can see.")
    beds = wards_and_beds(permit, partof=f"Location/{ward_id}")
    return WardNow(
        ward=read_ward(stored.resource),
        stored=stored,
        beds=tuple((read_bed(s.resource), s) for s in beds if is_bed(s.resource)),
    )


def hospital_then(hospital: str, at: datetime, *, known: datetime = NOW_KNOWN) -> HospitalThen:
    """Return how a hospital stood at a moment, from what had come by `known` (8:00, or today).

    A past day's snapshot as it was counted then has both the same; with today's knowledge it has
    what came late (DI-08, domain.md 10.3, example 6).
    """
    places = [s.resource for s in _stood("Location", known, organization=_of(hospital))]
    stays = {s.id: s for s in _stays(hospital, at, known)}
    ill = {i.spell: i for i in _infections(hospital, at, known)}
    lying = [row for stay in stays.values() for row in _rows(stay, ill.get(stay.id))]
    beds = sorted((read_bed(p) for p in places if is_bed(p)), key=_bed_order)
    wards = sorted((read_ward(p) for p in places if is_ward(p)), key=lambda w: _number(w.name))
    return HospitalThen(
        id=hospital,
        wards=tuple(wards),
        shown=picture(beds, lying, at),
        stays=stays,
        infections=ill,
    )


def _rows(stay: Spell, ill: Isolation | None) -> Iterator[Lying]:
    for row in lying_of(stay):
        if ill:
            row = replace(row, infection=ill.infection, certainty=ill.certainty)
        yield row


def _stays(hospital: str, at: datetime, known: datetime) -> Iterator[Spell]:
    own = {"service-provider": _of(hospital), "class": "IMP,ACUTE,NONAC"}
    since, until = at - _LEFT_WITHIN, at + _MARGIN
    here = _stood("Encounter", known, **own, date=_between(since, until))
    kept = _stood("Encounter", known, **own, status="planned")
    for resource in {s.id: s.resource for s in (*here, *kept)}.values():
        ended = resource.get("status") == "finished" and "end" not in resource.get("period", {})
        if resource.get("status") not in _GONE and spells.is_spell(resource) and not ended:
            yield spells.read(resource)


def _infections(hospital: str, at: datetime, known: datetime) -> Iterator[Isolation]:
    since, until = at - _LEFT_WITHIN, at + _MARGIN
    for stored in _stood("Flag", known, author=_of(hospital), date=_between(since, until)):
        if isolations.is_isolation(stored.resource):
            said = isolations.read(stored.resource)
            if said.since <= at and (said.over is None or at < said.over):
                yield said


def _stood(kind: str, known: datetime, **asked: str | tuple[str, ...]) -> tuple[Stored, ...]:
    pairs = [
        (name, value)
        for name, values in asked.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return stood(JOB, parse_query(kind, pairs), known, detail=_DETAIL)


def _between(since: datetime, until: datetime) -> tuple[str, str]:
    moments = (f"{m.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for m in (since, until))
    first, last = moments
    return f"ge{first}", f"le{last}"


def _of(hospital: str) -> str:
    return f"Organization/{hospital}"


def _bed_order(bed: Bed) -> tuple[str, int]:
    return bed.ward, _number(bed.name)


def _number(name: str) -> int:
    number = name.rpartition(" ")[2]
    return int(number) if number.isdecimal() else 0


def stamp_of(hospital: str, wards: Iterable[str], beds: Iterable[str]) -> str:
    """Return what changes whenever one of these beds, who lies in one, or an infection does."""
    kept = tuple(beds)
    references = [f"Location/{name}" for name in (*wards, *kept)]
    return stamp(JOB, references, claims=[f"bed/{bed}" for bed in kept], flags_of=hospital)


def named_stays(permit: Permit, stays: Iterable[str], *, detail: str) -> dict[str, Any]:
    """Return the Patients of stays by stay, of those that the permit sees; a look at each."""
    wanted = sorted(stays)
    if not wanted:
        return {}
    asked = [("_id", ",".join(wanted)), ("_include", "Encounter:patient")]
    query = parse_query("Encounter", asked, default_count=_PAGE)
    page = record.search(permit, query, detail=detail)
    people = {s.reference: s.resource for s in page.included}
    found = {s.id: str(s.resource["subject"]["reference"]) for s in page.entries}
    return {stay: people[person] for stay, person in found.items() if person in people}
