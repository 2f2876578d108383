"""Two records side by side: what agrees, what differs, and what would come together. Pure.

Whether they are one person is for people to say; this only lays out what both records hold, as far
as the reader sees them. What is withheld is said to be withheld, never compared.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from joinedup.people.presenters.identity import Identity
from joinedup.people.presenters.kinds import KINDS, kind_of
from joinedup.people.presenters.life import Life

__all__ = ["Coming", "Line", "Older", "coming_together", "compared", "practice_of"]

SAME, DIFFERS, ONE_ONLY, WITHHELD = "Same", "Differs", "Only in one", "Withheld"
TONES = {SAME: "now", DIFFERS: "high", ONE_ONLY: "soon", WITHHELD: "pause"}


class Line(Struct, frozen=True):
    """One fact of both records, "" where a record has none, and how the two compare."""

    label: str
    one: str
    other: str
    verdict: str

    @property
    def tone(self) -> str:
        """The colour of the verdict."""
        return TONES[self.verdict]


class Coming(Struct, frozen=True):
    """How many entries of one kind each record has."""

    kind: str
    one: int
    other: int


class Older(Struct, frozen=True):
    """A record that was joined to this one: its name and number, and since when."""

    id: str
    name: str
    number: str
    since: str


def compared(one: Identity, other: Identity, practices: tuple[str, str]) -> tuple[Line, ...]:
    """Return every fact that at least one of two people's records has."""
    lines = [
        _line("Name", one.name, other.name),
        _line("Known as", one.known_as, other.known_as),
        _line("Born", one.born.words if one.born else "", other.born.words if other.born else ""),
        _line("Gender", one.gender, other.gender),
        _line("NHS number", one.nhs_number, other.nhs_number),
        _line("Died", one.died, other.died),
    ]
    if one.restricted or other.restricted:
        lines.append(Line("Address, telephone and practice", "", "", WITHHELD))
    else:
        lines += [
            _line("Address", ", ".join(one.address), ", ".join(other.address)),
            _line("Telephone", _telephones(one), _telephones(other)),
            _line("Practice", *practices),
        ]
    return tuple(line for line in lines if line.one or line.other or line.verdict == WITHHELD)


def _line(label: str, one: str, other: str) -> Line:
    if not (one and other):
        return Line(label, one, other, ONE_ONLY)
    alike = " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
    return Line(label, one, other, SAME if alike else DIFFERS)


def _telephones(person: Identity) -> str:
    return ", ".join(t.number for t in person.telephones)


def practice_of(life: Life) -> str:
    """Return the name of the practice a person is registered with; "" where none is held."""
    practices: Iterable[Any] = life.person.resource.get("generalPractitioner") or ()
    return ", ".join(name for name in map(life.name_of, practices) if name)


def coming_together(one: Life, other: Life) -> tuple[Coming, ...]:
    """Return how many entries of each kind the two have, as far as the reader sees them."""
    counts = [Counter(filter(None, map(kind_of, life.statements))) for life in (one, other)]
    return tuple(
        Coming(words, counts[0][kind], counts[1][kind])
        for kind, words in KINDS.items()
        if counts[0][kind] or counts[1][kind]
    )
