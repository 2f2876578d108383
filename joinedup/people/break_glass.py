"""Breaking glass, and answering for it: the commit that opens a record, the list, the review."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Invalid, NotPermitted, Problem
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.people.break_glass_rules import (
    LONGEST_WORDS,
    Glass,
    glass_of,
    glass_task,
    reason_problems,
    reviewed_task,
)
from joinedup.people.presenters.life import name_of_resource
from joinedup.record import Create, Stored, Update

__all__ = ["Broken", "break_glass", "broken_glass", "review"]

_MOST = 200


class Broken(Struct, frozen=True):
    """A line of the privacy officer's list: what was opened, and the names behind it."""

    glass: Glass
    version: int
    person: str
    worker: str


def break_glass(
    permit: Permit, person_id: str, *, reason: str, words: str, now: datetime
) -> Stored:
    """Open somebody's record to the permit's worker for four hours, and return what says so.

    Raises Invalid with a problem for each field, NotPermitted as `access.guard` says it. The
    privacy officer's list and the person's own log have it from the same moment.
    """
    if problems := reason_problems(reason, words):
        raise Invalid(*problems)
    task = glass_task(permit.worker, person_id, reason=reason, words=words, now=now)
    # The person is not in sight before this commit, so the reference cannot be looked up.
    change = Create(task)
    done = record.commit(
        permit, [change], dangling="keep", action="break-glass", detail=f"reason {reason}"
    )
    return done.stored[0]


def broken_glass(permit: Permit) -> tuple[Broken, ...]:
    """Return every record of the place that was opened without a relationship, newest first.

    Those nobody answered for come first. NotPermitted for who does not review access.
    """
    if not permit.may(Power.REVIEW_ACCESS):
        raise NotPermitted("Your role does not review who looked.")
    asked = parse_query("Task", [("code", f"{TASK_KIND}|break-glass")], default_count=_MOST)
    page = record.search(permit, asked, detail="broken glass")
    found = [(glass, s.version) for s in page.entries if (glass := glass_of(s.resource))]
    names = _names(permit, {r for glass, _ in found for r in (glass.person, glass.worker)})
    lines = [
        Broken(glass, version, names.get(glass.person, ""), names.get(glass.worker, ""))
        for glass, version in found
    ]
    lines.sort(key=lambda line: line.glass.starts, reverse=True)
    return tuple(sorted(lines, key=lambda line: line.glass.reviewed))


def _names(permit: Permit, references: Iterable[str]) -> dict[str, str]:
    by_type: dict[str, list[str]] = {}
    for reference in sorted(references):
        kind, _, name = reference.partition("/")
        if kind in ("Patient", "Practitioner") and name:
            by_type.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    for kind, ids in by_type.items():
        query = Query(type=kind, clauses=(Ids(tuple(ids)),), count=len(ids))
        for stored in record.search(permit, query, detail="broken glass").entries:
            found[stored.reference] = name_of_resource(stored.resource)
    return found


def review(permit: Permit, task_id: str, version: int, note: str, now: datetime) -> Stored:
    """Write down what the privacy officer found, and close the line.

    Raises Invalid without words, NotPermitted for anybody else, Stale when somebody was first.
    """
    if not permit.may(Power.REVIEW_ACCESS):
        raise NotPermitted("Your role does not review who looked.")
    if not note.strip() or len(note) > LONGEST_WORDS:
        words = f"Write what you found, in at most {LONGEST_WORDS:,} characters."
        raise Invalid(Problem("required", words, f"note-{task_id}"))
    stands = record.read(permit, "Task", task_id)
    changed = reviewed_task(stands.resource, permit.worker, note, now)
    return record.commit(permit, [Update(changed, version)], action="review-glass").stored[0]
