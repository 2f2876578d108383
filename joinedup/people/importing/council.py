"""Client Level Data rows as statements of a council: its people, then its events.

A file is read twice, so that columns that are swapped refuse the file before anything is stored,
each person is stated once, by the newest row, and of rows with one key one is kept (cld.md 2.10).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import blake2b

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.profiles import assessment, council_person, package, request, review
from joinedup.fhir.profiles.council_person import CouncilPerson
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.event import Event, Resource
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.wire import write_resource
from joinedup.people.identity.asking import hold
from joinedup.people.identity.question import Held
from joinedup.people.importing.council_file import Swaps, layout, lines
from joinedup.people.importing.council_values import Judged, judge
from joinedup.people.importing.naming import record_id
from joinedup.people.importing.persons import Persons
from joinedup.people.importing.report import Refusals
from joinedup.people.importing.sources import Document
from joinedup.people.importing.writing import Item
from joinedup.record import Put, Source, search
from joinedup.reference.codes import outcome_rank

__all__ = ["Council", "event_key"]

_PROFILES = {"Request": request, "Assessment": assessment, "Service": package, "Review": review}
_TYPES = {
    "Request": "ServiceRequest",
    "Assessment": "Task",
    "Service": "EpisodeOfCare",
    "Review": "Task",
}
_KEYED_BY = {
    "Request": ("Event End Date", "Request: Route of Access"),
    "Assessment": ("Event End Date", "Assessment Type"),
    "Review": ("Event End Date",),
    "Service": ("Service Type", "Service Component"),
}
_PERSON = "LA Person Unique Identifier"
_REPORTED = "Reporting Period End Date"
_LOOKED_UP_TOGETHER = 100

Values = Mapping[str, str]


class _Stated(Struct):
    """What is known of one person so far, and how new the newest row about them is."""

    rank: tuple[str, str, int]
    number: int
    values: dict[str, str]


def person_name(values: Values) -> str:
    """Return what a council calls a person: its code and its own identifier (cld.md 2.6)."""
    own = values.get(_PERSON) or f"nhs-{values.get('NHS Number', '')}"
    return f"cld-person|{values.get('LA Code', '')}|{own}"


def event_key(values: Values) -> str:
    """Return the national key of an event (cld.md 2.8), of which its id is made."""
    kind = values["Event Type"]
    common = (kind, values["Event Start Date"], values.get("Client Type", ""))
    own = (values.get(header, "") for header in _KEYED_BY[kind])
    return "|".join(("cld-event", person_name(values), *common, *own)).casefold()


class Council:
    """The rows of one council's files."""

    def __init__(
        self, organisation: str, permit: Permit, persons: Persons, refusals: Refusals
    ) -> None:
        self._organisation = organisation
        self._permit = permit
        self._persons = persons
        self._refusals = refusals
        self._said: dict[int, tuple[bytes, str]] = {}
        self._today = datetime.now(LONDON).date()

    def items(self, document: Document) -> Iterator[Item]:
        """Yield what is to be stored of a file; refuses its rows one by one, or all of it."""
        try:
            people, repeated = self._survey(document)
        except Invalid as refusal:
            self._refusals.refuse(document.name, 0, refusal.problems)
            return
        yield from self._people(document, people)
        yield from self._events(document, repeated)

    def _survey(self, document: Document) -> tuple[dict[str, _Stated], frozenset[int]]:
        """Read everything once: refuse what must be, gather people, find keys that come twice."""
        how = layout(document)
        swaps, judged_rows = Swaps(self._today), 0
        people: dict[str, _Stated] = {}
        met: set[int] = set()
        repeated: set[int] = set()
        for line in lines(document, how):
            swaps.see(line.values)
            swaps.see_dates(*(_day(line.values, f"Event {end} Date") for end in ("Start", "End")))
            judged = judge(line.values, on=self._today)
            if line.problem or judged.problems:
                continue
            judged_rows += 1
            _gather(people, judged.values, line.number)
            key = hash64(event_key(judged.values))
            (repeated if key in met else met).add(key)
        if words := swaps.problem():
            raise Invalid(words)
        for note in how.notes:
            self._refusals.note(f"{document.name}: {note}")
        assert judged_rows >= len(people), "every person has a row"
        return people, frozenset(repeated)

    def _people(self, document: Document, people: dict[str, _Stated]) -> Iterator[Item]:
        names = list(people)
        for start in range(0, len(names), _LOOKED_UP_TOGETHER):
            some = names[start : start + _LOOKED_UP_TOGETHER]
            built = [(name, self._patient(name, people[name])) for name in some]
            newer = self._newer("Patient", {p["id"]: people[n].values for n, p in built})
            settled = self._persons.settle(built)
            for name, patient in built:
                made = settled[name]
                made.attach(patient)
                number = people[name].number
                if self._kept(document, number, patient, people[name].values, newer):
                    yield self._item(patient, document, number, made.question)

    def _events(self, document: Document, repeated: frozenset[int]) -> Iterator[Item]:
        waiting: dict[int, tuple[int, Values]] = {}
        held: list[tuple[int, Values]] = []
        for line in lines(document, layout(document)):
            judged = judge(line.values, on=self._today)
            if not self._accept(document, line.number, line.problem, judged):
                continue
            key = hash64(event_key(judged.values))
            if key in repeated:
                self._keep_one(document, waiting, key, line.number, judged.values)
                continue
            held.append((line.number, judged.values))
            if len(held) >= _LOOKED_UP_TOGETHER:
                yield from self._built(document, held)
                held = []
        yield from self._built(document, [*held, *waiting.values()])

    def _accept(
        self,
        document: Document,
        number: int,
        problem: str,
        judged: Judged,
    ) -> bool:
        """Whether a row becomes an event; refuses it otherwise, and keeps notes on what is odd."""
        problems = (Problem("structure", problem),) if problem else judged.problems
        if problems:
            kind = _TYPES.get(judged.values.get("Event Type", ""), "row")
            self._refusals.refuse(document.name, number, problems, kind=kind)
            return False
        for note in judged.notes:
            self._refusals.note(f"{document.name}: {note}.")
        return True

    def _keep_one(
        self,
        document: Document,
        waiting: dict[int, tuple[int, Values]],
        key: int,
        number: int,
        values: Values,
    ) -> None:
        """Of two rows with one key keep the better; the other is refused by row (cld.md 2.10)."""
        other = waiting.get(key)
        best = (number, values)
        if other is not None:
            better = _precedence(values, number, self._today) > _precedence(
                other[1], other[0], self._today
            )
            best, worse = (best, other) if better else (other, best)
            words = f"Row {best[0]} is the same event by the national key, and is the one kept."
            self._refusals.refuse(
                document.name,
                worse[0],
                (Problem("duplicate", words),),
                kind=_TYPES[values["Event Type"]],
            )
        waiting[key] = best

    def _built(self, document: Document, rows: list[tuple[int, Values]]) -> Iterator[Item]:
        """Yield the events of some rows, but for those the record has from a newer return."""
        built = []
        for number, values in rows:
            kind = values["Event Type"]
            own = record_id(self._organisation, event_key(values))
            person = f"Patient/{self._persons.master(person_name(values))}"
            event = _event(values, person, self._organisation)
            built.append((number, values, _PROFILES[kind].build(event, own)))
        newer: set[str] = set()
        for kind in {resource["resourceType"] for _, _, resource in built}:
            ids = {r["id"]: v for _, v, r in built if r["resourceType"] == kind}
            newer |= self._newer(kind, ids)
        for number, values, resource in built:
            if self._kept(document, number, resource, values, newer):
                own = self._persons.master(person_name(values))
                yield self._item(resource, document, number, self._persons.question(own))

    def _item(self, resource: Resource, document: Document, number: int, question: str) -> Item:
        """Return what is stored, or kept while its person waits for people to say who it is."""
        if not question:
            return Item(Put(resource, Source(self._organisation)), document.name, number)
        held = Held(question=question, resource=resource, organisation=self._organisation)
        return Item(hold(held), document.name, number, "", resource["resourceType"])

    def _newer(self, kind: str, rows: Mapping[str, Values]) -> set[str]:
        """Return the ids of which the record holds a statement from a later reporting period."""
        found, ids = set(), list(rows)
        for start in range(0, len(ids), _LOOKED_UP_TOGETHER):
            some = ",".join(ids[start : start + _LOOKED_UP_TOGETHER])
            query = parse_query(kind, (("_id", some),), default_count=1000)
            for stored in search(self._permit, query, detail="import").entries:
                held = council_person.reported(stored.resource)
                sent = read_day(rows[stored.id].get(_REPORTED, ""))
                if held and sent and sent < held:
                    found.add(stored.id)
        return found

    def _kept(
        self, document: Document, number: int, resource: Resource, values: Values, newer: set[str]
    ) -> bool:
        """Whether a statement is to be stored: not older than the record's, nor said before.

        Of two files of one import that state one thing for one reporting period the first is kept,
        so that importing the same folder again changes nothing.
        """
        kind, own = resource["resourceType"], resource["id"]
        said = write_resource(resource), _sortable(values, _REPORTED)
        digest = blake2b(said[0].encode(), digest_size=8).digest()
        before = self._said.get(key := resource_key(kind, own))
        if own in newer or (before and said[1] < before[1]):
            words = "rows older than what the record has were left aside."
            self._refusals.note(f"{document.name}: {words}")
        elif before is None or said[1] > before[1]:
            self._said[key] = digest, said[1]
            return True
        elif before[0] != digest:
            problem = Problem("duplicate", "An earlier file of this import says it otherwise.")
            self._refusals.refuse(document.name, number, (problem,), kind=kind)
            return False
        self._refusals.count(kind, "unchanged")
        return False

    def _patient(self, name: str, stated: _Stated) -> Resource:
        values = stated.values
        return council_person.build(
            CouncilPerson(
                council=self._organisation,
                person_id=values.get(_PERSON, ""),
                nhs_number=values.get("NHS Number", ""),
                given=values.get("First Name", ""),
                family=values.get("Last Name", ""),
                gender=values.get("Gender", ""),
                born=read_day(values.get("Date of Birth", "")),
                died=read_day(values.get("Date of Death", "")),
                postcode=values.get("Postcode", ""),
                practice_code=values.get("GP Practice Code", ""),
                practice_name=values.get("GP Practice Name", ""),
                reported=read_day(values.get(_REPORTED, "")),
            ),
            record_id(self._organisation, name),
        )


