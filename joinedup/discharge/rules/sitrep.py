"""The daily return of people waiting to go home, counted from states (DI-08, DI-09).

Each count is the length of a list of named stays, so that it reconciles by making; a return is
amended for 14 days, version after version.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.discharge.rules.leaving import returning_resident
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import at_clock, day_bounds, day_of, midnights
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.returned import Return
from joinedup.fhir.profiles.returned import amended as next_version
from joinedup.reference.calendars import amount

__all__ = [
    "KIND",
    "Sitrep",
    "amended",
    "due_at",
    "first",
    "is_late",
    "reconciliation",
    "sitrep",
    "snapshot_at",
]

KIND = "discharge-sitrep"
PATHWAYS = ("0", "1", "2", "3")
LONG_STAYS_DAYS = (7, 14, 21)
_ENDED_OTHERWISE = ("died", "transferred", "meets-again")


class Sitrep(Struct, frozen=True):
    """One day of one hospital: `named` has the stays behind each count, by Encounter id."""

    organisation: str
    day: date
    named: Mapping[str, tuple[str, ...]]

    def count(self, name: str) -> int:
        """Return how many stays a count stands for; 0 where none."""
        return len(self.named.get(name, ()))

    @property
    def counts(self) -> dict[str, int]:
        """Every count of the return, in its order; reasons that nobody has are left out."""
        reasons = [name for name in self.named if name.startswith("reason/")]
        return {name: self.count(name) for name in (*_cells(), *sorted(reasons))}


def _cells() -> Iterator[str]:
    yield from ("not-meeting-criteria", "discharged", "discharged-by-1700", "discharged-after-1700")
    for pathway in PATHWAYS:
        yield f"discharged-p{pathway}"
    yield from ("no-pathway", "returning-residents", "remaining")
    yield from _ENDED_OTHERWISE
    for days in LONG_STAYS_DAYS:
        yield f"remaining-{days}-days"


def sitrep(everybody: Iterable[Readiness], organisation: str, day: date) -> Sitrep:
    """Return the sitrep of a day, [midnight, midnight) in London, from how each stay stood.

    Everybody counts who did not meet the criteria at any moment of the day, once: discharged,
    remaining at its end, died, transferred, or needing the bed again (DI-09). Given stays as the
    record had them at a moment, it is the sitrep as it would have been sent then.
    """
    named: dict[str, list[str]] = {}
    for stay in everybody:
        if stay.hospital == organisation:
            for name in _places(stay, day):
                named.setdefault(name, []).append(stay.spell)
    return Sitrep(organisation, day, {name: tuple(sorted(who)) for name, who in named.items()})


def _places(stay: Readiness, day: date) -> Iterator[str]:
    """Yield every count that a stay is in on a day."""
    start, end = day_bounds(day)
    if not any(s.since < end and _reaches(stay, s.until, start) for s in stay.spans):
        return
    yield "not-meeting-criteria"
    if stay.left is not None and stay.left < end:
        yield from _left(stay, day)
    elif any(s.since < end and (s.until is None or s.until >= end) for s in stay.spans):
        yield from _remaining(stay, end)
    else:
        yield "meets-again"


def _reaches(stay: Readiness, until: datetime | None, start: datetime) -> bool:
    """Whether a stretch goes on into a day; who leaves at the stroke of midnight leaves on it."""
    return until is None or until > start or until == stay.left == start


def _left(stay: Readiness, day: date) -> Iterator[str]:
    assert stay.left is not None, "asked of those who left"
    if stay.state in ("died", "transferred"):
        yield stay.state
        return
    yield "discharged"
    last = at_clock(day, amount("early-discharge-until", on=day)) + timedelta(minutes=1)
    yield "discharged-by-1700" if stay.left < last else "discharged-after-1700"
    if stay.pathway is not None:
        yield f"discharged-p{stay.pathway.code}"
    elif stay.method in ("6", "7"):
        yield "discharged-p0"  # left of their own accord: home with nothing new
    else:
        yield "no-pathway"
    if returning_resident(stay):
        yield "returning-residents"


def _remaining(stay: Readiness, end: datetime) -> Iterator[str]:
    yield "remaining"
    nights = midnights(stay.admitted, end - timedelta(microseconds=1))
    for days in LONG_STAYS_DAYS:
        if nights >= days:
            yield f"remaining-{days}-days"
    delay = next(
        (d for d in stay.delays if d.since < end and (d.until is None or d.until >= end)), None
    )
    if delay is not None and nights >= LONG_STAYS_DAYS[0]:
        yield f"reason/{delay.reason}"


def reconciliation(report: Sitrep, before: Sitrep | None = None) -> tuple[Problem, ...]:
    """Return what must be settled before a return is sent (DI-09); empty when all adds up.

    `before` is the day's before: the same people discharged twice is yesterday's copy.
    """
    found = []
    by_pathway = sum(report.count(f"discharged-p{p}") for p in PATHWAYS)
    if by_pathway != report.count("discharged"):
        people = ", ".join(report.named.get("no-pathway", ())[:20])
        words = f"{by_pathway} of {report.count('discharged')} discharged have a pathway: {people}"
        found.append(Problem("business-rule", words, "discharged"))
    ways = ("discharged", "remaining", *_ENDED_OTHERWISE)
    if sum(report.count(way) for way in ways) != report.count("not-meeting-criteria"):
        found.append(Problem("business-rule", "The parts are not the whole.", "remaining"))
    for name, who in report.named.items():
        if len(set(who)) != len(who):
            found.append(Problem("duplicate", f"Somebody is counted twice in {name}.", name))
    gone = set(report.named.get("discharged", ()))
    if before is not None and gone & set(before.named.get("discharged", ())):
        words = f"Some were discharged on {before.day:%-d %B} already: is this yesterday's list?"
        found.append(Problem("duplicate", words, "discharged"))
    return tuple(found)


def snapshot_at(day: date) -> datetime:
    """Return the moment of a day's snapshot: 08:00 in London, also when the clocks change."""
    return at_clock(day, amount("snapshot", on=day))


