"""One person's life as it was gathered: every statement, who made it, and the names behind it.

`queries` fills a `Life`; presenters only read it. A statement is a resource with the three
times of domain.md 0: when it was true, when it was recorded, when we received it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import DataClass
from joinedup.people.disagreement import Disagreement
from joinedup.people.presenters.true_date import said_by
from joinedup.people.presenters.words import concept, human_name, telephones
from joinedup.web.dates import Moment, When, when

__all__ = ["Life", "Resource", "Source", "Statement", "Told", "told"]

TYPE = "resourceType"
Resource = dict[str, Any]


class Statement(Struct, frozen=True, kw_only=True):
    """One resource, and who said it when."""

    resource: Resource
    type: str
    id: str
    organisation: str = ""
    role: str = ""
    happened: Moment | None = None
    recorded: Moment | None = None
    received: Moment | None = None


class Source(Struct, frozen=True, kw_only=True):
    """An organisation that has told us something about this person."""

    code: str
    name: str
    lane: int
    statements_count: int = 0
    received: Moment | None = None


class Life(Struct, frozen=True, kw_only=True):
    """Everything this permit may see about one person.

    `person` is the master Patient; `others` are what each other organisation says of the same
    person; `names` holds the practitioners, organisations and places that statements refer to;
    `hidden` names the kinds of information that the reader's role does not open; `access` holds
    who was trusted with the record, who was not, and whose glass was broken; `access_said` holds
    the same with who said so, and what the person says is wrong; `disagreements` tells by
    `Type/id` which entries that is about; `is_own` that she reads it herself.
    """

    person: Statement
    others: tuple[Statement, ...] = ()
    statements: tuple[Statement, ...] = ()
    names: Mapping[str, Resource] = {}
    sources: tuple[Source, ...] = ()
    hidden: frozenset[DataClass] = frozenset()
    restricted: bool = False
    complete: bool = True
    access: tuple[Resource, ...] = ()
    access_said: tuple[Statement, ...] = ()
    disagreements: Mapping[str, Disagreement] = {}
    is_own: bool = False

    def of(self, *types: str) -> tuple[Statement, ...]:
        """Return the statements of the given resource types, in the order they were gathered."""
        return tuple(s for s in self.statements if s.type in types)

    def source(self, code: str) -> Source:
        """Return the source with an organisation code; an unknown one is named by its code."""
        found = next((s for s in self.sources if s.code == code), None)
        return found or Source(code=code, name=code or "Source not recorded", lane=0)

    def name_of(self, reference: Mapping[str, Any] | None) -> str:
        """Return the name behind a reference: what it says itself, else what we hold, else ""."""
        if not reference:
            return ""
        held = self.names.get(reference.get("reference", ""))
        if held is None:
            return str(reference.get("display", ""))
        if held[TYPE] == "PractitionerRole":
            practitioner = held.get("practitioner") or {}
            return self.name_of(practitioner) or str(reference.get("display", ""))
        return name_of_resource(held) or str(reference.get("display", ""))


def name_of_resource(held: Resource) -> str:
    """Return what a practitioner, organisation, place or medicine is called."""
    if held[TYPE] == "Medication":
        return concept(held.get("code"))
    name = held.get("name")
    if isinstance(name, list):
        return human_name(name)
    return name or concept((held.get("code") or [None])[0]) or ""


def telephone_of(life: Life, references: Iterable[Mapping[str, Any] | None]) -> str:
    """Return the first telephone number found behind these references, or ""."""
    for reference in references:
        held = life.names.get((reference or {}).get("reference", ""))
        numbers = telephones(held.get("telecom")) if held else ()
        if numbers:
            return numbers[0].number
    return ""


class Told(Struct, frozen=True):
    """Who told us: shown beside every item (domain.md 0, Provenance)."""

    organisation: str
    lane: int
    role: str
    author: str
    happened: When | None
    recorded: When | None
    received: When | None
    reference: str = ""
    disagrees: str = ""


def told(life: Life, statement: Statement, now: datetime) -> Told:
    """Return the source line of a statement: who its resource names, else who stored it."""
    source = life.source(statement.organisation)
    author, post = said_by(statement.resource, life.names, life.name_of)
    return Told(
        organisation=source.name,
        lane=source.lane,
        role=post or statement.role,
        author="" if author == source.name else author,
        happened=when(statement.happened, now),
        recorded=when(statement.recorded, now),
        received=when(statement.received, now, time=True),
        reference=f"{statement.type}/{statement.id}",
        disagrees=_disagrees(life, statement),
    )


def _disagrees(life: Life, statement: Statement) -> str:
    """Return what stands beside an entry that the person says is wrong; "" beside any other."""
    if f"{statement.type}/{statement.id}" not in life.disagreements:
        return ""
    return "You disagree" if life.is_own else "The person disagrees"
