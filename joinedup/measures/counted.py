"""Whom a number counts: the people behind it that a reader may see, and how many they may not.

The number is the place's; the names are each reader's own: of stays of which they see every part,
since a name behind a number tells what is counted. Who is shown is named in the audit.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, counting
from joinedup.access.words import DataClass
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.profiles.readiness import readiness_id
from joinedup.fhir.search.clause import Ids, Query
from joinedup.people.presenters.life import name_of_resource
from joinedup.people.presenters.words import nhs_number_words
from joinedup.record import Stored
from joinedup.record.stood import latest, stood
from joinedup.web.dates import read_moment, say

__all__ = ["Counted", "Somebody", "counted_people"]

_AT_ONCE = 200


class Somebody(Struct, frozen=True):
    """One of those counted, as their reader may see them."""

    id: str
    name: str
    nhs_number: str
    born: str


class Counted(Struct, frozen=True):
    """A number of stays, as people: `withheld` are of people whom the reader may not see."""

    people: tuple[Somebody, ...]
    withheld: int

    @property
    def number(self) -> int:
        """The number that was clicked."""
        return len(self.people) + self.withheld


def counted_people(
    permit: Permit, spells: Sequence[str], people: Mapping[str, str], *, what: str
) -> Counted:
    """Return who stands behind some stays, by name, and how many are withheld from the reader.

    `people` says whose each stay is. A person with two stays stands there twice: a number of stays
    is a number of lines.
    """
    hidden = _hidden(permit, spells)
    told = [spell for spell in spells if spell not in hidden]
    named = [people.get(spell, "").removeprefix("Patient/") for spell in told]
    seen = _seen(permit, named, what)
    shown = sorted((seen[n] for n in named if n in seen), key=lambda one: (one.name, one.id))
    return Counted(tuple(shown), len(spells) - len(shown))


def _hidden(permit: Permit, spells: Sequence[str]) -> frozenset[str]:
    """Return the stays of which something is kept from the reader: the stay, or how it stands."""
    tasks = {readiness_id(spell): spell for spell in spells}
    encounters = {spell: spell for spell in spells}
    return frozenset(_kept(permit, "Encounter", encounters) | _kept(permit, "Task", tasks))


def _kept(permit: Permit, kind: str, spells: Mapping[str, str]) -> set[str]:
    ids, found = list(spells), set()
    for begins in range(0, len(ids), _AT_ONCE):
        part = tuple(ids[begins : begins + _AT_ONCE])
        query = Query(type=kind, clauses=(Ids(part),), count=len(part))
        every, own = (
            {s.id for s in stood(one, query, latest(), detail=_COUNTED)}
            for one in (counting(permit), permit)
        )
        found |= {spells[name] for name in every - own}
    return found


_COUNTED = "which of those counted may be named; nobody shown"


def _seen(permit: Permit, named: Iterable[str], what: str) -> dict[str, Somebody]:
    if not permit.sees_class(DataClass.DEMOGRAPHIC):
        return {}
    ids = [name for name in dict.fromkeys(named) if name]
    found: dict[str, Somebody] = {}
    for begins in range(0, len(ids), _AT_ONCE):
        part = tuple(ids[begins : begins + _AT_ONCE])
        query = Query(type="Patient", clauses=(Ids(part),), count=len(part))
        page = record.search(permit, query, detail=f"who is counted: {what}")
        found |= {s.id: _somebody(s) for s in page.entries}
    return found


def _somebody(stored: Stored) -> Somebody:
    patient = stored.resource
    numbers = (
        str(i.get("value", ""))
        for i in patient.get("identifier", ())
        if i.get("system") == NHS_NUMBER_SYSTEM
    )
    return Somebody(
        id=stored.id,
        name=name_of_resource(patient),
        nhs_number=nhs_number_words(next(numbers, "")),
        born=_day_words(str(patient.get("birthDate", ""))),
    )


def _day_words(text: str) -> str:
    moment = read_moment(text) if text else None
    return say(moment) if moment else ""
