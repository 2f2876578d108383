"""From the entries of a unit to what is stored: read, named, attached to its person, checked.

What cannot be stored is refused alone, with its FHIRPath; what names a person who was refused is
refused with them.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from joinedup.fhir.check import check
from joinedup.fhir.classes import CLASS_OF_TYPE, IDENTITY_TASKS, DataClass, task_kind
from joinedup.fhir.issue import Problem, Refusal
from joinedup.fhir.key import resource_key
from joinedup.fhir.narrative import clean
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.sense import impossible_birth
from joinedup.fhir.types import TYPE_NUMBERS
from joinedup.fhir.wire import read_resource
from joinedup.people.identity.asking import hold
from joinedup.people.identity.death import dated_after, death_of
from joinedup.people.identity.described import described_in, without_person
from joinedup.people.identity.question import Held
from joinedup.people.importing.entries import Entry, Unit
from joinedup.people.importing.judging import Settled
from joinedup.people.importing.links import Links
from joinedup.people.importing.naming import names_of, ods_code, record_id, rewrite, source_name
from joinedup.people.importing.persons import Persons, register
from joinedup.people.importing.report import Refusals
from joinedup.people.importing.resolver import Resolver
from joinedup.people.importing.writing import Item
from joinedup.record import Put, Source
from joinedup.record.prepare import RECORDED_AT

__all__ = ["Preparer", "comes_first"]

_FIRST = re.compile(rb'"resourceType"\s*:\s*"(?:Patient|Organization)"')

_SERVED = frozenset(SERVED)
_AUTHORS = (
    "recorder asserter author requester performer participant informationSource sender".split()
)
_INSIDE = ("individual", "actor", "member")

_TWICE = "This import says it twice; the first was kept (in a history bundle, the newest)."

Resource = dict[str, Any]


class _Read(Struct, frozen=True):
    """One entry, read; `name` is what its source calls it."""

    entry: Entry
    resource: Resource
    name: str
    kind: str


class Preparer:
    """Prepares the units of one import, in order; keeps what later units need to know."""

    def __init__(
        self, organisation: str, persons: Persons, refusals: Refusals, links: Links
    ) -> None:
        self._organisation = organisation
        self._persons = persons
        self._refusals = refusals
        self._links = links
        self._codes: dict[str, str] = {}
        self._died: dict[str, date] = {}

    def prepare(self, unit: Unit) -> Iterator[Item]:
        """Yield what is to be stored of a unit, people first; refuses the rest line by line."""
        read = list(self._read_all(unit))
        patients = [r for r in read if r.kind == "Patient" and self._passes(r)]
        settled = self._persons.settle([(r.name, r.resource) for r in patients])
        names = self._names(read, settled)
        for one in patients:
            made = settled[one.name]
            if (death := death_of(one.resource)) and death.on:
                self._died[f"Patient/{made.master}"] = death.on
            yield from self._finish(one, made.own, names, made)
        for one in read:
            if one.kind != "Patient":
                own = names[f"{one.kind} {one.name}"].partition("/")[2]
                yield from self._finish(one, own, names, None)

    def _read_all(self, unit: Unit) -> Iterator[_Read]:
        seen: set[tuple[str, str]] = set()
        for entry in unit.entries:
            one = self._read(entry)
            if one is None:
                continue
            if (one.kind, one.name) in seen:
                self._refuse(one, (Problem("duplicate", _TWICE),))
                continue
            seen.add((one.kind, one.name))
            yield one

    def _read(self, entry: Entry) -> _Read | None:
        if entry.problem:
            self._refusals.refuse(entry.file, entry.number, (Problem("processing", entry.problem),))
            return None
        data = bytes(entry.data)
        try:
            resource = read_resource(data)
        except Refusal as refusal:
            self._refusals.refuse(
                entry.file,
                entry.number,
                refusal.problems,
                kind=_guess_kind(data),
                full_url=entry.full_url,
            )
            return None
        kind: Any = resource.get("resourceType")
        if not isinstance(kind, str) or kind not in TYPE_NUMBERS:
            problem = Problem("structure", "This is no FHIR R4 resource type.", "resourceType")
        elif kind not in _SERVED:
            problem = Problem("not-supported", f"The type {kind} is not kept yet.", kind)
        else:
            return _Read(entry, resource, source_name(entry.full_url, resource, data), kind)
        self._refusals.refuse(
            entry.file,
            entry.number,
            (problem,),
            kind=str(kind)[:64] if kind else "?",
            full_url=entry.full_url,
        )
        return None

    def _names(self, read: list[_Read], settled: Mapping[str, Settled]) -> dict[str, str]:
        """Return what each name of the unit refers to here, and each resource's own reference."""
        names: dict[str, str] = {}
        for one in read:
            if one.kind == "Patient":
                made = settled.get(one.name)
                target = f"Patient/{made.master}" if made else ""
            else:
                target = f"{one.kind}/{self._own_id(one)}"
            names[f"{one.kind} {one.name}"] = target
            for name in names_of(one.entry.full_url, one.resource):
                names[name] = target or f"refused {one.name}"
        return names

    def _own_id(self, one: _Read) -> str:
        if one.kind == "Organization" and (code := ods_code(one.resource)):
            for name in names_of(one.entry.full_url, one.resource):
                self._codes[name] = code
            return code
        return record_id(self._organisation, one.name)

    def _finish(
        self, one: _Read, own: str, names: Mapping[str, str], person: Settled | None
    ) -> Iterator[Item]:
        resource = one.resource
        resolver = Resolver(self._organisation, self._persons, names, self._codes)
        resource["id"] = own
        rewrite(resource, resolver.resolve)
        if person is not None:
            person.attach(resource)
            register(resource, self._organisation)
        else:
            resource = self._about_somebody(one, resource, resolver)
        problems = resolver.refused or (() if person else self._problems(resource, resolver))
        if problems:
            self._refuse(one, problems)
            return
        self._note_late(one, resolver)
        key = resource_key(one.kind, own)
        repeats = person is not None or CLASS_OF_TYPE.get(one.kind) is DataClass.SHARED
        waits_for = person.question if person else resolver.question
        targets = () if waits_for else resolver.targets
        met = self._links.add(key, targets, bytes(one.entry.data), repeats=repeats)
        if met == "same":
            self._refusals.count(one.kind, "unchanged")
            return
        if met == "different":
            self._refuse(one, (Problem("duplicate", _TWICE),))
            return
        if "text" in resource or "contained" in resource:
            resource = clean(resource)
        source = _source(resource, self._organisation)
        kept = one.kind if waits_for else ""
        put = _waiting(waits_for, resource, source) if kept else Put(resource, source=source)
        yield Item(put, one.entry.file, one.entry.number, one.entry.full_url, kept)

    def _note_late(self, one: _Read, resolver: Resolver) -> None:
        """Note a referral or appointment after a death: either may be the one that is wrong."""
        died = next((self._died[t] for t in resolver.targets if t in self._died), None)
        if died is not None and dated_after(one.resource, died):
            entry = one.entry
            words = f"this {one.kind} is dated after the death of its person. Check both dates."
            self._refusals.note(f"{entry.file}, entry {entry.number}: {words}")

    def _about_somebody(self, one: _Read, resource: Resource, resolver: Resolver) -> Resource:
        """Return an entry that describes its person within itself, about a person of the record."""
        described = described_in(resource)
        if described is None or resolver.names_a_person or resolver.refused:
            return resource
        person = self._persons.described(one.kind, resource["id"], described)
        filed = without_person(resource, person, str(described["id"]))
        resolver.resolve_person(person)
        return filed

    def _passes(self, one: _Read) -> bool:
        """Whether a Patient is good FHIR; looked at first, as everything else hangs on it."""
        problems = tuple(p for p in check(one.resource) if p.severity in ("error", "fatal"))
        problems = problems or tuple(impossible_birth(one.resource, datetime.now(LONDON).date()))
        if problems:
            words = f"the resource of its person was refused ({problems[0].message})"
            self._persons.refuse(one.name, Problem("invalid", words))
            self._refuse(one, problems)
        return not problems

    def _problems(self, resource: Resource, resolver: Resolver) -> tuple[Problem, ...]:
        problems = tuple(p for p in check(resource) if p.severity in ("error", "fatal"))
        kind = resource["resourceType"]
        if task_kind(resource) in IDENTITY_TASKS:
            words = "Whose record something is, is asked and answered here. It is not imported."
            return (Problem("forbidden", words, "Task.code"),)
        if (
            not problems
            and CLASS_OF_TYPE.get(kind) is not DataClass.SHARED
            and not resolver.names_a_person
        ):
            words = f"A {kind} must name the person it is about, and this one names nobody."
            return (Problem("required", words, kind),)
        return problems

    def _refuse(self, one: _Read, problems: tuple[Problem, ...]) -> None:
        entry = one.entry
        self._refusals.refuse(
            entry.file, entry.number, problems, kind=one.kind, full_url=entry.full_url
        )


