"""Reading a worker's list: every look under the worker's own permit, and named in the audit.

What changes without being shown (a count in the menu, a poll of a page) names nobody and leaves no
look.
"""

from collections.abc import Iterable

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.work import HAS_WORK
from joinedup.fhir.issue import NotFound, NotPermitted
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.record.alerted import listed
from joinedup.record.change import Stored
from joinedup.record.search import standing
from joinedup.work.rules import Group, Line, groups_of, line_of, pairs_of

__all__ = [
    "MOST_LISTED",
    "Found",
    "count_of",
    "errand_of",
    "mark_of",
    "name_in_words",
    "work_of",
]

MOST_LISTED = 300
"""Lines on a list; those that wait for longest are shown, and the rest are counted."""
_WHY = "my work"


class Found(Struct, frozen=True, kw_only=True):
    """What waits: the lines that are shown, how many there are in all, names of people and places.

    `mark` changes when anything of it does.
    """

    lines: tuple[Line, ...]
    count: int
    mark: int
    people: dict[str, str]
    places: dict[str, str]


def mark_of(permit: Permit) -> tuple[int, int]:
    """Return how many errands wait and the mark of their list; NotPermitted for who has none."""
    if permit.role not in HAS_WORK:
        raise NotPermitted("This page is for workers.")
    return standing(permit, [q for g in groups_of(permit.role) for q in _queries(permit, g)])


def count_of(permit: Permit | None) -> int | None:
    """Return how many errands wait, for the menu; None for somebody who has no list."""
    if permit is None or permit.role not in HAS_WORK:
        return None
    return mark_of(permit)[0]


def work_of(permit: Permit) -> Found:
    """Return what waits for the worker's role and the permit sees; refuses as `mark_of`."""
    count, mark = mark_of(permit)
    lines: list[Line] = []
    people: dict[str, str] = {}
    for group in groups_of(permit.role):
        for query in _queries(permit, group):
            stored, named = listed(permit, query, group.silent, _WHY)
            lines += [line for s in stored if (line := line_of(s.resource, s.version)) is not None]
            people |= {who: name_in_words(patient) for who, patient in named.items()}
    return Found(
        lines=tuple(lines),
        count=count,
        mark=mark,
        people=people,
        places=_names(permit, (line.owner for line in lines)),
    )


def _queries(permit: Permit, group: Group) -> list[Query]:
    owners = [f"Organization/{permit.organisation}"] if permit.organisation else []
    asked = pairs_of(group, permit.role, [*owners, permit.worker])
    return [parse_query("Task", pairs, default_count=MOST_LISTED) for pairs in asked]


def errand_of(permit: Permit, task_id: str) -> tuple[Stored, Line]:
    """Return one errand of the worker's list; NotFound for what is none, or not theirs."""
    stored = record.read(permit, "Task", task_id)
    line = line_of(stored.resource, stored.version)
    if line is None or line.kind not in {k for g in groups_of(permit.role) for k in g.kinds}:
        raise NotFound(f"There is no Task/{task_id} on your list. Look at your list again.")
    return stored, line


def _names(permit: Permit, references: Iterable[str]) -> dict[str, str]:
    wanted: dict[str, list[str]] = {}
    for reference in sorted(set(references)):
        kind, _, name = reference.partition("/")
        if kind in ("Organization", "Practitioner") and name:
            wanted.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    for kind, ids in wanted.items():
        query = Query(type=kind, clauses=(Ids(tuple(ids)),), count=len(ids))
        for stored in record.search(permit, query, detail=_WHY).entries:
            found[stored.reference] = name_in_words(stored.resource)
    return found


def name_in_words(resource: dict[str, object]) -> str:
    """Return what somebody, or a place, is called; "" where it has no name."""
    name = resource.get("name")
    if isinstance(name, str):
        return name
    names = [n for n in name if isinstance(n, dict)] if isinstance(name, list) else []
    best = next((n for n in names if n.get("use") == "official"), names[0] if names else {})
    given = best.get("given")
    parts = [*(given if isinstance(given, list) else ()), best.get("family", "")]
    return str(best.get("text") or " ".join(str(part) for part in parts if part))
