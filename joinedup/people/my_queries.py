"""Gathering what `/my` shows beside the record itself: the log, the consents, names of places.

Whose record it is comes from the permit: the person's own, or that of whoever trusts a proxy.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.people.my_consents import Agreed
from joinedup.people.presenters.who_looked import Glass, Line, present_log
from joinedup.record.change import Stored
from joinedup.record.looked import sittings

__all__ = [
    "LogPage",
    "agreed",
    "glass_reasons",
    "log",
    "organisation_names",
    "organisations",
    "whose",
]

_MOST = 200
_LINES = 20


class LogPage(Struct, frozen=True):
    """A page of the log; `older` is where the next begins, 0 when there is none."""

    lines: tuple[Line, ...]
    older: int

    @property
    def days(self) -> list[tuple[str, list[Line]]]:
        """The lines day by day, in the order they come."""
        return [(day, list(lines)) for day, lines in groupby(self.lines, lambda line: line.day)]


def whose(permit: Permit) -> str:
    """Return the id of the person whose home this is; refuses a worker with NotPermitted."""
    if permit.role is Role.PERSON:
        return permit.worker.removeprefix("Patient/")
    if permit.role is not Role.PROXY:
        raise NotPermitted("This page is for people, about their own record. You are a worker.")
    seen = _entries(permit, "Patient", [])
    if not seen:
        raise NotPermitted("Nobody trusts you with their record now, or it has ended.")
    return seen[0].id


def log(permit: Permit, person_id: str, *, before: int | None = None) -> LogPage:
    """Return who looked, newest first, a line a sitting; NotPermitted where it is not granted."""
    found = sittings(permit, person_id, before=before, count=_LINES + 1)
    kept = found[:_LINES]
    names = organisation_names(permit, (s.organisation for s in kept))
    lines = present_log(kept, names, glass_reasons(permit, person_id), permit.worker)
    return LogPage(lines, kept[-1].place if len(found) > len(kept) else 0)


def glass_reasons(permit: Permit, person_id: str) -> Iterable[Glass]:
    """Yield the reasons for which workers opened the record without a relationship."""
    asked = [("patient", person_id), ("code", f"{TASK_KIND}|break-glass")]
    for stored in _entries(permit, "Task", asked):
        task = stored.resource
        reason = task.get("reasonCode", {})
        code = next((str(c.get("code", "")) for c in reason.get("coding", ())), "")
        worker = str(task.get("requester", {}).get("reference", ""))
        yield Glass(worker, code, str(reason.get("text", "")), stored.received)


def agreed(permit: Permit, person_id: str) -> tuple[Agreed, ...]:
    """Return every Consent of the person that the permit sees, those of our kinds."""
    found = _entries(permit, "Consent", [("patient", person_id)])
    consents = (Agreed(s.id, s.version, s.resource) for s in found)
    return tuple(c for c in consents if c.kind)


def organisations(permit: Permit) -> dict[str, str]:
    """Return the organisations of the place by code, for a person to choose among."""
    found = _entries(permit, "Organization", [])
    named = {s.id: str(s.resource["name"]) for s in found if s.resource.get("name")}
    return dict(sorted(named.items(), key=lambda pair: pair[1].casefold()))


def organisation_names(permit: Permit, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by code; one that is not in the record is left out."""
    wanted = tuple(sorted({c for c in codes if c}))
    if not wanted:
        return {}
    query = Query(type="Organization", clauses=(Ids(wanted),), count=_MOST)
    found = record.search(permit, query).entries
    return {s.id: str(s.resource.get("name", s.id)) for s in found}


def _entries(permit: Permit, kind: str, asked: list[tuple[str, str]]) -> tuple[Stored, ...]:
    pairs: list[tuple[str, Any]] = [*asked, ("_count", str(_MOST))]
    return record.search(permit, parse_query(kind, pairs)).entries
