"""Reading what there is of proxies: requests, who trusts whom, and the facts the rules ask for.

Under the reader's own permit; where a person's record must be looked at for somebody who may not
see it, the place's own job looks, and nothing of what it finds is told.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, proxy_permit, system_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTIONS
from joinedup.fhir.search.query import parse_query
from joinedup.people.proxies.resources import Asked, For, asked_of, code_token, note_of
from joinedup.people.proxies.rules import Known, known, pair_id
from joinedup.record.change import Stored
from joinedup.record.trusted import Trusted, trusted
from joinedup.record.watched import stated_of

__all__ = [
    "CODE_DAYS",
    "JOB",
    "Trust",
    "asked_by_code",
    "consents_of",
    "find_exactly",
    "knows",
    "notes_of",
    "notes_of_person",
    "related_of",
    "permit_for_another",
    "request_of",
    "requests",
    "requests_for_job",
    "trust_of",
    "trusting",
    "version_of",
]

JOB = system_permit("proxies")
CODE_DAYS = 14
_MOST = 500


class Trust(Struct, frozen=True, kw_only=True):
    """What a proxy may see of somebody's record now, for every page of theirs to say."""

    person: str
    name: str
    relationship: str
    functions: tuple[str, ...]
    ends: datetime | None

    def has(self, function: str) -> bool:
        """Whether they are trusted with a function."""
        return function in self.functions


def permit_for_another(own: Permit, person_id: str) -> Permit:
    """Return the permit under which somebody sees another person's record, if they are trusted.

    It has one party: the two of them, and sees nothing where no approved Consent names it. Raises
    NotPermitted for whoever is no person: a worker's session never becomes a proxy's.
    """
    if own.role is not Role.PERSON:
        raise NotPermitted("Sign in as yourself to act for somebody else.")
    own_id = own.worker.removeprefix("Patient/")
    return proxy_permit(pair_id(person_id, own_id), own.name, session=own.session)


def trust_of(own: Permit, person_id: str, name: str = "", relationship: str = "") -> Trust | None:
    """Return what a person is trusted with in another's record now; None for nothing."""
    found = trusted(permit_for_another(own, person_id), person_id)
    functions = _functions(found) if found else ()
    if found is None or not functions:  # or what was agreed is objected to since
        return None
    return Trust(
        person=person_id,
        name=name,
        relationship=relationship,
        functions=functions,
        ends=found.ends,
    )


def _functions(found: Trusted) -> tuple[str, ...]:
    return tuple(name for name, classes in FUNCTIONS.items() if not classes & found.withheld)


def notes_of(own: Permit) -> tuple[For, ...]:
    """Return the notes in somebody's own record of whose proxy they are or asked to be."""
    found = _tasks(own, "proxy-for", [("patient", own.worker.removeprefix("Patient/"))])
    return tuple(n for s in found if (n := note_of(s.resource, s.version)))


def notes_of_person(proxy_id: str) -> tuple[For, ...]:
    """Return the same notes as the place's own job reads them, to write whose record it is."""
    found = stated_of(JOB, "Task", [resource_key("Patient", proxy_id)])
    return tuple(n for _, task in found if (n := note_of(task, version_of(task))))


def requests_for_job(person_id: str) -> tuple[Asked, ...]:
    """Return the requests about a person as the place's job reads them: no look of anybody's."""
    found = stated_of(JOB, "Task", [resource_key("Patient", person_id)])
    return tuple(a for _, task in found if (a := asked_of(task, version_of(task))))


def version_of(resource: dict[str, Any]) -> int:
    """Return the version a stored resource says it is."""
    return int(str(resource["meta"]["versionId"]))


def consents_of(permit: Permit, person_id: str) -> tuple[Stored, ...]:
    """Return the Consents that give or gave somebody sight of a person."""
    asked = [("patient", person_id), ("category", f"{CONSENT_KIND}|proxy")]
    return tuple(_entries(permit, "Consent", asked))


def related_of(permit: Permit, person_id: str) -> Sequence[Stored]:
    """Return who is close to a person, as the record names them."""
    return _entries(permit, "RelatedPerson", [("patient", person_id)])


def trusting(own: Permit) -> tuple[tuple[For, Trust | None], ...]:
    """Return everybody whose record somebody may open or could, with what they see of it now."""
    return tuple(
        (note, trust_of(own, note.person, note.name, note.relationship))
        for note in notes_of(own)
        if note.person
    )


def requests(permit: Permit, person_id: str = "") -> tuple[Asked, ...]:
    """Return the requests that a permit sees, of one person or of all, the oldest first.

    Of two made in the same second, the one that was touched last comes last.
    """
    asked = [("patient", person_id)] if person_id else []
    found = sorted(_tasks(permit, "proxy-request", asked), key=lambda s: s.updated)
    said = [a for s in found if (a := asked_of(s.resource, s.version))]
    return tuple(sorted(said, key=lambda a: a.written))


def request_of(permit: Permit, task_id: str) -> Asked:
    """Return one request; NotFound for one that is not there or not seen, the same."""
    stored = record.read(permit, "Task", task_id)
    asked = asked_of(stored.resource, stored.version)
    if asked is None:
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    return asked


def asked_by_code(code: str, now: datetime) -> Asked | None:
    """Return the invitation a code was made for, if it is still open and not too old."""
    found = _entries(JOB, "Task", [("identifier", code_token(code))])
    asked = next((a for s in found if (a := asked_of(s.resource, s.version))), None)
    if asked is None or asked.state != "requested":
        return None
    written = datetime.fromisoformat(asked.written)
    return asked if now < written + timedelta(days=CODE_DAYS) else None


def knows(permit: Permit, person_id: str) -> Known:
    """Return what the rules need of a person; NotFound where the permit does not see them."""
    return known(record.read(permit, "Patient", person_id).resource)


def find_exactly(number: str, family: str, born: date) -> Known | None:
    """Return the one person with this number, name and date of birth together (ID-02)."""
    found = _entries(JOB, "Patient", [("identifier", f"{NHS_NUMBER_SYSTEM}|{number}")])
    people = [known(s.resource) for s in found if not s.resource.get("link")]
    fits = [p for p in people if _same(p.family, family) and p.born == born]
    return fits[0] if len(fits) == 1 else None


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _tasks(permit: Permit, kind: str, asked: Iterable[tuple[str, str]]) -> Sequence[Stored]:
    return _entries(permit, "Task", [*asked, ("code", f"{TASK_KIND}|{kind}")])


def _entries(permit: Permit, kind: str, asked: Iterable[tuple[str, str]]) -> Sequence[Stored]:
    pairs: list[tuple[str, Any]] = [*asked, ("_count", str(_MOST))]
    return record.search(permit, parse_query(kind, pairs), detail="proxies").entries
