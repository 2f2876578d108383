"""Answering for alerts: the privacy officer's list, and what was found of each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Label, Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Problem
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.people.alerts.rules import FINDINGS
from joinedup.people.alerts.task import Alert, alert_of, settled_task
from joinedup.people.presenters.life import name_of_resource
from joinedup.record import Stored, Update
from joinedup.record.alerted import listed

__all__ = ["LONGEST_WORDS", "Line", "alerts", "may_review", "settle"]

LONGEST_WORDS = 1_000
_MOST = 200


class Line(Struct, frozen=True):
    """An alert with the names behind it, "" where one is not known."""

    alert: Alert
    person: str
    organisation: str


def may_review(permit: Permit) -> None:
    """Refuse with NotPermitted whoever does not answer for who looked."""
    if not permit.may(Power.REVIEW_ACCESS):
        raise NotPermitted("Your role does not review who looked.")


def alerts(permit: Permit) -> tuple[Line, ...]:
    """Return the alerts of the place, those not settled first, the newest of each first."""
    may_review(permit)
    asked = parse_query("Task", [("code", f"{TASK_KIND}|access-alert")], default_count=_MOST)
    found, people = listed(permit, asked, Label.PRIVACY_OFFICE, "alerts")
    said = [a for s in found if (a := alert_of(s.resource, s.version))]
    places = _places(permit, {a.organisation for a in said})
    lines = [
        Line(a, _name(people.get(a.person)), places.get(a.organisation, ""))
        for a in sorted(said, key=lambda a: a.looked, reverse=True)
    ]
    return tuple(sorted(lines, key=lambda line: line.alert.is_settled))


def _name(patient: dict[str, Any] | None) -> str:
    return name_of_resource(patient) if patient else ""


def _places(permit: Permit, codes: Iterable[str]) -> dict[str, str]:
    wanted = tuple(sorted({c for c in codes if c}))
    if not wanted:
        return {}
    query = Query(type="Organization", clauses=(Ids(wanted),), count=len(wanted))
    found = record.search(permit, query).entries
    return {s.id: name_of_resource(s.resource) for s in found}


def settle(
    permit: Permit, task_id: str, version: int, *, finding: str, words: str, now: datetime
) -> Stored:
    """Write down what an alert was: appropriate, not, or passed on.

    Raises Invalid without a finding or words, Stale when somebody was first, NotPermitted for
    whoever does not review, NotFound for what is no alert.
    """
    may_review(permit)
    problems = []
    if finding not in FINDINGS:
        problems.append(Problem("required", "Choose what you found.", f"finding-{task_id}"))
    if not words.strip() or len(words) > LONGEST_WORDS:
        said = f"Write what you found, in at most {LONGEST_WORDS:,} characters."
        problems.append(Problem("required", said, f"words-{task_id}"))
    if problems:
        raise Invalid(*problems)
    stands = record.read(permit, "Task", task_id)
    if alert_of(stands.resource, stands.version) is None:
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    changed = settled_task(stands.resource, permit.worker, finding, words, now)
    return record.commit(permit, [Update(changed, version)], action="review-alert").stored[0]