def due_at(day: date) -> datetime:
    """Return when the return of a day is due: 11:00 on the next."""
    due = day + timedelta(days=1)
    return at_clock(due, amount("submit-by", on=due))


def is_late(report: Return) -> bool:
    """Whether a first version was sent after it was due."""
    return report.version == 1 and report.sent_at > due_at(report.day)


def first(report: Sitrep, *, at: datetime, by: str) -> Return:
    """Return the first version as sent; refuses, Unprocessable, one that does not reconcile.

    A day that is not over yet cannot be returned.
    """
    if at < day_bounds(report.day)[1]:
        raise Unprocessable("That day is not over yet.")
    if problems := reconciliation(report):
        raise Unprocessable(*problems)
    return _first_version(report, at, by)


def amended(before: Return, report: Sitrep, *, at: datetime, by: str, why: str) -> Return:
    """Return the next version; the one before stays as it was sent (DI-08).

    Refuses, Unprocessable: another day or hospital, one that does not reconcile, and what
    `returned.amended` refuses: after 14 days, no reason, nothing that differs.
    """
    same = (before.kind, before.organisation, before.day) == (KIND, report.organisation, report.day)
    if not same:
        raise Unprocessable("An amendment is of the same return.")
    if problems := reconciliation(report):
        raise Unprocessable(*problems)
    until = day_of(due_at(report.day)) + timedelta(days=amount("amend-for", on=report.day))
    return next_version(before, report.counts, at=at, by=by, why=why, until=until)


def _first_version(report: Sitrep, at: datetime, by: str) -> Return:
    return Return(
        kind=KIND,
        organisation=report.organisation,
        day=report.day,
        version=1,
        counts=report.counts,
        taken_at=snapshot_at(report.day + timedelta(days=1)),
        sent_at=at,
        sent_by=by,
    )
