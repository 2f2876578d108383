"""Whom incoming people might be: looked up in the whole place, by the system, for many at once.

Looks by name and day of birth; what fits is for `rules`. A statement of another organisation is
weighed as the person it is about, who is returned once, as the best of what is said of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import master_of
from joinedup.fhir.search.query import parse_query
from joinedup.people.demographics import Demographics, demographics_of, is_placeholder_date
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.rules import Candidate
from joinedup.record import Page, search

__all__ = ["known_like", "people_by_id"]

_TOGETHER = 20
_STEM = 3
_PAGE = 1000
_MOST_PAGES = 5
WHY = "whose record is this"

Patient = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]


def known_like(permit: Permit, wanted: Sequence[Demographics]) -> list[Candidate]:
    """Return everybody known who shares a day of birth, and the start of a name, with any of these.

    A day that is 1 January, and a day and month that could have been swapped, are looked for too.
    """
    described = [who for who in wanted if who.born and (who.families or who.givens)]
    found: dict[str, Patient] = {}
    for some in _parts(described):
        for pairs in _searches(some):
            found.update((str(p["id"]), p) for p in _all(permit, pairs))
    return _candidates(permit, found)


def people_by_id(permit: Permit, ids: Iterable[str]) -> dict[str, Patient]:
    """Return the Patients of these ids, as far as the permit sees them."""
    found: dict[str, Patient] = {}
    for some in _parts(list(dict.fromkeys(ids)), 100):
        found.update((str(p["id"]), p) for p in _all(permit, (("_id", ",".join(some)),)))
    return found


def _candidates(permit: Permit, found: Mapping[str, Patient]) -> list[Candidate]:
    masters = people_by_id(permit, {master_of(p) for p in found.values()} - set(found))
    known = {**found, **masters}
    return [
        Candidate(
            master_of(patient),
            demographics_of(patient),
            is_restricted(patient) or is_restricted(known.get(master_of(patient), patient)),
            is_protected(patient) or is_protected(known.get(master_of(patient), patient)),
        )
        for patient in found.values()
    ]


def _searches(some: Sequence[Demographics]) -> Iterator[Pairs]:
    born = ",".join(dict.fromkeys(day for who in some for day in _days(who.born)))
    for parameter, names in (
        ("family", {name[:_STEM] for who in some for name in who.families}),
        ("given", {name[:_STEM] for who in some for name in who.givens}),
    ):
        if names:
            yield (("birthdate", born), (parameter, ",".join(sorted(names))))


def _days(born: str) -> Iterator[str]:
    """Yield the birth dates that may stand for this one, as a search writes them."""
    if is_placeholder_date(born):
        yield born[:4]
        return
    yield born
    yield f"{born[:4]}-01-01"
    if len(born) == len("1933-05-11"):
        year, month, day = map(int, born.split("-"))
        if month != day and day <= 12:
            yield date(year, day, month).isoformat()


def _all(permit: Permit, pairs: Pairs) -> Iterator[Patient]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        asked = [*pairs, *([("_cursor", cursor)] if cursor else [])]
        page: Page = search(permit, parse_query("Patient", asked, default_count=_PAGE), detail=WHY)
        yield from (stored.resource for stored in page.entries)
        if (cursor := page.next_cursor) is None:
            return


def _parts(values: Sequence[Any], size: int = _TOGETHER) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
