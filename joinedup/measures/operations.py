"""A hospital's waiting list for operations: who could be put off, who cannot, who was.

Read under the permit of who asks: those it does not see are counted and not shown. What may be put
off is `beds.rules.deferral`; nothing is changed here.
"""

from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, counting
from joinedup.beds.rules.deferral import Comparison, compared, obstacles
from joinedup.beds.rules.waiting import is_breach, redate_by, two_clocks, waited_weeks
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.elective import WAITING_LIST, Elective, read
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.record import Stored
from joinedup.record.stood import latest, stood
from joinedup.web.dates import years_between

__all__ = ["Entry", "WaitingList", "errands_of", "put_off_by_age", "waiting_list"]

PROPOSAL, TELLING, HARM = "deferral", "deferral-telling", "harm-review"
_PAGE = 1_000
_MOST = 10_000


class Entry(Struct, frozen=True, kw_only=True):
    """One place on the list, with its version and why it cannot be put off ("" nothing)."""

    said: Elective
    stored: Stored
    obstacles: tuple[str, ...]
    weeks: int | None
    breaches: bool
    redate_by: date | None


class WaitingList(Struct, frozen=True):
    """A hospital's list as somebody may see it; `hidden` places are of people they may not.

    A place whose label is silent to them is in neither (AC-01).

    `unreadable` are ids of places that cannot be read as such.
    """

    entries: tuple[Entry, ...]
    hidden: int
    unreadable: tuple[str, ...]

    def find(self, entry_id: str) -> Entry | None:
        """Return one place by its id."""
        return next((e for e in self.entries if e.said.id == entry_id), None)


def waiting_list(permit: Permit, hospital: str, *, on: date) -> WaitingList:
    """Return everybody who waits for an operation at a hospital, by the date it is planned for.

    An entry whose referral has another clock that runs too cannot be put off: the list is wrong.
    """
    kept = _listed(permit, hospital)
    every = stood(
        _counting(permit), parse_query("ServiceRequest", _asked(hospital)), latest(), detail=_WHY
    )
    read_ones = [(s, _read(s)) for s in kept]
    good = [(s, e) for s, e in read_ones if e is not None and e.hospital == hospital]
    twice = _twice(good)
    entries = [_entry(s, e, twice, on) for s, e in good]
    entries.sort(key=lambda x: (x.said.planned or date.max, x.said.id))
    return WaitingList(
        entries=tuple(entries),
        hidden=len(every) - len(kept),
        unreadable=tuple(s.id for s, e in read_ones if e is None),
    )


_WHY = "how many wait for an operation; nobody shown"


def _counting(permit: Permit) -> Permit:
    """Return the permit that counts whom the reader may know of: what is silent to them is not."""
    return replace(counting(permit), labels=permit.labels | permit.marks)


def _asked(hospital: str) -> list[tuple[str, str]]:
    return [
        ("category", f"{WAITING_LIST}|operation"),
        ("performer", f"Organization/{hospital}"),
        ("status", "active"),
    ]


def _listed(permit: Permit, hospital: str) -> list[Stored]:
    found: list[Stored] = []
    cursor: str | None = None
    while len(found) < _MOST:
        pairs = [*_asked(hospital), *([("_cursor", cursor)] if cursor else [])]
        query = parse_query("ServiceRequest", pairs, default_count=_PAGE)
        page = record.search(permit, query, detail="who waits for an operation")
        found += page.entries
        if (cursor := page.next_cursor) is None:
            break
    return found


def _read(stored: Stored) -> Elective | None:
    try:
        return read(stored.resource)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _twice(entries: list[tuple[Stored, Elective]]) -> frozenset[str]:
    """Return the places on the list whose referral has a second clock that runs."""
    pairs = [(_referral(s), e) for s, e in entries if _referral(s)]
    wrong = {problem.path for problem in two_clocks(pairs)}
    return frozenset(e.id for referral, e in pairs if referral in wrong)


def _referral(stored: Stored) -> str:
    first: dict[str, Any] = next(iter(stored.resource.get("basedOn", ())), {})
    return str(first.get("reference", ""))


def _entry(stored: Stored, said: Elective, twice: frozenset[str], on: date) -> Entry:
    reasons = obstacles(said, on=on)
    if said.id in twice:
        reasons = (*reasons, "Two clocks run on one referral: the list is to be put right.")
    known = said.clock_start is not None
    last = said.deferrals[-1] if said.deferrals else None
    return Entry(
        said=said,
        stored=stored,
        obstacles=reasons,
        weeks=waited_weeks(said, on) if known else None,
        breaches=is_breach(said, on) if known else False,
        redate_by=redate_by(day_of(last.at), last.planned) if last else None,
    )


def errands_of(permit: Permit, hospital: str, kind: str) -> dict[str, Stored]:
    """Return the open errands of one kind by the place on the list that each is about."""
    pairs = [
        ("code", f"{TASK_KIND}|{kind}"),
        ("owner", f"Organization/{hospital}"),
        ("status", "requested"),
    ]
    query = parse_query("Task", pairs, default_count=_PAGE)
    found = record.search(permit, query, detail=f"errands: {kind}").entries
    return {_about(s): s for s in found}


def _about(stored: Stored) -> str:
    reference = str(stored.resource.get("focus", {}).get("reference", ""))
    return reference.removeprefix("ServiceRequest/")


_AGES = ((0, "under 18"), (18, "18 to 64"), (65, "65 to 79"), (80, "80 and over"))
_AT_ONCE = 200


def put_off_by_age(permit: Permit, listed: WaitingList, *, on: date) -> tuple[Comparison, ...]:
    """Return each age group among those put off and among everybody listed (WI-06).

    Whose date of birth is not seen is "not known", never left out.
    """
    entries = [entry.said for entry in listed.entries]
    return compared(entries, _ages(permit, {e.person for e in entries}, on))


def _ages(permit: Permit, people: set[str], on: date) -> dict[str, str]:
    ids = sorted(person.removeprefix("Patient/") for person in people)
    found: dict[str, str] = {}
    for begins in range(0, len(ids), _AT_ONCE):
        part = tuple(ids[begins : begins + _AT_ONCE])
        query = Query(type="Patient", clauses=(Ids(part),), count=len(part))
        for stored in record.search(permit, query, detail="ages of who waits").entries:
            born = read_day(str(stored.resource.get("birthDate", "")))
            if born is not None:
                years = years_between(born, on)
                found[stored.reference] = [words for least, words in _AGES if years >= least][-1]
    return found