class _Typed(Struct, rename="camel"):
    resource_type: str = ""


def comes_first(entry: Entry) -> bool:
    """Return whether an entry is read before all others: people, and organisations."""
    data = bytes(entry.data)
    if not _FIRST.search(data):
        return False
    try:
        return msgspec.json.decode(data, type=_Typed).resource_type in ("Patient", "Organization")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _guess_kind(data: bytes) -> str:
    """Return the type a text that cannot be read seems to have, for the count; "?" if none."""
    found = re.search(rb'"resourceType"\s*:\s*"([A-Za-z]{1,64})"', data)
    return found[1].decode() if found else "?"


def _waiting(question: str, resource: Resource, source: Source) -> Put:
    """Return what keeps a resource until people have said whose it is."""
    return hold(
        Held(
            question=question,
            resource=resource,
            organisation=source.organisation,
            author=source.author,
            recorded=source.recorded or "",
        )
    )


def _source(resource: Resource, organisation: str) -> Source:
    recorded = None
    if not any(element in resource for element in RECORDED_AT):
        recorded = resource.get("meta", {}).get("lastUpdated")
    return Source(organisation, author=_author(resource), recorded=recorded)


def _author(resource: Resource) -> str:
    """Return the reference to who said it: the first practitioner named as its author."""
    for element in _AUTHORS:
        if (value := resource.get(element)) is None:
            continue
        for one in value if isinstance(value, list) else (value,):
            if not isinstance(one, dict):
                continue
            inside = next((one[name] for name in _INSIDE if isinstance(one.get(name), dict)), one)
            reference = inside.get("reference", "")
            if isinstance(reference, str) and reference.startswith("Practitioner"):
                return reference
    return ""
