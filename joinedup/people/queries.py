"""Gathering what pages about people show, from the record, under the reader's permit.

`gather` fills a `Life` with everything the permit sees of one person and the names behind it.
Each call is one audited access; nothing is kept between requests.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.access.words import DataClass, Role
from joinedup.fhir.classes import class_of
from joinedup.fhir.involve import master_of, references_in
from joinedup.fhir.search.clause import Ids, Query
from joinedup.people.disagreement import disagreement_of, standing_disagreements
from joinedup.people.presenters.life import Life, Source, Statement, name_of_resource
from joinedup.people.presenters.true_date import true_moment
from joinedup.people.presenters.words import concept
from joinedup.record.change import Stored
from joinedup.web.dates import moment_of
from joinedup.web.roles import role_words

__all__ = ["gather", "last_looked", "life_of"]

Resource = dict[str, Any]
_NAMED_TYPES = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "Location", "Medication"}
)
_BEHIND = ("practitioner", "organization", "partOf")
_NAMES_MAX = 500
_LANES = 6
# What is stored was checked when it came; here it only has to be read fast, decimals kept.
_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def gather(permit: Permit, person_id: str) -> Life:
    """Return one person's life as the permit sees it; NotFound where it sees nobody."""
    page = record.everything(permit, person_id)
    return life_of(permit, person_id, page.entries, complete=page.next_cursor is None)


def life_of(
    permit: Permit, person_id: str, entries: Sequence[Stored], *, complete: bool = True
) -> Life:
    """Return a life from what was read of one person already, with the names behind it."""
    names = _names(permit, entries)
    said = [_statement(stored) for stored in entries]
    person = _kept(said, person_id)
    told = [s for s in said if s.type != "Patient" and not _guards_access(s)]
    return Life(
        person=person,
        others=tuple(s for s in said if s.type == "Patient" and s is not person),
        statements=tuple(s for s in told if disagreement_of(s.resource) is None),
        disagreements=standing_disagreements(s.resource for s in told),
        access=tuple(s.resource for s in said if s.type == "Consent" or _guards_access(s)),
        access_said=tuple(s for s in said if _is_of_access(s)),
        names=names,
        sources=tuple(_sources(entries, names)),
        hidden=frozenset(c for c in DataClass if not permit.sees_class(c)),
        restricted=is_restricted(person.resource),
        complete=complete,
        is_own=permit.role is Role.PERSON,
    )


def _kept(said: Sequence[Statement], person_id: str) -> Statement:
    """Return the Patient asked for, or the one it was joined to: what comes is all of theirs."""
    patients = {s.id: s for s in said if s.type == "Patient"}
    found = patients[person_id]
    seen = {person_id}
    while (master := master_of(found.resource)) in patients and master not in seen:
        found = patients[master]
        seen.add(master)
    return found


def _is_of_access(said: Statement) -> bool:
    """Whether a copy lists it among choices and requests, apart from what care was given."""
    is_disagreement = disagreement_of(said.resource) is not None
    return said.type == "Consent" or is_disagreement or _guards_access(said)


def _guards_access(said: Statement) -> bool:
    """Whether it belongs to those who guard access, and is no part of what care was given."""
    return class_of(said.resource, names_somebody=True) == DataClass.ACCESS and said.type == "Task"


def last_looked(permit: Permit, person_id: str, before: datetime, now: datetime) -> datetime | None:
    """Return when this worker last opened the record before this visit, None on a first look.

    Where the place's clock stands still, looks of the standing hour are this visit.
    """
    looked = record.last_look(permit, person_id, before)
    return looked if looked and looked < now else None


def _statement(stored: Stored) -> Statement:
    resource = _decoder.decode(stored.body)
    return Statement(
        resource=resource,
        type=stored.type,
        id=stored.id,
        organisation=stored.source,
        role="" if stored.role == "system" else role_words(stored.role),
        happened=true_moment(resource) or moment_of(stored.happened),
        recorded=moment_of(stored.recorded),
        received=moment_of(stored.received),
    )


def _names(permit: Permit, entries: Iterable[Stored]) -> dict[str, Resource]:
    """Read the workers, organisations, places and medicines that statements point at, twice over:
    a post points on at its worker and its organisation."""
    wanted = {r for s in entries for r in references_in(s.body)}
    wanted |= {f"Organization/{s.source}" for s in entries if s.source}
    names = _read_all(permit, wanted)
    behind = {
        held[element]["reference"]
        for held in names.values()
        for element in _BEHIND
        if isinstance(held.get(element), dict) and "reference" in held[element]
    }
    return names | _read_all(permit, behind - set(names))


def _read_all(permit: Permit, references: Iterable[str]) -> dict[str, Resource]:
    by_type: dict[str, list[str]] = {}
    for reference in references:
        kind, _, resource_id = reference.partition("/")
        if kind in _NAMED_TYPES and resource_id:
            by_type.setdefault(kind, []).append(resource_id)
    found: dict[str, Resource] = {}
    for kind, ids in by_type.items():
        query = Query(type=kind, clauses=(Ids(tuple(ids[:_NAMES_MAX])),), count=_NAMES_MAX)
        for stored in record.search(permit, query).entries:
            found[stored.reference] = stored.resource
    return found


def _sources(entries: Iterable[Stored], names: dict[str, Resource]) -> Iterable[Source]:
    codes = Counter(s.source for s in entries if s.source)
    newest: dict[str, datetime] = {}
    for stored in entries:
        if stored.source:
            newest[stored.source] = max(newest.get(stored.source, stored.received), stored.received)
    organisations = {code: names.get(f"Organization/{code}") for code in codes}
    ordered = sorted(codes, key=lambda c: (_rank(organisations[c]), c))
    for place, code in enumerate(ordered, 1):
        held = organisations[code]
        yield Source(
            code=code,
            name=name_of_resource(held) if held else code,
            lane=min(place, _LANES),
            statements_count=codes[code],
            received=moment_of(newest[code]),
        )


_RANKS = ("gp", "surgery", "practice", "medical centre", "hospital", "trust", "council")


def _rank(organisation: Resource | None) -> int:
    """Order lanes as care flows: practices, then hospitals, then councils, then everybody else."""
    if organisation is None:
        return len(_RANKS)
    kinds = " ".join(concept(t) for t in organisation.get("type") or ())
    words = f"{organisation.get('name', '')} {kinds}".casefold()
    return next((i for i, w in enumerate(_RANKS) if w in words), len(_RANKS))
