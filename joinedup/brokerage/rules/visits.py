"""What a planned visit must have, and what did happen: late, missed, or on time (MS-02).

Help has started when somebody came. Two missed visits with medicines raise an alert.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.london import day_of, elapsed
from joinedup.reference.calendars import amount, length

__all__ = [
    "HOIST",
    "OnRota",
    "VisitMade",
    "VisitNeed",
    "first_visit_overdue",
    "is_medicine_alert",
    "rota_problems",
    "what_happened",
]

HOIST = "hoist"
"""A skill of both workers where somebody is moved with one."""
_FOR_A_HOIST = 2


class VisitNeed(Struct, frozen=True, kw_only=True):
    """What a plan asks of a visit: `workers` at once, `skills` such as `peg` or `insulin`."""

    minutes: int
    workers: int = 1
    skills: frozenset[str] = frozenset()
    hoist: bool = False
    medicines: bool = False


class OnRota(Struct, frozen=True, kw_only=True):
    """Who is to come, each with their skills, and for how long."""

    minutes: int
    workers: tuple[tuple[str, frozenset[str]], ...]


class VisitMade(Struct, frozen=True, kw_only=True):
    """A planned visit and when somebody came; None is nobody, yet or at all."""

    planned: datetime
    ends: datetime
    came: datetime | None = None
    medicines: bool = False


def rota_problems(need: VisitNeed, rota: OnRota) -> tuple[Problem, ...]:
    """Return why a rota does not meet what a visit needs (MS-02); empty where it does."""
    return tuple(_missing(need, rota))


def _missing(need: VisitNeed, rota: OnRota) -> Iterator[Problem]:
    workers = dict(rota.workers)
    if rota.minutes < need.minutes:
        yield _problem(f"{need.minutes} minutes are needed, {rota.minutes} are planned.")
    needed = max(need.workers, _FOR_A_HOIST if need.hoist else 1)
    if len(workers) < needed:
        yield _problem(f"{_people(needed)} needed at once, {len(workers)} planned.")
    known = frozenset[str]().union(*workers.values())
    for skill in sorted(need.skills - known):
        yield _problem(f"Nobody on the rota is trained for this: {skill}.")
    if need.hoist and sum(HOIST in skills for skills in workers.values()) < _FOR_A_HOIST:
        yield _problem("Two carers trained with a hoist are needed.")


def _people(number: int) -> str:
    return "One carer is" if number == 1 else f"{'Two' if number == 2 else number} carers are"


def _problem(words: str) -> Problem:
    return Problem("business-rule", words, "Appointment")


def what_happened(visit: VisitMade, now: datetime) -> str:
    """Return `on-time`, `late`, `missed`, `overdue` (nobody yet, past the margin) or `ahead`.

    Late is more than 30 minutes after the planned time; missed, that nobody came before its end.
    """
    margin = length("visit-late-after", on=day_of(visit.planned))
    if visit.came is not None:
        if visit.came >= visit.ends and elapsed(visit.planned, visit.came) > margin:
            return "missed"
        return "late" if elapsed(visit.planned, visit.came) > margin else "on-time"
    if now >= max(visit.ends, visit.planned + margin):
        return "missed"
    return "overdue" if elapsed(visit.planned, now) > margin else "ahead"


def is_medicine_alert(visits: Iterable[VisitMade], now: datetime) -> bool:
    """Whether two visits with medicines were missed within a week: an alert by itself (MS-02)."""
    day = day_of(now)
    many = amount("missed-medicine-calls", on=day)
    week = length("missed-medicine-within", on=day)
    missed = sorted(v.planned for v in visits if v.medicines and what_happened(v, now) == "missed")
    runs = zip(missed, missed[many - 1 :], strict=False)
    return any(elapsed(first, last) <= week for first, last in runs)


def first_visit_overdue(start: datetime, came: datetime | None, now: datetime) -> bool:
    """Whether nobody confirmed the first visit in time: a task and a telephone call (issue 4).

    Counted from when it was to start; a visit that was made is never overdue, however late.
    """
    return came is None and elapsed(start, now) >= length("first-visit-within", on=day_of(start))
