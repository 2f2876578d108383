"""Putting off operations under pressure: whose can be proposed, and a clinician who confirms each.

Nobody with cancer, urgent, long on the list, put off twice before, or hurt by waiting can be
selected (WI-02). What is gained is counted in bed-days and hours, planned beside used (WI-05), and
who is put off is compared with everybody on the list (WI-06).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.words import Role
from joinedup.beds.rules.waiting import entry_problems, waited_days
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.elective import Deferral, Elective
from joinedup.fhir.profiles.parts import Reference
from joinedup.reference.calendars import amount

__all__ = [
    "Comparison",
    "Proposal",
    "Released",
    "compared",
    "deferred",
    "harm_reviews_due",
    "obstacles",
    "proposed",
    "released",
    "told",
]

_NEVER_PRIORITIES = ("P1a", "P1b", "P2")


class Proposal(Struct, frozen=True):
    """What goes to clinicians, and those who cannot be selected, each with every reason."""

    selectable: tuple[Elective, ...]
    kept: tuple[tuple[Elective, tuple[str, ...]], ...]


def obstacles(entry: Elective, *, on: date) -> tuple[str, ...]:
    """Return why somebody's operation cannot be put off; empty where it can be proposed (WI-02)."""
    return tuple(_obstacles(entry, on))


def _obstacles(entry: Elective, on: date) -> Iterator[str]:
    yield from (problem.message for problem in entry_problems(entry, on=on))
    if entry.cancer:
        yield "Cancer is never put off."
    if entry.priority in _NEVER_PRIORITIES:
        yield f"Priority {entry.priority} is never put off."
    if entry.time_critical:
        yield "A clinician has marked it as time-critical."
    longest = amount("deferral-longest-wait", on=on)
    if entry.clock_start is not None and waited_days(entry, on) > longest:
        yield f"Has waited {waited_days(entry, on)} days: more than {longest}."
    if len(entry.deferrals) >= amount("deferrals-at-most", on=on):
        yield f"Was put off {len(entry.deferrals)} times before."
    if entry.vulnerable.strip():
        yield f"Would be hurt by waiting: {entry.vulnerable.strip()}"
    if entry.clock_stop is not None:
        yield "No longer waits."
    if entry.planned is None:
        yield "Has no date that could be put off."


def proposed(entries: Iterable[Elective], *, on: date) -> Proposal:
    """Return whose operations can be proposed, in order; an obstacle keeps somebody out."""
    selectable, kept = [], []
    for entry in entries:
        if reasons := obstacles(entry, on=on):
            kept.append((entry, reasons))
        else:
            selectable.append(entry)
    return Proposal(tuple(selectable), tuple(kept))


def deferred(entry: Elective, until: date, *, at: datetime, by: Reference, role: Role) -> Elective:
    """Return the entry with a new date, confirmed by a consultant for this person (WI-02).

    The clock goes on as it was. Refuses, Unprocessable: anybody else's word, an obstacle, a new
    date that is not later.
    """
    if role is not Role.CONSULTANT:
        raise Unprocessable("A consultant confirms each person whose operation is put off.")
    if reasons := obstacles(entry, on=day_of(at)):
        raise Unprocessable(*(Problem("business-rule", words) for words in reasons))
    assert entry.planned is not None, "an obstacle otherwise"
    if until <= max(entry.planned, day_of(at)):
        raise Unprocessable("Give the new date: later than today and than the old one.")
    putting_off = Deferral(at=at, confirmed_by=by, planned=entry.planned, until=until)
    return replace(entry, planned=until, deferrals=(*entry.deferrals, putting_off))


def told(entry: Elective, at: datetime) -> Elective:
    """Return the entry once the person has been told of the last putting-off and the new plan."""
    if not entry.deferrals or at < entry.deferrals[-1].at:
        raise Unprocessable("Somebody is told of a putting-off after it was confirmed.")
    last = replace(entry.deferrals[-1], told_at=at)
    return replace(entry, deferrals=(*entry.deferrals[:-1], last))


def harm_reviews_due(entries: Iterable[Elective]) -> tuple[str, ...]:
    """Return the entries, by id, that were put off and still wait: each has its harm looked at."""
    return tuple(e.id for e in entries if e.deferrals and e.clock_stop is None)


class Released(Struct, frozen=True):
    """What putting off was to give, and what emergencies used of it; nothing is called saved."""

    people: int
    planned_bed_days: int
    used_bed_days: int
    planned_staff_hours: int
    used_staff_hours: int

    @property
    def words(self) -> str:
        """Planned beside used, for both (WI-05)."""
        return (
            f"{self.people} operations put off; bed-days: {self.planned_bed_days} planned, "
            f"{self.used_bed_days} used for emergencies; staff hours: {self.planned_staff_hours} "
            f"planned, {self.used_staff_hours} used"
        )


def released(entries: Iterable[Elective], *, used_bed_days: int, used_staff_hours: int) -> Released:
    """Return what was planned and used (WI-05); refuses, Unprocessable, more used than planned.

    An entry that was put off twice gave its days twice.
    """
    chosen = [e for e in entries if e.deferrals]
    bed_days = sum(e.bed_days * len(e.deferrals) for e in chosen)
    hours = sum(e.staff_hours * len(e.deferrals) for e in chosen)
    if not 0 <= used_bed_days <= bed_days or not 0 <= used_staff_hours <= hours:
        raise Unprocessable("What was used of the days and hours given up is at most those.")
    return Released(len(chosen), bed_days, used_bed_days, hours, used_staff_hours)


class Comparison(Struct, frozen=True):
    """One group: how many of those put off and of everybody listed are in it."""

    group: str
    deferred: int
    of_deferred: int
    listed: int
    of_listed: int


def compared(
    entries: Iterable[Elective], group_of: Mapping[str, str] | Callable[[Elective], str]
) -> tuple[Comparison, ...]:
    """Return each group (of age, deprivation, learning disability) among those put off and all
    listed (WI-06).

    `group_of` gives a person's group; who has none is in the group `not known`, never left out.
    """
    everybody = tuple(entries)
    named = [(_group(entry, group_of), bool(entry.deferrals)) for entry in everybody]
    put_off = sum(is_deferred for _, is_deferred in named)
    return tuple(
        Comparison(
            group,
            sum(1 for g, is_deferred in named if g == group and is_deferred),
            put_off,
            sum(1 for g, _ in named if g == group),
            len(named),
        )
        for group in sorted({group for group, _ in named})
    )


def _group(entry: Elective, group_of: Mapping[str, str] | Callable[[Elective], str]) -> str:
    found = group_of(entry) if callable(group_of) else group_of.get(entry.person, "")
    return found or "not known"
