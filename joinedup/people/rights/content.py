"""What a copy of a record holds, for a reader: every entry, by section and by who said it. Pure.

Made from a `Life` that was read under the permit of whom the copy is for, so what is kept from that
person was never here. "None" is never said: a section without entries says what that means.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from joinedup.access.words import Role
from joinedup.fhir.classes import task_kind
from joinedup.fhir.relationships import consent_kind
from joinedup.people.presenters.details import details_of
from joinedup.people.presenters.identity import nhs_number_of
from joinedup.people.presenters.items import newest_first, status_of
from joinedup.people.presenters.kinds import KINDS, kind_of, title_of
from joinedup.people.presenters.life import Life, Statement, Told, told
from joinedup.people.presenters.words import (
    address_lines,
    concept,
    human_name,
    nhs_number_words,
    status_words,
    telephones,
)
from joinedup.people.rights.in_full import lines_in_full
from joinedup.web.dates import read_moment, when
from joinedup.web.roles import role_words

__all__ = ["Copy", "Entry", "Part", "Voice", "copy_of"]

_OTHER = "Other entries"
_CLOSE = "People close to you"
_CHOICES = "Choices about sharing and who looks"
_TITLE_OF_TYPE = {"RelatedPerson": _CLOSE, "Consent": _CHOICES, "Provenance": _CHOICES}
_CONSENTS = {
    "proxy": "Somebody trusted with the record",
    "objection": "An organisation that is not to see the record",
    "permission-to-view": "Permission to open the record",
    "permission-given": "A worker was told yes when they asked to look",
}
_TASKS = {
    "break-glass": "The record was opened without a relationship",
    "record-request": "A copy of the whole record was asked for",
    "withholding": "An entry is withheld from this copy",
    "disagreement": "An entry is wrong, you said",
    "proxy-request": "Somebody asked to be trusted with the record",
    "access-alert": "An alert about who looked",
}


class Entry(Struct, frozen=True, kw_only=True):
    """One entry: its title, its summary, and everything it says; `disagrees` as beside it."""

    reference: str
    title: str
    status: str
    details: tuple[str, ...]
    full: tuple[tuple[str, str], ...]
    told: Told
    disagreement: str


class Voice(Struct, frozen=True):
    """What one organisation said."""

    organisation: str
    entries: tuple[Entry, ...]


class Part(Struct, frozen=True):
    """A section of the copy: what each organisation said in it."""

    title: str
    voices: tuple[Voice, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its entries, organisation by organisation."""
        return tuple(entry for voice in self.voices for entry in voice.entries)


class Copy(Struct, frozen=True, kw_only=True):
    """The whole copy; `withheld` are the sentences about what the person is told is not in it."""

    name: str
    nhs_number: str
    born: str
    address: tuple[str, ...]
    telephones: tuple[str, ...]
    parts: tuple[Part, ...]
    withheld: tuple[str, ...]
    organisations: tuple[str, ...]


def copy_of(life: Life, withheld: Iterable[str], now: datetime) -> Copy:
    """Return everything a life holds, section by section."""
    patient = life.person.resource
    born = when(read_moment(str(patient.get("birthDate", ""))), now)
    return Copy(
        name=human_name(patient.get("name")) or "Name not recorded",
        nhs_number=nhs_number_words(nhs_number_of(patient)[0]) or "not held",
        born=born.words if born else "not recorded",
        address=tuple(address_lines(patient.get("address"))),
        telephones=tuple(t.number for t in telephones(patient.get("telecom"))),
        parts=_parts(life, now),
        withheld=tuple(withheld),
        organisations=tuple(source.name for source in life.sources),
    )


def _parts(life: Life, now: datetime) -> tuple[Part, ...]:
    said: dict[str, list[Statement]] = {title: [] for title in KINDS.values()}
    for statement in (life.person, *life.others, *life.statements):
        said.setdefault(_section_of(statement), []).append(statement)
    said.setdefault(_CHOICES, []).extend(life.access_said)
    return tuple(Part(title, _voices(life, found, now)) for title, found in said.items())


def _section_of(statement: Statement) -> str:
    kind = kind_of(statement)
    return KINDS[kind] if kind else _TITLE_OF_TYPE.get(statement.type, _OTHER)


def _voices(life: Life, statements: list[Statement], now: datetime) -> tuple[Voice, ...]:
    by_source: dict[str, list[Entry]] = {}
    for statement in newest_first(statements):
        entry = _entry(life, statement, now)
        by_source.setdefault(_speaker(statement, entry.told), []).append(entry)
    return tuple(Voice(name, tuple(entries)) for name, entries in sorted(by_source.items()))


def _speaker(statement: Statement, told: Told) -> str:
    is_hers = not statement.organisation and statement.role == role_words(Role.PERSON.value)
    return "the person" if is_hers else told.organisation


def _entry(life: Life, statement: Statement, now: datetime) -> Entry:
    reference = f"{statement.type}/{statement.id}"
    disagreement = life.disagreements.get(reference)
    return Entry(
        reference=reference,
        title=_title(life, statement),
        status=status_words(status_of(statement)),
        details=details_of(life, statement, now),
        full=lines_in_full(life, statement.resource),
        told=told(life, statement, now),
        disagreement=disagreement.words if disagreement else "",
    )


def _title(life: Life, statement: Statement) -> str:
    if statement.type == "RelatedPerson":
        name = human_name(statement.resource.get("name"))
        return name or concept(next(iter(statement.resource.get("relationship") or ()), None))
    if statement.type == "Consent":
        return _CONSENTS.get(consent_kind(statement.resource), "A choice about sharing")
    if task_kind(statement.resource) in _TASKS:
        return _TASKS[task_kind(statement.resource)]
    return title_of(life, statement)