def _gather(people: dict[str, _Stated], values: Values, number: int) -> None:
    """Add a row to what is known of its person: the newest row wins, older ones fill its blanks."""
    rank = (_sortable(values, _REPORTED), _sortable(values, "Event Start Date"), number)
    name = person_name(values)
    known = people.get(name)
    if known is None:
        people[name] = _Stated(rank, number, dict(values))
    elif rank > known.rank:
        people[name] = _Stated(rank, number, {**known.values, **values})
    else:
        known.values = {**values, **known.values}


def _event(values: Values, person: str, council: str) -> Event:
    start = read_day(values["Event Start Date"])
    assert start is not None, "the row was judged"
    return Event(
        person=person,
        council=council,
        start=start,
        end=read_day(values.get("Event End Date", "")),
        reference=values.get("Event Reference", ""),
        stated=values,
    )


def _precedence(values: Values, number: int, on: date) -> tuple[bool, str, int, bool, int]:
    """Return what decides between rows of one key: the larger is kept (cld.md 2.10)."""
    end = _sortable(values, "Event End Date")
    outcome = -outcome_rank(values.get("Event Outcome", ""), on=on)
    return (not end, end, outcome, bool(values.get("Event Description")), number)


def _sortable(values: Values, header: str) -> str:
    day = read_day(values.get(header, ""))
    return day.isoformat() if day else ""


def _day(values: Values, header: str) -> date | None:
    return read_day(values.get(header, ""))
